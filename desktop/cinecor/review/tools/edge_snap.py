"""`snapped`: a line that was drawn by a few clicks, drawn to the edge in the image that the clicks lie on."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import scipy
from numpy.typing import NDArray

from cinecor.review.borders.outline import Line, Outline
from cinecor.review.tools.swept_disc import Point

_POINTS: Final = 120
_REACH_MM: Final = 3.0  # how far the line may go from where it was drawn, between clicks
_STEP_MM: Final = 0.25
_NEAR_CLICK: Final = 0.45  # of a pixel: how far a click may lie beside the edge that was meant
_BETWEEN_MM: Final = 1.6  # and the line between two clicks
_STIFF: Final = 6.0  # what a step of a pixel between neighbouring points costs, in edges
_BLUR_PX: Final = 0.6
_LEAST_EDGE: Final = 0.15  # of the contrast around: less is no edge that somebody clicked on
_SMOOTH: Final = 1.5  # points


def snapped(
    line: Line, clicks: Sequence[Point], pixels: NDArray[np.float32], *, pixel_spacing_mm: tuple[float, float]
) -> Line:
    """Return a closed line (point, 2) moved along its normals to the edge that its clicks lie on.

    What the edge looks like (brighter within or outside, and by how much) is read from the image (row, column) at the
    clicks and mixed between them, as in "on-the-fly training" of live-wire (Falcao et al. 1998); the way with the most
    of such an edge, near the drawn line and smooth, is found by dynamic programming. Where the image has no such edge
    the line stays where it was drawn.
    """
    scale_mm = np.array(pixel_spacing_mm[::-1])
    (points,) = Outline((line,)).handles(pixel_spacing_mm, count=_POINTS)
    along = (np.roll(points, -1, axis=0) - np.roll(points, 1, axis=0)) * scale_mm
    along /= np.maximum(np.hypot(*along.T), 1e-9)[:, np.newaxis]
    normal_px = np.stack((along[:, 1], -along[:, 0]), axis=1) / scale_mm
    offsets_mm = np.arange(-_REACH_MM, _REACH_MM + _STEP_MM / 2, _STEP_MM)
    smooth = scipy.ndimage.gaussian_filter(pixels.astype(np.float64), _BLUR_PX)
    rise = _rise(smooth, points, normal_px, offsets_mm, px_mm=float(min(pixel_spacing_mm)))

    at = np.unique([np.hypot(*((points - click) * scale_mm).T).argmin() for click in clicks])
    near = np.abs(offsets_mm) <= min(pixel_spacing_mm)
    seen = rise[at][:, near]
    edge = seen[np.arange(len(at)), np.abs(seen).argmax(axis=1)]
    expected = np.interp(np.arange(_POINTS), at, edge, period=_POINTS)
    weak = max(0.25 * float(np.median(np.abs(edge))), _LEAST_EDGE * _contrast(smooth, points))
    like = np.clip(rise * expected[:, np.newaxis] / (expected[:, np.newaxis] ** 2 + weak**2 + 1e-9), 0.0, 1.0)

    apart = np.abs(np.arange(_POINTS)[:, np.newaxis] - at[np.newaxis, :])
    apart = np.minimum(apart, _POINTS - apart).min(axis=1)
    far = np.clip(apart / (0.5 * _POINTS / len(at)), 0.0, 1.0)
    free_mm = _NEAR_CLICK * min(pixel_spacing_mm) * (1 - far) + _BETWEEN_MM * far
    cost = 0.5 * (offsets_mm[np.newaxis, :] / free_mm[:, np.newaxis]) ** 2 - 2.0 * like
    way = offsets_mm[_cheapest_way(cost, stiff=_STIFF * (_STEP_MM / min(pixel_spacing_mm)) ** 2)]
    way = scipy.ndimage.gaussian_filter1d(way, _SMOOTH, mode="wrap")
    return np.asarray(points + way[:, np.newaxis] * normal_px)


def _contrast(smooth: NDArray[np.float64], points: Line) -> float:
    """Return how far dark and bright lie apart in the part of an image (row, column) that a line encloses."""
    rows, columns = smooth.shape
    left, top = (int(value) for value in np.clip(np.floor(points.min(axis=0)), 0, (columns - 1, rows - 1)))
    right, bottom = (int(value) for value in np.clip(np.ceil(points.max(axis=0)), (left + 1, top + 1), (columns, rows)))
    low, high = np.percentile(smooth[top:bottom, left:right], (5, 95))
    return float(high - low)


def _rise(
    smooth: NDArray[np.float64],
    points: Line,
    normal_px: NDArray[np.float64],
    offsets_mm: NDArray[np.float64],
    *,
    px_mm: float,
) -> NDArray[np.float64]:
    """Return by how much the image gets brighter across each point of each normal, (point, offset)."""

    def sampled(offset_mm: NDArray[np.float64]) -> NDArray[np.float64]:
        at = points[:, np.newaxis, :] + offset_mm[np.newaxis, :, np.newaxis] * normal_px[:, np.newaxis, :] - 0.5
        return np.asarray(scipy.ndimage.map_coordinates(smooth, [at[..., 1], at[..., 0]], order=1, mode="nearest"))

    return sampled(offsets_mm + 0.7 * px_mm) - sampled(offsets_mm - 0.7 * px_mm)


def _cheapest_way(cost: NDArray[np.float64], *, stiff: float) -> NDArray[np.intp]:
    """Return the column of each row of a closed way through `cost` (row, column); a step costs its length squared."""
    columns = np.arange(cost.shape[1])
    step = stiff * (columns[:, np.newaxis] - columns[np.newaxis, :]) ** 2.0  # from, to

    def open_way(start: int | None) -> NDArray[np.intp]:
        total = cost[0] if start is None else np.where(columns == start, cost[0], np.inf)
        came = np.zeros(cost.shape, dtype=np.intp)
        for row in range(1, len(cost)):
            ways = total[:, np.newaxis] + step
            came[row] = ways.argmin(axis=0)
            total = ways[came[row], columns] + cost[row]
        last = total if start is None else total + step[:, start]
        way = np.empty(len(cost), dtype=np.intp)
        way[-1] = int(last.argmin())
        for row in range(len(cost) - 1, 0, -1):
            way[row - 1] = came[row, way[row]]
        return way

    # Half a turn away from its ends the open way runs as a closed one would: the closed one begins and ends there.
    half = len(cost) // 2
    middle = int(open_way(None)[half])
    cost = np.roll(cost, -half, axis=0)
    return np.roll(open_way(middle), half)
