"""`Undisputed`: a case without the slices at the base about which readers' conventions differ.

Where the ventricle ends is drawn differently from one data set to another: half closed outflow tracts, slices through
the valve. A network that shall follow one convention learns from the others' cases what none disputes: the middle, the
apex, and slices clearly beyond the base.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cinecor_training.data.case import Case, FoundCases, LabelledFrames, Source

DRAWN_DISPUTED: Final = 2  # most basal slices with the structure
EMPTY_DISPUTED: Final = 1  # slices without it right beyond the base


@dataclass(frozen=True, slots=True)
class UndisputedCase:
    """A case whose slices around the base are not known."""

    case: Case

    @property
    def patient(self) -> str:
        """The patient's name."""
        return self.case.patient

    @property
    def moment(self) -> str:
        """The moment of the cycle."""
        return self.case.moment

    @property
    def group(self) -> str:
        """The disease group."""
        return self.case.group

    @property
    def key(self) -> str:
        """A text that changes with the case and with what counts as disputed."""
        return f"undisputed {DRAWN_DISPUTED} {EMPTY_DISPUTED} {self.case.key}"

    def read(self) -> LabelledFrames:
        """Return the case; raises what reading it raises."""
        frames = self.case.read()
        known = np.where(disputed_slices(frames.labels), 0, frames.known).astype(np.uint8)
        return replace(frames, known=known)


@dataclass(frozen=True, slots=True)
class UndisputedSource:
    """A source whose cases are taken without their disputed slices."""

    source: Source

    @property
    def name(self) -> str:
        """The name of the source behind it."""
        return self.source.name

    def find(self) -> FoundCases:
        """Return what the source behind it lists."""
        found = self.source.find()
        return replace(found, cases=tuple(UndisputedCase(case) for case in found.cases))


def disputed_slices(labels: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Return which slices of (slice, row, column) labels lie where conventions differ.

    The two most basal ones with any label and the first beyond them. The base is the end at which more is labelled, as
    files do not tell. Nothing is disputed in a stack without labels.
    """
    area = np.count_nonzero(labels, axis=(1, 2))
    drawn = np.flatnonzero(area)
    disputed = np.zeros(len(labels), dtype=bool)
    if not drawn.size:
        return disputed
    third = max(1, len(drawn) // 3)
    base_first = area[drawn[:third]].sum() >= area[drawn[-third:]].sum()
    ordered = drawn if base_first else drawn[::-1]
    disputed[ordered[:DRAWN_DISPUTED]] = True
    step = -1 if base_first else 1
    for distance in range(1, EMPTY_DISPUTED + 1):
        beyond = int(ordered[0]) + step * distance
        if 0 <= beyond < len(labels):
            disputed[beyond] = True
    return disputed
