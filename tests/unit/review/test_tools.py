"""Tools: what one gesture makes of a frame."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import ndimage
from unit.review.frames import SHAPE, SPACING_MM, dice, disc, heart, paths

from cinecor.review.borders import Border, broken_rules, region, with_region
from cinecor.review.tools.brush import brush, erase
from cinecor.review.tools.deletion import delete, model_again, onward
from cinecor.review.tools.drawn_line import closed_spline, drag_handle, new_outline, redraw_arc
from cinecor.review.tools.papillary import hull, muscle_threshold, papillary_muscles
from cinecor.review.tools.push import begin_push, nearest_border, push

CENTRE = (46.0, 36.0)
clicks_anywhere = st.lists(
    st.tuples(st.integers(-4, SHAPE[1] + 4), st.integers(-4, SHAPE[0] + 4)), min_size=3, max_size=8, unique=True
)
held = st.sampled_from([None, *Border])
Frame = NDArray[np.uint8]


@pytest.mark.slow
@given(paths, held, st.floats(1.0, 15.0))
@settings(max_examples=150, deadline=None)
def test_that_no_push_breaks_a_rule(path: list[tuple[float, float]], border: Border | None, radius_mm: float) -> None:
    after = push(heart(), path, radius_mm=radius_mm, pixel_spacing_mm=SPACING_MM, held=border)
    assert broken_rules(after) == ()


@pytest.mark.slow
@given(st.sampled_from(Border), paths, st.floats(0.2, 12.0), st.booleans())
@settings(max_examples=100, deadline=None)
def test_that_no_brush_breaks_a_rule(
    border: Border, path: list[tuple[float, float]], radius_mm: float, wipes: bool
) -> None:
    tool = erase if wipes else brush
    assert broken_rules(tool(heart(), border, path, radius_mm=radius_mm, pixel_spacing_mm=SPACING_MM)) == ()


@pytest.mark.slow
@given(st.sampled_from(Border), clicks_anywhere)
@settings(max_examples=100, deadline=None)
def test_that_no_drawn_line_breaks_a_rule(border: Border, clicks: list[tuple[float, float]]) -> None:
    assert broken_rules(new_outline(heart(), border, clicks, pixel_spacing_mm=SPACING_MM)) == ()
    assert broken_rules(redraw_arc(heart(), border, clicks, pixel_spacing_mm=SPACING_MM)) == ()
    assert broken_rules(drag_handle(heart(), border, clicks[0], clicks[1], pixel_spacing_mm=SPACING_MM)) == ()


@pytest.mark.parametrize("spacing_mm", [(1.4, 1.4), (1.0, 2.0)])
def test_that_a_push_from_inside_moves_the_border_to_the_rim_of_the_disc(spacing_mm: tuple[float, float]) -> None:
    shape, centre = (140, 100), (50.0, 70.0)
    before = heart(centre=centre, spacing_mm=spacing_mm, shape=shape)
    start = (centre[0] + 8.0 / spacing_mm[1], centre[1])
    end = (centre[0] + 14.0 / spacing_mm[1], centre[1])  # with its radius of 10 mm the disc reaches 24 mm
    after = push(before, [start, end], radius_mm=10.0, pixel_spacing_mm=spacing_mm, held=Border.ENDO)
    cavity = region(after, Border.ENDO)[70]
    reach_mm = (np.flatnonzero(cavity)[-1] + 1 - centre[0]) * spacing_mm[1]
    assert reach_mm == pytest.approx(24.0, abs=0.6 * spacing_mm[1])
    assert (region(after, Border.EPI) == region(before, Border.EPI)).all()


def test_that_a_push_from_outside_moves_the_border_inwards() -> None:
    before = heart()
    after = push(before, [(67.0, 36.0), (63.0, 36.0)], radius_mm=5.0, pixel_spacing_mm=SPACING_MM)
    epi = region(after, Border.EPI)
    assert not epi[36, 62]
    assert not (epi & ~region(before, Border.EPI)).any()


def test_that_a_push_changes_nothing_away_from_its_disc() -> None:
    before = heart()
    path = [(50.0, 36.0), (58.0, 36.0)]
    after = push(before, path, radius_mm=6.0, pixel_spacing_mm=SPACING_MM, held=Border.ENDO)
    assert (after != before).any()
    touched = disc(path[0], 8.5) | disc(path[1], 8.5)
    assert ((after == before) | touched).all()


def test_that_what_a_push_does_depends_on_its_way_and_not_on_the_number_of_points() -> None:
    few = push(heart(), [(50.0, 36.0), (58.0, 40.0)], radius_mm=6.0, pixel_spacing_mm=SPACING_MM, held=Border.ENDO)
    way = [(50.0 + 8.0 * share, 36.0 + 4.0 * share) for share in np.linspace(0, 1, 30)]
    many = push(heart(), way, radius_mm=6.0, pixel_spacing_mm=SPACING_MM, held=Border.ENDO)
    assert (few != many).sum() <= 1


def test_that_the_line_of_a_push_is_the_border_of_its_labels() -> None:
    from cinecor.review.borders import filled

    drag = begin_push(heart(), (50.0, 36.0), radius_mm=6.0, pixel_spacing_mm=SPACING_MM, held=Border.ENDO)
    assert drag is not None
    for point in ((54.0, 36.0), (60.0, 38.0), (75.0, 38.0)):  # the last one leaves the wall
        drag = drag.to(point)
        assert (filled(drag.outline.lines, SHAPE) == region(drag.labels, Border.ENDO)).all()


@pytest.mark.parametrize(
    ("at", "border"),
    [((58.0, 36.0), Border.ENDO), ((68.0, 36.0), Border.EPI), ((12.0, 36.0), Border.RV),
     ((46.0, 36.0), Border.ENDO), ((26.6, 36.0), Border.EPI), ((23.8, 36.0), Border.RV)],
)  # fmt: skip
def test_that_the_nearest_border_is_taken_and_on_a_shared_line_the_one_around_the_press(
    at: tuple[float, float], border: Border
) -> None:
    assert nearest_border(heart(), at, pixel_spacing_mm=SPACING_MM) is border


def test_that_there_is_nothing_to_push_in_an_empty_frame() -> None:
    empty = np.zeros(SHAPE, np.uint8)
    assert begin_push(empty, CENTRE, radius_mm=5.0, pixel_spacing_mm=SPACING_MM) is None
    assert push(empty, [CENTRE], radius_mm=5.0, pixel_spacing_mm=SPACING_MM) is empty


def _circle(radius_mm: float, clicks: int) -> list[tuple[float, float]]:
    turns = [2 * math.pi * turn / clicks for turn in range(clicks)]
    radius = radius_mm / SPACING_MM[0]
    return [(CENTRE[0] + radius * math.cos(turn), CENTRE[1] + radius * math.sin(turn)) for turn in turns]


@pytest.mark.parametrize("clicks", [4, 6, 8])
def test_that_a_few_clicks_draw_a_round_ventricle(clicks: int) -> None:
    empty = np.zeros(SHAPE, np.uint8)
    drawn = empty
    for border, radius_mm in ((Border.ENDO, 20.0), (Border.EPI, 29.0)):
        drawn = new_outline(drawn, border, _circle(radius_mm, clicks), pixel_spacing_mm=SPACING_MM)
    for border, radius_mm in ((Border.ENDO, 20.0), (Border.EPI, 29.0)):
        assert dice(region(drawn, border), disc(CENTRE, radius_mm)) > 0.97


def _picture(edge_mm: float) -> NDArray[np.float32]:
    """Bright blood within a radius, as a scanner blurs it."""
    grey = np.where(disc(CENTRE, edge_mm), 200.0, 80.0)
    return np.asarray(ndimage.gaussian_filter(grey, 0.8), dtype=np.float32)


@pytest.mark.parametrize("border", [Border.ENDO, Border.RV])
def test_that_between_clicks_a_cavitys_line_goes_to_the_edge_of_the_blood(border: Border) -> None:
    empty, clicks = np.zeros(SHAPE, np.uint8), _circle(20.0, 4)
    clicks = [(x, CENTRE[1] + 0.93 * (y - CENTRE[1])) for x, y in clicks]  # the hand was unsteady
    truth = disc(CENTRE, 20.0)
    plain, drawn = (
        dice(region(new_outline(empty, border, clicks, pixel_spacing_mm=SPACING_MM, pixels=one), border), truth)
        for one in (None, _picture(20.0))
    )
    assert plain < 0.97
    assert drawn > plain + 0.01


def test_that_a_line_stays_as_drawn_where_there_is_no_edge_or_it_is_the_walls() -> None:
    empty, clicks = np.zeros(SHAPE, np.uint8), _circle(20.0, 8)
    noise = np.random.default_rng(0).normal(100.0, 0.5, SHAPE).astype(np.float32)
    drawn = new_outline(empty, Border.ENDO, clicks, pixel_spacing_mm=SPACING_MM, pixels=noise)
    assert dice(region(drawn, Border.ENDO), disc(CENTRE, 20.0)) > 0.97
    far = _picture(26.0)  # an edge that nobody clicked on, farther away than a hand errs
    drawn = new_outline(empty, Border.ENDO, clicks, pixel_spacing_mm=SPACING_MM, pixels=far)
    assert dice(region(drawn, Border.ENDO), disc(CENTRE, 20.0)) > 0.97
    plain = new_outline(empty, Border.EPI, clicks, pixel_spacing_mm=SPACING_MM)
    assert np.array_equal(
        new_outline(empty, Border.EPI, clicks, pixel_spacing_mm=SPACING_MM, pixels=_picture(21.5)), plain
    )


def test_that_an_rv_drawn_beside_the_wall_runs_along_it_and_one_far_from_it_does_not() -> None:
    wall = heart()
    wall[wall == 1] = 0
    left = CENTRE[0] - 29.0 / SPACING_MM[1]  # of the wall
    for gap_px, closed in ((1.2, True), (6.0, False)):
        right = left - gap_px
        clicks = [(right, 28.0), (right, 36.0), (right, 44.0), (right - 9.0, 36.0)]
        drawn = new_outline(wall, Border.RV, clicks, pixel_spacing_mm=SPACING_MM)
        row = np.flatnonzero(drawn[36, : int(CENTRE[0])])
        assert (np.diff(row) == 1).all() is np.bool_(closed)
        assert np.array_equal(region(drawn, Border.EPI), region(wall, Border.EPI))


def test_that_a_line_needs_three_different_clicks() -> None:
    with pytest.raises(ValueError, match="needs 3 points, not 2"):
        closed_spline([(1.0, 1.0), (1.0, 1.0), (5.0, 5.0)])


def test_that_an_rv_line_apart_is_a_second_piece_and_one_across_replaces() -> None:
    before = heart()
    clicks = [(4.0, 4.0), (12.0, 4.0), (12.0, 11.0), (4.0, 11.0)]
    two = new_outline(before, Border.RV, clicks, pixel_spacing_mm=SPACING_MM)
    assert (two[before == 1] == 1).all()
    assert two[7, 7] == 1
    around = [(14.0, 26.0), (22.0, 26.0), (22.0, 46.0), (14.0, 46.0)]
    one = new_outline(two, Border.RV, around, pixel_spacing_mm=SPACING_MM)
    assert one[7, 7] == 0
    pushed = push(two, [(8.0, 8.0), (8.0, 14.0)], radius_mm=3.0, pixel_spacing_mm=SPACING_MM, held=Border.RV)
    assert (pushed[before == 1] == 1).all()  # two pieces stay two


def test_that_a_stroke_replaces_the_arc_it_spans_outwards_and_inwards() -> None:
    truth = heart()
    bulge = with_region(truth, Border.ENDO, region(truth, Border.ENDO) | disc((60.0, 36.0), 8.0))
    dent = with_region(truth, Border.ENDO, region(truth, Border.ENDO) & ~disc((62.0, 36.0), 12.0))
    around = [(CENTRE[0] + 14.3 * math.cos(a), CENTRE[1] + 14.3 * math.sin(a)) for a in np.linspace(-0.8, 0.8, 12)]
    for spoiled in (bulge, dent):
        assert dice(region(spoiled, Border.ENDO), region(truth, Border.ENDO)) < 0.985
        for stroke in (around, around[::-1]):
            mended = redraw_arc(spoiled, Border.ENDO, stroke, pixel_spacing_mm=SPACING_MM)
            assert dice(region(mended, Border.ENDO), region(truth, Border.ENDO)) > 0.99


def test_that_a_stroke_far_from_the_border_changes_nothing() -> None:
    before = heart()
    assert redraw_arc(before, Border.ENDO, [(2.0, 2.0), (9.0, 9.0)], pixel_spacing_mm=SPACING_MM) is before
    assert redraw_arc(before, Border.ENDO, [(60.0, 36.0)], pixel_spacing_mm=SPACING_MM) is before


def test_that_a_dragged_handle_takes_its_neighbours_along_and_leaves_the_far_side() -> None:
    before = heart()
    after = drag_handle(before, Border.ENDO, (60.3, 36.0), (62.5, 36.0), pixel_spacing_mm=SPACING_MM)
    changed = np.argwhere(after != before)
    assert len(changed) >= 4
    assert changed[:, 1].min() > 55


def test_that_the_brush_and_the_eraser_undo_each_other_within_a_region() -> None:
    before = heart()
    spot = [(46.0, 36.0)]
    wiped = erase(before, Border.RV, [(14.0, 36.0)], radius_mm=3.0, pixel_spacing_mm=SPACING_MM)
    assert region(wiped, Border.RV).sum() < region(before, Border.RV).sum() or (wiped == before).all()
    hole = erase(before, Border.ENDO, spot, radius_mm=4.0, pixel_spacing_mm=SPACING_MM)
    assert (hole == before).all()  # a hole in a cavity is no heart


def _cine(present: str) -> Frame:
    return np.stack([heart() if mark == "x" else np.zeros(SHAPE, np.uint8) for mark in present])[np.newaxis]


@pytest.mark.parametrize(
    ("present", "first", "phases"),
    [("xxxx..xxx", 2, (2, 3)), ("xxxxxx", 4, (4, 5)), ("xx..xx", 2, ()), ("x.x.x", 0, (0,))],
)
def test_that_deleting_onward_ends_where_the_structure_returns(
    present: str, first: int, phases: tuple[int, ...]
) -> None:
    assert onward(_cine(present), (0, first), Border.EPI) == tuple((0, phase) for phase in phases)
    assert onward(_cine(present), (0, first), None) == tuple((0, phase) for phase in phases)


def test_that_deleting_a_slice_leaves_nothing_and_a_structure_only_its_own() -> None:
    assert not delete(heart(), None).any()
    assert (delete(heart(), Border.RV) == np.where(heart() == 1, 0, heart())).all()


@pytest.mark.parametrize("border", [None, *Border])
def test_that_the_models_border_comes_back_bit_for_bit(border: Border | None) -> None:
    model = heart()
    changed = model
    for one in [border] if border else list(Border):
        changed = delete(changed, one)
    assert (model_again(changed, model, border) == model).all()


def test_that_the_models_border_comes_back_alone() -> None:
    model = heart()
    changed = push(model, [(67.0, 36.0), (63.0, 36.0)], radius_mm=5.0, pixel_spacing_mm=SPACING_MM)
    changed = push(changed, [(50.0, 36.0), (54.0, 36.0)], radius_mm=6.0, pixel_spacing_mm=SPACING_MM, held=Border.ENDO)
    back = model_again(changed, model, Border.ENDO)
    assert (region(back, Border.ENDO) == (region(model, Border.ENDO) & region(changed, Border.EPI))).all()
    assert (region(back, Border.EPI) == region(changed, Border.EPI)).all()


def _cine_with_papillaries() -> tuple[NDArray[np.float32], Frame, NDArray[np.bool_]]:
    labels = np.stack([heart(), heart()])
    muscles = np.stack([disc((42.0, 30.0), 4.0) | disc((50.0, 42.0), 3.5)] * 2)
    pixels = np.array([60.0, 210.0, 80.0, 220.0])[labels]
    pixels[muscles] = 85.0
    noise = np.random.default_rng(1).normal(0, 8, labels.shape)
    return (pixels + noise).astype(np.float32), labels, muscles


def test_that_papillary_muscles_are_told_from_blood_by_intensity() -> None:
    pixels, labels, muscles = _cine_with_papillaries()
    found = papillary_muscles(pixels, labels, pixel_spacing_mm=SPACING_MM)
    assert dice(found, muscles) > 0.98


def test_that_the_threshold_moves_between_muscle_and_blood() -> None:
    pixels, labels, _ = _cine_with_papillaries()
    areas = [papillary_muscles(pixels, labels, pixel_spacing_mm=SPACING_MM, shift=s).sum() for s in (-1, 0, 0.9)]
    assert all(less < more for less, more in itertools.pairwise(areas))


def test_that_a_cavity_of_blood_alone_holds_no_muscle() -> None:
    labels = np.stack([heart()])
    noise = np.random.default_rng(2).normal(0, 8, labels.shape)
    pixels = (np.array([60.0, 210.0, 80.0, 220.0])[labels] + noise).astype(np.float32)
    assert not papillary_muscles(pixels, labels, pixel_spacing_mm=SPACING_MM).any()
    assert muscle_threshold(np.full(100, 5.0, np.float32), np.empty(0, np.float32)) is None
    assert muscle_threshold(np.arange(39, dtype=np.float32), np.empty(0, np.float32)) is None


def test_that_the_hull_takes_back_what_an_outline_cut_off() -> None:
    truth = heart()
    cut = with_region(truth, Border.ENDO, region(truth, Border.ENDO) & ~disc((58.0, 36.0), 6.0))
    mended = hull(cut)
    assert dice(region(mended, Border.ENDO), region(truth, Border.ENDO)) > 0.975
    assert dice(region(cut, Border.ENDO), region(truth, Border.ENDO)) < 0.97
    assert not hull(np.zeros(SHAPE, np.uint8)).any()
