"""Rules of the drift: what counts as corrected, and when a new round of training is worth it, from both sides."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from cinecor.app.drift import Drift, drift
from cinecor.review.ledger import Act, Entry, Person
from cinecor.review.ledger.entry import appended
from cinecor.review.store.worklist import Status

MODEL, OTHER = "ab" * 32, "cd" * 32
READER = Person("Ada Wall", "Heart Centre", "ada")


@dataclass(frozen=True)
class _Row:
    id: int


class _Store:
    """Signed readings, as the store gives them."""

    def __init__(self, ledgers: Sequence[tuple[Entry, ...]]) -> None:
        self._ledgers = ledgers

    def worklist(self, *, status: Status) -> tuple[_Row, ...]:
        assert status is Status.SIGNED
        return tuple(_Row(number) for number in range(len(self._ledgers)))

    def ledger(self, study: int) -> tuple[Entry, ...]:
        return self._ledgers[study]

    def confidence(self, study: int) -> float:
        return 0.9 if study % 2 else 0.7


def _reading(
    month: int, *, corrected: bool = False, moved: float | None = None, model: str = MODEL
) -> tuple[Entry, ...]:
    time = datetime.datetime(2026, month, 15, tzinfo=datetime.UTC)
    acts = []
    if corrected:
        acts.append(Act("redraw.push", ((0, 0),), "endo", {} if moved is None else {"lv.ef_percent": moved}))
    elif moved is not None:
        acts.append(Act("phase", change={"lv.ef_percent": moved}))
    entries: list[Entry] = []
    for act in (*acts, Act("sign")):
        last = entries[-1] if entries else None
        entries.append(appended(last, act, person=READER, model=model, belongs_to="0" * 64, time=time))
    return tuple(entries)


def _drift(*readings: tuple[Entry, ...], with_confidence: bool = False) -> Drift:
    return drift(_Store(readings), model_sha256=MODEL, with_confidence=with_confidence)  # type: ignore[arg-type]


def test_that_readings_are_counted_by_the_month_they_were_signed_in() -> None:
    found = _drift(
        _reading(9), _reading(9, corrected=True, moved=-3.0), _reading(9, corrected=True, moved=1.0),
        _reading(10, moved=4.0), with_confidence=True,
    )  # fmt: skip
    first, second = found.months
    assert (first.month, first.signed, first.corrected) == ("2026-09", 3, 2)
    assert first.ef_change_points == pytest.approx(2.0)  # median of 3 and 1
    assert first.confidence == pytest.approx((0.7 + 0.9 + 0.7) / 3)
    assert (second.corrected, second.ef_change_points) == (0, 4.0)  # a choice moved it, no outline


def test_that_a_month_in_which_nothing_moved_has_no_change() -> None:
    (month,) = _drift(_reading(9), _reading(9)).months
    assert month.ef_change_points is None
    assert month.confidence is None


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


@pytest.mark.parametrize(("moved", "code"), [(2.0, "round_worth_it"), (1.9, "round_not_needed")])
def test_that_two_points_of_ef_make_a_round_worth_it(moved: float, code: str) -> None:
    readings = [_reading(11, corrected=True, moved=moved) for _ in range(50)]
    assert _drift(*readings, *(_reading(11) for _ in range(200))).why.code == code


def test_that_only_the_last_three_months_of_readings_decide() -> None:
    old = [_reading(6, corrected=True, moved=9.0) for _ in range(60)]
    assert _drift(*old, *(_reading(month) for month in (7, 8, 9))).why.code == "round_not_needed"
    assert _drift(*old, *(_reading(month) for month in (7, 8))).why.code == "round_worth_it"
