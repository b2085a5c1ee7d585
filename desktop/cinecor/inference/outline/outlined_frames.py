"""`OutlinedFrames`: masks that can be shown while others are still being worked on."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class OutlinedFrames:
    """Neighbouring slices of one phase; nothing writes to the arrays any more."""

    phase: int
    slices: range
    labels: NDArray[np.uint8]  # (len(slices), row, column), values of `Label`, on the input's own grid
    confidence: NDArray[np.float32]  # (len(slices),), as in `Segmentation`
    final: bool  # all slices of the phase as they will stay; else as the network saw them, before they are cleaned

    @classmethod
    def of(
        cls, phase: int, slices: range, *, labels: NDArray[np.uint8], confidence: NDArray[np.float32], final: bool
    ) -> "OutlinedFrames":
        """Return the frames with read-only views of the arrays."""
        views = labels.view(), confidence.view()
        for view in views:
            view.setflags(write=False)
        return cls(phase, slices, *views, final)
