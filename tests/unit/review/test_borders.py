"""Borders: what an outline encloses is what was traced, and moving one border moves no other."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from unit.review.frames import SHAPE, SPACING_MM, disc, heart, regions

from cinecor.review.borders import (
    Border,
    Outline,
    broken_rules,
    filled,
    outline,
    region,
    signed_distance_mm,
    with_region,
    without,
)

spacings = st.tuples(st.floats(0.5, 3.0), st.floats(0.5, 3.0))


@pytest.mark.slow
@given(regions(), spacings)
@settings(max_examples=150, deadline=None)
def test_that_filling_the_outline_of_a_region_gives_that_region_bit_for_bit(
    within: NDArray[np.bool_], spacing_mm: tuple[float, float]
) -> None:
    assert (filled(outline(within, spacing_mm).lines, SHAPE) == within).all()


@given(regions(), spacings)
@settings(deadline=None)
def test_that_the_sign_of_the_distance_is_the_region(
    within: NDArray[np.bool_], spacing_mm: tuple[float, float]
) -> None:
    assert ((signed_distance_mm(within, spacing_mm) < 0) == within).all()


@pytest.mark.parametrize("radius_mm", [7.0, 20.0, 35.0])
@pytest.mark.parametrize("spacing_mm", [(1.4, 1.4), (1.0, 2.0), (2.5, 1.0)])
def test_that_an_outline_of_a_disc_is_round_in_the_patient(radius_mm: float, spacing_mm: tuple[float, float]) -> None:
    shape, centre = (120, 120), (60.2, 59.7)
    within = disc(centre, radius_mm, spacing_mm=spacing_mm, shape=shape)
    (line,) = outline(within, spacing_mm).lines
    radii_mm = np.hypot((line[:, 0] - centre[0]) * spacing_mm[1], (line[:, 1] - centre[1]) * spacing_mm[0])
    assert np.abs(radii_mm - radius_mm).max() < 0.6 * max(spacing_mm)
    assert radii_mm.mean() == pytest.approx(radius_mm, abs=0.12 * max(spacing_mm))


def test_that_handles_lie_equally_far_apart_in_millimetres() -> None:
    spacing_mm = (1.0, 2.0)
    (handles,) = outline(disc((40.0, 36.0), 25.0, spacing_mm=spacing_mm), spacing_mm).handles(spacing_mm)
    assert handles.shape == (72, 2)
    steps_mm = np.hypot(*((np.roll(handles, -1, axis=0) - handles) * (2.0, 1.0)).T)
    assert steps_mm.std() < 0.04 * steps_mm.mean()


def test_that_a_line_is_filled_by_its_winding_so_that_a_loop_leaves_no_hole() -> None:
    turns = np.linspace(0, 4 * np.pi, 200, endpoint=False)  # twice round
    line = np.stack((40 + 15 * np.cos(turns), 36 + 15 * np.sin(turns)), axis=1)
    once = filled((line[:100],), SHAPE)
    assert once.sum() == pytest.approx(np.pi * 15**2, rel=0.02)
    assert (filled((line,), SHAPE) == once).all()


def test_that_no_region_has_no_outline() -> None:
    assert outline(np.zeros(SHAPE, np.bool_), SPACING_MM).lines == ()
    assert not filled(Outline(()).lines, SHAPE).any()


@pytest.mark.slow
@given(st.sampled_from(Border), regions())
@settings(max_examples=200, deadline=None)
def test_that_moving_a_border_of_a_heart_breaks_no_rule(border: Border, wanted: NDArray[np.bool_]) -> None:
    assert broken_rules(with_region(heart(), border, wanted)) == ()


@given(regions())
@settings(deadline=None)
def test_that_endo_exchanges_cavity_and_wall_alone(wanted: NDArray[np.bool_]) -> None:
    before = heart()
    after = with_region(before, Border.ENDO, wanted)
    for border in (Border.EPI, Border.RV):
        assert (region(after, border) == region(before, border)).all()


@given(regions())
@settings(deadline=None)
def test_that_epi_leaves_the_cavity_and_takes_from_the_rv_only_where_it_grows(wanted: NDArray[np.bool_]) -> None:
    before = heart()
    after = with_region(before, Border.EPI, wanted)
    assert (region(after, Border.ENDO) == region(before, Border.ENDO)).all()
    assert not (region(after, Border.RV) & ~region(before, Border.RV)).any()


@given(regions())
@settings(deadline=None)
def test_that_rv_leaves_the_left_ventricle_alone(wanted: NDArray[np.bool_]) -> None:
    before = heart()
    after = with_region(before, Border.RV, wanted)
    assert (region(after, Border.EPI) == region(before, Border.EPI)).all()
    assert (region(after, Border.ENDO) == region(before, Border.ENDO)).all()


def test_that_what_the_wall_gives_up_becomes_background_not_rv() -> None:
    before = heart()
    after = with_region(before, Border.EPI, disc((46.0, 36.0), 25.0))
    lost = region(before, Border.EPI) & ~region(after, Border.EPI)
    assert lost.any()
    assert not after[lost].any()


def test_that_a_cavity_without_wall_moves_both_borders() -> None:
    bare = np.where(disc((46.0, 36.0), 15.0), 3, 0).astype(np.uint8)
    after = with_region(bare, Border.ENDO, disc((46.0, 36.0), 20.0))
    assert set(np.unique(after)) == {0, 3}
    assert (region(after, Border.EPI) == disc((46.0, 36.0), 20.0)).all()


def _open_annulus() -> NDArray[np.uint8]:
    """A heart whose wall is missing on the right, where the cavity meets the outside."""
    labels = heart()
    column = np.indices(SHAPE)[1]
    labels[(labels == 2) & (column > 54)] = 0
    return labels


def test_that_the_cavity_grows_through_its_open_side_without_a_wall_and_leaves_wall_behind() -> None:
    before = _open_annulus()
    grown = with_region(before, Border.ENDO, region(before, Border.ENDO) | disc((62.0, 36.0), 6.0))
    assert grown[36, 63] == 3
    assert broken_rules(grown) == ()
    cut = with_region(before, Border.ENDO, region(before, Border.ENDO) & ~disc((62.0, 36.0), 8.0))
    assert cut[36, 58] == 2
    assert (region(cut, Border.EPI) == region(before, Border.EPI)).all()


def test_that_a_border_drawn_outside_everything_leaves_the_cavity_in_its_wall() -> None:
    before = heart()
    assert (
        region(with_region(before, Border.EPI, disc((5.0, 5.0), 5.0)), Border.ENDO) == region(before, Border.ENDO)
    ).all()


def test_that_an_unlawful_border_is_left_alone_while_another_moves() -> None:
    before = heart()
    before[3:6, 3:6] = 2  # an island of wall, as another program may have left it
    after = with_region(before, Border.ENDO, disc((46.0, 36.0), 18.0))
    assert (region(after, Border.EPI) == region(before, Border.EPI)).all()
    assert "epi_in_pieces" in broken_rules(after)


@pytest.mark.parametrize(("border", "left"), [(Border.ENDO, {0, 1, 2}), (Border.EPI, {0, 1}), (Border.RV, {0, 2, 3})])
def test_that_a_structure_can_be_taken_away(border: Border, left: set[int]) -> None:
    assert set(np.unique(without(heart(), border))) == left


@pytest.mark.parametrize(
    ("spoiled", "rule"),
    [
        ((slice(30, 34), slice(44, 48), 2), "endo_with_hole"),
        ((slice(2, 4), slice(2, 4), 3), "endo_in_pieces"),
        ((slice(36, 37), slice(20, 21), 0), "rv_with_hole"),
        ((slice(2, 4), slice(2, 4), 7), "unknown_label"),
    ],
)
def test_that_a_broken_rule_is_named(spoiled: tuple[slice, slice, int], rule: str) -> None:
    labels = heart()
    labels[spoiled[0], spoiled[1]] = spoiled[2]
    assert rule in broken_rules(labels)


def test_that_an_rv_may_have_two_pieces_and_not_three() -> None:
    labels = heart()
    labels[2:5, 2:5] = 1
    assert broken_rules(labels) == ()
    labels[66:70, 2:5] = 1
    assert broken_rules(labels) == ("rv_in_pieces",)
