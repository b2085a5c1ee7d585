"""What the views show, worked out without a widget: outlines, levels, time, rates, tables."""

import numpy as np
import pytest

from cinecor.app.segment_study import telling_order
from cinecor.inference.outline.segmentation import Label
from cinecor.measure.rates import rates
from cinecor.review.borders import Border, filled, region
from cinecor.scene.level_window import LevelWindow, preset
from cinecor.scene.outlines import outlines
from cinecor.scene.timeline import Timeline


def _disc(radius: float, label: Label) -> np.ndarray:
    rows, columns = np.mgrid[:64, :64] + 0.5
    return np.where(np.hypot(rows - 30.3, columns - 34.1) < radius, label, 0).astype(np.uint8)


@pytest.mark.parametrize("radius", [5.0, 12.0, 20.0])
def test_that_an_outline_runs_between_pixels_and_keeps_the_area(radius: float) -> None:
    (line,) = outlines(_disc(radius, Label.LV), (1.0, 1.0))[Border.ENDO].lines
    x, y = line.T
    area = 0.5 * abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))
    assert area == pytest.approx(np.pi * radius**2, rel=0.04)
    assert (x.mean(), y.mean()) == pytest.approx((34.1, 30.3), abs=0.3)
    assert np.hypot(x - 34.1, y - 30.3).std() < 0.35  # no steps


def test_that_the_myocardiums_outline_is_its_outer_border() -> None:
    labels = np.where(_disc(12.0, Label.LV) > 0, Label.LV, _disc(18.0, Label.MYO)).astype(np.uint8)
    traced = outlines(labels, (1.0, 1.0))
    assert [len(traced[border].lines) for border in (Border.ENDO, Border.EPI, Border.RV)] == [1, 1, 0]
    assert np.ptp(traced[Border.EPI].lines[0][:, 0]) == pytest.approx(36, abs=1)


def test_that_a_cavity_without_a_wall_has_one_line() -> None:
    traced = outlines(_disc(12.0, Label.LV), (1.0, 1.0))
    assert [len(traced[border].lines) for border in (Border.ENDO, Border.EPI)] == [1, 0]


def test_that_the_line_on_the_screen_is_that_of_the_labels_pixel_by_pixel() -> None:
    labels = np.where(_disc(12.0, Label.LV) > 0, Label.LV, _disc(18.0, Label.MYO)).astype(np.uint8)
    labels[30, 20:24] = Label.MYO  # a notch one pixel wide
    for border, line in outlines(labels, (1.4, 0.9)).items():
        assert np.array_equal(filled(line.lines, (64, 64)), region(labels, border))


def test_that_nothing_is_traced_in_an_empty_frame() -> None:
    traced = outlines(np.zeros((8, 8), np.uint8), (1.0, 1.0))
    assert not any(line.lines for line in traced.values())


def test_that_grey_runs_from_black_to_white_and_what_is_no_number_is_black() -> None:
    frame = np.array([[0.0, 50.0, 100.0, 200.0, -5.0, np.nan]], dtype=np.float32)
    assert LevelWindow(0, 100).grey(frame).tolist() == [[0, 127, 255, 255, 0, 0]]


@pytest.mark.parametrize("name", ["auto", "bright", "dark", "full"])
@pytest.mark.parametrize("pixels", [np.zeros((1, 1, 4, 4)), np.full((1, 1, 4, 4), np.nan), np.arange(16.0)])
def test_that_every_preset_is_a_window_whatever_the_pixels(name: str, pixels: np.ndarray) -> None:
    window = preset(name, pixels.astype(np.float32).reshape(1, 1, 4, 4))
    assert np.isfinite(window.low)
    assert window.width > 0


def test_that_a_drag_never_turns_the_window_round() -> None:
    assert LevelWindow(0, 10).dragged(level_by=0, width_by=-5).width > 0


def test_that_playing_keeps_the_beat_and_closes_the_cycle() -> None:
    line = Timeline(phases=20, cycle_ms=800)
    assert [line.phase_at(ms, start=3) for ms in (0, 39, 41, 799, 800, 8000)] == [3, 3, 4, 2, 3, 3]


def test_that_rates_are_the_steepest_steps_of_the_closed_cycle() -> None:
    found = rates(np.array([100.0, 80.0, 50.0, 60.0]), (0.0, 100.0, 200.0, 300.0))
    assert found is not None
    assert (found.ejection_ml_s, found.ejection_phase) == (pytest.approx(300), 1)
    assert (found.filling_ml_s, found.filling_phase) == (pytest.approx(400), 3)
    assert rates(np.array([100.0, 0.0, 50.0]), (0.0, 1.0, 2.0)) is None
    assert rates(np.array([100.0, 80.0, 50.0]), None) is None


@pytest.mark.parametrize("phases", [1, 2, 3, 10, 25])
def test_that_every_phase_is_begun_once(phases: int) -> None:
    assert sorted(telling_order(phases)) == list(range(phases))
