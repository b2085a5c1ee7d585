"""Rules of slice levels."""

import numpy as np
import pytest
from numpy.typing import NDArray

from cinecor.agreement.level import Level, base_comes_first, slice_levels

A, B, M, X, U = Level.ABOVE, Level.BASE, Level.MID, Level.APEX, Level.BELOW


def _labels(widths: list[int]) -> NDArray[np.uint8]:
    """One row of LV cavity of the given width in each slice."""
    labels = np.zeros((len(widths), 4, 12), np.uint8)
    for index, width in enumerate(widths):
        labels[index, 1, :width] = 3
    return labels


@pytest.mark.parametrize(
    ("widths", "expected"),
    [
        ([0, 5, 5, 4, 4, 3, 2, 0], [A, B, B, M, M, X, X, U]),
        ([5, 4, 3], [B, M, X]),
        ([5, 4], [B, X]),
        ([0, 5, 0], [A, M, U]),
        ([6, 6, 5, 4, 3], [B, B, M, X, X]),
        ([0, 0], [A, A]),
    ],
)
def test_that_thirds_of_the_readers_extent_are_base_mid_and_apex(widths: list[int], expected: list[Level]) -> None:
    assert list(slice_levels(_labels(widths), base_first=True)) == expected


def test_that_a_gap_inside_the_extent_does_not_move_levels() -> None:
    assert slice_levels(_labels([5, 0, 3]), base_first=True) == (B, M, X)


def test_that_a_stack_from_apex_to_base_has_its_levels_reversed() -> None:
    widths = [0, 5, 5, 4, 3, 0]
    forwards = slice_levels(_labels(widths), base_first=True)
    assert slice_levels(_labels(widths[::-1]), base_first=False) == forwards[::-1]


def test_that_the_wider_end_of_the_heart_is_the_base() -> None:
    assert base_comes_first(_labels([0, 9, 7, 5, 2]))
    assert not base_comes_first(_labels([2, 5, 7, 9, 0]))
    assert base_comes_first(_labels([0, 0]))
