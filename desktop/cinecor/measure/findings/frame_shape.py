"""`FrameShapes`: what the outline of one structure looks like in every frame, as plain numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cinecor.inference.outline.pixel_runs import PixelRuns, pieces, pixel_runs
from cinecor.inference.outline.segmentation import Label

_DIRECTIONS: Final = 32
"""In which a convex hull is touched; it comes out 0.3 % too large for a disc."""

_LEAST_PIECE: Final = 0.02
"""Share of a structure's area from which a second piece counts as one; less is a corner of pixels."""


@dataclass(frozen=True, slots=True, eq=False)
class FrameShapes:
    """One structure in every frame; all arrays are (slice, phase), and NaN or 0 where the frame has none of it."""

    area_px: NDArray[np.int64]
    row: NDArray[np.float64]  # of the centre
    column: NDArray[np.float64]
    solidity: NDArray[np.float64]  # area over that of the convex hull: 1 for a convex outline
    pieces: NDArray[np.int64]

    @property
    def found(self) -> NDArray[np.bool_]:
        """Where there is any of it."""
        return np.asarray(self.area_px > 0)

    def parted(self, structures: int) -> "tuple[FrameShapes, ...]":
        """Return the shapes of as many structures whose slices follow each other here."""
        parts = (np.split(one, structures) for one in self.arrays())
        return tuple(FrameShapes(*part) for part in zip(*parts, strict=True))

    def arrays(self) -> tuple[NDArray[Any], ...]:
        """Return all that is known of the frames, in the order of the fields."""
        return self.area_px, self.row, self.column, self.solidity, self.pieces


def joined(shapes: Sequence[FrameShapes]) -> FrameShapes:
    """Return the shapes of one structure whose slices follow each other in `shapes`."""
    return FrameShapes(*(np.concatenate(parts) for parts in zip(*(one.arrays() for one in shapes), strict=True)))


def frame_shapes(mask: NDArray[np.bool_]) -> FrameShapes:
    """Return the shapes of a structure; `mask` is (slice, phase, row, column).

    Solidity is measured on pixels as squares, so that a rectangle has 1; small discs on a grid have 0.9 to 0.97.
    """
    slices, phases = mask.shape[:2]
    runs = pixel_runs(mask.reshape(-1, *mask.shape[2:]))
    count = slices * phases
    area: NDArray[np.float64] = np.bincount(runs.plane, weights=runs.length, minlength=count).astype(np.float64)
    safe = np.where(area > 0, area, np.nan)
    middle = (runs.start + runs.stop - 1) / 2
    row = np.bincount(runs.plane, weights=runs.length * runs.row, minlength=count) / safe
    column = np.bincount(runs.plane, weights=runs.length * middle, minlength=count) / safe
    shape = (slices, phases)
    return FrameShapes(
        area.astype(np.int64).reshape(shape),
        row.reshape(shape),
        column.reshape(shape),
        (safe / _hull_px(runs, count)).reshape(shape),
        _pieces(runs, area).reshape(shape),
    )


def surrounded(labels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return which part of the pixels just outside the LV cavity (4-neighbours) is myocardium: (slice, phase).

    `labels` is (slice, phase, row, column). NaN where a frame has no LV; the image's edge is no myocardium.
    """
    padded = np.zeros((*labels.shape[:2], labels.shape[2] + 2, labels.shape[3] + 2), dtype=np.uint8)
    padded[:, :, 1:-1, 1:-1] = labels
    cavity = padded == Label.LV
    outside = np.zeros_like(cavity)
    outside[:, :, 1:] |= cavity[:, :, :-1]
    outside[:, :, :-1] |= cavity[:, :, 1:]
    outside[..., 1:] |= cavity[..., :-1]
    outside[..., :-1] |= cavity[..., 1:]
    outside &= ~cavity
    rim = np.count_nonzero(outside, axis=(2, 3))
    wall = np.count_nonzero(outside & (padded == Label.MYO), axis=(2, 3))
    return np.asarray(wall / np.where(rim > 0, rim, np.nan), dtype=np.float64)


def _pieces(runs: PixelRuns, area: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the number of pieces of each frame that are worth the name."""
    if not len(runs):
        return np.zeros(len(area), dtype=np.int64)
    piece = pieces(runs, corners=True)
    size = np.bincount(piece, weights=runs.length, minlength=len(runs))
    first = np.flatnonzero(size)  # a piece bears the index of its first run
    large = first[size[first] >= _LEAST_PIECE * area[runs.plane[first]]]
    return np.bincount(runs.plane[large], minlength=len(area))


def _hull_px(runs: PixelRuns, count: int) -> NDArray[np.float64]:
    """Return the area of each frame's hull: of the polygon that touches it in `_DIRECTIONS` directions."""
    hull = np.full(count, np.nan)
    if not len(runs):
        return hull
    planes, begins = np.unique(runs.plane, return_index=True)
    angles = np.arange(_DIRECTIONS) * (2 * np.pi / _DIRECTIONS)
    across, down = np.cos(angles)[:, None], np.sin(angles)[:, None]
    reach = np.empty((_DIRECTIONS, len(runs)))
    for towards, column in ((across > 0, runs.stop), (across <= 0, runs.start)):  # the far corners of each run
        reach[towards[:, 0]] = across[towards[:, 0]] * column.astype(np.float64)
    for towards, row in ((down > 0, runs.row + 1), (down <= 0, runs.row)):
        reach[towards[:, 0]] += down[towards[:, 0]] * row.astype(np.float64)
    reach = np.maximum.reduceat(reach, begins, axis=1)  # (direction, frame): the support function
    step = 2 * np.pi / _DIRECTIONS
    before, after = np.roll(reach, 1, axis=0), np.roll(reach, -1, axis=0)
    side = (before + after - 2 * reach * np.cos(step)) / np.sin(step)
    hull[planes] = 0.5 * (reach * side).sum(axis=0)
    return hull
