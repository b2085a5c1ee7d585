"""Rules of the volume curves."""

import dataclasses
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cinecor.errors import InputError
from cinecor.inference.outline.segmentation import Label
from cinecor.measure.curves import volume_curves

lengths_mm = st.floats(min_value=0.1, max_value=50.0)


def blocks(*, lv: int, rv: int, myo: int, slices: int = 3, phases: int = 2) -> np.ndarray:
    """Labels that hold the given number of pixels in each slice of phase 0, and nothing in the others."""
    labels = np.zeros((slices, phases, 10, 10), dtype=np.uint8)
    flat = labels.reshape(slices, phases, 100)
    flat[:, 0, :lv] = Label.LV
    flat[:, 0, lv : lv + rv] = Label.RV
    flat[:, 0, lv + rv : lv + rv + myo] = Label.MYO
    return labels


def test_that_one_pixel_in_one_slice_is_its_area_times_the_slice_spacing(geometry):
    labels = np.zeros((4, 1, 5, 5), dtype=np.uint8)
    labels[2, 0, 1, 1] = Label.LV
    curves = volume_curves(labels, geometry=geometry(4, spacing_mm=10.0, pixel_mm=(1.5, 2.0)))
    assert curves.lv_ml == pytest.approx([1.5 * 2.0 * 10.0 / 1000])
    assert curves.lv_slices_ml[:, 0] == pytest.approx([0, 0, 0.03, 0])


def test_that_each_structure_counts_its_own_label_only(geometry):
    curves = volume_curves(blocks(lv=7, rv=11, myo=13), geometry=geometry(3, spacing_mm=1000.0))
    assert curves.lv_ml == pytest.approx([21, 0])
    assert curves.rv_ml == pytest.approx([33, 0])
    assert curves.myo_ml == pytest.approx([39, 0])


@given(between_rows=lengths_mm, between_columns=lengths_mm, spacing=lengths_mm, factor=st.floats(0.1, 10))
def test_that_volume_is_linear_in_every_spacing(geometry, between_rows, between_columns, spacing, factor):
    labels = blocks(lv=5, rv=3, myo=2)

    def lv_ml(rows: float, columns: float, slices: float) -> float:
        return volume_curves(labels, geometry=geometry(3, spacing_mm=slices, pixel_mm=(rows, columns))).lv_ml[0]

    expected = lv_ml(between_rows, between_columns, spacing) * factor
    assert lv_ml(between_rows * factor, between_columns, spacing) == pytest.approx(expected)
    assert lv_ml(between_rows, between_columns * factor, spacing) == pytest.approx(expected)
    assert lv_ml(between_rows, between_columns, spacing * factor) == pytest.approx(expected)


def test_that_each_slice_weighs_as_much_as_it_stands_for(geometry):
    labels = np.zeros((3, 1, 4, 4), dtype=np.uint8)
    labels[:, 0, 0, 0] = Label.LV
    uneven = dataclasses.replace(geometry(3), slice_extent_mm=np.array([8.0, 12.0, 16.0]))
    assert volume_curves(labels, geometry=uneven).lv_slices_ml[:, 0] == pytest.approx([0.008, 0.012, 0.016])


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_that_reordering_phases_reorders_the_curve(geometry, heart, order):
    labels = heart(beat=(20, 15, 18))
    curve_ml = volume_curves(labels, geometry=geometry(9)).lv_ml
    reordered_ml = volume_curves(labels[:, list(order)], geometry=geometry(9)).lv_ml
    assert np.array_equal(reordered_ml, curve_ml[list(order)])


def test_that_turning_the_stack_upside_down_changes_no_volume(geometry, heart):
    labels = heart()
    upright = volume_curves(labels, geometry=geometry(9))
    turned = volume_curves(labels[::-1], geometry=geometry(9))
    assert turned.lv_ml == pytest.approx(upright.lv_ml)
    assert turned.rv_ml == pytest.approx(upright.rv_ml)


@pytest.mark.parametrize("spacing_mm", [1.0, 2.0, 4.0])
def test_that_a_sphere_has_the_volume_of_a_sphere(geometry, spacing_mm):
    radius_mm, pixel_mm = 30.0, 0.5
    slices = int(2 * radius_mm / spacing_mm)
    rows, columns = (np.mgrid[:140, :140] - 70 + 0.5) * pixel_mm
    heights_mm = (np.arange(slices) - (slices - 1) / 2) * spacing_mm
    labels = np.stack([(np.sqrt(rows**2 + columns**2 + z**2) < radius_mm) * Label.LV for z in heights_mm])
    curves = volume_curves(
        labels[:, np.newaxis].astype(np.uint8), geometry=geometry(slices, spacing_mm=spacing_mm, pixel_mm=(0.5, 0.5))
    )
    assert curves.lv_ml[0] == pytest.approx(4 / 3 * np.pi * radius_mm**3 / 1000, rel=0.01)


def test_that_forgetting_the_gap_would_be_seen(geometry):
    labels = blocks(lv=10, rv=0, myo=0)
    thickness_only = volume_curves(labels, geometry=geometry(3, spacing_mm=5.0)).lv_ml[0]
    with_gap = volume_curves(labels, geometry=geometry(3, spacing_mm=10.0)).lv_ml[0]
    assert with_gap == pytest.approx(2 * thickness_only)


@pytest.mark.parametrize("spacing_mm", [0.0, -8.0, float("nan"), float("inf")])
def test_that_a_spacing_that_is_no_length_is_refused_with_the_tags_to_check(geometry, spacing_mm):
    with pytest.raises(InputError, match="ImagePositionPatient"):
        volume_curves(blocks(lv=1, rv=1, myo=1), geometry=geometry(3, spacing_mm=spacing_mm))
    with pytest.raises(InputError, match="PixelSpacing"):
        volume_curves(blocks(lv=1, rv=1, myo=1), geometry=geometry(3, pixel_mm=(spacing_mm, 1.0)))


def test_that_labels_of_another_stack_are_refused(geometry):
    with pytest.raises(ValueError, match="3 slices of labels, 5 in the geometry"):
        volume_curves(blocks(lv=1, rv=1, myo=1), geometry=geometry(5))


def test_that_labels_without_a_phase_axis_are_refused(geometry):
    with pytest.raises(ValueError, match="slice, phase, row, column"):
        volume_curves(np.zeros((3, 5, 5), dtype=np.uint8), geometry=geometry(3))


def test_that_a_label_outside_the_map_is_refused(geometry):
    labels = blocks(lv=1, rv=1, myo=1)
    labels[0, 0, 9, 9] = 4
    with pytest.raises(ValueError, match="label 4"):
        volume_curves(labels, geometry=geometry(3))


def test_that_curves_cannot_be_written_to(geometry):
    curves = volume_curves(blocks(lv=1, rv=1, myo=1), geometry=geometry(3))
    for array in (curves.lv_ml, curves.rv_ml, curves.myo_ml, curves.lv_slices_ml):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0
