"""What the labels add up to, against the closed forms."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cinecor.errors import UsageError
from cinecor.inference.outline.segmentation import Label
from cinecor_phantom import SMALL, Acquisition, HeartShape, Phantom, Truth, make_phantom
from cinecor_phantom.variation import random_acquisition, random_shape


def label_volumes_ml(phantom: Phantom, label: Label) -> np.ndarray:
    counts = (phantom.labels == label).sum(axis=(0, 2, 3))
    rows_mm, columns_mm = phantom.geometry.pixel_spacing_mm
    return counts * rows_mm * columns_mm * phantom.geometry.slice_spacing_mm / 1000.0


def assert_labels_tell_the_truth(phantom: Phantom) -> None:
    truth = phantom.truth
    lv, rv, myo = (label_volumes_ml(phantom, label) for label in (Label.LV, Label.RV, Label.MYO))
    assert lv[truth.ed_phase] == pytest.approx(truth.lv_edv_ml, rel=0.01)
    assert lv[truth.es_phase] == pytest.approx(truth.lv_esv_ml, rel=0.01)
    assert rv[truth.ed_phase] == pytest.approx(truth.rv_edv_ml, rel=0.01)
    assert rv[truth.es_phase] == pytest.approx(truth.rv_esv_ml, rel=0.01)
    assert 1.05 * myo[truth.ed_phase] == pytest.approx(truth.lv_mass_g, rel=0.01)
    assert lv.max() <= 1.01 * truth.lv_edv_ml
    assert lv.min() >= 0.99 * truth.lv_esv_ml


@settings(max_examples=12)
@given(st.integers(0, 10_000))
def test_that_labels_of_any_heart_add_up_to_its_closed_forms_within_one_percent(seed: int) -> None:
    generator = np.random.default_rng(seed)
    shape = random_shape(generator)
    protocol = random_acquisition(generator, shape, phases=6)
    # A coarse matrix: harder for the labels, quicker for the test.
    protocol = replace(protocol, rows=112, columns=112, pixel_spacing_mm=2.6)
    assert_labels_tell_the_truth(make_phantom(shape, protocol, seed=seed, pictures=False))


@pytest.mark.parametrize("spacing_mm", [6.0, 8.0, 10.0, 14.0, 17.7])
@pytest.mark.parametrize("base_in_slice", [0.0, 0.3, 0.5, 0.8])
def test_that_the_truth_holds_wherever_the_base_lies_in_its_slice(spacing_mm: float, base_in_slice: float) -> None:
    slices = int(np.ceil(108.0 / spacing_mm)) + 1
    protocol = replace(
        SMALL,
        slices=slices,
        phases=4,
        slice_thickness_mm=6.0,
        slice_gap_mm=spacing_mm - 6.0,
        base_in_slice=base_in_slice,
    )
    assert_labels_tell_the_truth(make_phantom(acquisition=protocol, pictures=False))


def test_that_the_truth_is_what_was_asked_for(phantom: Phantom) -> None:
    shape, truth = phantom.shape, phantom.truth
    assert truth.lv_edv_ml == pytest.approx(shape.lv_edv_ml)
    assert truth.lv_esv_ml == pytest.approx(shape.lv_esv_ml)
    assert truth.rv_edv_ml == pytest.approx(shape.rv_edv_ml)
    assert truth.rv_esv_ml == pytest.approx(shape.rv_esv_ml)
    assert truth.lv_mass_g == pytest.approx(shape.lv_mass_g)
    assert truth.myo_ml == pytest.approx(np.full(phantom.acquisition.phases, shape.myocardium_ml))


@pytest.mark.parametrize("phases", [2, 8, 10, 20, 25, 30])
def test_that_one_phase_shows_end_systole_exactly(phases: int) -> None:
    phantom = make_phantom(acquisition=replace(SMALL, phases=phases, rows=80, columns=80), pictures=False)
    assert phantom.truth.lv_esv_ml == pytest.approx(phantom.shape.lv_esv_ml)
    assert phantom.truth.ed_phase == 0


def test_that_the_myocardium_encloses_the_cavity_at_mid_ventricle(phantom: Phantom) -> None:
    middle = phantom.labels[phantom.acquisition.slices // 2]
    for frame in middle:
        rows, columns = np.nonzero(frame == Label.LV)
        assert len(rows) > 0
        for down, right in ((-1, 0), (1, 0), (0, -1), (0, 1)):
            neighbours = frame[rows + down, columns + right]
            assert np.isin(neighbours, (Label.LV, Label.MYO)).all()


def test_that_the_right_ventricle_lies_on_the_left_of_the_image(phantom: Phantom) -> None:
    for frame in phantom.labels[2:6, 0]:
        assert np.nonzero(frame == Label.RV)[1].mean() < np.nonzero(frame == Label.LV)[1].mean()


def test_that_rotation_turns_the_right_ventricle_to_another_side() -> None:
    turned = make_phantom(acquisition=replace(SMALL, in_plane_rotation_deg=90.0, phases=2), pictures=False)
    frame = turned.labels[4, 0]
    rv, lv = (np.argwhere(frame == label).mean(axis=0) for label in (Label.RV, Label.LV))
    assert abs(rv[0] - lv[0]) > abs(rv[1] - lv[1])


def test_that_a_stack_which_ends_before_the_apex_is_refused() -> None:
    with pytest.raises(UsageError, match="short of"):
        make_phantom(acquisition=replace(SMALL, slices=5))


def test_that_a_heart_beyond_the_image_is_refused() -> None:
    with pytest.raises(UsageError, match="does not fit"):
        make_phantom(acquisition=replace(SMALL, heart_down_mm=90.0))


@pytest.mark.parametrize(
    ("field", "value"),
    [("lv_edv_ml", 1000.0), ("lv_esv_ml", 149.0), ("lv_mass_g", 350.0), ("heart_rate_bpm", float("nan"))],
)
def test_that_a_shape_which_is_no_heart_is_refused(field: str, value: float) -> None:
    with pytest.raises(UsageError):
        HeartShape(**{"lv_edv_ml": 60.0 if field == "lv_mass_g" else 150.0, "lv_esv_ml": 25.0, field: value})


@pytest.mark.parametrize(("field", "value"), [("slices", 0), ("phases", 81), ("noise", -1.0), ("rows", 100.5)])
def test_that_a_protocol_outside_its_ranges_is_refused(field: str, value: float) -> None:
    with pytest.raises(UsageError, match=field):
        Acquisition(**{field: value})


def test_that_the_truth_as_json_names_units_and_both_ventricles(phantom: Phantom) -> None:
    told = phantom.truth.as_json()
    assert told["lv"]["edv_ml"] == pytest.approx(150.0)
    assert told["lv"]["co_l_min"] == pytest.approx((150.0 - 58.0) * 66.0 / 1000.0)
    assert len(told["volumes_ml"]["rv"]) == phantom.acquisition.phases
    assert isinstance(phantom.truth, Truth)
