"""Base and apex are told by how much heart each end of a stack shows."""

import numpy as np
import pytest

from cinecor.measure.base_end import base_is_first

NARROWING = np.array([0, 900, 850, 700, 500, 200, 0])


@pytest.mark.parametrize("first", [True, False])
def test_that_the_wider_end_is_the_base(first: bool) -> None:
    heart = NARROWING if first else NARROWING[::-1]
    assert base_is_first(heart, with_lv=heart > 0) is first


def test_that_an_atrium_beyond_the_lv_does_not_count() -> None:
    heart = np.array([5000, 200, 500, 700, 900, 950])  # something large lies beside the apex, without an LV
    assert not base_is_first(heart, with_lv=np.array([False, True, True, True, True, True]))


def test_that_the_order_stands_where_no_lv_is_seen() -> None:
    assert base_is_first(np.array([1, 2, 3]), with_lv=np.zeros(3, dtype=np.bool_))
