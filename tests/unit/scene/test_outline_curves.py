"""How outlines are drawn: smooth at any zoom, where the mask's border is, and never away."""

import numpy as np
import pytest

from cinecor.inference.outline.segmentation import Label
from cinecor.review.borders import Border
from cinecor.scene.outlines import outlines, spline


def _disc(radius: float, *, size: int = 64, centre: tuple[float, float] = (31.3, 30.2)) -> np.ndarray:
    rows, columns = np.indices((size, size))
    inside = np.hypot(rows + 0.5 - centre[1], columns + 0.5 - centre[0]) < radius
    return np.where(inside, Label.LV, Label.BACKGROUND).astype(np.uint8)


def _drawn(curves: np.ndarray, *, per_curve: int = 20) -> np.ndarray:
    """Points (n, 2) of cubic curves, by de Casteljau."""
    t = np.linspace(0, 1, per_curve, endpoint=False)[:, None, None]
    points = curves.transpose(1, 0, 2)[:, None]
    while len(points) > 1:
        points = (1 - t) * points[:-1] + t * points[1:]
    return points[0].reshape(-1, 2)


@pytest.mark.parametrize("radius", [4.0, 9.0, 25.0])
def test_that_a_discs_outline_is_drawn_round(radius: float) -> None:
    (line,) = outlines(_disc(radius), (1.0, 1.0))[Border.ENDO].lines
    away = np.hypot(*(_drawn(spline(line)) - (31.3, 30.2)).T)
    assert np.abs(away - radius).max() < 0.5, "nowhere half a pixel off the true border"
    assert away.std() < 0.16
    steps = np.hypot(*(line - (31.3, 30.2)).T)
    assert away.std() < 0.8 * steps.std() or steps.std() < 0.1, "smoother than the line between pixels"


def test_that_curves_join_without_corners_and_close() -> None:
    (line,) = outlines(_disc(11.0), (1.0, 1.0))[Border.ENDO].lines
    curves = spline(line)
    following = np.roll(curves, -1, axis=0)
    assert curves[:, 3] == pytest.approx(following[:, 0])
    arriving, leaving = curves[:, 3] - curves[:, 2], following[:, 1] - following[:, 0]
    assert arriving == pytest.approx(leaving)


@pytest.mark.parametrize("pixels", [1, 2])
def test_that_a_speck_stays_in_sight(pixels: int) -> None:
    labels = np.zeros((20, 20), np.uint8)
    labels[8, 7 : 7 + pixels] = Label.LV
    (line,) = outlines(labels, (1.0, 1.0))[Border.ENDO].lines
    drawn = _drawn(spline(line))
    assert np.ptp(drawn[:, 0]) > 0.6 * np.ptp(line[:, 0])
    assert np.abs(drawn.mean(axis=0) - line.mean(axis=0)).max() < 0.2
