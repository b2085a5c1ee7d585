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


def judged_lines(sides: Sequence[Side], judged: Sequence[PatientResult], skipped: Collection[Skipped]) -> Iterator[str]:
    """Yield how many of those held out were judged on each side, who was not and why, and what nobody judges.

    Raises `ExportRefused` when nobody was judged on a side: a gate that nobody stands at is none.
    """
    for side in sides:
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
        yield f"{side.name or 'patients'}: {len(results)} of {held_out} held out were judged"
        if held_out > there:
            yield f"{side.name or 'patients'}: {held_out - there} are not in the data"
        for one in out:
            yield f"not judged: {one.patient}: {one.reason}"
    if [side.name for side in sides] == [OWN]:
        yield "only the site's own patients judge it: what it forgot of others is not known"
