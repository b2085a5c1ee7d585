"""Plain cines before what only the pictures give away: a tagging grid over them, contrast that passes through them."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cinecor.study.dicom.frame_pixels import UndecodableFrame, decode_frames, read_stored_frame
from cinecor.study.dicom.header import Frame
from cinecor.study.series.candidate import SHORT_AXIS_RANK, Candidate
from cinecor.study.series.index import SeriesIndex
from cinecor.study.series.plane_times import MIN_CINE_PHASES
from cinecor.study.stack.passing_contrast import shows_passage
from cinecor.study.stack.tag_grid import shows_grid


def plain_cines_first(index: SeriesIndex) -> list[Candidate]:
    """Return the candidates, those that the pictures give away after whole ones that are plain cines.

    A grid lies over them, or contrast passes through them; headers seldom tell of either.
    """
    best = index.candidates[0]
    rivals = [
        one for one in index.candidates if one.rank[0] >= SHORT_AXIS_RANK and 2 * len(one.planes) >= len(best.planes)
    ]
    if len(rivals) < 2:
        return list(index.candidates)
    others = {id(one) for one in rivals if _is_no_plain_cine(index, one)}
    return sorted(index.candidates, key=lambda one: id(one) in others)


def _is_no_plain_cine(index: SeriesIndex, candidate: Candidate) -> bool:
    """Look at the images of the middle slice; for a grid at the earliest, where the lines have not faded yet."""
    frames = sorted(
        candidate.planes[len(candidate.planes) // 2].frames,
        key=lambda one: (one.trigger_time_ms or 0.0, one.instance_number or 0),
    )
    spacing = frames[0].pixel_spacing_mm
    pictures = _pictures(index, frames)
    if spacing is None or not pictures:
        return False
    return shows_grid(pictures[0], pixel_spacing_mm=spacing) or (
        len(pictures) >= MIN_CINE_PHASES and shows_passage(np.stack(pictures))
    )


def _pictures(index: SeriesIndex, frames: Sequence[Frame]) -> list[NDArray[np.float32]]:
    """Return the pictures of frames, as far as they can be had and are of one size."""
    wanted: dict[str, list[int]] = defaultdict(list)
    for frame in frames:
        if frame.header.path in index.paths:
            wanted[frame.header.path].append(frame.number)
    found: dict[tuple[str, int], NDArray[np.float32]] = {}
    for frame in frames:
        path, stored = frame.header.path, frame.header.stored
        if (path, frame.number) in found or path not in wanted:
            continue
        try:
            if stored is None:
                decoded = decode_frames(index.paths[path], wanted.pop(path))
                found |= {(path, number): picture for number, picture in decoded.items()}
            else:
                found[path, frame.number] = read_stored_frame(index.paths[path], stored)
        except UndecodableFrame:
            continue
    pictures = [found[at] for frame in frames if (at := (frame.header.path, frame.number)) in found]
    return [picture for picture in pictures if picture.shape == pictures[0].shape]
