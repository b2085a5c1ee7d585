"""`InsertionPoints`: where the right ventricle joins the wall, in front and below, slice by slice.

The points are the ends of the arc on which the RV touches the wall. An RV cavity narrows towards its ends like a
square (it is a crescent), so labels lose the tips: the root of its thickness is drawn on in a straight line to where it
vanishes, by at most 6°. Single frames are noisy: each slice takes the mean over the phases that show most of the arc,
and along the axis a straight line is laid through the slices whose arc is at least 0.7 of the widest, which holds on
to its last value beyond them: near its own apex and base an RV does not reach to where it joins the wall.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cinecor.measure.regional.wall import DIRECTIONS_DEG, RAYS, SliceWall

Array = NDArray[np.float64]

_DEG_PER_RAY: Final = 360.0 / RAYS
_GAP_RAYS = 4  # a break of the contact that does not end it
_LEAST_ARC, _MOST_ARC = 10, 85  # rays: 30° to 255°
_INWARDS = 5  # rays from the end of the arc to the second place its narrowing is judged by
_LONGEST_TIP_DEG = 6.0
_LONG_ARC = 0.9  # of the longest of a slice: shorter ones do not tell its ends
_WIDE_ARC = 0.7  # of the widest of all slices: where the RV ends, it no longer reaches to where it joins the wall
_STRAY_DEG = 20.0  # a slice so far from the line through the others does not count


@dataclass(frozen=True, slots=True)
class SetInsertion:
    """The points of one slice as a reader set them: degrees about the wall's middle, see `SliceWall`."""

    anterior_deg: float
    inferior_deg: float


@dataclass(frozen=True, slots=True, eq=False)
class InsertionPoints:
    """Directions (slice,) of both points, degrees about the wall's middle; the same at every phase."""

    anterior_deg: Array
    inferior_deg: Array
    septum_sense: int  # 1 where degrees grow from the anterior point over the septum, else −1
    by_reader: frozenset[int]  # slices whose points were set by hand

    def from_anterior_deg(self, index: int, direction_deg: Array) -> Array:
        """Return directions of a slice as degrees from its anterior point towards the septum, 0 to 360."""
        return np.asarray(np.mod(self.septum_sense * (direction_deg - self.anterior_deg[index]), 360.0))


def insertion_points(
    walls: Sequence[SliceWall | None],
    *,
    heights_mm: Array,
    anterior: tuple[float, float] | None,
    by_reader: Mapping[int, SetInsertion],
) -> InsertionPoints | None:
    """Return the insertion points of all slices; None where neither labels nor a reader tell them.

    `anterior` is the way to the anterior wall in the image (see `orientation`); without it only a reader's points
    tell which is which. `heights_mm` (slice,) is the place of each slice along the axis.
    """
    found = np.full((2, len(walls)), np.nan)
    senses: list[int] = []
    if anterior is not None:
        found, senses = _from_labels(walls, anterior)
    for index, points in by_reader.items():
        found[:, index] = points.anterior_deg, points.inferior_deg
        senses.append(_sense(points.anterior_deg, points.inferior_deg))
    if not np.isfinite(found[0]).any():
        return None
    line = [_along_axis(angles, heights_mm, fixed=frozenset(by_reader)) for angles in found]
    sense = 1 if sum(senses) > 0 else -1
    return InsertionPoints(line[0], line[1], sense, frozenset(by_reader))


def _from_labels(walls: Sequence[SliceWall | None], anterior: tuple[float, float]) -> tuple[Array, list[int]]:
    """Return the anterior and inferior direction (2, slice) as the labels show them, NaN where they do not."""
    found = np.full((2, len(walls)), np.nan)
    widths = np.zeros(len(walls))
    senses: list[int] = []
    towards = np.degrees(np.arctan2(anterior[1], anterior[0]))
    for index, wall in enumerate(walls):
        if wall is None:
            continue
        ends = [pair for rv in wall.rv_mm.tolist() if (pair := _arc(rv)) is not None]
        if not ends:
            continue
        arcs = np.array(ends)  # a base that passes the slice cuts the arc short at some phases
        arcs = arcs[np.ptp(arcs, axis=1) >= _LONG_ARC * np.ptp(arcs, axis=1).max()]
        begin, end = (_mean_deg(arcs[:, side]) for side in (0, 1))
        # Degrees grow from `begin` over the septum to `end`.
        if abs(_turn(end - towards)) < abs(_turn(begin - towards)):
            found[:, index] = end, begin
            senses.append(-1)
        else:
            found[:, index] = begin, end
            senses.append(1)
        widths[index] = np.median(np.ptp(arcs, axis=1))
    found[:, widths < _WIDE_ARC * widths.max()] = np.nan
    return found, senses


def _arc(rv_mm: Sequence[float]) -> tuple[float, float] | None:
    """Return the first and last direction of the arc on which an RV (ray,) touches the wall; None without one."""
    touching = [ray for ray, mm in enumerate(rv_mm) if mm > 0.0]
    if len(touching) in (0, len(rv_mm)):
        return None
    # The first that does not touch: no arc goes over it.
    start = next((ray for ray, other in enumerate(touching) if ray != other), len(touching))
    runs: list[tuple[int, int]] = []
    for place in (ray - start for ray in (*touching[start:], *(before + RAYS for before in touching[:start]))):
        if runs and place - runs[-1][1] <= _GAP_RAYS:
            runs[-1] = (runs[-1][0], place)
        else:
            runs.append((place, place))
    first, last = max(runs, key=lambda run: run[1] - run[0])
    if not _LEAST_ARC <= last - first + 1 <= _MOST_ARC:
        return None

    def root(place: int) -> float:
        mm = rv_mm[(start + place) % RAYS]
        return math.sqrt(mm) if mm > 0.0 else 0.0

    before, after = _tip_deg(root(first), root(first + _INWARDS)), _tip_deg(root(last), root(last - _INWARDS))
    begin = DIRECTIONS_DEG[0] + (start + first - 0.5) * _DEG_PER_RAY - before
    return begin, begin + before + (last - first + 1) * _DEG_PER_RAY + after


def _tip_deg(at_end: float, inwards: float) -> float:
    slope = (inwards - at_end) / (_INWARDS * _DEG_PER_RAY)
    return min(at_end / slope, _LONGEST_TIP_DEG) if slope > 0.0 and at_end < inwards else 0.0


def _along_axis(angles_deg: Array, heights_mm: Array, *, fixed: frozenset[int]) -> Array:
    """Return directions of every slice: a straight line along the axis; those that a reader set are kept."""
    known = np.flatnonzero(np.isfinite(angles_deg))
    middle = _mean_deg(angles_deg[known])
    off, at = _turn(angles_deg[known] - middle), heights_mm[known]
    weight = np.array([4.0 if index in fixed else 1.0 for index in known])
    line = _line(at, off, weight)
    sound = np.abs(off - line(at)) <= _STRAY_DEG
    if 2 <= sound.sum() < len(known):
        line = _line(at[sound], off[sound], weight[sound])
    directions = middle + line(np.clip(heights_mm, at.min(), at.max()))
    for index in fixed:
        directions[index] = angles_deg[index]
    return np.asarray(np.mod(directions, 360.0))


def _line(at: Array, off: Array, weight: Array) -> Callable[[Array], Array]:
    """Return the straight line of weighted least squares; of fewer than three points a level one."""
    total = weight.sum()
    middle, height = (weight @ at) / total, (weight @ off) / total
    spread = weight @ (at - middle) ** 2
    slope = weight @ ((at - middle) * off) / spread if len(at) > 2 and spread > 0.0 else 0.0
    return lambda places: height + slope * (places - middle)


def _sense(anterior_deg: float, inferior_deg: float) -> int:
    """Return which way the septum lies between two points that were set: it is the shorter arc."""
    return 1 if _turn(np.array(inferior_deg - anterior_deg)) > 0 else -1


def _turn(degrees: Array | float) -> Array:
    return np.asarray(np.mod(np.asarray(degrees) + 180.0, 360.0) - 180.0)


def _mean_deg(degrees: Array) -> float:
    angle = np.radians(degrees)
    return float(np.degrees(np.arctan2(np.sin(angle).mean(), np.cos(angle).mean())))
