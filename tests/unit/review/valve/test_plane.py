"""What follows from a valve's plane, against closed form."""

import numpy as np
import pytest

from cinecor.review.valve.plane import ValvePlane, excursion_mm, share_below, valve_plane

_TO_APEX = np.array([0.0, 0.0, 1.0])


def test_two_views_give_the_plane_through_their_ends() -> None:
    tilted = np.array([np.sin(0.2), 0.0, np.cos(0.2)])
    across = np.array([np.cos(0.2), 0.0, -np.sin(0.2)])
    lines = [np.stack([-15 * across, 15 * across]), np.array([[0.0, -14.0, 0.0], [0.0, 14.0, 0.0]])]
    plane = valve_plane(lines, [np.array([0.0, 1.0, 0.0]), np.array([1.0, 0.0, 0.0])], to_apex=_TO_APEX)
    assert plane.normal == pytest.approx(tilted)
    assert plane.depth_mm(np.array([10 * tilted])) == pytest.approx([10.0])


def test_one_view_gives_a_plane_upright_on_it_that_looks_to_the_apex() -> None:
    line = np.array([[0.0, 0.0, 5.0], [30.0, 0.0, 5.0]])
    for view in (np.array([0.0, 1.0, 0.0]), np.array([0.0, -1.0, 0.0])):
        plane = valve_plane([line], [view], to_apex=_TO_APEX)
        assert plane.normal == pytest.approx(_TO_APEX)


@pytest.mark.parametrize("beside_mm", [0.0, 1.0, 6.0])
@pytest.mark.parametrize("turned", [False, True])
def test_lines_in_a_cine_that_was_taken_twice_give_the_plane_of_one_view(beside_mm: float, turned: bool) -> None:
    drawn = np.array([[-15.0, 0.0, 5.0], [15.0, 0.0, 5.0]])
    again = np.array([[-15.0, beside_mm, 6.0], [15.0, beside_mm, 5.0]])
    view = np.array([0.0, 1.0, 0.0])
    lines, views = [drawn, again[::-1] if turned else again], [view, -view if turned else view]
    plane = valve_plane(lines, views, to_apex=_TO_APEX)
    tilt = np.arctan(0.5 / 30.0)  # the mean of both: level, and 1 mm over 30
    assert plane.normal == pytest.approx([np.sin(tilt), 0.0, np.cos(tilt)])
    assert plane.point_mm == pytest.approx([0.0, beside_mm / 2, 5.25])


@pytest.mark.parametrize(("degrees", "through_both"), [(19.0, False), (21.0, True)])
def test_views_20_degrees_apart_say_how_the_plane_lies_across(degrees: float, through_both: bool) -> None:
    turn = np.radians(degrees)
    view = np.array([-np.sin(turn), np.cos(turn), 0.0])
    other = 15 * np.array([np.cos(turn), np.sin(turn), 0.0])
    rise = 0.3 * other[1] * np.array([0.0, 0.0, 1.0])  # the plane rises by 0.3 of the way across the first view
    lines = [np.array([[-15.0, 0.0, 0.0], [15.0, 0.0, 0.0]]), np.stack([-other - rise, other + rise])]
    plane = valve_plane(lines, [np.array([0.0, 1.0, 0.0]), view], to_apex=_TO_APEX)
    both = np.abs(plane.depth_mm(np.concatenate(lines))).max() < 1e-6
    assert both == through_both


@pytest.mark.parametrize(("z", "share"), [(-5.1, 0.0), (-4.9, 0.01), (0.0, 0.5), (2.5, 0.75), (4.9, 0.99), (5.1, 1.0)])
def test_a_slab_counts_by_its_share_on_the_apex_side(z: float, share: float) -> None:
    plane = ValvePlane(np.zeros(3), _TO_APEX)
    found = share_below(plane, np.array([7.0, 7.0, z]), normal=_TO_APEX, extent_mm=10.0)
    assert found == pytest.approx(share, abs=1e-9)


def test_excursion_is_what_each_end_moves_towards_the_apex() -> None:
    line = np.zeros((3, 2, 3))
    line[1, 0] = [4.0, 0.0, 12.0]
    line[1, 1] = [0.0, 3.0, 16.0]
    assert excursion_mm(line, to_apex=2.5 * _TO_APEX, rest=0, contracted=1) == pytest.approx([12.0, 16.0])
