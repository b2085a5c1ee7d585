"""`Push`: a round tool that pushes the nearest border before it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import scipy
from numpy.typing import NDArray

from cinecor.review.borders import Border, Outline, outline, region, signed_distance_mm, traced, with_region
from cinecor.review.borders.signed_distance import FAR_MM
from cinecor.review.tools.swept_disc import Point, SweptDisc

_SHOULDER_MM = 1.0  # where the pushed arc meets the rest of the border it is rounded over this length
_MARGIN_PX = 6
_SAME_PX = 0.3  # two borders this nearly as near are one line: the side of the press decides


@dataclass(frozen=True, slots=True, eq=False)
class Push:
    """One drag of the tool so far, as a value: `to` returns it at the next point of the mouse.

    Pressed inside a border, the disc pushes it outwards; pressed outside, inwards. What it does depends on the way
    of the disc alone, not on how many points the mouse told.
    """

    before: NDArray[np.uint8]  # the frame (row, column) when the button went down
    border: Border
    outwards: bool
    at: Point
    labels: NDArray[np.uint8]  # the frame now
    _disc: SweptDisc
    _start_mm: NDArray[np.float64]  # signed distance from the border at the press
    _swept_mm: NDArray[np.float64]  # distance from all that the disc has covered
    _field_mm: NDArray[np.float64]  # both together
    _allowed: bool = field(default=True)  # whether anatomy let the border lie where the field has it

    def to(self, point: Point) -> "Push":
        """Return the drag with the disc moved on in a straight line."""
        part, distance_mm = self._disc.distance_mm(self.at, point, reach_mm=2 * _SHOULDER_MM)
        swept_mm, field_mm = self._swept_mm.copy(), self._field_mm.copy()
        swept_mm[part] = np.minimum(swept_mm[part], distance_mm)
        if self.outwards:
            field_mm[part] = _union_mm(self._start_mm[part], swept_mm[part])
        else:
            field_mm[part] = -_union_mm(-self._start_mm[part], swept_mm[part])
        wanted = field_mm < 0
        same = bool((wanted[part] == (self._field_mm[part] < 0)).all())
        labels = self.labels if same else with_region(self.before, self.border, wanted)
        allowed = self._allowed if same else bool((region(labels, self.border) == wanted).all())
        return replace(self, at=point, labels=labels, _swept_mm=swept_mm, _field_mm=field_mm, _allowed=allowed)

    @property
    def outline(self) -> Outline:
        """The pushed border as it is now, finer than pixels."""
        if not self._allowed:
            return outline(region(self.labels, self.border), self._disc.pixel_spacing_mm)
        rows = np.flatnonzero((self._field_mm < 0).any(axis=1))
        columns = np.flatnonzero((self._field_mm < 0).any(axis=0))
        if not rows.size:
            return Outline(())
        # A ring of far pixels around the frame closes lines at its edge.
        top, left = max(0, int(rows[0]) - 2), max(0, int(columns[0]) - 2)
        part = self._field_mm[top : int(rows[-1]) + 3, left : int(columns[-1]) + 3]
        return traced(np.pad(part, 1, constant_values=self._disc.pixel_spacing_mm[0]), origin=(left - 1, top - 1))


def begin_push(
    labels: NDArray[np.uint8],
    at: Point,
    *,
    radius_mm: float,
    pixel_spacing_mm: tuple[float, float],
    held: Border | None = None,
) -> Push | None:
    """Return a drag that begins at a point; None where no border can be pushed (an empty frame, or without `held`)."""
    border = held if held is not None else nearest_border(labels, at, pixel_spacing_mm=pixel_spacing_mm)
    if border is None or not region(labels, border).any():
        return None
    start_mm = _distance_mm(labels, border, pixel_spacing_mm)
    outwards = _sampled(start_mm, at) < 0
    shape = (int(labels.shape[0]), int(labels.shape[1]))
    disc = SweptDisc(radius_mm, pixel_spacing_mm, shape)
    push = Push(labels, border, outwards, at, labels, disc, start_mm, np.full(shape, FAR_MM), start_mm)
    return push.to(at)


def push(
    labels: NDArray[np.uint8],
    path: Sequence[Point],
    *,
    radius_mm: float,
    pixel_spacing_mm: tuple[float, float],
    held: Border | None = None,
) -> NDArray[np.uint8]:
    """Return the frame after a whole drag along a path; as it was where there is no border to push."""
    drag = begin_push(labels, path[0], radius_mm=radius_mm, pixel_spacing_mm=pixel_spacing_mm, held=held)
    if drag is None:
        return labels
    for point in path[1:]:
        drag = drag.to(point)
    return drag.labels


def nearest_border(labels: NDArray[np.uint8], at: Point, *, pixel_spacing_mm: tuple[float, float]) -> Border | None:
    """Return the border whose line is nearest to a point, on a shared line the one around it; None without any."""
    lines = {border: outline(region(labels, border), pixel_spacing_mm) for border in Border}
    return nearest_line(lines, labels, at, pixel_spacing_mm=pixel_spacing_mm)


def nearest_line(
    lines: Mapping[Border, Outline],
    labels: NDArray[np.uint8],
    at: Point,
    *,
    pixel_spacing_mm: tuple[float, float],
) -> Border | None:
    """Return `nearest_border` of labels whose outlines are known already: a mouse asks with every move."""
    found = []
    for border, line in lines.items():
        if line.lines:
            away_mm = (np.concatenate(line.lines) - at) * pixel_spacing_mm[::-1]
            beside_mm = 0.0 if _holds(region(labels, border), at) else _SAME_PX * min(pixel_spacing_mm)
            found.append((float(np.hypot(*away_mm.T).min()) + beside_mm, border))
    return min(found, key=lambda one: one[0])[1] if found else None


def _holds(within: NDArray[np.bool_], at: Point) -> bool:
    row, column = int(np.floor(at[1])), int(np.floor(at[0]))
    return 0 <= row < within.shape[0] and 0 <= column < within.shape[1] and bool(within[row, column])


def _union_mm(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the distance from both regions together, rounded where their borders meet (polynomial smooth minimum)."""
    near = np.maximum(_SHOULDER_MM - np.abs(one - other), 0.0) / _SHOULDER_MM
    return np.asarray(np.minimum(one, other) - near**2 * (_SHOULDER_MM / 4))


def _distance_mm(
    labels: NDArray[np.uint8], border: Border, pixel_spacing_mm: tuple[float, float]
) -> NDArray[np.float64]:
    """Return the signed distance on the whole frame: exact around the region, no more than the truth far from it."""
    within = region(labels, border)
    rows, columns = np.flatnonzero(within.any(axis=1)), np.flatnonzero(within.any(axis=0))
    box = (
        slice(max(0, int(rows[0]) - _MARGIN_PX), int(rows[-1]) + 1 + _MARGIN_PX),
        slice(max(0, int(columns[0]) - _MARGIN_PX), int(columns[-1]) + 1 + _MARGIN_PX),
    )
    distance_mm = _far_mm(within.shape, box, pixel_spacing_mm)
    distance_mm[box] = signed_distance_mm(within[box], pixel_spacing_mm)
    return distance_mm


def _far_mm(
    shape: tuple[int, ...], box: tuple[slice, slice], pixel_spacing_mm: tuple[float, float]
) -> NDArray[np.float64]:
    """Return how far each pixel at least is from a region that lies in a box, its margin away from the box's sides."""
    sides = []
    for size, span, spacing_mm in zip(shape, box, pixel_spacing_mm, strict=True):
        at = np.arange(size)
        beyond = np.maximum(np.maximum(span.start - at, at - span.stop + 1), 0)
        sides.append((beyond + _MARGIN_PX) * spacing_mm)
    return np.asarray(np.maximum(sides[0][:, np.newaxis], sides[1][np.newaxis, :]))


def _sampled(field_mm: NDArray[np.float64], at: Point) -> float:
    value = scipy.ndimage.map_coordinates(field_mm, [[at[1] - 0.5], [at[0] - 0.5]], order=1, mode="nearest")
    return float(value[0])
