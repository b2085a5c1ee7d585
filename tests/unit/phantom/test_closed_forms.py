"""The closed forms, against sums over a million thin slices or points."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cinecor_phantom.ventricles import Crescent, TruncatedEllipsoid


def thin_sum_ml(solid: TruncatedEllipsoid | Crescent, low: float, high: float) -> float:
    edges = np.linspace(low, high, 200_001)
    middles = 0.5 * (edges[1:] + edges[:-1])
    return float(solid.area_mm2(middles).sum() * (edges[1] - edges[0]) / 1000.0)


ellipsoids = st.builds(
    TruncatedEllipsoid,
    centre_mm=st.floats(10.0, 40.0),
    half_length_mm=st.floats(45.0, 80.0),
    radius_mm=st.floats(10.0, 45.0),
    base_mm=st.floats(0.0, 10.0),
    tilt=st.one_of(st.just(0.0), st.floats(0.01, 0.27)),
)
crescents = st.builds(
    Crescent,
    centre_mm=st.floats(15.0, 30.0),
    half_length_mm=st.floats(45.0, 80.0),
    bulge_mm2=st.floats(500.0, 6000.0),
    half_angle_rad=st.floats(0.9, 1.6),
    base_mm=st.floats(0.0, 10.0),
    slant_mm=st.one_of(st.just(0.0), st.floats(0.5, 8.0)),
)


@given(ellipsoids)
def test_that_a_truncated_ellipsoid_has_the_volume_of_its_slices(solid: TruncatedEllipsoid) -> None:
    assert thin_sum_ml(solid, -60.0, solid.apex_mm) == pytest.approx(solid.volume_ml(), rel=1e-4)


@given(crescents)
def test_that_a_crescent_has_the_volume_of_its_slices(solid: Crescent) -> None:
    assert thin_sum_ml(solid, -20.0, solid.apex_mm) == pytest.approx(solid.volume_ml(), rel=1e-4)


def test_that_the_area_of_a_cut_disc_is_what_random_points_find() -> None:
    solid = TruncatedEllipsoid(centre_mm=25.0, half_length_mm=60.0, radius_mm=30.0, base_mm=2.0, tilt=0.2)
    z, half = 4.0, 32.0
    x, y = np.random.default_rng(0).uniform(-half, half, (2, 2_000_000))
    inside = (np.hypot(x, y) < solid.radius_at_mm(np.array(z))) & (z >= solid.base_mm + solid.tilt * x)
    assert float(solid.area_mm2(np.array(z))) == pytest.approx(inside.mean() * (2 * half) ** 2, rel=5e-3)


def test_that_a_crescent_begins_at_the_epicardium_and_has_the_area_random_points_find() -> None:
    solid = Crescent(
        centre_mm=25.0, half_length_mm=60.0, bulge_mm2=3500.0, half_angle_rad=1.2, base_mm=2.0, slant_mm=5.0
    )
    z, epicardium, half = 4.0, 33.0, 75.0
    x, y = np.random.default_rng(0).uniform(-half, half, (2, 4_000_000))
    rho, t = np.hypot(x, y), np.arctan2(y, x) / solid.half_angle_rad
    wall = np.sqrt(epicardium**2 + float(solid.profile_mm2(np.array(z))) * np.clip(1 - t**2, 0, None) ** 2)
    inside = (rho > epicardium) & (rho < wall) & (np.abs(t) < 1) & (z >= solid.base_mm + solid.slant_mm * t)
    assert float(solid.area_mm2(np.array(z))) == pytest.approx(inside.mean() * (2 * half) ** 2, rel=1e-2)


def test_that_a_whole_ellipsoid_has_the_textbook_volume() -> None:
    solid = TruncatedEllipsoid(centre_mm=0.0, half_length_mm=50.0, radius_mm=20.0, base_mm=-50.0, tilt=0.0)
    assert solid.volume_ml() == pytest.approx(4 / 3 * math.pi * 50 * 20**2 / 1000)


@given(st.floats(20.0, 400.0), st.floats(0.0, 0.27))
def test_that_an_ellipsoid_made_for_a_volume_has_it(volume_ml: float, tilt: float) -> None:
    solid = TruncatedEllipsoid.of_volume(volume_ml, centre_mm=28.0, half_length_mm=63.0, base_mm=0.0, tilt=tilt)
    assert solid.volume_ml() == pytest.approx(volume_ml, rel=1e-9)
