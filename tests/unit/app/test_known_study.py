"""Opening a known study: as it was left, without the model; what cannot be read of it is told and stops nobody."""

from dataclasses import replace
from pathlib import Path

import pytest
from unit.report.test_verification import pushed
from unit.review.studies import beating_labels, small_result, small_review

from cinecor.app.known_study import OpenedReview, open_review
from cinecor.errors import OutputError
from cinecor.message import Message
from cinecor.review import Body, Review, SetBody
from cinecor.review.ledger import Person
from cinecor.review.store.database import FILE_NAME
from cinecor.review.store.study_store import StudyCard, StudyStore
from cinecor.review.store.worklist import Status

DOCTOR = Person("Dr Ada Wall", "Heart Centre", "ada")
BARE = replace(small_review(), segmentation=None)
RESULT = small_result(beating_labels())


@pytest.fixture
def store(tmp_path: Path) -> StudyStore:
    return StudyStore(tmp_path / "store")


def opened(store: StudyStore | None, review: Review = BARE) -> OpenedReview:
    return open_review(store, review, card=StudyCard(Path("study")), person=DOCTOR, active=RESULT.model.sha256)


def close(one: OpenedReview) -> None:
    assert one.kept is not None
    one.kept.close()


def test_that_a_study_opens_as_it_was_left_without_the_model(store: StudyStore) -> None:
    first = opened(store)
    assert not first.outlined
    first.session.outlined(RESULT)
    first.session.apply(pushed(first.session.review, 1))
    first.session.apply(SetBody(Body(70.0)))
    first.session.undo()
    left = first.session.review
    close(first)
    again = opened(store)
    assert again.outlined
    assert not again.other_model
    assert (again.session.review.labels == left.labels).all()  # type: ignore[union-attr]
    assert again.session.review.body == left.body
    assert again.session.redo()
    assert again.session.review.body == Body(70.0)


def test_that_what_was_done_before_the_outlines_came_is_kept_with_them(store: StudyStore) -> None:
    first = opened(store)
    assert first.session.apply(SetBody(Body(72.0)))
    assert store.worklist()[0].status is Status.NEW
    first.session.outlined(RESULT)
    close(first)
    again = opened(store)
    assert again.session.review.body == Body(72.0)
    assert [entry.act.kind for entry in again.session.standing.ledger] == ["body"]
    (row,) = store.worklist()
    assert row.status is Status.IN_REVIEW
    assert row.lv_ef_percent is not None


def test_that_another_active_model_is_told_and_not_put_over(store: StudyStore) -> None:
    first = opened(store)
    first.session.outlined(RESULT)
    close(first)
    newer = small_result(beating_labels(), version="2").model.sha256
    again = open_review(store, BARE, card=StudyCard(Path("study")), person=DOCTOR, active=newer)
    assert again.other_model
    assert again.session.review.segmentation is not None
    assert again.session.review.segmentation.model == RESULT.model


def test_that_a_study_whose_outlines_are_damaged_opens_anew_and_says_so(store: StudyStore) -> None:
    first = opened(store)
    first.session.outlined(RESULT)
    close(first)
    assert first.kept is not None
    (file,) = first.kept.folder.glob("*.result")
    file.write_bytes(file.read_bytes()[:-9])
    again = opened(store)
    assert not again.outlined
    assert again.kept is None
    assert [message.code for message in again.told] == ["damaged_result"]


def test_that_a_second_window_is_told_that_it_only_reads(store: StudyStore) -> None:
    first = opened(store)
    first.session.outlined(RESULT)
    second = opened(store)
    assert second.session.locked
    assert second.outlined
    assert [message.code for message in second.told] == ["study_open_elsewhere"]
    close(first)


def test_that_a_study_opens_where_nothing_can_be_kept(store: StudyStore, monkeypatch: pytest.MonkeyPatch) -> None:
    without = opened(None)
    without.session.outlined(RESULT)
    assert without.session.apply(pushed(without.session.review, 0))
    assert without.kept is None

    def full(*_: object) -> None:
        raise OutputError(Message("no_space_left", "no space"))

    monkeypatch.setattr(StudyStore, "open", full)
    refused = opened(store)
    assert refused.kept is None
    assert [str(message) for message in refused.told] == ["no space"]
    assert (store.folder / FILE_NAME).is_file()
