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
        self.left_out: list[Message] = []

    def add(self, place: Place, label: Label, region: NDArray[np.bool_]) -> None:
        """Take a structure (row, column) on a frame; pixels that another structure holds already make it unusable."""
        frame = self._labels[place]
        if ((frame[region] != 0) & (frame[region] != label)).any():
            self._overlapping.add(place)
        frame[region] = label
        self._drawn.setdefault(place, set()).add(label)

    def done(self) -> ReadLabels:
        """Return what was read; frames on which structures lie over each other are listed instead."""
        for place in sorted(self._overlapping):
            self._labels[place] = 0
            del self._drawn[place]
            self.left_out.append(
                Message(
                    "outlines_overlap",
                    "Slice {slice}, phase {phase}: two structures hold the same pixels.",
                    slice=place[0] + 1,
                    phase=place[1] + 1,
                )
            )
        self._labels.setflags(write=False)
        drawn = {place: frozenset(labels) for place, labels in sorted(self._drawn.items())}
        return ReadLabels(self._labels, drawn, tuple(self.left_out))
