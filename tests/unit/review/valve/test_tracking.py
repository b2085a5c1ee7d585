"""Following a valve's line through a cycle whose movement is known."""

from functools import cache

import numpy as np
import pytest
from scipy import ndimage

from cinecor.review.valve.tracking import track_line
from cinecor.study.image_plane import ImagePlane
from cinecor_phantom import make_phantom
from cinecor_phantom.long_axis import long_axis_planes
from cinecor_phantom.phantom import render_planes
from cinecor_phantom.planted import Planted
from cinecor_phantom.planted_truth import annulus_mm

_SPACING = (1.8, 1.4)  # mm between rows, between columns


def _cine(*, phases: int = 20) -> tuple[np.ndarray, np.ndarray]:
    """A textured picture that moves down by a raised cosine: frames (phase, row, column), movement in mm (phase,)."""
    frames, moved = _drawn(phases)
    return frames.copy(), moved.copy()


@cache
def _drawn(phases: int) -> tuple[np.ndarray, np.ndarray]:
    descent_mm = 14.0
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


@pytest.mark.slow
def test_that_the_phantoms_rings_are_followed_within_a_millimetre_from_two_drawn_phases() -> None:
    phantom = make_phantom(planted=Planted(valves=True), pictures=False)
    plane = long_axis_planes(phantom.acquisition)["4CH"]
    frames = render_planes(phantom, [plane], phases=phantom.acquisition.phases)[0].astype(np.float32)
    spacing = (plane.spacing_mm, plane.spacing_mm)
    image = ImagePlane(plane.corner_mm, plane.column_axis, plane.row_axis, spacing, plane.rows, plane.columns)
    for valve, mean_mm, worst_mm in (("mitral", 0.7, 1.3), ("tricuspid", 1.0, 2.5)):  # the free wall moves by 24 mm
        truth = annulus_mm(phantom)[valve]["4CH"]
        ends = image.to_px(truth.reshape(-1, 3)).reshape(-1, 2, 2)
        es = int(np.abs(ends - ends[0]).sum(axis=(1, 2)).argmax())
        tracked = track_line(frames, {0: ends[0], es: ends[es]}, pixel_spacing_mm=spacing)
        off = np.linalg.norm((tracked.points_px - ends) * plane.spacing_mm, axis=2)
        assert off.mean(axis=0).max() < mean_mm, f"{valve}: {off.mean(axis=0)}"
        assert off.max() < worst_mm, f"{valve}: {off.max()}"


def test_that_the_way_is_the_same_in_both_directions_of_time() -> None:
    frames, _ = _cine(phases=12)
    there = track_line(frames, {0: _LINE}, pixel_spacing_mm=_SPACING).points_px
    back = np.roll(np.arange(12)[::-1], 1)  # phase 0 stays first
    other = track_line(frames[back], {0: _LINE}, pixel_spacing_mm=_SPACING).points_px[back]
    assert np.abs(there - other).max() < 0.8  # pixels: paths that cost the same may differ by a step of the grid
