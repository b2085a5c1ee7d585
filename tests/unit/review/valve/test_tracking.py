"""Following a valve's line through a cycle whose movement is known."""

import numpy as np
import pytest
from scipy import ndimage

from cinecor.review.valve.tracking import track_line

_SPACING = (1.8, 1.4)  # mm between rows, between columns


def _cine(*, phases: int = 20, descent_mm: float = 14.0) -> tuple[np.ndarray, np.ndarray]:
    """A textured picture that moves down by a raised cosine: frames (phase, row, column), movement in mm (phase,)."""
    texture = ndimage.gaussian_filter(np.random.default_rng(4).normal(size=(160, 160)), 2.0)
    moved = descent_mm * (1 - np.cos(2 * np.pi * np.arange(phases) / phases)) / 2
    frames = [ndimage.shift(texture, (down / _SPACING[0], 0.3 * down / _SPACING[1]), order=3) for down in moved]
    return np.stack(frames).astype(np.float32), moved


_LINE = np.array([[60.0, 70.0], [92.0, 66.0]])


def test_a_line_drawn_once_follows_the_tissue_within_a_millimetre() -> None:
    frames, moved = _cine()
    tracked = track_line(frames, {0: _LINE}, pixel_spacing_mm=_SPACING)
    truth = _LINE + np.stack([0.3 * moved / _SPACING[1], moved / _SPACING[0]], axis=1)[:, None]
    off = (tracked.points_px - truth) * np.array(_SPACING[::-1])
    assert np.hypot(off[..., 0], off[..., 1]).max() < 1.0
    assert tracked.sure.all()
    assert tracked.points_px[0] == pytest.approx(_LINE)


def test_drawn_phases_stay_as_drawn_and_draw_their_neighbours() -> None:
    frames, _ = _cine()
    other = _LINE + np.array([3.0, 11.0])
    tracked = track_line(frames, {0: _LINE, 10: other}, pixel_spacing_mm=_SPACING)
    assert tracked.points_px[0] == pytest.approx(_LINE)
    assert tracked.points_px[10] == pytest.approx(other)
    assert tracked.likeness[[0, 10]] == pytest.approx([1.0, 1.0])


def test_a_phase_that_shows_something_else_is_not_sure() -> None:
    frames, _ = _cine()
    frames[10] = ndimage.gaussian_filter(np.random.default_rng(9).normal(size=frames[10].shape), 2.0)
    tracked = track_line(frames, {0: _LINE}, pixel_spacing_mm=_SPACING)
    assert not tracked.sure[10]
    assert tracked.sure[[1, 19]].all()


def test_nothing_drawn_is_an_error() -> None:
    with pytest.raises(ValueError, match="drawn"):
        track_line(np.zeros((5, 20, 20), np.float32), {}, pixel_spacing_mm=(1.0, 1.0))
