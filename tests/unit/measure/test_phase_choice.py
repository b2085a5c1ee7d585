"""Rules of the choice of end-diastole and end-systole."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cinecor.measure.moment import ByMoment
from cinecor.measure.phases import choose_phases
from cinecor.message import sentences

curves_ml = st.lists(st.floats(min_value=1.0, max_value=500.0), min_size=2, max_size=40, unique=True).map(np.array)


@given(curves_ml)
def test_that_ed_is_the_largest_and_es_the_smallest_volume(lv_ml):
    phases = choose_phases(lv_ml)
    assert lv_ml[phases.moments.ed] == lv_ml.max()
    assert lv_ml[phases.moments.es] == lv_ml.min()


@pytest.mark.slow
@given(curves_ml, st.integers(min_value=0, max_value=39))
def test_that_starting_the_cycle_later_moves_the_phases_along(lv_ml, shift):
    phases, later = choose_phases(lv_ml), choose_phases(np.roll(lv_ml, shift))
    assert later.moments.ed == (phases.moments.ed + shift) % len(lv_ml)
    assert later.moments.es == (phases.moments.es + shift) % len(lv_ml)


def test_that_ed_need_not_be_phase_0():
    assert choose_phases(np.array([100.0, 60.0, 90.0, 120.0])).moments.ed == 3


def test_that_the_first_of_equal_volumes_is_taken():
    phases = choose_phases(np.array([80.0, 120.0, 120.0, 50.0, 50.0]))
    assert (phases.moments.ed, phases.moments.es) == (1, 3)


def test_that_a_phase_without_an_lv_is_never_end_systole():
    phases = choose_phases(np.array([120.0, 0.0, 60.0, 90.0]))
    assert phases.moments.es == 2
    assert "3 phases with an LV (1 without)" in sentences(phases.explanation)


@pytest.mark.parametrize(
    ("lv_ml", "reason"),
    [
        ([130.0], "one phase only"),
        ([0.0], "one phase only"),
        ([0.0, 0.0, 0.0], "No LV cavity"),
        ([70.0, 70.0, 70.0], "does not change"),
        ([0.0, 70.0, 0.0], "does not change"),
    ],
)
def test_that_phases_that_cannot_be_told_are_none_with_the_reason(lv_ml, reason):
    phases = choose_phases(np.array(lv_ml))
    assert (phases.moments.ed, phases.moments.es) == (None, None)
    assert reason in sentences(phases.explanation)


def test_that_the_explanation_names_phases_and_volumes():
    assert sentences(choose_phases(np.array([120.0, 61.24, 90.0])).explanation) == (
        "ED is phase 1, the largest LV volume (120.0 mL). ES is phase 2, the smallest LV volume (61.2 mL). "
        "Chosen among 3 phases."
    )


def test_that_a_readers_choice_stands_and_is_told():
    phases = choose_phases(np.array([120.0, 60.0, 90.0]), chosen=ByMoment(None, 2))
    assert (phases.moments.ed, phases.moments.es) == (0, 2)
    assert "ES is phase 3, set by hand" in sentences(phases.explanation)


def test_that_a_reader_may_set_both_phases_on_a_curve_that_tells_none():
    phases = choose_phases(np.array([70.0, 70.0]), chosen=ByMoment(0, 1))
    assert (phases.moments.ed, phases.moments.es) == (0, 1)


@pytest.mark.parametrize("phase", [-1, 3])
def test_that_a_phase_outside_the_stack_is_refused(phase):
    with pytest.raises(ValueError, match=f"phase {phase} is not among the 3 phases"):
        choose_phases(np.array([120.0, 60.0, 90.0]), chosen=ByMoment(phase, None))
