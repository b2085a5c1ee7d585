"""`Quality`: what a reader should look at before trusting the numbers."""

from collections.abc import Iterable, Sequence
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
    concerns: tuple[str, ...] = ()  # "lv", "rv", "mass", "co": which numbers it bears on


@dataclass(frozen=True, slots=True)
class CountedSlices:
    """Which slices add to a ventricle's volume at ED and at ES: base and apex shift volumes most."""

    lv_ed: tuple[int, ...] | None
    lv_es: tuple[int, ...] | None
    rv_ed: tuple[int, ...] | None
    rv_es: tuple[int, ...] | None


@dataclass(frozen=True, slots=True, eq=False)
class Quality:
    """All findings, gravest first, the slices that count, and the model's confidence."""

    findings: tuple[Finding, ...]
    counted_slices: CountedSlices
    confidence: NDArray[np.float32]  # (slice, phase), 0 to 1

    @property
    def doubtful(self) -> frozenset[str]:
        """The numbers that a doubtful finding bears on, out of "lv", "rv", "mass" and "co"."""
        return frozenset(what for f in self.findings if f.severity is Severity.DOUBTFUL for what in f.concerns)


def gravest_first(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings by severity, those of one severity in the order in which they came."""
    order = (Severity.DOUBTFUL, Severity.WARNING, Severity.INFO)
    return tuple(sorted(findings, key=lambda finding: order.index(finding.severity)))


def counted(number: int, noun: str) -> str:
    """A number with its noun: "1 frame", "3 frames"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def listed(indices: Sequence[int] | NDArray[np.int_], noun: str) -> str:
    """Ascending places in words: "slice 3", "slices 3, 4 and 7", "slices 0 to 5 and 8"."""
    runs: list[list[int]] = []
    for index in map(int, indices):
        if runs and index == runs[-1][-1] + 1:
            runs[-1].append(index)
        else:
            runs.append([index])
    words = [word for run in runs for word in ([f"{run[0]} to {run[-1]}"] if len(run) > 2 else map(str, run))]
    if len(indices) == 1:
        return f"{noun} {words[0]}"
    return f"{noun}s " + " and ".join(part for part in (", ".join(words[:-1]), words[-1]) if part)
