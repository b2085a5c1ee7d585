"""Grey windows from what lies around the heart, and slices evened out where a coil shades along the stack."""

import numpy as np
import pytest

from cinecor.measure.heart_box import HeartBox
from cinecor.scene.level_window import LevelWindow, preset, slice_gains

HEART = HeartBox(30, 60, 40, 80)


def _stack(gains: list[float], *, seed: int = 1) -> np.ndarray:
    """Hearts from 50 to 250 in images whose rim is ten times as bright."""
    pixels = np.full((len(gains), 3, 100, 120), 2000.0, np.float32)
    pixels[:, :, 20:70, 30:90] = np.random.default_rng(seed).uniform(50, 250, (len(gains), 3, 50, 60))
    return pixels * np.array(gains, np.float32)[:, None, None, None]


def test_that_what_lies_far_from_the_heart_does_not_set_its_window() -> None:
    pixels = _stack([1.0] * 4)
    assert preset("auto", pixels).high == pytest.approx(2000.0)
    of_heart = preset("auto", pixels, HEART)
    assert of_heart.low == pytest.approx(52, abs=3)
    assert of_heart.high == pytest.approx(249, abs=3)


def test_that_a_coil_that_shades_along_the_stack_is_evened_out() -> None:
    shading = [0.7, 0.8, 0.9, 1.0, 1.15, 1.3, 1.5]
    gains = np.array(slice_gains(_stack(shading), HEART))
    assert gains == pytest.approx(np.array(shading), rel=0.06)
    window = LevelWindow(50.0, 250.0)
    assert window.scaled(gains[0]).high == pytest.approx(0.7 * 250.0, rel=0.06)


def test_that_slices_that_differ_little_are_left_alike() -> None:
    for ratio, alike in ((1.12, True), (1.22, False)):
        gains = slice_gains(_stack(np.geomspace(1.0, ratio, 6).tolist()), HEART)
        assert (gains == (1.0,) * 6) is alike


def test_that_one_bright_slice_is_no_shading() -> None:
    gains = slice_gains(_stack([1.0, 1.0, 1.0, 1.25, 1.0, 1.0, 1.0]), HEART)
    assert gains == (1.0,) * 7


def test_that_dark_or_few_slices_have_no_gain() -> None:
    assert slice_gains(np.zeros((5, 2, 100, 120), np.float32), HEART) == (1.0,) * 5
    assert slice_gains(_stack([1.0, 2.0]), HEART) == (1.0, 1.0)


def test_that_the_full_range_is_that_of_every_pixel() -> None:
    pixels = np.full((8, 20, 100, 120), 100.0, np.float32)  # more than are looked at for a percentile
    pixels[3, 7, 41, 57], pixels[5, 11, 13, 101], pixels[0, 0, 0, 1] = 577.0, -4.0, np.nan
    assert preset("full", pixels) == LevelWindow(-4.0, 577.0)
