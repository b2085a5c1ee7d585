"""`Side`: patients on whom a new model must not be worse, whatever it gains on others."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from cinecor.message import Message
from cinecor_export.refusal import ExportRefused
from cinecor_training.data.case import Case, study_of
from cinecor_training.evaluation.evaluation import Skipped
from cinecor_training.evaluation.patient_result import PatientResult

OWN: Final = "own patients"
OTHERS: Final = "other patients"
_MEANT_FOR: Final = 20  # patients: how many the gates' margins were chosen by


@dataclass(frozen=True, slots=True)
class Side:
    """The patients of one side; nameless where the site has none of its own."""

    name: str
    cases: tuple[Case, ...]
    held_out: int = 0  # patients of it that the run's split holds out, at hand or not

    def of(self, results: Sequence[PatientResult]) -> tuple[PatientResult, ...]:
        """Return the results of its patients' studies."""
        studies = {study_of(case) for case in self.cases}
        return tuple(one for one in results if one.patient in studies)


def judged_sides(sides: Sequence[Side], judged: Sequence[PatientResult], skipped: Collection[Skipped]) -> Iterator[str]:
    """Yield how many of those held out were judged on each side, where these are few, and what nobody judges.

    Raises `ExportRefused` when nobody was judged on a side: a gate that nobody stands at is none.
    """
    for side in sides:
        name = side.name or "patients"
        patients = {study_of(case): case.patient for case in side.cases}
        out = [one for one in skipped if one.patient in patients]
        results = {patients[one.patient] for one in side.of(judged)}
        if not results:
            reasons = "; ".join(f"{one.patient}: {one.reason}" for one in out)
            raise ExportRefused(
                Message(
                    "side_not_judged",
                    "Refused, nothing was written: of the {side} nobody could be judged ({reasons}).",
                    side=side.name or "patients held out",
                    reasons=reasons,
                )
            )
        there = len(set(patients.values()))
        held_out = max(side.held_out, there)
        yield f"{name}: {len(results)} of {held_out} held out were judged"
        if held_out > there:
            yield f"{name}: {held_out - there} are not in the data"
        if len(results) < _MEANT_FOR:
            yield f"{name}: the margins of the gates are meant for {_MEANT_FOR} or more; of {len(results)} one decides"
    if [side.name for side in sides] == [OWN]:
        yield "only the site's own patients judge it: what it forgot of others is not known"
