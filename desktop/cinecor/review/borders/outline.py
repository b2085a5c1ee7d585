"""`Outline`: a region's border as closed sub-pixel lines, and back.

A line runs between the middles of pixels inside and those outside, so that filling the outline of any region gives
that region again, bit for bit. Handles are points on a line for the hand; the line itself is finer.
"""

from dataclasses import dataclass

import contourpy
import numpy as np
from numpy.typing import NDArray

from cinecor.review.borders.pieces import Region
from cinecor.review.borders.signed_distance import signed_distance_mm

Line = NDArray[np.float64]  # (point, 2) as x, y; closed, the first point is not repeated
HANDLES = 72
"""On one line; Segment's contours have 80, and a reader wants one every 2 to 3 mm."""
_MARGIN_PX = 3


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """Closed lines in pixel coordinates: pixel (row 0, column 0) covers x and y from 0 to 1."""

    lines: tuple[Line, ...]

    def handles(self, pixel_spacing_mm: tuple[float, float], *, count: int = HANDLES) -> tuple[Line, ...]:
        """Return `count` points a line (count, 2), equally far apart in mm along it."""
        return tuple(_equally_spaced(line, pixel_spacing_mm, count) for line in self.lines)


def outline(region: Region, pixel_spacing_mm: tuple[float, float]) -> Outline:
    """Return the border of a region (row, column); no line where it is empty."""
    rows, columns = np.flatnonzero(region.any(axis=1)), np.flatnonzero(region.any(axis=0))
    if not rows.size:
        return Outline(())
    top, left = int(rows[0]), int(columns[0])
    box = np.pad(region[top : int(rows[-1]) + 1, left : int(columns[-1]) + 1], _MARGIN_PX)
    return traced(signed_distance_mm(box, pixel_spacing_mm), origin=(left - _MARGIN_PX, top - _MARGIN_PX))


def traced(field_mm: NDArray[np.float64], *, origin: tuple[int, int] = (0, 0)) -> Outline:
    """Return the zero line of a field (row, column); `origin` is the x and y of its first pixel's corner."""
    found = contourpy.contour_generator(z=field_mm, name="serial").lines(0.0)
    corner = np.array(origin) + 0.5
    return Outline(tuple(np.asarray(line, dtype=np.float64)[:-1] + corner for line in found if len(line) > 3))


def filled(lines: tuple[Line, ...], shape: tuple[int, int]) -> Region:
    """Return the pixels (row, column) whose middle lies within closed lines, by their winding."""
    within = np.zeros(shape, dtype=np.bool_)
    if not lines:
        return within
    every = np.concatenate(lines)
    left, top = np.clip(np.floor(every.min(axis=0)).astype(int) - 1, 0, shape[::-1])
    right, bottom = np.clip(np.ceil(every.max(axis=0)).astype(int) + 1, 0, shape[::-1])
    within[top:bottom, left:right] = _filled(
        [line - (left, top) for line in lines], (int(bottom - top), int(right - left))
    )
    return within


def _filled(lines: list[Line], shape: tuple[int, int]) -> Region:
    """Return the pixels of the piece of an image that the lines cover."""
    rows, columns = shape
    turns = np.zeros((rows, columns + 1), dtype=np.int32)
    for line in lines:
        x, y = line[:, 0] - 0.5, line[:, 1] - 0.5
        next_x, next_y = np.roll(x, -1), np.roll(y, -1)
        # A row is crossed by an edge that reaches from below it to on or above it: no corner counts twice.
        low = np.clip(np.ceil(np.minimum(y, next_y)), 0, rows).astype(np.int64)
        high = np.clip(np.ceil(np.maximum(y, next_y)), 0, rows).astype(np.int64)
        edge = np.repeat(np.arange(len(x)), high - low)
        if not edge.size:
            continue
        first = np.repeat(np.cumsum(high - low) - (high - low), high - low)
        row = low[edge] + np.arange(len(edge)) - first
        at = x[edge] + (row - y[edge]) / (next_y[edge] - y[edge]) * (next_x[edge] - x[edge])
        column = np.clip(np.ceil(at), 0, columns).astype(np.int64)
        np.add.at(turns, (row, column), np.where(next_y > y, 1, -1)[edge])
    return np.asarray(np.cumsum(turns, axis=1)[:, :columns] != 0)


def _equally_spaced(line: Line, pixel_spacing_mm: tuple[float, float], count: int) -> Line:
    closed = np.concatenate((line, line[:1]))
    between_rows_mm, between_columns_mm = pixel_spacing_mm
    steps_mm = np.hypot(*(np.diff(closed, axis=0) * (between_columns_mm, between_rows_mm)).T)
    along_mm = np.concatenate(([0.0], np.cumsum(steps_mm)))
    at_mm = np.arange(count) * along_mm[-1] / count
    return np.stack([np.interp(at_mm, along_mm, closed[:, axis]) for axis in (0, 1)], axis=1)
