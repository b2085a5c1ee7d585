"""Short and long axis beside each other: where a slice’s structures cut a long-axis image."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from cinecor.inference.outline.segmentation import Label
from cinecor.study.image_plane import ImagePlane, crossing_mm

_STEP_MM = 0.25


@dataclass(frozen=True, slots=True, eq=False)
class StructureRun:
    """A piece of the line on which one slice cuts a long-axis image, where the slice holds one structure."""

    label: Label
    ends_px: NDArray[np.float64]  # (2, 2): x and y in the long-axis image


def structure_runs(
    labels: NDArray[np.uint8], short_axis: ImagePlane, long_axis: ImagePlane
) -> tuple[StructureRun, ...]:
    """Return the pieces of a slice's structures on the line where it cuts a long-axis image.

    `labels` (row, column) are those of the slice. Ends are exact to a quarter of a millimetre.
    """
    ends = crossing_mm(short_axis, long_axis)
    if ends is None:
        return ()
    samples = max(2, 1 + int(np.linalg.norm(ends[1] - ends[0]) / _STEP_MM))
    line = ends[0] + np.linspace(0.0, 1.0, samples)[:, None] * (ends[1] - ends[0])
    x, y = np.floor(short_axis.to_px(line)).astype(np.intp).T
    held = labels[np.clip(y, 0, short_axis.rows - 1), np.clip(x, 0, short_axis.columns - 1)]
    changes = np.flatnonzero(np.diff(held)) + 1
    edges = [0, *changes.tolist(), samples]
    places = long_axis.to_px(line)
    runs = []
    for start, end in pairwise(edges):
        if held[start] == Label.BACKGROUND:
            continue
        first = places[start] if start == 0 else (places[start - 1] + places[start]) / 2
        last = places[-1] if end == samples else (places[end - 1] + places[end]) / 2
        runs.append(StructureRun(Label(int(held[start])), np.stack([first, last])))
    return tuple(runs)
