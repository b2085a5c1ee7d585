"""`CorrectionLayer`: frames that the doctor redrew, laid over the AI labels, and how far each frame is settled."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

Place = tuple[int, int]  # (slice, phase)
Frame = NDArray[np.uint8]  # (row, column)


class FrameState(StrEnum):
    """What a person did about a frame; frames without a state are the model's, not looked at."""

    CORRECTED = "corrected"  # drawn by hand
    PROVISIONAL = "provisional"  # carried or filled from another frame, and not looked at
    ACCEPTED = "accepted"  # looked at and found right, whoever drew it


def _nothing() -> Mapping[Place, Any]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, eq=False)
class CorrectionLayer:
    """Redrawn frames by (slice, phase), each (row, column) uint8 and read-only; sparse, because few are touched."""

    frames: Mapping[Place, Frame] = field(default_factory=_nothing)
    states: Mapping[Place, FrameState] = field(default_factory=_nothing)

    def over(self, labels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return the final labels (slice, phase, row, column), read-only; `labels` itself where nothing was redrawn."""
        if not self.frames:
            return labels
        final = labels.copy()
        for (index, phase), frame in self.frames.items():
            final[index, phase] = frame
        final.setflags(write=False)
        return final

    def frame(self, labels: NDArray[np.uint8], place: Place) -> Frame:
        """Return one final frame (row, column), without making the others."""
        return self.frames.get(place, labels[place])

    @property
    def settled(self) -> frozenset[Place]:
        """Frames that a person drew or accepted: nothing carried or filled may change them."""
        return frozenset(place for place, state in self.states.items() if state is not FrameState.PROVISIONAL)

    def changed(self, frames: Mapping[Place, Frame | None], state: FrameState | None) -> "CorrectionLayer":
        """Return a layer with frames replaced, the model's where None, and all of them in one state (None: none)."""
        drawn, states = dict(self.frames), dict(self.states)
        for place, frame in frames.items():
            drawn.pop(place, None)
            states.pop(place, None)
            if frame is not None:
                drawn[place] = _own(frame)
            if state is not None:
                states[place] = state
        return CorrectionLayer(MappingProxyType(drawn), MappingProxyType(states))

    def with_states(self, states: Mapping[Place, FrameState]) -> "CorrectionLayer":
        """Return a layer in which frames are in other states, and look as they did."""
        return CorrectionLayer(self.frames, MappingProxyType({**self.states, **states}))


def _own(frame: Frame) -> Frame:
    """Return a frame that nobody else can change: itself if it is read-only already."""
    if frame.dtype == np.uint8 and not frame.flags.writeable:
        return frame
    own = frame.astype(np.uint8, copy=True)
    own.setflags(write=False)
    return own
