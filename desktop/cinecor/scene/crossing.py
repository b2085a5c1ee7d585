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


class SliceCut:
    """The line on which a slice cuts a long-axis image, sampled every quarter of a millimetre.

    `ends_px` (2, 2) are its ends, x and y in the long-axis image; None where the two images do not meet.
    """

    def __init__(self, short_axis: ImagePlane, long_axis: ImagePlane) -> None:
        ends = crossing_mm(short_axis, long_axis)
        if ends is None:
            self.ends_px: NDArray[np.float64] | None = None
            return
        self.ends_px = long_axis.to_px(ends)
        samples = max(2, 1 + int(np.linalg.norm(ends[1] - ends[0]) / _STEP_MM))
        along = np.linspace(0.0, 1.0, samples)[:, None]
        x, y = np.floor(short_axis.to_px(ends[0] + along * (ends[1] - ends[0]))).astype(np.intp).T
        self._held = np.clip(y, 0, short_axis.rows - 1), np.clip(x, 0, short_axis.columns - 1)
        self._places = self.ends_px[0] + along * (self.ends_px[1] - self.ends_px[0])

    def runs(self, labels: NDArray[np.uint8]) -> tuple[StructureRun, ...]:
        """Return the pieces of the structures of the slice's labels (row, column) on the line."""
        if self.ends_px is None:
            return ()
        held, places = labels[self._held], self._places
        edges = [0, *(np.flatnonzero(np.diff(held)) + 1).tolist(), len(held)]
        runs = []
        for start, end in pairwise(edges):
            if held[start] == Label.BACKGROUND:
                continue
            first = places[start] if start == 0 else (places[start - 1] + places[start]) / 2
            last = places[-1] if end == len(held) else (places[end - 1] + places[end]) / 2
            runs.append(StructureRun(Label(int(held[start])), np.stack([first, last])))
        return tuple(runs)
