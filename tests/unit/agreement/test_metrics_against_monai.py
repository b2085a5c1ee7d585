"""Dice, HD95 and average surface distance are MONAI's, on random and on degenerate masks."""

import warnings
from collections.abc import Iterator

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import ndimage

from cinecor.agreement.overlap import dice
from cinecor.agreement.surface import surface_distances

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from monai.metrics import compute_average_surface_distance, compute_dice, compute_hausdorff_distance

Mask = NDArray[np.bool_]
SPACING_MM = (10.0, 1.5, 1.25)
SHAPE = (6, 14, 17)


def _monai(metric: object, model: Mask, reader: Mask, **options: object) -> float:
    tensors = [torch.from_numpy(mask)[None, None].float() for mask in (model, reader)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of empty masks, which is what is tested
        return float(metric(*tensors, include_background=True, **options))  # type: ignore[operator]


def _monai_dice(model: Mask, reader: Mask) -> float:
    return _monai(compute_dice, model, reader, ignore_empty=False)


def _monai_hd95(model: Mask, reader: Mask) -> float:
    return _monai(compute_hausdorff_distance, model, reader, percentile=95, spacing=SPACING_MM[-model.ndim :])


def _monai_asd(model: Mask, reader: Mask) -> float:
    return _monai(compute_average_surface_distance, model, reader, symmetric=True, spacing=SPACING_MM[-model.ndim :])


def _blobs(seed: int, *, shape: tuple[int, ...] = SHAPE, share: float = 0.2) -> Mask:
    """Smooth random bodies, as segmentations are."""
    noise = ndimage.gaussian_filter(np.random.default_rng(seed).normal(size=shape), 1.5)
    return np.asarray(noise > np.quantile(noise, 1 - share))


def _degenerate() -> Iterator[tuple[str, Mask]]:
    empty = np.zeros(SHAPE, bool)
    single, corner, plane, line = empty.copy(), empty.copy(), empty.copy(), empty.copy()
    single[3, 7, 8] = True
    corner[0, 0, 0] = True
    plane[2] = True
    line[:, 5, 5] = True
    yield from (("full", ~empty), ("single voxel", single), ("corner", corner), ("plane", plane), ("line", line))


DEGENERATE = dict(_degenerate())


@pytest.mark.parametrize("first", DEGENERATE)
@pytest.mark.parametrize("second", [*DEGENERATE, "blobs"])
def test_that_degenerate_masks_are_measured_as_monai_does(first: str, second: str) -> None:
    model, reader = DEGENERATE[first], DEGENERATE.get(second, _blobs(1))
    distances = surface_distances(model, reader, spacing_mm=SPACING_MM)
    assert dice(model, reader) == pytest.approx(_monai_dice(model, reader))
    assert distances.hausdorff95_mm == pytest.approx(_monai_hd95(model, reader), rel=1e-5)
    assert distances.mean_mm == pytest.approx(_monai_asd(model, reader), rel=1e-5)


@settings(max_examples=25)
@given(seed=st.integers(0, 10_000), share=st.floats(0.01, 0.6))
def test_that_smooth_random_masks_are_measured_as_monai_does(seed: int, share: float) -> None:
    model, reader = _blobs(seed, share=share), _blobs(seed + 1, share=0.2)
    distances = surface_distances(model, reader, spacing_mm=SPACING_MM)
    assert dice(model, reader) == pytest.approx(_monai_dice(model, reader))
    assert distances.hausdorff95_mm == pytest.approx(_monai_hd95(model, reader), rel=1e-5)
    assert distances.mean_mm == pytest.approx(_monai_asd(model, reader), rel=1e-5)


@settings(max_examples=15)
@given(seed=st.integers(0, 10_000), density=st.floats(0.002, 0.9))
def test_that_scattered_random_masks_are_measured_as_monai_does(seed: int, density: float) -> None:
    random = np.random.default_rng(seed)
    model, reader = random.random(SHAPE) < density, random.random(SHAPE) < 0.1
    model[0, 0, 0] = reader[-1, -1, -1] = True
    distances = surface_distances(model, reader, spacing_mm=SPACING_MM)
    assert distances.hausdorff95_mm == pytest.approx(_monai_hd95(model, reader), rel=1e-5)
    assert distances.mean_mm == pytest.approx(_monai_asd(model, reader), rel=1e-5)


def test_that_planes_are_measured_as_monai_does() -> None:
    model, reader = _blobs(4, shape=SHAPE[1:]), _blobs(5, shape=SHAPE[1:])
    distances = surface_distances(model, reader, spacing_mm=SPACING_MM[1:])
    assert distances.hausdorff95_mm == pytest.approx(_monai_hd95(model, reader), rel=1e-5)
    assert distances.mean_mm == pytest.approx(_monai_asd(model, reader), rel=1e-5)


def test_that_two_empty_masks_agree_and_have_no_distance() -> None:
    empty = np.zeros(SHAPE, bool)
    distances = surface_distances(empty, empty, spacing_mm=SPACING_MM)
    assert dice(empty, empty) == _monai_dice(empty, empty) == 1
    assert np.isnan(distances.hausdorff95_mm)
    assert np.isnan(_monai_hd95(empty, empty))
    assert np.isnan(distances.mean_mm)
    assert np.isnan(_monai_asd(empty, empty))


@pytest.mark.parametrize("body", DEGENERATE)
@pytest.mark.parametrize("model_is_empty", [True, False])
def test_that_one_empty_mask_is_infinitely_far(body: str, model_is_empty: bool) -> None:
    pair = (np.zeros(SHAPE, bool), DEGENERATE[body])
    model, reader = pair if model_is_empty else pair[::-1]
    distances = surface_distances(model, reader, spacing_mm=SPACING_MM)
    assert dice(model, reader) == _monai_dice(model, reader) == 0
    assert distances.mean_mm == _monai_asd(model, reader) == np.inf
    assert distances.hausdorff95_mm == np.inf
    assert not np.isfinite(_monai_hd95(model, reader))  # MONAI interpolates between infinities, which gives NaN


def test_that_masks_of_different_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match="shapes"):
        dice(np.zeros((2, 3), bool), np.zeros((3, 2), bool))
    with pytest.raises(ValueError, match="do not fit"):
        surface_distances(np.zeros((2, 3), bool), np.zeros((2, 3), bool), spacing_mm=SPACING_MM)


def test_that_distance_is_in_mm_along_each_axis() -> None:
    for axis, spacing in enumerate(SPACING_MM):
        model, reader = np.zeros(SHAPE, bool), np.zeros(SHAPE, bool)
        place = [2, 2, 2]
        model[tuple(place)] = True
        place[axis] += 3
        reader[tuple(place)] = True
        distances = surface_distances(model, reader, spacing_mm=SPACING_MM)
        assert distances.hausdorff95_mm == distances.mean_mm == pytest.approx(3 * spacing)
