"""Fill between two corrected frames: borders interpolated by their signed distances."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from cinecor.review.borders import Border, region, signed_distance_mm, with_regions

Place = tuple[int, int]  # (slice, phase)


def fill_between(
    labels: NDArray[np.uint8],
    first: Place,
    last: Place,
    *,
    pixel_spacing_mm: tuple[float, float],
    settled: frozenset[Place] = frozenset(),
) -> Mapping[Place, NDArray[np.uint8]]:
    """Return new labels for the frames between two frames of one slice, or of one phase; provisional.

    Each border is the zero line of the two frames' signed distances mixed by how far the frame lies between them
    (shape-based interpolation, Raya and Udupa 1990). A border that one of them lacks stays as it is; frames in
    `settled` stay altogether. Raises `ValueError` for frames that share neither slice nor phase.
    """
    along_phases = first[0] == last[0]
    if not along_phases and first[1] != last[1]:
        raise ValueError(f"{first} and {last} lie neither in one slice nor in one phase")
    first, last = sorted((first, last))
    steps = last[1] - first[1] if along_phases else last[0] - first[0]
    ends = {
        border: tuple(signed_distance_mm(region(labels[place], border), pixel_spacing_mm) for place in (first, last))
        for border in Border
        if all(region(labels[place], border).any() for place in (first, last))
    }
    frames = {}
    for step in range(1, steps):
        place = (first[0], first[1] + step) if along_phases else (first[0] + step, first[1])
        if place in settled:
            continue
        share = step / steps
        wanted = {border: (1 - share) * one_mm + share * other_mm < 0 for border, (one_mm, other_mm) in ends.items()}
        frame = with_regions(labels[place], wanted)
        if (frame != labels[place]).any():
            frames[place] = frame
    return frames
