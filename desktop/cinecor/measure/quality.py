"""`Quality`: what a reader should look at before trusting the numbers."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray


class Severity(StrEnum):
    """How much a finding matters."""

    INFO = "info"  # worth knowing; the numbers stand
    WARNING = "warning"  # look at the place that is named
    DOUBTFUL = "doubtful"  # a number is probably wrong until someone has looked


@dataclass(frozen=True, slots=True)
class Finding:
    """One observation about the segmentation or the numbers, and where it was made."""

    code: str
    severity: Severity
    message: str
    slices: tuple[int, ...] = ()  # from 0
    phases: tuple[int, ...] = ()  # from 0
    concerns: tuple[str, ...] = ()  # "lv", "rv", "mass": which numbers it puts in doubt


@dataclass(frozen=True, slots=True)
class CountedSlices:
    """Which slices add to a ventricle's volume at ED and at ES: base and apex shift volumes most."""

    lv_ed: tuple[int, ...] | None
    lv_es: tuple[int, ...] | None
    rv_ed: tuple[int, ...] | None
    rv_es: tuple[int, ...] | None


@dataclass(frozen=True, slots=True, eq=False)
class Quality:
    """All findings, the slices that count, and the model's confidence."""

    findings: tuple[Finding, ...]
    counted_slices: CountedSlices
    confidence: NDArray[np.float32]  # (slice, phase), 0 to 1

    def doubts(self, what: str) -> bool:
        """Whether a doubtful finding concerns `what`: "lv", "rv" or "mass"."""
        return any(f.severity is Severity.DOUBTFUL and what in f.concerns for f in self.findings)
