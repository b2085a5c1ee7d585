"""Distances and areas on pixels that are not square, against closed form."""

import math

import pytest

from cinecor.scene.callipers import Calliper, CalliperKind

SPACING_MM = (2.0, 1.0)  # between rows, between columns


def test_a_distance_counts_rows_and_columns_by_their_own_millimetres() -> None:
    line = Calliper(CalliperKind.DISTANCE, (0, 0), ((10.0, 10.0), (13.0, 12.0)))
    assert line.length_mm(SPACING_MM) == pytest.approx(5.0)
    assert line.area_mm2(SPACING_MM) == 0.0


@pytest.mark.parametrize("way", [1, -1])
def test_an_area_is_that_of_the_ellipse_it_goes_round(way: int) -> None:
    turn = [way * 2 * math.pi * step / 400 for step in range(400)]
    points = tuple((50 + 12 * math.cos(angle), 40 + 9 * math.sin(angle)) for angle in turn)
    area = Calliper(CalliperKind.AREA, (0, 0), points)
    assert area.area_mm2(SPACING_MM) == pytest.approx(math.pi * 12.0 * 18.0, rel=1e-3)
    assert area.length_mm(SPACING_MM) == pytest.approx(2 * math.pi * math.sqrt((12**2 + 18**2) / 2), rel=0.02)


def test_an_area_closes_itself() -> None:
    square = Calliper(CalliperKind.AREA, (0, 0), ((0.0, 0.0), (4.0, 0.0), (4.0, 3.0), (0.0, 3.0)))
    assert square.area_mm2(SPACING_MM) == pytest.approx(24.0)
    assert square.length_mm(SPACING_MM) == pytest.approx(20.0)
