"""Rules of what a heart can look like."""

import numpy as np
import pytest

from cinecor.inference.outline.anatomy import keep_possible_anatomy, slice_offsets_px
from cinecor.inference.outline.segmentation import Label
from cinecor.study.cine_stack import StackGeometry

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
    assert cleaned.removed_px.sum() == 0
    assert cleaned.filled_px.sum() == 0


def test_that_a_second_left_ventricle_is_removed_and_counted() -> None:
    labels = _heart()
    labels[2, 5:10, 5:10] = Label.LV
    cleaned = keep_possible_anatomy(labels, pixel_spacing_mm=SPACING)
    assert cleaned.removed_px.sum() == 25
    np.testing.assert_array_equal(cleaned.labels, _heart())


def test_that_a_hole_in_the_cavity_becomes_cavity() -> None:
    labels = _heart()
    labels[1, 49:52, 59:62] = Label.BACKGROUND
    cleaned = keep_possible_anatomy(labels, pixel_spacing_mm=SPACING)
    assert cleaned.filled_px.sum() == 9
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


# Limits, on pixels that are no squares


OBLONG = (2.5, 1.0)  # mm between rows, between columns


def _placed(*pieces: tuple[Label, slice, slice], shape: tuple[int, int, int] = (1, 60, 90)) -> np.ndarray:
    labels = np.zeros(shape, np.uint8)
    for label, rows, columns in pieces:
        labels[:, rows, columns] = label
    return labels


WALL = (Label.MYO, slice(20, 40), slice(20, 40))


@pytest.mark.parametrize(
    ("rows", "columns", "kept"),
    [
        (slice(20, 30), slice(45, 60), True),  # 6 columns from the wall's last: 6 mm
        (slice(20, 30), slice(46, 60), False),
        (slice(41, 51), slice(20, 30), True),  # 2 rows: 5 mm
        (slice(42, 52), slice(20, 30), False),  # 3 rows: 7.5 mm
        (slice(9, 19), slice(20, 30), True),
        (slice(8, 18), slice(20, 30), False),
    ],
)
def test_that_a_right_ventricle_within_6_mm_of_the_wall_is_kept_along_rows_and_columns(
    rows: slice, columns: slice, kept: bool
) -> None:
    labels = _placed(WALL, (Label.RV, rows, columns))
    cleaned = keep_possible_anatomy(labels, pixel_spacing_mm=OBLONG)
    assert (cleaned.labels == Label.RV).any() == kept


def test_that_the_reach_of_the_wall_is_round() -> None:
    """Two rows and four columns off, 5 and 4 mm, are 6.4 mm; two rows and three columns are 5.8 mm."""
    far = _placed(WALL, (Label.RV, slice(41, 51), slice(43, 60)))
    near = _placed(WALL, (Label.RV, slice(41, 51), slice(42, 60)))
    assert not (keep_possible_anatomy(far, pixel_spacing_mm=OBLONG).labels == Label.RV).any()
    assert (keep_possible_anatomy(near, pixel_spacing_mm=OBLONG).labels == Label.RV).any()


def test_that_a_right_ventricle_beside_a_bare_cavity_is_kept() -> None:
    """Where the model draws no wall between them, the wall on the cavity's other side is too far off to tell."""
    labels = _placed(
        (Label.MYO, slice(20, 40), slice(14, 20)),
        (Label.LV, slice(20, 40), slice(20, 40)),
        (Label.RV, slice(20, 40), slice(41, 60)),
    )
    np.testing.assert_array_equal(keep_possible_anatomy(labels, pixel_spacing_mm=OBLONG).labels, labels)


@pytest.mark.parametrize(("columns", "kept"), [(14, False), (15, True)])
def test_that_a_second_piece_of_the_right_ventricle_needs_15_percent_of_the_first(columns: int, kept: bool) -> None:
    first, second = (slice(20, 30), slice(41, 61)), (slice(34, 36), slice(41, 41 + columns))
    labels = np.concatenate(
        [
            _placed(WALL, (Label.RV, *first), (Label.RV, *second)),
            _placed(WALL, (Label.RV, slice(20, 40), slice(41, 61))),  # below, where both are one
        ]
    )
    cleaned = keep_possible_anatomy(labels, pixel_spacing_mm=OBLONG)
    assert (cleaned.labels[0][second] == Label.RV).any() == kept
    assert (cleaned.labels[0][first] == Label.RV).all()


@pytest.mark.parametrize(
    ("spacing_mm", "columns", "kept"),
    [(OBLONG, 7, False), (OBLONG, 8, True), ((1.0, 4.0), 4, False), ((1.0, 4.0), 5, True)],
)
def test_that_a_left_ventricle_in_a_slice_needs_20_mm2(
    spacing_mm: tuple[float, float], columns: int, kept: bool
) -> None:
    labels = np.concatenate([_placed(WALL), _placed((Label.LV, slice(30, 31), slice(20, 20 + columns)))])
    cleaned = keep_possible_anatomy(labels, pixel_spacing_mm=spacing_mm)
    assert cleaned.labels[1].any() == kept


@pytest.mark.parametrize(("gap", "kept"), [(2, True), (3, False)])
def test_that_three_empty_slices_part_a_heart(gap: int, kept: bool) -> None:
    labels = _heart(5 + gap)
    labels[3 : 3 + gap] = Label.BACKGROUND
    cleaned = keep_possible_anatomy(labels, pixel_spacing_mm=SPACING)
    assert cleaned.labels[3 + gap :].any() == kept


def test_that_a_hole_that_leaks_over_a_corner_is_closed_and_one_that_leaks_over_a_side_is_not() -> None:
    labels = np.zeros((2, 9, 9), np.uint8)
    labels[:, 2:7, 2:7] = Label.MYO
    labels[:, 4, 4] = Label.BACKGROUND
    labels[0, 3, 3] = labels[0, 2, 2] = Label.BACKGROUND  # a way out over corners alone
    labels[1, 3, 4] = labels[1, 2, 4] = Label.BACKGROUND  # a way out over sides
    cleaned = keep_possible_anatomy(labels, pixel_spacing_mm=(5.0, 5.0))
    assert cleaned.labels[0, 4, 4] == Label.LV
    assert cleaned.labels[0, 3, 3] == Label.LV
    assert cleaned.labels[0, 2, 2] == Label.BACKGROUND
    assert cleaned.labels[1, 4, 4] == Label.BACKGROUND
    assert cleaned.filled_px.sum() == 2


@pytest.mark.parametrize("turned", [False, True])
def test_that_the_offsets_of_slices_are_rows_and_columns_in_pixels_of_their_own_size(turned: bool) -> None:
    along_rows, along_columns = np.array([0.0, 0.8, 0.6]), np.array([1.0, 0.0, 0.0])
    if turned:
        along_rows, along_columns = along_columns, -along_rows
    normal = np.cross(along_columns, along_rows)
    positions = [np.array([7.0, -3.0, 11.0]) - 8.0 * index * normal for index in range(3)]
    positions[1] = positions[1] + 4 * 2.5 * along_rows - 9 * 1.0 * along_columns
    positions[2] = positions[2] - 3.4 * 2.5 * along_rows + 5.6 * 1.0 * along_columns
    geometry = StackGeometry(np.array(positions), along_columns, along_rows, OBLONG, 8.0, np.full(3, 8.0))
    np.testing.assert_array_equal(slice_offsets_px(geometry), [[0, 0], [4, -9], [-3, 6]])
