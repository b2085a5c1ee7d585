"""`FrameShapes`: what the outline of one structure looks like in every frame, as plain numbers."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from cinecor.inference.outline.pixel_runs import PixelRuns, pieces
from cinecor.inference.outline.segmentation import Label

Array = NDArray[np.float64]

_DIRECTIONS: Final = 32
"""In which a convex hull is touched; it comes out 0.3 % too large for a disc."""

_ANGLES: Final = np.arange(_DIRECTIONS) * (2 * np.pi / _DIRECTIONS)
_TOWARDS: Final = np.stack((np.cos(_ANGLES), np.sin(_ANGLES)), axis=1).reshape(4, -1, 2)
"""The directions by quarter: (quarter, direction, across and down)."""

_LEAST_PIECE: Final = 0.02
"""Share of a structure's area from which a second piece counts as one; less is a corner of pixels."""


@dataclass(frozen=True, slots=True, eq=False)
class FrameShapes:
    """An outline in every frame; all arrays are (slice, phase), and NaN or 0 where the frame has none of it."""

    area_px: NDArray[np.int64]
    row: Array  # of the centre
    column: Array
    solidity: Array  # area over that of the convex hull: 1 for a convex outline

    def arrays(self) -> tuple[NDArray[Any], ...]:
        """Return all that is known of the frames, in the order of the fields."""
        return tuple(getattr(self, one.name) for one in fields(self))

    @property
    def found(self) -> NDArray[np.bool_]:
        """Where there is any of it."""
        return np.asarray(self.area_px > 0)


@dataclass(frozen=True, slots=True, eq=False)
class StructureShapes(FrameShapes):
    """One structure in every frame."""

    pieces: NDArray[np.int64]


S = TypeVar("S", bound=FrameShapes)


def joined(shapes: Sequence[S]) -> S:
    """Return the shapes of one outline whose slices follow each other in `shapes`."""
    if len(shapes) == 1:
        return shapes[0]
    return type(shapes[0])(*(np.concatenate(parts) for parts in zip(*(one.arrays() for one in shapes), strict=True)))


def piece_counts(runs: PixelRuns, area_px: Array) -> NDArray[np.int64]:
    """Return how many pieces of the runs in each plane are worth the name; `area_px` (plane,) are all its pixels."""
    if not len(runs):
        return np.zeros(len(area_px), dtype=np.int64)
    piece = pieces(runs, corners=True)
    size = np.bincount(piece, weights=runs.length, minlength=len(runs))
    first = np.flatnonzero(size)  # a piece bears the index of its first run
    large = first[size[first] >= _LEAST_PIECE * area_px[runs.plane[first]]]
    return np.bincount(runs.plane[large], minlength=len(area_px))


def surrounded(labels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return which part of the pixels just outside the LV cavity (4-neighbours) is myocardium: (slice, phase).

    `labels` is (slice, phase, row, column). NaN where a frame has no LV; the image's edge is no myocardium.
    """
    slices, phases, rows, columns = labels.shape
    padded = np.zeros((slices * phases, rows + 2, columns + 2), dtype=np.uint8)
    padded[:, 1:-1, 1:-1] = labels.reshape(-1, rows, columns)
    pixels = padded.ravel()  # of all frames in a row: around each of them is nothing
    cavity = pixels == Label.LV
    beside = np.zeros_like(cavity)
    for apart in (1, columns + 2):
        beside[apart:] |= cavity[:-apart]
        beside[:-apart] |= cavity[apart:]
    rim = np.flatnonzero(beside & ~cavity)
    frame = rim // padded[0].size
    around = np.bincount(frame, minlength=len(padded))
    wall = np.bincount(frame[pixels[rim] == Label.MYO], minlength=len(padded))
    return np.asarray(wall / np.where(around > 0, around, np.nan)).reshape(slices, phases)


def reach_px(runs: PixelRuns, planes: int) -> Array:
    """Return how far the runs of each plane lie in `_DIRECTIONS` directions: (direction, plane), NaN without any."""
    reach = np.full((_DIRECTIONS, planes), np.nan)
    if not len(runs):
        return reach
    # Of each row only where it begins and where it ends can be farthest.
    begins = np.flatnonzero(np.diff(runs.row, prepend=-1) | np.diff(runs.plane, prepend=-1))
    ends = np.append(begins[1:], len(runs)) - 1
    plane, upper = runs.plane[begins], runs.row[begins]
    left, right, lower = runs.start[begins], runs.stop[ends], upper + 1
    # In each quarter of the circle another corner of a row is the farthest.
    corners = np.array([(right, lower), (left, lower), (left, upper), (right, upper)], dtype=np.float64)
    of_rows = (_TOWARDS @ corners).reshape(_DIRECTIONS, -1)
    firsts = np.flatnonzero(np.diff(plane, prepend=-1))
    reach[:, plane[firsts]] = np.maximum.reduceat(of_rows, firsts, axis=1)
    return reach


def hull_px(reach: Array) -> Array:
    """Return the area of each frame's hull: of the polygon that touches it in all directions (direction, …)."""
    step = 2 * np.pi / _DIRECTIONS
    before, after = np.roll(reach, 1, axis=0), np.roll(reach, -1, axis=0)
    side = (before + after - 2 * reach * np.cos(step)) / np.sin(step)
    return np.asarray(0.5 * (reach * side).sum(axis=0))
