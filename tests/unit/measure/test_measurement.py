"""Rules of the numbers a reader asks for."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cinecor.inference.outline.segmentation import Label
from cinecor.measure.measurements import NO_HEART_RATE, WHY_UNKNOWN, measure
from cinecor.measure.moment import ByMoment


def curve(**pixels: list[int]) -> np.ndarray:
    """One slice whose phases hold the given number of pixels of each structure: with `straight(1)` 8 mm3 each."""
    phases = len(next(iter(pixels.values())))
    wide = 1 + max(sum(counts[phase] for counts in pixels.values()) for phase in range(phases))
    labels = np.zeros((1, phases, 1, wide), dtype=np.uint8)
    for phase in range(phases):
        start = 0
        for name, counts in pixels.items():
            labels[0, phase, 0, start : start + counts[phase]] = Label[name]
            start += counts[phase]
    return labels


def test_that_function_follows_its_definitions(geometry):
    labels = curve(LV=[15_000, 6_000, 9_000], RV=[20_000, 12_000, 14_000], MYO=[10_000, 11_000, 12_000])
    result = measure(labels, geometry=geometry(1), heart_rate_bpm=75.0)
    assert (result.moments.ed, result.moments.es) == (0, 1)
    assert result.lv.edv_ml == pytest.approx(120.0)
    assert result.lv.esv_ml == pytest.approx(48.0)
    assert result.lv.sv_ml == pytest.approx(72.0)
    assert result.lv.ef_percent == pytest.approx(60.0)
    assert result.lv.co_l_min == pytest.approx(5.4)
    assert result.lv.mass_g == pytest.approx(80.0 * 1.05)
    assert result.rv.sv_ml == pytest.approx(64.0)
    assert result.rv.ef_percent == pytest.approx(40.0)
    assert result.rv.co_l_min == pytest.approx(4.8)
    assert result.rv.mass_g is None
    assert result.reasons == ()


def test_that_the_lv_decides_the_phases_of_both_ventricles(geometry):
    result = measure(curve(LV=[100, 60, 80], RV=[90, 70, 120]), geometry=geometry(1), heart_rate_bpm=60.0)
    assert result.rv.edv_ml == result.curves.rv_ml[0]
    assert result.rv.esv_ml == result.curves.rv_ml[1]


@given(lv=st.lists(st.integers(1, 500), min_size=2, max_size=12), rate=st.floats(30, 200))
def test_that_ef_lies_between_0_and_100_and_the_sums_hold(geometry, lv, rate):
    result = measure(curve(LV=lv), geometry=geometry(1), heart_rate_bpm=rate)
    if result.lv.ef_percent is None:
        assert len(set(lv)) == 1
        return
    assert 0 < result.lv.ef_percent < 100
    assert result.lv.edv_ml - result.lv.esv_ml == pytest.approx(result.lv.sv_ml)
    assert result.lv.co_l_min * 1000 / rate == pytest.approx(result.lv.sv_ml)


@given(factor=st.floats(0.2, 5.0))
def test_that_ef_does_not_depend_on_the_spacing(geometry, heart, factor):
    labels = heart(beat=(20, 14))
    near = measure(labels, geometry=geometry(9), heart_rate_bpm=60.0)
    far = measure(labels, geometry=geometry(9, spacing_mm=8.0 * factor), heart_rate_bpm=60.0)
    assert far.lv.ef_percent == pytest.approx(near.lv.ef_percent)
    assert far.lv.mass_g == pytest.approx(near.lv.mass_g * factor)


def test_that_one_phase_gives_volumes_and_no_function(geometry):
    result = measure(curve(LV=[15_000], RV=[20_000], MYO=[10_000]), geometry=geometry(1), heart_rate_bpm=60.0)
    assert result.curves.lv_ml == pytest.approx([120.0])
    assert (result.moments.ed, result.moments.es) == (None, None)
    assert set(dataclasses.astuple(result.lv) + dataclasses.astuple(result.rv)) == {None}
    assert [reason.code for reason in result.reasons] == ["single_phase"]


def test_that_a_reader_who_calls_a_lone_phase_ed_gets_edv_and_mass(geometry):
    result = measure(
        curve(LV=[15_000], MYO=[10_000]), geometry=geometry(1), heart_rate_bpm=None, chosen=ByMoment(0, None)
    )
    assert result.lv.edv_ml == pytest.approx(120.0)
    assert result.lv.mass_g == pytest.approx(84.0)
    assert result.lv.ef_percent is None


def test_that_no_lv_at_all_gives_no_number_and_never_a_zero(geometry):
    result = measure(curve(RV=[900, 500, 700]), geometry=geometry(1), heart_rate_bpm=60.0)
    assert set(dataclasses.astuple(result.lv) + dataclasses.astuple(result.rv)) == {None}
    assert [reason.code for reason in result.reasons] == ["no_function"]


def test_that_a_missing_rv_leaves_the_lv_and_names_both_phases(geometry):
    result = measure(curve(LV=[900, 500], MYO=[800, 800]), geometry=geometry(1), heart_rate_bpm=60.0)
    assert result.lv.ef_percent is not None
    assert set(dataclasses.astuple(result.rv)) == {None}
    assert [(reason.code, reason.plain_values()["phase"]) for reason in result.reasons[:2]] == [
        ("edv_unknown", [0]),
        ("esv_unknown", [1]),
    ]
    assert str(result.reasons[0]) == "The RV end-diastolic volume is unknown: nothing of it was found in phase 1."


def test_that_a_missing_wall_gives_no_mass(geometry):
    result = measure(curve(LV=[900, 500]), geometry=geometry(1), heart_rate_bpm=60.0)
    assert result.lv.mass_g is None
    assert "mass_unknown" in {reason.code for reason in result.reasons}


def test_that_an_rv_that_grows_in_systole_has_volumes_and_no_ejection_fraction(geometry):
    result = measure(curve(LV=[900, 500], RV=[300, 400], MYO=[800, 800]), geometry=geometry(1), heart_rate_bpm=60.0)
    assert result.rv.edv_ml == pytest.approx(2.4)
    assert (result.rv.sv_ml, result.rv.ef_percent, result.rv.co_l_min) == (None, None, None)
    assert [reason.code for reason in result.reasons] == ["no_ejection"]


@given(
    lv=st.lists(st.sampled_from([0, 500, 900]), min_size=1, max_size=3),
    rv=st.lists(st.sampled_from([0, 500, 900]), min_size=3, max_size=3),
    myo=st.lists(st.sampled_from([0, 800]), min_size=3, max_size=3),
    rate=st.sampled_from([None, 60.0]),
)
def test_that_every_reason_for_an_unknown_number_is_among_those_that_tables_tell(geometry, lv, rv, myo, rate):
    phases = len(lv)
    result = measure(curve(LV=lv, RV=rv[:phases], MYO=myo[:phases]), geometry=geometry(1), heart_rate_bpm=rate)
    unknown = None in dataclasses.astuple(result.lv) + dataclasses.astuple(result.rv)[:-1]
    assert bool(result.reasons) is unknown
    assert {reason.code for reason in result.reasons} <= set(WHY_UNKNOWN)


@pytest.mark.parametrize("rate", [None, 0.0, -60.0, float("nan"), float("inf")])
def test_that_cardiac_output_needs_a_heart_rate(geometry, rate):
    result = measure(curve(LV=[900, 500], RV=[900, 500], MYO=[800, 800]), geometry=geometry(1), heart_rate_bpm=rate)
    assert result.lv.sv_ml is not None
    assert result.lv.co_l_min is None
    assert result.reasons == (NO_HEART_RATE,)
