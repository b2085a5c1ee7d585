"""`fill_worklist`: what is doubtful in a cohort waits in the worklist of whoever reads it."""

from pathlib import Path

from cinecor.cohort.review_list import ReviewItem, review_list
from cinecor.measure.findings.finding import Severity
from cinecor.measure.quantity import QUANTITIES, number_key, number_name
from cinecor.measure.ventricle import Ventricle
from cinecor.review.store.study_store import StudyStore, WaitingResults


def fill_worklist(store: StudyStore, cohort: Path) -> int:
    """Put the studies of a cohort that a doubtful finding bears on into a worklist, the worst on top.

    Returns how many wait now; those that were opened before are in the worklist already. Raises `UsageError` where
    there is no cohort, `OutputError` when the store cannot be written.
    """
    items: dict[object, ReviewItem] = {}
    for item in review_list(cohort, doubtful_only=True):
        items.setdefault(item.series_uid or item.input, item)  # two copies of a study are one to read
    return store.wait_for_reader([_waiting(item, cohort) for item in items.values()])


def _waiting(item: ReviewItem, cohort: Path) -> WaitingResults:
    facts = item.facts
    open_codes = [code for code, severity in facts.findings.items() if severity != Severity.INFO]
    return WaitingResults(
        item.folder.absolute(),
        item.input,
        item.series_uid,
        name=item.name,
        description=cohort.resolve().name,
        lv_ef_percent=facts.numbers.get("lv_ef_percent"),
        rv_ef_percent=facts.numbers.get("rv_ef_percent"),
        worst=open_codes[0] if open_codes else "",
        open_findings=len(open_codes),
        model=f"{facts.model_id} {facts.model_version}",
        doubtful=frozenset(
            number_key(ventricle, one)
            for ventricle in Ventricle
            for one in QUANTITIES
            if number_name(ventricle, one) in facts.doubtful_numbers
        ),
    )
