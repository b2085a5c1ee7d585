"""Tools that draw a line: a whole new outline by clicks, an arc by one stroke, a handle by a drag."""

from collections.abc import Sequence

import numpy as np
import scipy
from numpy.typing import NDArray

from cinecor.review.borders import MOST_RV_PIECES, Border, filled, outline, region, with_region
from cinecor.review.borders.outline import HANDLES, Line
from cinecor.review.tools.edge_snap import snapped
from cinecor.review.tools.swept_disc import Point

FEWEST_CLICKS = 3
_SAME_PX = 0.05
_SPLINE_POINTS = 16  # between two clicks
_REACH_MM = 8.0  # a stroke that ends farther from the border than this was not meant to meet it
_GAP_MM = 2.0  # between RV and wall: a septum has no room for anything else
_BESIDE_HANDLE = 6  # handles to either side that follow a dragged one


def closed_spline(clicks: Sequence[Point]) -> Line:
    """Return a smooth closed line (point, 2) through at least three clicks.

    Centripetal parameters: the line neither loops nor overshoots between clicks that lie unevenly (Yuksel 2011).
    """
    from scipy.interpolate import CubicSpline  # half a second of imports that only drawing needs

    knots = np.array(clicks, dtype=np.float64)
    apart = np.hypot(*np.diff(knots, axis=0, append=knots[:1]).T)
    knots, apart = knots[apart > _SAME_PX], apart[apart > _SAME_PX]  # a double click is one point
    if len(knots) < FEWEST_CLICKS:
        raise ValueError(f"an outline needs {FEWEST_CLICKS} points, not {len(knots)}")
    along = np.concatenate(([0.0], np.cumsum(np.sqrt(apart))))
    spline = CubicSpline(along, np.concatenate((knots, knots[:1])), bc_type="periodic")
    between = np.arange(_SPLINE_POINTS) / _SPLINE_POINTS
    at = (along[:-1, np.newaxis] + between * np.diff(along)[:, np.newaxis]).ravel()
    return np.asarray(spline(at), dtype=np.float64)


def new_outline(
    labels: NDArray[np.uint8],
    border: Border,
    clicks: Sequence[Point],
    *,
    pixel_spacing_mm: tuple[float, float],
    pixels: NDArray[np.float32] | None = None,
) -> NDArray[np.uint8]:
    """Return the frame with a border drawn anew through clicks.

    With the image `pixels` (row, column) the line of a cavity goes to the edge of its blood between the clicks; that of
    the wall stays as drawn, as what lies beyond it changes all the way round. A new `epi` cuts a cavity that reaches
    beyond it; an RV line apart from the RV makes a second piece, and one beside the wall runs along it.

    Raises `ValueError` for fewer than three points.
    """
    line = closed_spline(clicks)
    if pixels is not None and border is not Border.EPI:
        line = snapped(line, clicks, pixels, pixel_spacing_mm=pixel_spacing_mm)
    drawn = filled((line,), (int(labels.shape[0]), int(labels.shape[1])))
    if border is Border.RV:
        drawn |= _gap(drawn, region(labels, Border.EPI), pixel_spacing_mm)
        present = region(labels, border)
        if not (present & drawn).any():
            return with_region(labels, border, present | drawn, rv_pieces=MOST_RV_PIECES)
        return with_region(labels, border, drawn, rv_pieces=1)
    return with_region(labels, border, drawn, cavity_yields=True)


def redraw_arc(
    labels: NDArray[np.uint8],
    border: Border,
    stroke: Sequence[Point],
    *,
    pixel_spacing_mm: tuple[float, float],
) -> NDArray[np.uint8]:
    """Return the frame with the arc between a stroke's ends replaced by the stroke.

    Of the two arcs between the ends the one goes whose loss leaves more of the region as it was. As it was
    altogether where an end of the stroke lies farther than 8 mm from every line, or both ends meet different lines.
    """
    within = region(labels, border)
    lines = outline(within, pixel_spacing_mm).lines
    points = np.array(stroke, dtype=np.float64)
    place = _meeting(lines, points, pixel_spacing_mm)
    if place is None or len(points) < 2:
        return labels
    line, first, last = place
    whole = lines[line]
    one = np.roll(whole, -last, axis=0)[: (first - last) % len(whole) + 1]  # from the stroke's end on to its start
    other = np.roll(whole, -first, axis=0)[: (last - first) % len(whole) + 1][::-1]
    rest = [each for index, each in enumerate(lines) if index != line]
    shape = (int(labels.shape[0]), int(labels.shape[1]))
    drawn = [filled((*rest, np.concatenate((points, arc))), shape) for arc in (one, other)]
    return with_region(labels, border, max(drawn, key=lambda region: _overlap(region, within)))


def drag_handle(
    labels: NDArray[np.uint8],
    border: Border,
    start: Point,
    end: Point,
    *,
    pixel_spacing_mm: tuple[float, float],
) -> NDArray[np.uint8]:
    """Return the frame with the handle nearest to `start` moved to `end`; its neighbours follow less and less."""
    lines = outline(region(labels, border), pixel_spacing_mm).lines
    place = _meeting(lines, np.array([start, start]), pixel_spacing_mm)
    if place is None:
        return labels
    line, nearest, _ = place
    whole = lines[line]
    scale_mm = np.array(pixel_spacing_mm[::-1])
    steps_mm = np.hypot(*(np.diff(whole, axis=0, append=whole[:1]) * scale_mm).T)
    length_mm = steps_mm.sum()
    along_mm = np.concatenate(([0.0], np.cumsum(steps_mm)[:-1]))
    apart_mm = np.abs(along_mm - along_mm[nearest])
    apart_mm = np.minimum(apart_mm, length_mm - apart_mm)
    reach_mm = _BESIDE_HANDLE * length_mm / HANDLES
    follow = np.where(apart_mm < reach_mm, 0.5 + 0.5 * np.cos(np.pi * apart_mm / reach_mm), 0.0)
    moved = whole + follow[:, np.newaxis] * (np.array(end) - np.array(start))
    every = (*lines[:line], moved, *lines[line + 1 :])
    return with_region(labels, border, filled(every, (int(labels.shape[0]), int(labels.shape[1]))))


def _meeting(
    lines: tuple[Line, ...], stroke: NDArray[np.float64], pixel_spacing_mm: tuple[float, float]
) -> tuple[int, int, int] | None:
    """Return which line both ends of a stroke meet, and at which of its points; None when there is none in reach."""
    scale_mm = np.array(pixel_spacing_mm[::-1])
    best: tuple[float, tuple[int, int, int]] | None = None
    for index, line in enumerate(lines):
        away_mm = [np.hypot(*((line - end) * scale_mm).T) for end in (stroke[0], stroke[-1])]
        farthest_mm = max(float(one.min()) for one in away_mm)
        if farthest_mm <= _REACH_MM and (best is None or farthest_mm < best[0]):
            best = farthest_mm, (index, int(away_mm[0].argmin()), int(away_mm[1].argmin()))
    return None if best is None else best[1]


def _gap(drawn: NDArray[np.bool_], wall: NDArray[np.bool_], pixel_spacing_mm: tuple[float, float]) -> NDArray[np.bool_]:
    """Return what lies between a drawn region and the wall where both are near: nothing else is between them."""
    if not drawn.any() or not wall.any():
        return np.zeros_like(drawn)
    near = [scipy.ndimage.distance_transform_edt(~one, sampling=pixel_spacing_mm) for one in (drawn, wall)]
    return np.asarray(~drawn & ~wall & (near[0] + near[1] <= _GAP_MM + max(pixel_spacing_mm)))


def _overlap(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    return int((one & other).sum()) / max(1, int((one | other).sum()))
