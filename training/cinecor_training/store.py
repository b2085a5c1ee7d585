"""The frames of all cases on one canvas, as arrays that are mapped into memory."""

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cinecor_training.data.case import ALL_KNOWN, BadCase


@dataclass(frozen=True, slots=True)
class StackRecord:
    """One case of the store."""

    patient: str  # source/patient
    moment: str
    group: str
    frames: int


@dataclass(frozen=True, slots=True, eq=False)
class FrameStore:
    """Every slice of every case on one canvas at the network's spacing, the heart in the middle."""

    images: NDArray[np.float16]  # (frame, canvas, canvas), each slice scaled to its own range
    labels: NDArray[np.uint8]  # (frame, canvas, canvas)
    known: NDArray[np.uint8]  # (frame,) for which structures `labels` can be trusted, as bits
    stacks: NDArray[np.int32]  # (frame,) equal for frames that are each other's neighbours, in slice order
    hashes: NDArray[np.uint64]  # (frame,) of the image's own pixels, 0 for a blank one
    patients: tuple[str, ...]  # (frame,) source/patient
    drawn: NDArray[np.intp]  # the frames to learn from or to judge by; the others are only neighbours
    records: tuple[StackRecord, ...]
    bad: tuple[BadCase, ...]  # cases that could not be read
    fingerprint: str  # of all arrays: two stores with the same are the same

    @property
    def sources(self) -> tuple[str, ...]:
        """The source of each drawn frame."""
        return tuple(self.patients[frame].partition("/")[0] for frame in self.drawn)

    @property
    def fully_known(self) -> bool:
        """Whether every structure is labelled in every drawn frame."""
        return bool((self.known[self.drawn] == ALL_KNOWN).all())

    def of(self, patients: Collection[str]) -> "FrameStore":
        """Return the same store with only the frames of some patients drawn; nothing is copied."""
        wanted = set(patients)
        here = np.fromiter((self.patients[frame] in wanted for frame in self.drawn), bool, len(self.drawn))
        return replace(self, drawn=self.drawn[here])

    def neighbour(self, frames: NDArray[np.intp], *, offset: NDArray[np.int64]) -> NDArray[np.intp]:
        """Return the index of the frame `offset` (one for each) slices away from `frames`, -1 where the stack ends."""
        other = frames + offset
        inside = (other >= 0) & (other < len(self.stacks))
        same = self.stacks[np.clip(other, 0, len(self.stacks) - 1)] == self.stacks[frames]
        return np.where(inside & same, other, -1)
