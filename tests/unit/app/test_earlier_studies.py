"""What is kept of a patient's earlier studies stands beside a later one, and nothing of anybody else."""

from dataclasses import replace
from pathlib import Path

import pytest
from unit.review.studies import small_review

from cinecor.app.earlier_studies import earlier_readings
from cinecor.app.known_study import OpenedReview, open_review
from cinecor.app.patient_card import PatientCard
from cinecor.measure.findings.finding import Finding, Severity
from cinecor.measure.moment import Moment
from cinecor.measure.ventricle import Concern
from cinecor.message import Message
from cinecor.review import Review
from cinecor.review.ledger import Person
from cinecor.review.result import review_result
from cinecor.review.store.study_store import StudyCard, StudyStore

DOCTOR = Person("Ada Wall", "Heart Centre", "ada")
TODAY = PatientCard(name="Doe Jane", id="4711", study_date="2026-03-04")
THEN = StudyCard(Path("/images/one"), (), "Doe Jane", "4711", "2024-02-29", "SAX cine")


def bare(seed: int) -> Review:
    return replace(small_review(seed=seed), segmentation=None)


@pytest.fixture
def store(tmp_path: Path) -> StudyStore:
    return StudyStore(tmp_path / "store")


def keep(store: StudyStore, card: StudyCard, *, seed: int = 1) -> OpenedReview:
    """Keep a study as the desktop does when it was outlined."""
    opened = open_review(store, bare(seed), card=card, person=DOCTOR)
    session = opened.session
    segmentation = small_review(seed=seed).segmentation
    assert segmentation is not None
    session.outlined(segmentation)
    session.keep_summary(())
    return opened


def test_that_the_numbers_of_an_earlier_study_are_found(store: StudyStore) -> None:
    session = keep(store, THEN).session
    (found,) = earlier_readings(store, TODAY)
    result = review_result(session.review)
    assert result is not None
    assert found.date == "2024-02-29"
    assert found.numbers["lv.ef_percent"] == pytest.approx(result.measurements.lv.ef_percent)
    assert found.numbers["rv.edv_ml"] == pytest.approx(result.measurements.rv.edv_ml)
    assert found.papillary == "cavity"
    assert found.model.sha256 == session.review.segmentation.model.sha256
    assert not found.by_reader


@pytest.mark.parametrize(
    "other",
    [
        replace(THEN, patient_id="4712"),
        replace(THEN, patient_name="Doe John"),
        replace(THEN, patient_name=""),
        replace(THEN, study_date="2026-03-04"),
        replace(THEN, study_date="2027-01-01"),
        replace(THEN, study_date="2024"),
    ],
)
def test_that_nobody_elses_and_no_later_study_is_compared_with(store: StudyStore, other: StudyCard) -> None:
    keep(store, other)
    assert earlier_readings(store, TODAY) == ()


@pytest.mark.parametrize(
    "card",
    [replace(TODAY, id=""), replace(TODAY, name=""), replace(TODAY, study_date="2026"), replace(TODAY, study_date="")],
)
def test_that_a_study_that_does_not_say_whose_or_when_has_no_earlier_ones(store: StudyStore, card: PatientCard) -> None:
    keep(store, THEN)
    keep(store, replace(THEN, patient_id="", patient_name=""), seed=2)
    assert earlier_readings(store, card) == ()
    assert earlier_readings(None, TODAY) == ()


def test_that_several_come_oldest_first_and_readers_are_told_apart(store: StudyStore) -> None:
    session = keep(store, THEN, seed=1).session
    keep(store, replace(THEN, study_date="2021-05-06"), seed=2)
    result = review_result(session.review)
    assert result is not None
    reasons = dict.fromkeys(session.open_doubts(result.quality.findings), "seen")
    session.sign(comment="", reasons=reasons, input_path=Path("/images/one"))
    assert [(one.date, one.by_reader) for one in earlier_readings(store, TODAY)] == [
        ("2021-05-06", False), ("2024-02-29", True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("moments", "doubtful"),
    [
        ((), {"lv.edv_ml", "lv.esv_ml", "lv.sv_ml", "lv.ef_percent", "lv.co_l_min", "lv.mass_g"}),
        ((Moment.ES,), {"lv.esv_ml", "lv.sv_ml", "lv.ef_percent", "lv.co_l_min"}),
    ],
)
def test_that_what_was_in_doubt_then_is_kept_until_it_is_no_more(
    store: StudyStore, moments: tuple[Moment, ...], doubtful: set[str]
) -> None:
    session = keep(store, THEN).session
    (before,) = earlier_readings(store, TODAY)
    assert before.doubtful == frozenset()
    concerns = (Concern.LV, Concern.MASS)
    doubt = Finding(Message("odd", "It is odd."), Severity.DOUBTFUL, concerns=concerns, moments=moments)
    remark = Finding(Message("so", "So."), Severity.WARNING, concerns=(Concern.RV,))
    session.keep_summary((doubt, remark))
    (found,) = earlier_readings(store, TODAY)
    assert found.doubtful == doubtful
    (row,) = store.worklist()
    assert row.doubtful == doubtful
    session.keep_summary((remark,))
    assert earlier_readings(store, TODAY)[0].doubtful == frozenset()


def test_that_a_study_that_was_forgotten_is_compared_with_no_more(store: StudyStore) -> None:
    opened = keep(store, THEN)
    assert earlier_readings(store, TODAY)
    assert opened.kept is not None
    opened.kept.close()
    assert store.forget([row.id for row in store.worklist()]) == ()
    assert earlier_readings(store, TODAY) == ()
