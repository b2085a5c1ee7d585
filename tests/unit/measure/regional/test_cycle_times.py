"""When a wall is thickest: what thickens enough to have such a time, and what unknown phases take from it."""

import numpy as np
import pytest

from cinecor.measure.moment import ByMoment
from cinecor.measure.regional.cycle_times import CycleTimes

STEP_MS, PHASES, ED, ES = 40.0, 20, 1, 9
TIMES = CycleTimes.of(ByMoment(ED, ES), phase_times_ms=tuple(STEP_MS * phase for phase in range(PHASES)))
TOP = 9.3  # the phase, between two, at which the walls below are thickest


def wall(*, gain_mm: float = 5.0, unknown: tuple[int, ...] = ()) -> np.ndarray:
    """A wall of 8 mm at ED that is a parabola around its peak, flat elsewhere, and unknown at some phases."""
    curve = 8.0 + gain_mm * np.maximum(0.0, 1.0 - ((np.arange(PHASES) - TOP) / 5.0) ** 2)
    curve[list(unknown)] = np.nan
    return curve


def test_that_a_peak_between_phases_is_found_by_a_parabola() -> None:
    assert TIMES.peak_ms(wall()) == pytest.approx((TOP - ED) * STEP_MS)


def test_that_the_time_is_counted_from_ed_around_the_end_of_the_cycle() -> None:
    late = CycleTimes.of(ByMoment(18, 6), phase_times_ms=TIMES.phase_times_ms)
    assert late.peak_ms(wall()) == pytest.approx((TOP + PHASES - 18) * STEP_MS)


@pytest.mark.parametrize(("gain_mm", "has_a_time"), [(0.99, False), (1.01, True), (-2.0, False)])
def test_that_a_wall_must_thicken_by_a_millimetre_since_ed(gain_mm: float, has_a_time: bool) -> None:
    curve = np.full(PHASES, 8.0)
    curve[ES] += gain_mm
    assert (TIMES.peak_ms(curve) is not None) is has_a_time


def test_that_a_wall_that_is_thinner_in_between_must_thicken_beyond_ed_all_the_same() -> None:
    curve = wall(gain_mm=-3.0)
    curve[15] += 0.9  # more than 1 mm above its least, less above ED
    assert TIMES.peak_ms(curve) is None


@pytest.mark.parametrize("phase", [0, 5, 7, 11, 19])
def test_that_an_unknown_phase_away_from_the_peak_changes_nothing(phase: int) -> None:
    assert TIMES.peak_ms(wall(unknown=(phase,))) == TIMES.peak_ms(wall())


@pytest.mark.parametrize("unknown", [(8,), (10,), (8, 10)])
def test_that_beside_an_unknown_phase_the_thickest_phase_itself_is_told(unknown: tuple[int, ...]) -> None:
    assert TIMES.peak_ms(wall(unknown=unknown)) == (9 - ED) * STEP_MS


def test_that_an_unknown_peak_gives_its_thickest_neighbour() -> None:
    assert TIMES.peak_ms(wall(unknown=(9,))) == (10 - ED) * STEP_MS


@pytest.mark.parametrize(
    ("unknown", "has_a_time"),
    [((9, 10), False), ((7, 8), False), ((10, 11), False), ((6, 7), True), ((11, 12, 13), True)],
)
def test_that_a_peak_that_may_lie_in_a_gap_of_phases_is_not_told(unknown: tuple[int, ...], has_a_time: bool) -> None:
    assert (TIMES.peak_ms(wall(unknown=unknown)) is not None) is has_a_time


def test_that_without_ed_or_times_there_is_no_time_of_the_peak() -> None:
    assert TIMES.peak_ms(wall(unknown=(ED,))) is None
    assert TIMES.peak_ms(wall(unknown=tuple(range(PHASES)))) is None
    assert CycleTimes.of(ByMoment(ED, ES)).peak_ms(wall()) is None


def test_that_es_is_not_told_where_ed_is_unknown() -> None:
    times = CycleTimes.of(ByMoment(None, ES))
    assert (times.ed, times.es) == (0, None)
