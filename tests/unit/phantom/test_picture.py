"""What the pixels look like, in the terms a reader of cines would use."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.ndimage import binary_erosion

from cinecor.inference.outline.segmentation import Label
from cinecor_phantom import SMALL, HeartShape, Phantom, make_phantom, random_phantom
from cinecor_phantom.tissue import TISSUES, signals


def signal_of(phantom: Phantom, label: Label) -> float:
    """Median pixel well inside a label in the middle slices."""
    masks = phantom.labels[3:6] == label
    inner = binary_erosion(masks, structure=np.ones((1, 1, 3, 3), dtype=bool))
    return float(np.median(phantom.pixels[3:6][inner]))


def test_that_blood_is_three_to_six_times_as_bright_as_myocardium(phantom: Phantom) -> None:
    for cavity in (Label.LV, Label.RV):
        assert 2.5 < signal_of(phantom, cavity) / signal_of(phantom, Label.MYO) < 6.0


def test_that_what_surrounds_the_patient_is_noise_alone(phantom: Phantom) -> None:
    corner = phantom.pixels[5:, :, :6, -6:]
    assert corner.mean() < 0.1 * signal_of(phantom, Label.LV)
    assert corner.std() > 0.0


def test_that_without_noise_and_trabeculae_every_seed_still_differs() -> None:
    quiet = replace(SMALL, phases=2, noise=0.0)
    shape = HeartShape(trabeculation=0.0)
    first, second = (make_phantom(shape, quiet, seed=seed) for seed in (1, 2))
    assert not np.array_equal(first.pixels, second.pixels)


def test_that_the_same_seed_gives_the_same_phantom() -> None:
    protocol = replace(SMALL, phases=3)
    first, second = (make_phantom(acquisition=protocol, seed=9) for _ in range(2))
    assert np.array_equal(first.pixels, second.pixels)
    assert np.array_equal(first.labels, second.labels)


def test_that_random_phantoms_are_different_hearts() -> None:
    first, second = (random_phantom(seed, phases=1, pictures=False) for seed in (1, 2))
    assert first.truth.lv_edv_ml != second.truth.lv_edv_ml
    assert first.acquisition != second.acquisition


def test_that_pixels_fit_twelve_bits_and_arrays_are_read_only(phantom: Phantom) -> None:
    assert phantom.pixels.dtype == np.uint16
    assert phantom.pixels.max() < 4096
    for array in (phantom.pixels, phantom.labels, phantom.geometry.positions_mm, phantom.truth.lv_ml):
        assert not array.flags.writeable


def test_that_noise_grows_with_what_was_asked_for() -> None:
    def corner_mean(noise: float) -> float:
        pixels = make_phantom(acquisition=replace(SMALL, phases=1, noise=noise)).pixels
        return float(pixels[5:, :, :6, -6:].mean())

    assert corner_mean(0.0) < corner_mean(0.02) < corner_mean(0.06)


def test_that_slices_run_from_base_to_apex_along_the_normal(phantom: Phantom) -> None:
    geometry = phantom.geometry
    normal = np.cross(geometry.column_axis, geometry.row_axis)
    steps = np.diff(geometry.positions_mm, axis=0)
    assert np.allclose(np.abs(steps @ normal), geometry.slice_spacing_mm)
    assert np.linalg.norm(geometry.column_axis) == pytest.approx(1.0)
    assert (steps[0] / np.linalg.norm(steps[0])) @ np.array([0.70, -0.45, -0.55]) > 0.99  # left, forward, down


@pytest.mark.parametrize("field_t", [1.5, 3.0])
def test_that_tissues_rank_as_in_steady_state_imaging(field_t: float) -> None:
    signal = signals(flip_angle_deg=50.0, field_strength_t=field_t)
    assert set(signal) == set(TISSUES)
    assert signal["blood"] == 1.0
    assert signal["fat"] < -0.5
    assert signal["heart"] < 0.4
    assert signal["lung"] < signal["muscle"] < signal["venous"] < signal["blood"]
