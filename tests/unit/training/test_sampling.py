"""Rules of the draw: every source has its share of every batch, every frame of a source its turn."""

from collections import Counter

import numpy as np
import pytest

from cinecor.errors import UsageError
from cinecor_training.sampling import sampling

FRAMES = np.arange(100, 130)
SOURCES = ["acdc"] * 10 + ["kaggle"] * 17 + ["myops"] * 3
SHARES = {"acdc": 0.5, "kaggle": 0.4375, "myops": 0.0625}


def _drawn(shares: dict[str, float], *, steps: int, seed: int = 0) -> list[np.ndarray]:
    drawing = sampling(FRAMES, sources=SOURCES, shares=shares, batch=16, seed=seed)
    return [drawing.batch(step) for step in range(steps)]


def test_that_every_batch_has_its_shares() -> None:
    for batch in _drawn(SHARES, steps=9):
        assert Counter(SOURCES[frame - 100] for frame in batch) == {"acdc": 8, "kaggle": 7, "myops": 1}


@pytest.mark.parametrize("shares", [{}, SHARES])
def test_that_every_frame_has_its_turn_before_any_has_two(shares: dict[str, float]) -> None:
    counts = Counter(int(frame) for batch in _drawn(shares, steps=23) for frame in batch)
    for source in set(SOURCES) if shares else {None}:
        own = [counts[int(f)] for f, name in zip(FRAMES, SOURCES, strict=True) if source in (None, name)]
        assert max(own) - min(own) <= 1


def test_that_steps_and_seeds_decide_alone() -> None:
    first, again, other = (_drawn(SHARES, steps=4, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize(
    ("shares", "message"),
    [
        ({"acdc": 1.0}, "kaggle"),
        (SHARES | {"mnms": 0.5}, "mnms"),
        ({"acdc": 0.99, "kaggle": 0.005, "myops": 0.005}, "no place for"),
    ],
)
def test_that_shares_that_do_not_fit_are_refused(shares: dict[str, float], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        _drawn(shares, steps=1)
