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
