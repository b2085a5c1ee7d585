"""`regional_function`: labels become thickness, thickening and motion of the wall, segment by segment.

A segment's numbers come from the slices of its ring in which its wall is whole at ED and at ES, the same slices at
both: a slice that only one of them sees would compare two places of the heart. What a short-axis slice sees at ES is
another tissue than at ED all the same, because the base comes down through it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cinecor.measure.moment import ByMoment
from cinecor.measure.regional.cycle_times import CycleTimes
from cinecor.measure.regional.insertion import InsertionPoints, SetInsertion, insertion_points
from cinecor.measure.regional.orientation import Orientation, orientation
from cinecor.measure.regional.segment import BY_RING, RINGS, Segment, held_by
from cinecor.measure.regional.wall import DIRECTIONS_DEG, SliceWall, closed_shares, slice_walls
from cinecor.message import Message
from cinecor.study.cine_stack import StackGeometry

Array = NDArray[np.float64]

_WHOLE = 0.95  # of a segment's directions, and of those beside it, that must have a wall
_BESIDE_DEG = 15.0  # an open end is as far away: nearer, the wall's cut edge would count as its border
_WIDER: Final = tuple(tuple(one.wider(_BESIDE_DEG) for one in segments) for segments in BY_RING)
_HALF_CLOSED = 0.5  # SCMR's rule of the basal slice: wall around half of the circumference
_MOSTLY_CLOSED = 0.75  # less, and the cavity's middle is not that of the ventricle
_STEEPEST_DEG = 35.0  # wall against the long axis; beyond it a slice shows it more than a fifth too thick
_MOST_OBLIQUE_DEG = 20.0  # stack against the LV's own axis
_FEWEST_PEAKS = 6

NO_CAVITY: Final = Message(
    "regional_no_cavity", "There is no regional function: cavity and wall were not found in enough slices."
)
NO_MOMENTS: Final = Message(
    "regional_no_moments", "There is no thickening and no motion: ED and ES are not both known."
)
OPEN: Final = Message("regional_open", "The wall is open here.")
OPEN_AT_ES: Final = Message("regional_open_at_es", "The wall is open here at ES.")
OBLIQUE: Final = Message("regional_oblique", "The slice cuts the wall obliquely here.")
NO_SLICE: Final = Message("regional_no_slice", "No slice lies here.")


@dataclass(frozen=True, slots=True, eq=False)
class SegmentFunction:
    """What is known of one segment; mm; None where it cannot be known, and `refused` says why.

    `peak_ms` alone may be None without it: `CycleTimes.peak_ms` tells where.
    """

    segment: Segment
    slices: tuple[int, ...] = ()  # that its numbers come from
    ed_mm: float | None = None  # mean thickness
    es_mm: float | None = None
    motion_mm: float | None = None  # of the inner border towards the middle, ED to ES
    peak_ms: float | None = None  # from ED until the wall is thickest
    thickness_mm: Array | None = None  # (phase,), NaN where the wall is not whole
    endo_mm: Array | None = None  # (phase,) distance of the inner border from the middle
    refused: Message | None = None

    @property
    def thickening_mm(self) -> float | None:
        """Thickness at ES less thickness at ED."""
        return None if self.ed_mm is None or self.es_mm is None else self.es_mm - self.ed_mm

    @property
    def thickening_percent(self) -> float | None:
        """The same as a share of the thickness at ED."""
        gain = self.thickening_mm
        return None if gain is None or not self.ed_mm else 100.0 * gain / self.ed_mm


@dataclass(frozen=True, slots=True, eq=False)
class RegionalFunction:
    """Regional function of one review; nothing is named where the orientation is unknown."""

    segments: tuple[SegmentFunction, ...]  # sixteen; empty where nothing can be told
    orientation: Orientation
    insertion: InsertionPoints | None
    walls: tuple[SliceWall | None, ...]  # of each slice; empty where nothing can be named
    rings: Mapping[int, int]  # slice: its ring
    reasons: tuple[Message, ...] = ()  # why something is missing altogether
    ed_phase: int = 0  # or the first, where ED is not known

    @property
    def dispersion_ms(self) -> float | None:
        """Standard deviation of the segments' times to peak thickening; None of fewer than six."""
        peaks = [one.peak_ms for one in self.segments if one.peak_ms is not None]
        return float(np.std(peaks)) if len(peaks) >= _FEWEST_PEAKS else None

    @property
    def mid_ed_mm(self) -> float | None:
        """Mean thickness of the mid ring at ED; None unless all six segments are known."""
        known = [one.ed_mm for one in self.segments[6:12] if one.ed_mm is not None]
        return float(np.mean(known)) if len(known) == 6 else None


def regional_function(
    labels: NDArray[np.uint8],
    *,
    geometry: StackGeometry,
    moments: ByMoment[int | None],
    phase_times_ms: tuple[float, ...] | None = None,
    rr_ms: float | None = None,
    by_reader: Mapping[int, SetInsertion] = MappingProxyType({}),
) -> RegionalFunction:
    """Return the regional function of final labels (slice, phase, row, column), papillary muscles as they are drawn.

    `moments` are the phases of ED and ES; without ED the first phase stands for it. `by_reader` are insertion points
    that a reader set, by slice: they are enough to name segments where the file tells no orientation.
    """
    times = CycleTimes.of(moments, phase_times_ms=phase_times_ms, rr_ms=rr_ms)
    ed = times.ed
    seen = orientation(labels[:, ed], geometry=geometry)
    heights = _heights_mm(geometry)
    if not seen.known and not by_reader:  # no segment can be named: rings alone are told
        closed = closed_shares(labels[:, ed], spacing_mm=geometry.pixel_spacing_mm)
        rings = _rings(closed, heights, geometry=geometry, base_first=seen.base_first)
        reason = seen.reason if rings else NO_CAVITY
        reasons = () if reason is None else (reason,)
        return RegionalFunction((), seen, None, (), MappingProxyType(rings), reasons, ed)
    walls = slice_walls(labels, spacing_mm=geometry.pixel_spacing_mm, reference_phase=ed)
    closed = np.array([np.nan if wall is None else wall.closed[ed].mean() for wall in walls])
    rings = _rings(closed, heights, geometry=geometry, base_first=seen.base_first)
    points = insertion_points(walls, heights_mm=heights, anterior=seen.anterior, by_reader=by_reader)
    if not rings:
        return RegionalFunction((), seen, points, walls, MappingProxyType({}), (NO_CAVITY,), ed)
    if points is None:
        reasons = () if seen.reason is None else (seen.reason,)
        return RegionalFunction((), seen, None, walls, MappingProxyType(rings), reasons, ed)
    steep = _steepness_deg(walls, heights, ed=ed)
    oblique = _axis_angle_deg(walls, geometry) > _MOST_OBLIQUE_DEG
    slices = {
        index: _InSlice.of(
            ring,
            wall,
            direction_deg=points.from_anterior_deg(index, DIRECTIONS_DEG),
            steep_deg=np.full(len(DIRECTIONS_DEG), 90.0) if oblique else steep[index],
        )
        for index, ring in rings.items()
        if (wall := walls[index]) is not None
    }
    found = tuple(
        _segment(one, place, {index: told for index, told in slices.items() if told.ring == ring}, times=times)
        for ring, segments in enumerate(BY_RING)
        for place, one in enumerate(segments)
    )
    reasons = (NO_MOMENTS,) if times.es is None else ()
    return RegionalFunction(found, seen, points, walls, MappingProxyType(rings), reasons, ed)


@dataclass(frozen=True, slots=True, eq=False)
class _InSlice:
    """What one slice tells of the segments of its ring, in their order."""

    ring: int
    oblique: NDArray[np.bool_]  # (segment,)
    thickness_mm: Array  # (phase, segment), NaN where the wall is not whole
    endo_mm: Array
    whole: NDArray[np.bool_]  # (phase, segment)

    @classmethod
    def of(cls, ring: int, wall: SliceWall, *, direction_deg: Array, steep_deg: Array) -> "_InSlice":
        own, near = (held_by(segments[ring], direction_deg).astype(np.float64) for segments in (BY_RING, _WIDER))
        covered = wall.closed.astype(np.float64) @ near.T / near.sum(axis=1)
        whole = (covered >= _WHOLE) & _mostly_closed(wall)[:, None]
        return cls(
            ring,
            own @ steep_deg / own.sum(axis=1) > _STEEPEST_DEG,
            np.where(whole, _means(wall.thickness_mm, own), np.nan),
            np.where(whole, _means(wall.endo_mm, own), np.nan),
            whole,
        )


def _segment(segment: Segment, place: int, slices: Mapping[int, _InSlice], *, times: CycleTimes) -> SegmentFunction:
    thickness, endo = {}, {}
    refusals: list[Message] = []
    for index, told in slices.items():
        if told.oblique[place]:
            refusals.append(OBLIQUE)
        elif not told.whole[times.ed, place]:
            refusals.append(OPEN)
        else:
            thickness[index], endo[index] = told.thickness_mm[:, place], told.endo_mm[:, place]
    if not thickness:
        return SegmentFunction(segment, refused=refusals[0] if refusals else NO_SLICE)
    both = [index for index, curve in thickness.items() if times.es is not None and np.isfinite(curve[times.es])]
    used = tuple(sorted(both or thickness))
    wall_mm, endo_mm = (np.add.reduce([curves[index] for index in used]) / len(used) for curves in (thickness, endo))
    wall_mm.setflags(write=False)
    endo_mm.setflags(write=False)
    if not both:
        refused = OPEN_AT_ES if times.es is not None else NO_MOMENTS
        return SegmentFunction(
            segment, used, float(wall_mm[times.ed]), thickness_mm=wall_mm, endo_mm=endo_mm, refused=refused
        )
    motion = float(endo_mm[times.ed] - endo_mm[times.es])
    return SegmentFunction(
        segment,
        used,
        float(wall_mm[times.ed]),
        float(wall_mm[times.es]),
        motion if np.isfinite(motion) else None,
        times.peak_ms(wall_mm),
        wall_mm,
        endo_mm,
    )


def _mostly_closed(wall: SliceWall) -> NDArray[np.bool_]:
    """Return at which phases the wall lies around its reference middle, but for a gap that a segment may have."""
    return np.asarray((wall.closed.mean(axis=1) >= _MOSTLY_CLOSED) & np.isfinite(wall.endo_mm[:, 0]))


def _means(values: Array, segments: Array) -> Array:
    """Return the means of values (phase, ray) over the rays of each segment (segment, ray), NaN where none is known."""
    known = np.isfinite(values)
    total = np.where(known, values, 0.0) @ segments.T
    count = known.astype(np.float64) @ segments.T
    return np.asarray(np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0))


def _heights_mm(geometry: StackGeometry) -> Array:
    normal = np.cross(geometry.column_axis, geometry.row_axis)
    heights = geometry.positions_mm @ normal
    return np.asarray(heights - heights[0])


def _rings(closed: Array, heights_mm: Array, *, geometry: StackGeometry, base_first: bool | None) -> dict[int, int]:
    """Return the ring of each slice: equal thirds of what the slices with a wall at ED cover, from base to apex.

    `closed` (slice,) is around which share of the cavity the wall is at ED.
    """
    used = np.flatnonzero(closed >= _HALF_CLOSED).tolist()
    if len(used) < RINGS or base_first is None:
        return {}
    base, apex = (used[0], used[-1]) if base_first else (used[-1], used[0])
    sign = np.sign(heights_mm[apex] - heights_mm[base])
    along = sign * (heights_mm - heights_mm[base])
    begin = -0.5 * geometry.slice_extent_mm[base]
    length = along[apex] + 0.5 * geometry.slice_extent_mm[apex] - begin
    return {index: min(int(RINGS * (along[index] - begin) / length), RINGS - 1) for index in used}


def _steepness_deg(walls: tuple[SliceWall | None, ...], heights_mm: Array, *, ed: int) -> Array:
    """Return how steep the wall stands to the long axis at ED, (slice, ray) degrees; 0 where no neighbour tells."""
    middle = np.array(
        [
            np.full(len(DIRECTIONS_DEG), np.nan) if wall is None else 0.5 * (wall.endo_mm[ed] + wall.epi_mm[ed])
            for wall in walls
        ]
    )
    slopes = np.zeros_like(middle)
    for index in range(len(walls)):
        near = [other for other in (index - 1, index + 1) if 0 <= other < len(walls) and walls[other] is not None]
        ends = (near[0], near[-1]) if len(near) == 2 else (index, near[0]) if near else (index, index)
        if ends[0] != ends[1]:
            slopes[index] = (middle[ends[1]] - middle[ends[0]]) / (heights_mm[ends[1]] - heights_mm[ends[0]])
    return np.asarray(np.degrees(np.arctan(np.abs(np.nan_to_num(slopes)))))


def _axis_angle_deg(walls: tuple[SliceWall | None, ...], geometry: StackGeometry) -> float:
    """Return the angle between the slices' normal and the line through the middles of the wall."""
    middles = np.array(
        [
            geometry.positions_mm[index]
            + wall.centre_mm[0] * geometry.column_axis
            + wall.centre_mm[1] * geometry.row_axis
            for index, wall in enumerate(walls)
            if wall is not None
        ]
    )
    if len(middles) < RINGS:
        return 0.0
    _, _, directions = np.linalg.svd(middles - middles.mean(axis=0), full_matrices=False)
    normal = np.cross(geometry.column_axis, geometry.row_axis)
    return float(np.degrees(np.arccos(np.clip(abs(directions[0] @ normal), 0.0, 1.0))))
