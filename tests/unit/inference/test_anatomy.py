"""Rules of what a heart can look like."""

import numpy as np

from cinecor.inference.outline.anatomy import keep_possible_anatomy
from cinecor.inference.outline.segmentation import Label

SPACING = (1.5, 1.5)


def _heart(slices: int = 5) -> np.ndarray:
    """A ring of myocardium around a cavity, an RV touching it, in every slice."""
    labels = np.zeros((slices, 100, 100), np.uint8)
    y, x = np.mgrid[:100, :100]
    labels[:, (y - 50) ** 2 + (x - 35) ** 2 <= 14**2] = Label.RV
    radius = (y - 50) ** 2 + (x - 60) ** 2
    labels[:, radius <= 20**2] = Label.MYO
    labels[:, radius <= 13**2] = Label.LV
    return labels


def test_that_a_possible_heart_is_not_touched() -> None:
    labels = _heart()
    cleaned = keep_possible_anatomy(labels, pixel_spacing_mm=SPACING)
    np.testing.assert_array_equal(cleaned.labels, labels)
    assert cleaned.removed_px == 0
    assert cleaned.filled_px == 0


def test_that_a_second_left_ventricle_is_removed_and_counted() -> None:
    labels = _heart()
    labels[2, 5:10, 5:10] = Label.LV
    cleaned = keep_possible_anatomy(labels, pixel_spacing_mm=SPACING)
    assert cleaned.removed_px == 25
    np.testing.assert_array_equal(cleaned.labels, _heart())


def test_that_a_hole_in_the_cavity_becomes_cavity() -> None:
    labels = _heart()
    labels[1, 49:52, 59:62] = Label.BACKGROUND
    cleaned = keep_possible_anatomy(labels, pixel_spacing_mm=SPACING)
    assert cleaned.filled_px == 9
    np.testing.assert_array_equal(cleaned.labels, _heart())


def test_that_a_right_ventricle_far_from_the_wall_is_removed() -> None:
    labels = _heart()
    labels[3, 80:95, 2:17] = Label.RV
    cleaned = keep_possible_anatomy(labels, pixel_spacing_mm=SPACING)
    assert not (cleaned.labels[3, 80:95, 2:17] == Label.RV).any()
    assert (cleaned.labels[3] == Label.RV).sum() == (_heart()[3] == Label.RV).sum()


def test_that_the_right_ventricle_may_reach_above_the_left() -> None:
    labels = _heart()
    labels[0][labels[0] != Label.RV] = Label.BACKGROUND
    cleaned = keep_possible_anatomy(labels, pixel_spacing_mm=SPACING)
    np.testing.assert_array_equal(cleaned.labels, labels)


def test_that_no_heart_stays_no_heart() -> None:
    cleaned = keep_possible_anatomy(np.zeros((3, 20, 20), np.uint8), pixel_spacing_mm=SPACING)
    assert not cleaned.labels.any()


def test_that_the_given_labels_are_not_changed() -> None:
    labels = _heart()
    labels[2, 5:10, 5:10] = Label.LV
    before = labels.copy()
    keep_possible_anatomy(labels, pixel_spacing_mm=SPACING)
    np.testing.assert_array_equal(labels, before)


def test_that_a_speck_in_a_slice_of_its_own_is_no_ventricle() -> None:
    labels = _heart()
    labels[0] = 0
    labels[0, 50, 60:63] = Label.MYO
    cleaned = keep_possible_anatomy(labels, pixel_spacing_mm=SPACING)
    assert not cleaned.labels[0].any()


def test_that_a_slice_in_which_nothing_was_found_does_not_cut_the_heart_in_two() -> None:
    labels = _heart(8)
    labels[3:5] = Label.BACKGROUND
    cleaned = keep_possible_anatomy(labels, pixel_spacing_mm=SPACING)
    np.testing.assert_array_equal(cleaned.labels, labels)


def test_that_slices_moved_on_their_grid_are_still_one_heart() -> None:
    """The grid of the lower slices lies 50 pixels further down in the patient, the heart does not."""
    tall = np.pad(_heart(6), ((0, 0), (60, 0), (0, 0)))
    labels = np.concatenate([tall[:3], np.roll(tall[3:], -50, axis=1)])
    offsets = np.array([[0, 0]] * 3 + [[50, 0]] * 3)
    cleaned = keep_possible_anatomy(labels, pixel_spacing_mm=SPACING, offsets_px=offsets)
    np.testing.assert_array_equal(cleaned.labels, labels)
    assert not keep_possible_anatomy(labels, pixel_spacing_mm=SPACING).labels[3:].any()
