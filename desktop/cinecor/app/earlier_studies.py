"""`earlier_readings`: what this machine keeps of a patient's earlier studies."""

from cinecor.app.patient_card import PatientCard
from cinecor.report.earlier_reading import EarlierReading
from cinecor.report.results import ModelFacts
from cinecor.review.store.study_store import StudyStore
from cinecor.review.store.worklist import Status


def earlier_readings(store: StudyStore | None, card: PatientCard) -> tuple[EarlierReading, ...]:
    """Return the kept readings of the card's patient (PatientID and name) before its study, oldest first."""
    if store is None:
        return ()
    return tuple(
        EarlierReading(
            date=kept.study_date,
            numbers=kept.reading.numbers,
            papillary=kept.reading.papillary,
            model=ModelFacts(id=kept.model_id, version=kept.model_version, sha256=kept.model_sha256, precision=""),
            by_reader=kept.status in (Status.IN_REVIEW, Status.SIGNED),
            base=kept.reading.base,
            doubtful=kept.doubtful,
        )
        for kept in store.readings_before(patient_id=card.id, patient_name=card.name, before=card.study_date)
    )
