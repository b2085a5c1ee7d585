"""The long-axis cut through slices that were planned again: it shows what lies in one plane of the patient."""

import numpy as np
import pytest

from cinecor.inference.outline.segmentation import Label
from cinecor.scene.long_axis import base_is_last, cut_pixels, long_axis_plane
from cinecor.study.cine_stack import CineStack, StackGeometry
from cinecor_phantom import make_phantom

ROWS, COLUMNS = 60, 72
SPACING_MM = (1.5, 1.2)
STEP_MM = 9.0


def stack_of(degrees: list[float]) -> tuple[CineStack, np.ndarray, np.ndarray]:
    """Return slices turned about their columns by so many degrees each, where every pixel lies, and an LV on z."""
    turns = np.deg2rad(degrees)
    axes = np.stack([[[1.0, 0.0, 0.0], [0.0, np.cos(turn), np.sin(turn)]] for turn in turns])
    middle = np.array([(ROWS - 1) / 2 * SPACING_MM[0], (COLUMNS - 1) / 2 * SPACING_MM[1]])
    centres = np.arange(len(degrees))[:, np.newaxis] * np.array([0.0, 0.0, STEP_MM])
    positions = centres - middle[0] * axes[:, 1] - middle[1] * axes[:, 0]
    row, column = np.mgrid[:ROWS, :COLUMNS]
    places = (
        positions[:, np.newaxis, np.newaxis]
        + (row * SPACING_MM[0])[..., np.newaxis] * axes[:, 1][:, np.newaxis, np.newaxis]
        + (column * SPACING_MM[1])[..., np.newaxis] * axes[:, 0][:, np.newaxis, np.newaxis]
    )
    labels = np.where(np.hypot(places[..., 0], places[..., 1]) < 8.0, Label.LV, Label.BACKGROUND)[:, np.newaxis]
    mean = axes.mean(axis=0)
    mean /= np.linalg.norm(mean, axis=1, keepdims=True)
    stack = CineStack(
        pixels=np.zeros((len(degrees), 1, ROWS, COLUMNS), np.float32),
        geometry=StackGeometry(
            positions_mm=positions,
            column_axis=mean[0],
            row_axis=mean[1],
            pixel_spacing_mm=SPACING_MM,
            slice_spacing_mm=STEP_MM,
            slice_extent_mm=np.full(len(degrees), STEP_MM),
            slice_axes=axes if np.ptp(degrees) else None,
        ),
        phase_times_ms=None,
        heart_rate_bpm=None,
        frames=None,
        series_uids=(),
    )
    return stack, places, labels.astype(np.uint8)


@pytest.mark.parametrize("angle_degrees", [0.0, 40.0, 90.0, 140.0])
def test_that_a_cut_through_tilted_slices_lies_in_one_plane(angle_degrees: float) -> None:
    stack, places, labels = stack_of([0.0, 0.0, 0.0, 8.0, 8.0, 8.0])
    plane = long_axis_plane(stack, labels, phase=0, angle_degrees=angle_degrees)
    there = np.stack(
        [cut_pixels(places[..., coordinate].astype(np.float32), plane) for coordinate in range(3)], axis=2
    )[:, 15:-15].reshape(-1, 3)
    away = np.linalg.svd(there - there.mean(axis=0), full_matrices=False)[1]
    assert away[2] / np.sqrt(len(there)) < 0.05  # mm
    assert away[1] / np.sqrt(len(there)) > 5.0


def test_that_a_cut_through_a_tilted_slice_meets_the_axis_where_the_slice_does() -> None:
    stack, places, labels = stack_of([0.0, 0.0, 0.0, 8.0, 8.0, 8.0])
    plane = long_axis_plane(stack, labels, phase=0, angle_degrees=90.0)
    for number, (row, column) in enumerate(plane.centres_px):
        x, y, _ = places[number, round(row), round(column)]
        assert np.hypot(x, y) < 1.5


def test_that_parallel_slices_are_cut_on_one_line_of_pixels() -> None:
    stack, _, labels = stack_of([0.0] * 4)
    plane = long_axis_plane(stack, labels, phase=0, angle_degrees=0.0)
    assert plane.row_index == pytest.approx(np.full_like(plane.row_index, (ROWS - 1) / 2))


def test_that_the_base_is_told_by_the_masks_whichever_slice_comes_first() -> None:
    labels = make_phantom(pictures=False).labels
    for phase in (0, 9):
        assert base_is_last(labels[:, phase]) is False
        assert base_is_last(labels[::-1, phase]) is True


def test_that_a_tube_and_too_few_slices_tell_no_base() -> None:
    labels = np.zeros((9, 30, 30), np.uint8)
    labels[2:7, 10:20, 10:20] = Label.LV
    assert base_is_last(labels) is None
    labels[2:4] = 0
    labels[2, 10:13, 10:13] = Label.LV
    assert base_is_last(labels) is True
    labels[5:] = 0
    assert base_is_last(labels) is None, "two slices"
