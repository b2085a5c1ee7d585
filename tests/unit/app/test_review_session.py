"""A review session: what is done is counted, kept and entered; what cannot be kept is not done."""

from pathlib import Path

import numpy as np
import pytest
from unit.report.test_verification import pushed
from unit.review.studies import small_review

from cinecor.app.doubts import doubts_of
from cinecor.app.review_session import ReviewSession
from cinecor.errors import OutputError, UsageError
from cinecor.measure.findings.finding import Finding, Severity
from cinecor.message import Message
from cinecor.review import (
    AcceptFrames,
    Answer,
    AnswerFinding,
    Body,
    Gesture,
    History,
    Redraw,
    SetBody,
    review_result,
)  # fmt: skip
from cinecor.review.ledger import Person
from cinecor.review.provisional import PROVISIONAL, provisional_message
from cinecor.review.review import Review
from cinecor.review.store.identity import study_identity
from cinecor.review.store.kept_study import KeptStudy
from cinecor.review.store.study_store import StudyCard, StudyStore

DOCTOR = Person("Dr Ada Wall", "Heart Centre", "ada")
INPUT = Path("study")


@pytest.fixture
def kept(tmp_path: Path) -> KeptStudy:
    review = small_review()
    study = StudyStore(tmp_path / "store").open(study_identity(review.stack), StudyCard(INPUT))
    study.add_result(review.segmentation)  # type: ignore[arg-type]
    return study


def session(kept: KeptStudy | None, person: Person = DOCTOR) -> ReviewSession:
    return ReviewSession(History(small_review()), kept=kept, person=person)


def _numbers(review: Review) -> tuple[float | None, float | None]:
    result = review_result(review)
    assert result is not None
    return result.measurements.lv.edv_ml, result.measurements.lv.ef_percent


def test_that_every_step_is_in_the_ledger_with_what_it_changed(kept: KeptStudy) -> None:
    one = session(kept)
    before = _numbers(one.review)
    assert one.apply(pushed(one.review, 0))
    after = _numbers(one.review)
    assert one.undo()
    assert one.redo()
    assert not one.redo()
    push, undo, redo = one.standing.ledger
    assert push.act.kind == "redraw.push"
    assert push.act.places == ((0, 0),)
    assert push.person == DOCTOR
    assert push.act.change["lv.edv_ml"] == pytest.approx(after[0] - before[0], abs=0.001)  # type: ignore[operator]
    assert push.act.change["lv.ef_percent"] == pytest.approx(after[1] - before[1], abs=0.001)  # type: ignore[operator]
    assert undo.act.change["lv.edv_ml"] == -push.act.change["lv.edv_ml"]
    assert redo.act.change == push.act.change
    assert not any(name.startswith("rv") for name in push.act.change)


def test_that_an_edit_that_changes_nothing_is_no_entry(kept: KeptStudy) -> None:
    one = session(kept)
    assert not one.apply(SetBody(Body()))
    assert one.standing.ledger == ()


def test_that_the_live_numbers_follow_every_edit(kept: KeptStudy) -> None:
    one = session(kept)
    for edit in (pushed(one.review, 0), SetBody(Body(72.0, 180.0, 80.0)), pushed(one.review, 3)):
        one.apply(edit)
        assert one.live is not None
        assert (one.live.measurements.lv.edv_ml, one.live.measurements.lv.ef_percent) == _numbers(one.review)
    one.undo()
    assert (one.live.measurements.lv.edv_ml, one.live.measurements.lv.ef_percent) == _numbers(one.review)


def test_that_what_cannot_be_kept_is_not_done(kept: KeptStudy, monkeypatch: pytest.MonkeyPatch) -> None:
    one = session(kept)
    one.apply(pushed(one.review, 0))
    drawn = one.review

    def full(*_: object, **__: object) -> None:
        raise OutputError(Message("planted", "no space"))

    monkeypatch.setattr(KeptStudy, "keep", full)
    with pytest.raises(OutputError):
        one.apply(pushed(one.review, 2))
    assert one.review is drawn
    with pytest.raises(OutputError):
        one.undo()
    assert one.review is drawn
    monkeypatch.undo()
    assert one.undo()
    again = kept.history(small_review())
    assert (again.present.labels == one.review.labels).all()  # type: ignore[union-attr]


def test_that_signing_asks_for_a_reason_for_every_open_doubt(kept: KeptStudy) -> None:
    one = session(kept)
    result = review_result(one.review)
    assert result is not None
    one.apply(Redraw(Gesture.FILL, {(0, 1): np.zeros_like(one.review.labels[0, 1])}))  # type: ignore[index]
    findings = review_result(one.review).quality.findings  # type: ignore[union-attr]
    doubts = one.open_doubts(findings)
    assert len(doubts) > 1
    assert doubts[-1] == PROVISIONAL
    with pytest.raises(UsageError, match="still open"):
        one.sign(comment="", reasons={}, input_path=INPUT)
    one.apply(AcceptFrames.of([(0, 1)]))
    one.apply(AnswerFinding(doubts[0], Answer.ACCEPTED))
    left = one.open_doubts(findings)
    assert left == doubts[1:-1]
    with pytest.raises(UsageError, match="still open"):
        one.sign(comment="", reasons=dict.fromkeys(left, "  "), input_path=INPUT)
    one.sign(comment="", reasons=dict.fromkeys(left, "a phantom"), input_path=INPUT)
    assert one.locked
    assert one.standing.signature is not None


def test_that_the_worklist_counts_and_ranks_what_is_open_as_the_window_does(kept: KeptStudy, tmp_path: Path) -> None:
    one = session(kept)
    warning = Finding(Message("faint", "The apex is faint."), Severity.WARNING, (0,), ())
    remark = Finding(Message("seen", "The apex was seen."), Severity.INFO, (0,), ())
    doubtful = Finding(Message("odd", "The base is odd."), Severity.DOUBTFUL, (1,), ())

    def shown(*findings: Finding) -> tuple[int, Message | None]:
        one.keep_summary(findings)
        (row,) = StudyStore(tmp_path / "store").worklist()
        left = [doubt for doubt in doubts_of(one.review, findings) if doubt.answer is None]
        assert row.open_findings == len(left)
        assert row.worst == (left[0].code if left else "")
        return row.open_findings, row.worst_message

    assert shown(warning, remark) == (1, warning.message)
    one.apply(Redraw(Gesture.FILL, {(0, 1): np.zeros_like(one.review.labels[0, 1])}))  # type: ignore[index]
    assert shown(warning, remark) == (2, provisional_message(1))  # a doubt, which no warning comes before
    assert shown(remark) == (1, provisional_message(1))
    assert shown(doubtful, warning) == (3, doubtful.message)
    one.apply(AcceptFrames.of([(0, 1)]))
    assert shown(warning, remark) == (1, warning.message)
    assert shown(remark) == (0, None)


def test_that_a_signature_needs_a_name_and_a_kept_study(kept: KeptStudy) -> None:
    with pytest.raises(UsageError, match="name and organisation"):
        session(kept, Person("", "", "ada")).sign(comment="", reasons={}, input_path=INPUT)
    with pytest.raises(UsageError, match="kept"):
        session(None).sign(comment="", reasons={}, input_path=INPUT)
    with pytest.raises(UsageError, match="kept"):
        session(None).amend("why")


def test_that_a_signed_study_is_locked_until_it_is_amended(kept: KeptStudy) -> None:
    one = session(kept)
    findings = review_result(one.review).quality.findings  # type: ignore[union-attr]
    one.sign(comment="", reasons=dict.fromkeys(one.open_doubts(findings), "a phantom"), input_path=INPUT)
    signed = one.review
    with pytest.raises(UsageError, match="signed"):
        one.apply(pushed(one.review, 0))
    with pytest.raises(UsageError, match="signed"):
        one.undo()
    assert one.review is signed
    one.amend("a second look")
    assert not one.locked
    assert one.apply(pushed(one.review, 0))
    assert one.standing.version == 2


def test_that_a_session_without_a_store_works_and_keeps_nothing() -> None:
    one = session(None)
    assert one.apply(pushed(one.review, 0))
    assert one.undo()
    assert not one.locked
    assert one.standing.ledger == ()
