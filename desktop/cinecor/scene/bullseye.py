"""The bull's-eye: where each segment lies in it, what it shows, and on which scale."""

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cinecor.measure.regional.function import RegionalFunction, SegmentFunction
from cinecor.measure.regional.segment import BASAL, SEGMENTS, Segment

_APEX_RADIUS = 0.16  # of the outer one; nothing is measured inside
_RING_WIDTH = (1.0 - _APEX_RADIUS) / 3.0
_ANTERIOR_INSERTION_DEG = 120.0  # counter-clockwise from the right: anterior is on top, the septum at left


class Shown(StrEnum):
    """What the segments of the bull's-eye tell."""

    ED = "ed"  # thickness
    ES = "es"
    THICKENING = "thickening"
    MOTION = "motion"


@dataclass(frozen=True, slots=True)
class Scale:
    """From which value to which the colours go, and how values are written."""

    low: float
    high: float
    unit: str
    decimals: int

    def share(self, value: float) -> float:
        """Return where on the colours a value lies, 0 to 1."""
        return min(max((value - self.low) / (self.high - self.low), 0.0), 1.0)


SCALES: Final = {
    Shown.ED: Scale(3.0, 15.0, "mm", 1),
    Shown.ES: Scale(5.0, 21.0, "mm", 1),
    Shown.THICKENING: Scale(0.0, 100.0, "%", 0),
    Shown.MOTION: Scale(0.0, 12.0, "mm", 1),
}
"""The same for every study, so that two can be compared at a glance."""


def value(one: SegmentFunction, shown: Shown) -> float | None:
    """Return what a segment shows; None where it is not known."""
    match shown:
        case Shown.ED:
            return one.ed_mm
        case Shown.ES:
            return one.es_mm
        case Shown.THICKENING:
            return one.thickening_percent
        case Shown.MOTION:
            return one.motion_mm


def curve_mm(one: SegmentFunction, shown: Shown, *, ed_phase: int) -> NDArray[np.float64] | None:
    """Return a segment's thickness, or its motion since ED, over the phases; NaN where the wall is not whole.

    None where nothing is known between ED and ES.
    """
    curve = one.endo_mm if shown is Shown.MOTION else one.thickness_mm
    if curve is None or one.es_mm is None:
        return None
    if shown is Shown.MOTION:
        curve = curve[ed_phase] - curve
    return curve if np.isfinite(curve).any() else None


def pieces(curve: NDArray[np.float64]) -> list[NDArray[np.intp]]:
    """Return the phases of each piece of a curve (phase,) that has no gap."""
    known = np.flatnonzero(np.isfinite(curve))
    return np.split(known, np.flatnonzero(np.diff(known) > 1) + 1) if len(known) else []


@dataclass(frozen=True, slots=True)
class Place:
    """Where a segment lies: radii as shares of the outer one, angles counter-clockwise from the right in degrees."""

    segment: Segment
    inner: float
    outer: float
    begin_deg: float
    width_deg: float

    @property
    def middle(self) -> tuple[float, float]:
        """The point in its middle: to the right, up."""
        radius, angle = (self.inner + self.outer) / 2.0, math.radians(self.begin_deg + self.width_deg / 2.0)
        return radius * math.cos(angle), radius * math.sin(angle)


def _place(segment: Segment) -> Place:
    outer = 1.0 - _RING_WIDTH * (segment.ring - BASAL)
    begin = _ANTERIOR_INSERTION_DEG + segment.begin_deg
    return Place(segment, outer - _RING_WIDTH, outer, begin % 360.0, segment.width_deg)


PLACES: Final = tuple(_place(segment) for segment in SEGMENTS)


def place_at(right: float, up: float) -> Place | None:
    """Return the segment at a point of the bull's-eye whose outer radius is 1; None at the apex and outside."""
    radius, angle = math.hypot(right, up), math.degrees(math.atan2(up, right))
    for place in PLACES:
        if place.inner <= radius < place.outer and (angle - place.begin_deg) % 360.0 < place.width_deg:
            return place
    return None


def sector_px(
    regional: RegionalFunction, number: int, *, index: int, phase: int, spacing_mm: tuple[float, float]
) -> NDArray[np.float64] | None:
    """Return the outline of a segment in a slice, (point, 2) column and row; None where it does not lie there."""
    segment, points = SEGMENTS[number - 1], regional.insertion
    if points is None or regional.rings.get(index) != segment.ring:
        return None
    wall = regional.walls[index]
    if wall is None:
        return None
    off = np.linspace(segment.begin_deg, segment.begin_deg + segment.width_deg, 25)
    directions = np.mod(points.anterior_deg[index] + points.septum_sense * off, 360.0)
    borders = [wall.border_px(directions, phase=phase, spacing_mm=spacing_mm, inner=inner) for inner in (False, True)]
    outline = np.concatenate([borders[0], borders[1][::-1]])
    return outline if np.isfinite(outline).all() else None


def insertion_px(
    regional: RegionalFunction, *, index: int, phase: int, spacing_mm: tuple[float, float]
) -> tuple[tuple[float, float], tuple[float, float]] | None:
    """Return the anterior and the inferior insertion point in a slice, column and row; None where there are none."""
    points = regional.insertion
    if points is None:  # nothing can be named, and there are no walls
        return None
    wall = regional.walls[index]
    if wall is None:
        return None
    both = np.array([points.anterior_deg[index], points.inferior_deg[index]])
    at = wall.border_px(both, phase=phase, spacing_mm=spacing_mm)
    if not np.isfinite(at).all():
        return None
    return (float(at[0, 0]), float(at[0, 1])), (float(at[1, 0]), float(at[1, 1]))


def direction_at(
    regional: RegionalFunction, *, index: int, column: float, row: float, spacing_mm: tuple[float, float]
) -> float | None:
    """Return the direction of a pixel (its centre) from a slice's middle, degrees; None where there is no wall."""
    wall = regional.walls[index]
    if wall is None:
        return None
    right, down = column * spacing_mm[1] - wall.centre_mm[0], row * spacing_mm[0] - wall.centre_mm[1]
    return math.degrees(math.atan2(down, right)) % 360.0
