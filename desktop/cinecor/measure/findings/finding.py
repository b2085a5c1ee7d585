"""`Finding`: one observation that a reader should know before trusting the numbers."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cinecor.measure.moment import Moment
from cinecor.measure.ventricle import Concern
from cinecor.message import Message


class Severity(StrEnum):
    """How much a finding matters."""

    INFO = "info"  # worth knowing; the numbers stand
    WARNING = "warning"  # look at the place that is named
    DOUBTFUL = "doubtful"  # a number is probably wrong until someone has looked


@dataclass(frozen=True, slots=True)
class Finding:
    """One observation about the segmentation or the numbers, where it was made, and which numbers it bears on."""

    message: Message
    severity: Severity
    slices: tuple[int, ...] = ()  # from 0
    phases: tuple[int, ...] = ()  # from 0
    concerns: tuple[Concern, ...] = ()
    frames: tuple[tuple[int, int], ...] = ()  # (slice, phase), where it is not about every slice in every phase named
    moments: tuple[Moment, ...] = ()  # whose volumes it bears on, where it leaves those of the other alone
    answered: bool = False  # a person looked at it and said what is to be made of it: it puts nothing in doubt any more
    told_ml: float | None = None  # what its sentence says is at stake, where it says so
    about_area: bool = False  # whether the areas of its frames are odd, not their shapes or places

    @property
    def code(self) -> str:
        """The fact's name; what decides anything about a finding looks at it."""
        return self.message.code

    @property
    def doubts(self) -> bool:
        """Whether it puts the numbers that it bears on in doubt."""
        return self.severity is Severity.DOUBTFUL and not self.answered

    @property
    def passed_on(self) -> str:
        """The code of the message that it only passes on: of the import, or of the segmentation; empty without."""
        passed = self.message.values.get("text")
        return passed.code if isinstance(passed, Message) else ""

    def at_stake_ml(self, error_ml: NDArray[np.float64] | None) -> float | None:
        """Return how many mL are at stake: those its sentence tells, so that no other number stands beside it.

        Else by how many the volumes are expected to be off in its frames, at the phase where that is most; `error_ml`
        is (slice, phase). None where that is not known, and for what is about no frames.
        """
        if self.told_ml is not None:
            return self.told_ml
        if error_ml is None:
            return None
        places = self.frames or tuple(product(self.slices, self.phases))
        if not places:
            return None
        by_phase: defaultdict[int, float] = defaultdict(float)
        for index, phase in places:
            by_phase[phase] += float(error_ml[index, phase])
        return max(by_phase.values())


_ORDER: Final = {Severity.DOUBTFUL: 0, Severity.WARNING: 1, Severity.INFO: 2}


def gravest_first(
    findings: Iterable[Finding], *, expected_error_ml: NDArray[np.float64] | None = None
) -> tuple[Finding, ...]:
    """Return findings by severity; those of one severity by the mL at stake, the most first.

    What has no mL at stake comes before, in the order in which it came; `expected_error_ml` is (slice, phase), None
    where the model does not tell.
    """

    def rank(finding: Finding) -> tuple[int, bool, float]:
        ml = finding.at_stake_ml(expected_error_ml)
        return _ORDER[finding.severity], ml is not None, -(ml or 0.0)

    return tuple(sorted(findings, key=rank))


def indices(places: NDArray[np.intp] | Iterable[int]) -> tuple[int, ...]:
    """Return slices or phases as plain numbers, ascending and each once."""
    return tuple(sorted({int(place) for place in places}))
