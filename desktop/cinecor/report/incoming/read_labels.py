"""`ReadLabels`: what was read of others' outlines, frame by frame."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cinecor.inference.outline.segmentation import Label
from cinecor.message import Message
from cinecor.review.correction import Place


@dataclass(frozen=True, slots=True, eq=False)
class ReadLabels:
    """Labels that somebody else drew on a stack's frames, and what could not be used of them."""

    labels: NDArray[np.uint8]  # (slice, phase, row, column); 0 where nothing is said; read-only
    drawn: Mapping[Place, frozenset[Label]]  # what was drawn on which frame, also where it is empty there
    left_out: tuple[Message, ...]


class LabelsBeingRead:
    """Labels as they come in, region by region."""

    def __init__(self, shape: tuple[int, int, int, int]) -> None:
        self._labels = np.zeros(shape, dtype=np.uint8)
        self._drawn: dict[Place, set[Label]] = {}
        self._overlapping: set[Place] = set()
        self._unlike: set[Place] = set()
        self.left_out: list[Message] = []

    def add(self, place: Place, label: Label, region: NDArray[np.bool_]) -> None:
        """Take a structure (row, column) on a frame.

        Pixels that another structure holds already make the frame unusable, and so does the same structure drawn again
        and not alike, as a model's and a reader's side by side.
        """
        frame, drawn = self._labels[place], self._drawn.setdefault(place, set())
        if label in drawn and ((frame == label) != region).any():
            self._unlike.add(place)
        if ((frame[region] != 0) & (frame[region] != label)).any():
            self._overlapping.add(place)
        frame[region] = label
        drawn.add(label)

    def done(self) -> ReadLabels:
        """Return what was read; frames of which it cannot be told what was meant are listed instead."""
        for place in sorted(self._overlapping | self._unlike):
            self._labels[place] = 0
            del self._drawn[place]
            index, phase = place[0] + 1, place[1] + 1
            self.left_out.append(
                Message(
                    "outlines_unlike",
                    "Slice {slice}, phase {phase}: a structure is drawn twice and not alike; name the outlines that "
                    "count.",
                    slice=index,
                    phase=phase,
                )
                if place in self._unlike
                else Message(
                    "outlines_overlap",
                    "Slice {slice}, phase {phase}: two structures hold the same pixels.",
                    slice=index,
                    phase=phase,
                )
            )
        self._labels.setflags(write=False)
        drawn = {place: frozenset(labels) for place, labels in sorted(self._drawn.items())}
        return ReadLabels(self._labels, drawn, tuple(self.left_out))
