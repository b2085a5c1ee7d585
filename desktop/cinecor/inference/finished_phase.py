"""`FinishedPhase`: one phase's masks, final, while other phases are still being worked on."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class FinishedPhase:
    """What a viewer can show at once; arrays are read-only, and nothing writes to them any more."""

    phase: int
    labels: NDArray[np.uint8]  # (slice, row, column), values of `Label`, on the input's own grid
    confidence: NDArray[np.float32]  # (slice,), as in `Segmentation`

    @classmethod
    def of(cls, phase: int, *, labels: NDArray[np.uint8], confidence: NDArray[np.float32]) -> "FinishedPhase":
        """Give the phase with read-only views of its arrays."""
        views = labels.view(), confidence.view()
        for view in views:
            view.setflags(write=False)
        return cls(phase, *views)
