"""`CorrectionLayer`: frames that the doctor redrew, laid over the AI labels."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

Place = tuple[int, int]  # (slice, phase)


def _nothing() -> Mapping[Place, NDArray[np.uint8]]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, eq=False)
class CorrectionLayer:
    """Redrawn frames by (slice, phase), each (row, column) uint8 and read-only; sparse, because few are touched."""

    frames: Mapping[Place, NDArray[np.uint8]] = field(default_factory=_nothing)

    def over(self, labels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Give the final labels (slice, phase, row, column), read-only; `labels` itself where nothing was redrawn."""
        if not self.frames:
            return labels
        final = labels.copy()
        for (index, phase), frame in self.frames.items():
            final[index, phase] = frame
        final.setflags(write=False)
        return final

    def with_frame(self, place: Place, frame: NDArray[np.uint8]) -> "CorrectionLayer":
        """Give a layer in which the frame at `place` is replaced by `frame` (row, column)."""
        own = frame.astype(np.uint8, copy=True)
        own.setflags(write=False)
        return CorrectionLayer(MappingProxyType({**self.frames, place: own}))

    def without_frame(self, place: Place) -> "CorrectionLayer":
        """Give a layer in which the AI labels at `place` show again."""
        return CorrectionLayer(MappingProxyType({key: value for key, value in self.frames.items() if key != place}))
