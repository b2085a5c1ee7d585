"""`Case`: one labelled moment of one patient, whatever data set it comes from; and what a source of cases is."""

import csv
import io
import re
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from cinecor.durable_file import replace_file
from cinecor.inference.outline.segmentation import Label
from cinecor.study.cine_stack import StackGeometry

STRUCTURES: Final = (Label.RV, Label.MYO, Label.LV)


def known_bits(labels: Collection[Label]) -> int:
    """Return the bit field that says for which structures a frame's labels can be trusted: bit 2^label."""
    return sum(1 << label for label in labels)


ALL_KNOWN: Final = known_bits(STRUCTURES)


@dataclass(frozen=True, slots=True, eq=False)
class LabelledFrames:
    """One moment of one patient in memory, on the pixel grid of its images."""

    pixels: NDArray[np.float32]  # (slice, row, column)
    labels: NDArray[np.uint8]  # (slice, row, column), values of `Label`
    known: NDArray[np.uint8]  # (slice,) see `known_bits`; a pixel without label may be any structure not known there
    geometry: StackGeometry
    left_out: frozenset[int] = frozenset()  # slices that a reader took out of the numbers: see `without`

    def without(self, slices: Collection[int]) -> "LabelledFrames":
        """Return the same with these slices left out: nothing is known of them, and no figure is of them.

        Why a reader took a slice out is not told: a bad picture, a doubled slice, an atrium. That no heart is there is
        only what a reader says who deletes its outlines.
        """
        out = sorted(slices)
        if not out:
            return self
        labels, known = self.labels.copy(), self.known.copy()
        labels[out] = Label.BACKGROUND
        known[out] = 0
        return replace(self, labels=labels, known=known, left_out=self.left_out | set(out))


_MOMENT: Final = re.compile(r"(?:(?P<study>.*) )?(?P<moment>ED|ES|phase \d+)")


class Case(Protocol):
    """One labelled moment of one patient that can be read when it is needed."""

    @property
    def patient(self) -> str:
        """The patient's name within its source."""

    @property
    def moment(self) -> str:
        """`ED`, `ES`, or a phase; after the study's name where a patient has several."""

    @property
    def group(self) -> str:
        """Disease group as the data set names it, `unknown` where it does not."""

    @property
    def key(self) -> str:
        """A text that changes when what `read` gives may have changed."""

    def read(self) -> LabelledFrames:
        """Read pixels and labels; raises `CinecorError` with the reason when the case is bad."""


def study_of(case: Case) -> str:
    """Return the patient's name, with the study's where a patient has several: what belongs to one cine."""
    found = _MOMENT.fullmatch(case.moment)
    return f"{case.patient} {found['study']}" if found and found["study"] else case.patient


def moment_of(case: Case) -> str:
    """Return the moment alone: `ED`, `ES`, or a phase."""
    found = _MOMENT.fullmatch(case.moment)
    return found["moment"] if found else case.moment


@dataclass(frozen=True, slots=True)
class BadCase:
    """A case that cannot be learnt from, and why."""

    source: str
    patient: str
    moment: str
    reason: str


def write_bad_cases(bad: Sequence[BadCase], path: Path) -> None:
    """Write the cases that were left out as CSV, with a header even when there is none, whole or not at all."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, fieldnames=("source", "patient", "moment", "reason"))
    writer.writeheader()
    writer.writerows(asdict(case) for case in bad)
    replace_file(path, text.getvalue().encode())


@dataclass(frozen=True, slots=True)
class FoundCases:
    """What lies in a source."""

    cases: tuple[Case, ...]
    bad: tuple[BadCase, ...] = ()
    held_out: frozenset[str] | None = None  # patients that validate by the data set's own rule; None: it has none
    grows: bool = False  # whether patients come to it, so that nobody may change sides when they do


class Source(Protocol):
    """A place that labelled cases come from."""

    @property
    def name(self) -> str:
        """Unique within a run; patients of two sources are never the same patient."""

    def find(self) -> FoundCases:
        """List the cases without reading their pixels; raises `InputError` when the place itself is wrong."""


def file_key(*paths: Path) -> str:
    """Return name, size and time of files: what tells a changed file from the one that was read before."""
    facts = [(path, path.stat()) for path in paths]
    return " ".join(f"{path.name}:{stat.st_size}:{stat.st_mtime_ns}" for path, stat in facts)
