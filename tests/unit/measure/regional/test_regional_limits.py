"""The limits within which regional function is told, from both sides, on hearts whose walls are plain arithmetic."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from cinecor.inference.outline.segmentation import Label
from cinecor.measure.moment import AUTOMATIC
from cinecor.measure.regional.function import RegionalFunction, regional_function
from cinecor.measure.regional.orientation import orientation
from cinecor.study.cine_stack import StackGeometry
from cinecor_phantom import Acquisition, make_phantom

PIXEL_MM = 1.0
SIZE = 128
MIDDLE = 64.0
WALL_MM = 9.0


@pytest.fixture(scope="module")
def usual() -> StackGeometry:
    """How the phantom's patient lies, with its own slices."""
    return make_phantom(acquisition=Acquisition(phases=2, slices=12), pictures=False).geometry


def stacked(usual: StackGeometry, slices: int, *, spacing_mm: float, lean: float = 0.0) -> StackGeometry:
    """A stack that lies so, of other slices; each is moved by `lean` times the step along its columns."""
    normal = np.cross(usual.column_axis, usual.row_axis)
    down = np.sign((usual.positions_mm[-1] - usual.positions_mm[0]) @ normal) * normal
    step = spacing_mm * (down + lean * usual.column_axis)
    return replace(
        usual,
        positions_mm=np.arange(slices)[:, np.newaxis] * step,
        pixel_spacing_mm=(PIXEL_MM, PIXEL_MM),
        slice_spacing_mm=spacing_mm,
        slice_extent_mm=np.full(slices, spacing_mm),
    )


def heart(radii_mm: Sequence[float], *, gap_deg: float = 0.0) -> np.ndarray:
    """One phase of round cavities with a wall of 9 mm, an RV on their left, and a gap in the wall on their right."""
    rows, columns = np.mgrid[:SIZE, :SIZE]
    away = np.hypot(rows - MIDDLE, columns - MIDDLE)
    angle = np.abs(np.degrees(np.arctan2(rows - MIDDLE, columns - MIDDLE)))
    labels = np.zeros((len(radii_mm), 1, SIZE, SIZE), np.uint8)
    for frame, radius in zip(labels[:, 0], radii_mm, strict=True):
        frame[np.hypot(rows - MIDDLE, columns - (MIDDLE - radius - WALL_MM)) < 14] = Label.RV
        frame[away < radius + WALL_MM] = Label.MYO
        frame[(away >= radius) & (away < radius + WALL_MM) & (angle < gap_deg / 2)] = Label.BACKGROUND
        frame[away < radius] = Label.LV
    return labels


def told(labels: np.ndarray, geometry: StackGeometry) -> RegionalFunction:
    return regional_function(labels, geometry=geometry, moments=AUTOMATIC)


def refused(function: RegionalFunction) -> set[str]:
    """Why segments have no thickness."""
    return {one.refused.code for one in function.segments if one.refused is not None and one.ed_mm is None}


@pytest.mark.parametrize(("degrees", "steep"), [(34.0, False), (36.0, True)])
def test_that_a_wall_is_measured_up_to_35_degrees_to_the_long_axis(
    usual: StackGeometry, degrees: float, steep: bool
) -> None:
    """A cone, whose radius falls by 3 mm a slice: beyond, a slice shows its wall more than a fifth too thick."""
    spacing_mm = 3.0 / np.tan(np.radians(degrees))
    function = told(heart(36.0 - 3.0 * np.arange(9)), stacked(usual, 9, spacing_mm=spacing_mm))
    assert len(function.segments) == 16
    assert all((one.ed_mm is None) is steep for one in function.segments)


@pytest.mark.parametrize(("degrees", "oblique"), [(19.5, False), (20.5, True)])
def test_that_a_stack_may_stand_20_degrees_off_the_ventricles_own_axis(
    usual: StackGeometry, degrees: float, oblique: bool
) -> None:
    geometry = stacked(usual, 12, spacing_mm=8.0, lean=float(np.tan(np.radians(degrees))))
    function = told(heart(30.0 - 0.8 * np.arange(12)), geometry)
    assert len(function.segments) == 16
    assert refused(function) == ({"regional_oblique"} if oblique else set())


@pytest.mark.parametrize(("gap_deg", "measured"), [(104.0, True), (110.0, False)])
def test_that_the_wall_must_lie_around_three_quarters_of_the_cavity(
    usual: StackGeometry, gap_deg: float, measured: bool
) -> None:
    """Less, and the middle of the cavity that is drawn is not that of the ventricle: its other side is off too.

    A ray beside the gap still meets the cut edge of the wall: of the gap's 104 degrees the rays miss 90.
    """
    function = told(heart(30.0 - 0.8 * np.arange(12), gap_deg=gap_deg), stacked(usual, 12, spacing_mm=8.0))
    assert len(function.segments) == 16
    shares = [float(wall.closed[0].mean()) for wall in function.walls if wall is not None]
    assert shares == pytest.approx([0.75] * 12, abs=0.02)
    assert any(one.ed_mm is not None for one in function.segments) is measured


@pytest.mark.parametrize(("ratio", "known"), [(1.13, False), (1.17, True)])
def test_that_the_base_is_told_by_a_ventricle_larger_by_15_percent(
    usual: StackGeometry, ratio: float, known: bool
) -> None:
    """By the area within the outer border: that of the basal third over that of the apical one."""
    apical_mm = 30.0
    basal_mm = (apical_mm + WALL_MM) * np.sqrt(ratio) - WALL_MM
    labels = heart([basal_mm] * 6 + [apical_mm] * 6)[:, 0]
    found = orientation(labels, geometry=stacked(usual, 12, spacing_mm=8.0))
    assert (found.base_first is True) is known
    assert found.known is known


@pytest.mark.parametrize(("degrees", "known"), [(74.0, True), (77.0, False)])
def test_that_walls_are_named_up_to_75_degrees_from_where_hearts_usually_point(
    usual: StackGeometry, degrees: float, known: bool
) -> None:
    """The apex turned about the way to the anterior wall, which stays as it is."""
    geometry = stacked(usual, 12, spacing_mm=8.0)
    labels = heart(30.0 - 0.8 * np.arange(12))[:, 0]
    across, down = orientation(labels, geometry=geometry).anterior or (0.0, 0.0)
    anterior = across * geometry.column_axis + down * geometry.row_axis
    turned = replace(
        geometry,
        positions_mm=np.array([_turned(one, anterior, degrees) for one in geometry.positions_mm]),
        column_axis=_turned(geometry.column_axis, anterior, degrees),
        row_axis=_turned(geometry.row_axis, anterior, degrees),
    )
    found = orientation(labels, geometry=turned)
    assert found.known is known
    assert (found.reason is None) is known


def _turned(vector: np.ndarray, about: np.ndarray, degrees: float) -> np.ndarray:
    """Rodrigues' rotation."""
    turn = np.radians(degrees)
    return np.asarray(
        np.cos(turn) * vector + np.sin(turn) * np.cross(about, vector) + (1 - np.cos(turn)) * (about @ vector) * about
    )
