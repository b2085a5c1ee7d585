"""Rules of what conventions dispute: the base, whichever end of the file it is at, and nothing else."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from cinecor_training.data.acdc_source import AcdcSource
from cinecor_training.data.case import ALL_KNOWN
from cinecor_training.data.undisputed import UndisputedSource, disputed_slices


def _stack(areas: Sequence[int]) -> np.ndarray:
    labels = np.zeros((len(areas), 10, 10), np.uint8)
    for plane, area in zip(labels, areas, strict=True):
        plane.reshape(-1)[:area] = 3
    return labels


@pytest.mark.parametrize(
    ("areas", "disputed"),
    [
        ([0, 0, 30, 40, 35, 20, 5, 0], [1, 2, 3]),
        ([0, 5, 20, 35, 40, 30, 0, 0], [4, 5, 6]),
        ([40, 30, 20, 5], [0, 1]),
        ([0, 20, 0], [0, 1]),
        ([0, 0, 0], []),
    ],
)
def test_that_two_drawn_slices_and_one_beyond_are_disputed_at_the_base(areas: list[int], disputed: list[int]) -> None:
    assert np.flatnonzero(disputed_slices(_stack(areas))).tolist() == disputed


def test_that_an_undisputed_source_only_forgets(small_acdc: Path) -> None:
    plain, undisputed = AcdcSource(small_acdc), UndisputedSource(AcdcSource(small_acdc))
    found = undisputed.find()
    assert (undisputed.name, found.held_out) == (plain.name, plain.find().held_out)
    for before, after in zip(plain.find().cases, found.cases, strict=True):
        a, b = before.read(), after.read()
        np.testing.assert_array_equal(a.labels, b.labels)
        np.testing.assert_array_equal(b.known == 0, disputed_slices(a.labels))
        assert set(b.known.tolist()) == {0, ALL_KNOWN}
        assert before.key != after.key
