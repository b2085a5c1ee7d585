"""`Finding`: one observation that a reader should know before trusting the numbers."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

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

    @property
    def code(self) -> str:
        """The fact's name; what decides anything about a finding looks at it."""
        return self.message.code

    @property
    def passed_on(self) -> str:
        """The code of the message that it only passes on: of the import, or of the segmentation; empty without."""
        passed = self.message.values.get("text")
        return passed.code if isinstance(passed, Message) else ""


def gravest_first(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings by severity, those of one severity in the order in which they came."""
    order = (Severity.DOUBTFUL, Severity.WARNING, Severity.INFO)
    return tuple(sorted(findings, key=lambda finding: order.index(finding.severity)))


def indices(places: NDArray[np.intp] | Iterable[int]) -> tuple[int, ...]:
    """Return slices or phases as plain numbers, ascending and each once."""
    return tuple(sorted({int(place) for place in places}))
