"""Rules of the drift: what counts as corrected, and when a new round of training is worth it, from both sides."""

import datetime
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from unit.review.studies import beating_labels, small_result, small_review

from cinecor.app.drift import Drift, MonthOfReadings, drift
from cinecor.app.review_session import ReviewSession
from cinecor.cli.main import main
from cinecor.inference.outline.segmentation import Label
from cinecor.review import Edit, Gesture, History, Moment, Redraw, SetPhase, redraw_one, review_result
from cinecor.review.ledger import Act, Entry, Person
from cinecor.review.ledger.entry import appended
from cinecor.review.store.identity import study_identity
from cinecor.review.store.study_store import StudyCard, StudyStore
from cinecor.review.store.worklist import Status

MODEL, OTHER = "ab" * 32, "cd" * 32
READER = Person("Ada Wall", "Heart Centre", "ada")
INPUT = Path("study")


@dataclass(frozen=True)
class _Row:
    id: int


@dataclass(frozen=True)
class _Signed:
    signature: Entry
    corrected: bool


class _Store:
    """Signed readings, as the store gives them."""

    def __init__(self, readings: Sequence[_Signed]) -> None:
        self._readings = readings

    def worklist(self, *, status: Status) -> tuple[_Row, ...]:
        assert status is Status.SIGNED
        return tuple(_Row(number) for number in range(len(self._readings)))

    def signature(self, study: int) -> Entry:
        return self._readings[study].signature

    def redrawn_when_signed(self, study: int) -> frozenset[tuple[int, int]]:
        return frozenset({(0, 0)} if self._readings[study].corrected else ())

    def confidence(self, study: int) -> float:
        return 0.9 if study % 2 else 0.7


def _reading(
    month: int, *, corrected: bool = False, moved: float | None = 0.0, model: str = MODEL, year: int = 2026
) -> _Signed:
    """A signed reading; `moved` None: an earlier version's signature, which does not tell it."""
    efs = {"lv": {"final": 60.0 + (moved or 0.0), "ai": 60.0}, "rv": {"final": None, "ai": None}}
    act = Act("sign", facts={} if moved is None else {"ef_percent": efs})
    time = datetime.datetime(year, month, 15, tzinfo=datetime.UTC)
    return _Signed(appended(None, act, person=READER, model=model, belongs_to="0" * 64, time=time), corrected)


def _drift(*readings: _Signed, with_confidence: bool = False) -> Drift:
    return drift(_Store(readings), model_sha256=MODEL, with_confidence=with_confidence)  # type: ignore[arg-type]


def test_that_readings_are_counted_by_the_month_they_were_signed_in() -> None:
    found = _drift(
        _reading(9), _reading(9, corrected=True, moved=-3.0), _reading(9, corrected=True, moved=1.0),
        _reading(10, moved=4.0), with_confidence=True,
    )  # fmt: skip
    first, second = found.months
    assert (first.month, first.signed, first.corrected, first.ef_known) == ("2026-09", 3, 2, 3)
    assert first.ef_change_points == pytest.approx(2.0)  # median of 3 and 1
    assert first.confidence == pytest.approx((0.7 + 0.9 + 0.7) / 3)
    assert (second.corrected, second.ef_change_points) == (0, 4.0)  # a choice moved it, no outline


def test_that_nothing_moved_is_another_thing_than_nobody_knows() -> None:
    (still,) = _drift(_reading(9), _reading(9)).months
    assert (still.ef_known, still.ef_change_points) == (2, 0.0)
    (unknown,) = _drift(_reading(9, moved=None), _reading(9, moved=None)).months
    assert (unknown.ef_known, unknown.ef_change_points) == (0, None)
    (some,) = _drift(_reading(9, moved=None), _reading(9, moved=3.0)).months
    assert (some.ef_known, some.ef_change_points) == (1, 3.0)


@pytest.mark.parametrize(("corrected", "code"), [(49, "round_too_early"), (50, "round_worth_it")])
def test_that_fifty_corrected_readings_are_enough_and_fewer_are_not(corrected: int, code: str) -> None:
    found = _drift(*(_reading(11, corrected=True) for _ in range(corrected)))
    assert (found.corrected_of_model, found.why.code) == (corrected, code)
    assert found.worth_it is (code == "round_worth_it")


def test_that_only_corrections_of_the_model_in_use_count() -> None:
    found = _drift(*(_reading(11, corrected=True, model=OTHER) for _ in range(60)))
    assert found.corrected_of_model == 0
    assert found.why.code == "round_too_early"


@pytest.mark.parametrize(("untouched", "code"), [(100, "round_worth_it"), (101, "round_not_needed")])
def test_that_a_third_of_the_last_readings_makes_a_round_worth_it(untouched: int, code: str) -> None:
    found = _drift(*(_reading(11, corrected=True) for _ in range(50)), *(_reading(11) for _ in range(untouched)))
    assert found.why.code == code


@pytest.mark.parametrize(
    ("told", "moved", "code"),
    [
        (125, 0.0, "round_not_needed"), (124, 0.0, "round_not_known"),
        (125, 9.0, "round_worth_it"), (124, 9.0, "round_not_known"),
    ],
)  # fmt: skip
def test_that_nothing_follows_from_an_ef_that_most_signatures_do_not_tell(told: int, moved: float, code: str) -> None:
    readings = [_reading(11, corrected=True, moved=moved) for _ in range(50)]
    found = _drift(*readings, *(_reading(11, moved=None if at >= told - 50 else 0.0) for at in range(200)))
    assert found.why.code == code
    assert found.worth_it is (code == "round_worth_it")
    assert ("is unknown" in str(found.why)) is (code == "round_not_known")
    assert f"{told} of 250" in str(found.why)


@pytest.mark.parametrize(("moved", "code"), [(2.0, "round_worth_it"), (1.9, "round_not_needed")])
def test_that_two_points_of_ef_make_a_round_worth_it(moved: float, code: str) -> None:
    readings = [_reading(11, corrected=True, moved=moved) for _ in range(50)]
    assert _drift(*readings, *(_reading(11) for _ in range(200))).why.code == code


@pytest.mark.parametrize("later", [(7, 8, 9), (9,)])
def test_that_only_the_last_three_calendar_months_decide(later: tuple[int, ...]) -> None:
    old = [_reading(6, corrected=True, moved=9.0) for _ in range(60)]
    assert _drift(*old, *(_reading(month) for month in later)).why.code == "round_not_needed"
    assert _drift(*old, *(_reading(month - 1) for month in later)).why.code == "round_worth_it"


def test_that_months_are_counted_across_the_turn_of_the_year() -> None:
    old = [_reading(11, corrected=True) for _ in range(60)]
    assert _drift(*old, _reading(1, year=2027)).why.code == "round_worth_it"
    assert _drift(*old, _reading(2, year=2027)).why.code == "round_not_needed"


def test_that_corrections_of_another_model_decide_nothing() -> None:
    """After a swap the readings of the model before lie in the same months."""
    enough = [_reading(11, corrected=True) for _ in range(50)]
    still = [_reading(11) for _ in range(150)]
    before = [_reading(11, corrected=True, moved=9.0, model=OTHER) for _ in range(300)]
    found = _drift(*enough, *still, *before)
    assert found.why.code == "round_not_needed"
    assert "of 200 readings" in str(found.why)
    assert found.months[0].signed == 500


@pytest.mark.parametrize(("many", "code"), [(5, "round_not_needed"), (6, "round_worth_it")])
def test_that_a_few_readings_that_moved_far_decide_nothing(many: int, code: str) -> None:
    readings = [_reading(11, corrected=True, moved=9.0 if at < many else 0.0) for at in range(50)]
    found = _drift(*readings, *(_reading(11) for _ in range(250)))
    assert found.why.code == code
    assert ("too few to tell" in str(found.why)) is (many == 5)


class _Desk:
    """A store with a study that is read over outlines of the model."""

    def __init__(self, store: StudyStore, *, lv: bool = True) -> None:
        self.store = store
        self.drawn = beating_labels()
        found = self.drawn if lv else np.where(self.drawn == Label.LV, 0, self.drawn).astype(np.uint8)
        review = replace(small_review(), segmentation=small_result(found))
        self.kept = store.open(study_identity(review.stack), StudyCard(INPUT))
        self.kept.add_result(review.segmentation)  # type: ignore[arg-type]
        self.session = ReviewSession(History(review), kept=self.kept, person=READER)

    def apply(self, *edits: Edit) -> None:
        for edit in edits:
            assert self.session.apply(edit)

    def wiped(self, phase: int = 1) -> Redraw:
        return redraw_one(Gesture.PUSH, (0, phase), np.zeros_like(self.drawn[0, phase]))

    def ef(self) -> float | None:
        result = review_result(self.session.review)
        assert result is not None
        return result.measurements.lv.ef_percent

    def sign(self) -> MonthOfReadings:
        """Sign as the desktop does; return the month of this one reading."""
        result = review_result(self.session.review)
        assert result is not None
        doubts = self.session.open_doubts(result.quality.findings)
        self.session.sign(comment="", reasons=dict.fromkeys(doubts, "phantom"), input_path=INPUT)
        return self.month()

    def month(self) -> MonthOfReadings:
        (month,) = drift(self.store, model_sha256=MODEL).months
        return month


@pytest.fixture
def store(tmp_path: Path) -> Iterator[StudyStore]:
    with closing(StudyStore(tmp_path / "store")) as store:
        yield store


def test_that_a_change_is_known_though_the_ef_was_unknown_on_the_way(store: StudyStore) -> None:
    desk = _Desk(store)
    before = desk.ef()
    desk.apply(SetPhase(Moment.ES, 0))  # ED too: no EF
    assert desk.ef() is None
    desk.apply(SetPhase(Moment.ES, 1))
    after = desk.ef()
    assert before is not None
    assert after is not None
    assert not any("lv.ef_percent" in entry.act.change for entry in desk.session.standing.ledger)
    month = desk.sign()
    assert month.ef_change_points == pytest.approx(before - after, abs=0.002)
    assert month.ef_change_points is not None
    assert month.ef_change_points > 5
    assert (month.corrected, month.ef_known) == (0, 1)


def test_that_a_reading_nobody_changed_moved_by_nothing(store: StudyStore) -> None:
    assert _Desk(store).sign().ef_change_points == 0.0


def test_that_the_change_is_unknown_where_the_model_found_no_ef(store: StudyStore) -> None:
    desk = _Desk(store, lv=False)
    everywhere = {(index, phase): desk.drawn[index, phase] for index in range(2) for phase in range(4)}
    desk.apply(Redraw(Gesture.OUTLINE, everywhere))
    assert desk.ef() is not None
    month = desk.sign()
    assert (month.corrected, month.ef_known, month.ef_change_points) == (1, 0, None)


def test_that_the_change_of_an_earlier_versions_signature_is_unknown_and_its_corrections_count(
    store: StudyStore,
) -> None:
    desk = _Desk(store)
    desk.apply(desk.wiped(3))
    desk.kept.sign({"version": 1, "comment": "", "reasons": {}, "bound": {}}, person=READER)
    month = desk.month()
    assert (month.corrected, month.ef_known, month.ef_change_points) == (1, 0, None)


def test_that_outlines_that_are_the_models_again_are_not_corrected(store: StudyStore) -> None:
    desk = _Desk(store)
    desk.apply(desk.wiped())
    desk.session.undo()
    desk.apply(desk.wiped(2), redraw_one(Gesture.MODEL_AGAIN, (0, 2), None))
    assert desk.sign().corrected == 0
    desk.session.amend("a second look")
    desk.session.undo()  # the model's are not taken back any more
    assert desk.sign().corrected == 1


def test_that_a_redraw_that_was_done_again_is_corrected_until_it_is_undone_in_any_version(store: StudyStore) -> None:
    desk = _Desk(store)
    desk.apply(desk.wiped())
    desk.session.undo()
    desk.session.redo()
    assert desk.sign().corrected == 1
    desk.session.amend("a comment")
    assert desk.sign().corrected == 1  # of the first version
    desk.session.amend("a second look")
    desk.session.undo()
    assert desk.sign().corrected == 0


def test_that_the_command_says_unknown_and_tells_of_how_many_it_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CINECOR_HOME", str(tmp_path))
    with closing(StudyStore()) as store:
        desk = _Desk(store)
        desk.kept.sign({"version": 1, "comment": "", "reasons": {}, "bound": {}}, person=READER)
        assert main(["model", "drift"]) == 0
        assert capsys.readouterr().out.splitlines()[1].split()[1:] == ["1", "0%", "unknown", "0", "0.75"]
        desk.session.amend("a second look")
        desk.sign()
        assert main(["model", "drift"]) == 0
        assert capsys.readouterr().out.splitlines()[1].split()[1:] == ["1", "0%", "0.0", "1", "0.75"]
