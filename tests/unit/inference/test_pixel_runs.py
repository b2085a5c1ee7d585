"""Rules of masks as runs, held against an image library."""

import numpy as np
import pytest
from scipy import ndimage

from cinecor.inference.outline.pixel_runs import connected, label_runs, meeting, pieces, pixel_runs


def _mask(share: float) -> np.ndarray:
    return np.random.default_rng(round(share * 100)).random((4, 30, 37)) < share


def _painted(mask: np.ndarray, values: np.ndarray) -> np.ndarray:
    runs = pixel_runs(mask)
    painted = np.full(mask.shape, -1)
    for index in range(len(runs)):
        painted[runs.plane[index], runs.row[index], runs.start[index] : runs.stop[index]] = values[index]
    return painted


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 1.0])
def test_that_runs_hold_every_pixel_of_the_mask_and_no_other(share: float) -> None:
    mask = _mask(share)
    np.testing.assert_array_equal(_painted(mask, np.zeros(len(pixel_runs(mask)))) == 0, mask)


def test_that_runs_of_labels_end_where_another_label_begins() -> None:
    labels = np.random.default_rng(7).choice([0, 1, 1, 2, 3], size=(3, 20, 23)).astype(np.uint8)
    runs, label = label_runs(labels)
    painted = np.zeros_like(labels)
    for index, value in enumerate(label):
        painted[runs.plane[index], runs.row[index], runs.start[index] : runs.stop[index]] = value
    np.testing.assert_array_equal(painted, labels)
    touching = (runs.start[1:] == runs.stop[:-1]) & (runs.row[1:] == runs.row[:-1])
    assert (label[1:] != label[:-1])[touching].all()


@pytest.mark.parametrize("corners", [False, True])
@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.6, 0.9])
def test_that_pieces_are_those_of_an_image_library(share: float, corners: bool) -> None:
    mask = _mask(share)
    ours = _painted(mask, pieces(pixel_runs(mask), corners=corners))
    for plane in range(len(mask)):
        theirs, count = ndimage.label(mask[plane], ndimage.generate_binary_structure(2, 2 if corners else 1))
        pairs = np.unique(np.stack([theirs[mask[plane]], ours[plane][mask[plane]]], axis=1), axis=0)
        assert len(pairs) == count == len(np.unique(pairs[:, 1]))


@pytest.mark.parametrize(("rows", "columns", "reach"), [(0, 0, 0), (3, -2, 0), (-1, 5, 0), (2, 0, 4)])
def test_that_runs_meet_where_moved_masks_overlap(rows: int, columns: int, reach: int) -> None:
    one, other = _mask(0.2)[:1], _mask(0.3)[:1]
    mine, _ = meeting(
        pixel_runs(one), pixel_runs(other), rows=rows, columns=np.full(len(pixel_runs(one)), columns), reach=reach
    )
    room = 10
    wide = np.pad(other[0], room)
    wide = ndimage.binary_dilation(wide, np.ones((1, 2 * reach + 1)))
    there = wide[room + rows : room + rows + one.shape[1], room + columns : room + columns + one.shape[2]]
    met = np.zeros(len(pixel_runs(one)), dtype=bool)
    met[mine] = True
    runs = pixel_runs(one)
    for index in range(len(runs)):
        assert met[index] == there[runs.row[index], runs.start[index] : runs.stop[index]].any()


def test_that_a_long_chain_is_one_group() -> None:
    order = np.random.default_rng(1).permutation(500)
    group = connected(501, (order[:-1], order[1:]))
    assert (group[:500] == 0).all()
    assert group[500] == 500


def test_that_runs_side_by_side_meet_only_where_they_reach() -> None:
    one, other = np.zeros((1, 1, 8), bool), np.zeros((1, 1, 8), bool)
    one[..., 2:4] = other[..., 4:6] = True
    assert meeting(pixel_runs(one), pixel_runs(other))[0].tolist() == []
    assert meeting(pixel_runs(one), pixel_runs(other), reach=1)[0].tolist() == [0]
