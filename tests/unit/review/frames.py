"""Frames to correct: a heart of discs with known borders, and random ones for Hypothesis."""

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

SPACING_MM = (1.4, 1.4)
SHAPE = (72, 80)


def disc(
    centre: tuple[float, float],
    radius_mm: float,
    *,
    spacing_mm: tuple[float, float] = SPACING_MM,
    shape: tuple[int, int] = SHAPE,
) -> NDArray[np.bool_]:
    """Pixels whose middle is nearer to (x, y) in pixels than `radius_mm`."""
    row, column = np.indices(shape) + 0.5
    return np.hypot((column - centre[0]) * spacing_mm[1], (row - centre[1]) * spacing_mm[0]) < radius_mm


def heart(
    *,
    cavity_mm: float = 20.0,
    wall_mm: float = 9.0,
    centre: tuple[float, float] = (46.0, 36.0),
    spacing_mm: tuple[float, float] = SPACING_MM,
    shape: tuple[int, int] = SHAPE,
) -> NDArray[np.uint8]:
    """One frame: a round cavity in its wall, and the RV as a crescent to its left."""
    labels = np.zeros(shape, np.uint8)
    aside = (centre[0] - 18.0 / spacing_mm[1], centre[1])
    labels[disc(aside, cavity_mm + wall_mm - 1, spacing_mm=spacing_mm, shape=shape)] = 1
    labels[disc(centre, cavity_mm + wall_mm, spacing_mm=spacing_mm, shape=shape)] = 2
    labels[disc(centre, cavity_mm, spacing_mm=spacing_mm, shape=shape)] = 3
    return labels


def dice(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    """Overlap of two regions, 1 where both are empty."""
    total = int(one.sum()) + int(other.sum())
    return 2.0 * int((one & other).sum()) / total if total else 1.0


points = st.tuples(st.floats(-4.0, SHAPE[1] + 4.0), st.floats(-4.0, SHAPE[0] + 4.0))
paths = st.lists(points, min_size=1, max_size=6)


@st.composite
def regions(draw: st.DrawFn) -> NDArray[np.bool_]:
    """A few discs and rectangles, some taken away again: pieces, holes, bays, the image's edge."""
    region = np.zeros(SHAPE, np.bool_)
    for _ in range(draw(st.integers(1, 5))):
        centre, radius, add = draw(points), draw(st.floats(0.5, 30.0)), draw(st.booleans())
        region = (region | disc(centre, radius)) if add else (region & ~disc(centre, radius))
    if draw(st.booleans()):
        row, column = draw(st.integers(0, SHAPE[0] - 1)), draw(st.integers(0, SHAPE[1] - 1))
        region[row : row + draw(st.integers(1, 9)), column : column + draw(st.integers(1, 9))] ^= True
    return region
