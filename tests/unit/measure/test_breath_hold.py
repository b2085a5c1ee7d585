"""Shifts between breath-holds, planted and found again."""

import numpy as np
import pytest
from scipy import ndimage

from cinecor.measure.breath_hold import breath_hold_step
from cinecor.study.image_plane import ImagePlane

_SHORT = ImagePlane(np.zeros(3), np.array([1.0, 0, 0]), np.array([0, 1.0, 0]), (1.4, 1.4), 100, 100)
_LONG = ImagePlane(np.array([0, 70.0, -70.0]), np.array([1.0, 0, 0]), np.array([0, 0, 1.0]), (1.4, 1.4), 100, 100)
_CENTRE = np.array([70.0, 70.0, 0.0])


def _pictures(shift_mm: float, *, seed: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """The same tissue in a slice and a long-axis image; the slice's lies `shift_mm` further along x than it seems."""
    profile = ndimage.gaussian_filter(np.random.default_rng(seed).normal(size=100), 2.5)
    short = np.tile(ndimage.shift(profile, -shift_mm / 1.4, order=3, mode="nearest"), (100, 1))
    return short.astype(np.float32), np.tile(profile, (100, 1)).astype(np.float32)


@pytest.mark.parametrize("shift_mm", [-7.0, 0.0, 2.5, 9.0])
def test_a_planted_shift_is_found_within_half_a_millimetre(shift_mm: float) -> None:
    short, long = _pictures(shift_mm)
    step = breath_hold_step([short, short], _SHORT, [long, long], _LONG, centre_mm=_CENTRE, half_width_mm=45)
    assert step is not None
    assert step.offset_mm == pytest.approx(shift_mm, abs=0.5)


@pytest.mark.parametrize(("shift_mm", "found"), [(-14.0, True), (14.0, True), (15.5, False), (-15.5, False)])
def test_a_shift_beyond_15_mm_is_no_breath_hold(shift_mm: float, found: bool) -> None:
    """The best likeness then lies at the end of what is looked through, and nothing says that it is the best."""
    short, long = _pictures(shift_mm)
    step = breath_hold_step([short], _SHORT, [long], _LONG, centre_mm=_CENTRE, half_width_mm=30)
    assert step is not None
    assert (step.offset_mm is not None) is found


@pytest.mark.parametrize(("share", "found"), [(0.68, True), (0.52, False)])
def test_a_likeness_of_less_than_three_fifths_gives_no_number(share: float, found: bool) -> None:
    """Tissue that only a part of the slice's picture shares: the rest is at right angles to it."""
    _, long = _pictures(0.0)
    shared, other = (_pictures(0.0, seed=seed)[1][0] for seed in (3, 8))
    inner = slice(18, 83)  # what is compared: 90 mm about the centre
    base = shared[inner] - shared[inner].mean()
    rest = other[inner] - other[inner].mean()
    rest -= (rest @ base) / (base @ base) * base
    mixed = np.array(shared)
    mixed[inner] = share * base / np.linalg.norm(base) + np.sqrt(1 - share**2) * rest / np.linalg.norm(rest)
    short = np.tile(mixed, (100, 1)).astype(np.float32)
    step = breath_hold_step([short], _SHORT, [long], _LONG, centre_mm=_CENTRE, half_width_mm=43)
    assert step is not None
    assert step.likeness == pytest.approx(share, abs=0.06)
    assert (step.offset_mm is not None) is found


def test_pictures_that_have_nothing_in_common_give_no_number() -> None:
    short, _ = _pictures(0.0)
    _, long = _pictures(0.0, seed=8)
    step = breath_hold_step([short], _SHORT, [long], _LONG, centre_mm=_CENTRE, half_width_mm=45)
    assert step is not None
    assert step.offset_mm is None


def test_planes_that_share_too_little_are_not_compared() -> None:
    short, long = _pictures(0.0)
    for half_width, compared in ((20.5, True), (19.5, False)):
        step = breath_hold_step([short], _SHORT, [long], _LONG, centre_mm=_CENTRE, half_width_mm=half_width)
        assert (step is not None) is compared
