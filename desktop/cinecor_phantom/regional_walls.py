"""`RegionalWalls`: borders of the left ventricle that differ from segment to segment, at no cost in volume.

Where nothing is planted the borders are circles of radius R(z) around the long axis. A planted segment moves them to

    endo:  r = R + (1 − motion) (R₀ − R)                    R₀: the radius at end-diastole at the same height
    epi:   r + wall · (T₀ + motion (T − T₀))                T, T₀: the regular thickness now and at end-diastole

in its core. What the segment takes or gives of a slice's area is given back evenly by the rest of the circumference:
with D = r² − R², w(φ) the segment's window (1 in the core, 0 outside, cubic flanks) and w̄ its mean,

    r(φ)² = R² + (D + S) w(φ) − S,   S = w̄ D / (1 − w̄)     (summed over the planted segments of a ring)

so that ∫ r² dφ = 2π R² at every height: areas, volumes and what the slices add up to stay as they were.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecor.errors import UsageError
from cinecor.message import Message
from cinecor_phantom.crescent_angle import rv_direction_rad
from cinecor_phantom.planted import PlantedSegment
from cinecor_phantom.shape import HeartShape
from cinecor_phantom.ventricles import TruncatedEllipsoid

Array = NDArray[np.floating[Any]]

_FLANK_RAD = math.radians(18.0)
_FLANK_MM = 5.0
_APICAL_END = 0.92  # of the cavity's length: towards the tip there is no room for a border that differs
_LEAST_CAVITY_MM, _LEAST_WALL_MM = 3.0, 1.0


def anterior_insertion_rad(shape: HeartShape) -> float:
    """Return the angle of the crescent's anterior end, from which the segments are counted (image sense, y down)."""
    return rv_direction_rad(shape.rv_direction_deg) + math.radians(shape.rv_half_angle_deg)


def sector(segment: int) -> tuple[float, float]:
    """Return the middle of a segment, as an angle from the anterior insertion towards the septum, and its width (rad).

    The anterior insertion parts 1 from 2 and 7 from 8; 2 and 3 (8 and 9) are the septum, whose middle is that of 14.
    """
    if segment <= 12:
        return math.radians(60.0 * ((segment - 1) % 6) - 30.0), math.radians(60.0)
    return math.radians(90.0 * (segment - 13) - 30.0), math.radians(90.0)


def ring(segment: int) -> int:
    """Return the third of the ventricle that a segment belongs to: 0 basal, 1 mid, 2 apical."""
    return min((segment - 1) // 6, 2)


@dataclass(frozen=True, slots=True)
class RegionalWalls:
    """The planted segments of one heart. `endo_mm` and `epi_mm` give the borders' radii at any moment."""

    segments: tuple[PlantedSegment, ...]
    anterior_rad: float
    rest_endo: TruncatedEllipsoid  # at end-diastole
    rest_epi: TruncatedEllipsoid
    edges_mm: tuple[tuple[float, float], ...]  # of each third, along z

    @classmethod
    def of(
        cls,
        segments: tuple[PlantedSegment, ...],
        *,
        shape: HeartShape,
        rest: tuple[TruncatedEllipsoid, TruncatedEllipsoid],
        lowest_base_mm: float,
    ) -> "RegionalWalls":
        """Return the walls of a heart whose base comes down to `lowest_base_mm`; `rest` is endo and epi at ED."""
        endo, epi = rest
        third = (endo.apex_mm - endo.base_mm) / 3.0
        begin = lowest_base_mm + endo.tilt * epi.radius_mm + 1.0
        edges = (
            (begin, endo.base_mm + third),
            (endo.base_mm + third, endo.base_mm + 2 * third),
            (endo.base_mm + 2 * third, endo.base_mm + 3 * third * _APICAL_END),
        )
        return cls(segments, anterior_insertion_rad(shape), endo, epi, edges)

    def endo_mm(self, endo: TruncatedEllipsoid, z_mm: Array, angle_rad: Array) -> Array:
        """Return the radius of the inner border where the regular one is `endo`; heights and angles broadcast."""
        now, rest = endo.radius_at_mm(z_mm), self.rest_endo.radius_at_mm(z_mm)
        wanted = [now + (1.0 - one.motion) * (rest - now) for one in self.segments]
        return self._evened(now, wanted, z_mm, angle_rad)

    def epi_mm(self, endo: TruncatedEllipsoid, epi: TruncatedEllipsoid, z_mm: Array, angle_rad: Array) -> Array:
        """Return the radius of the outer border where the regular ones are `endo` and `epi`; arrays broadcast."""
        inner, outer = endo.radius_at_mm(z_mm), epi.radius_at_mm(z_mm)
        rest_inner = self.rest_endo.radius_at_mm(z_mm)
        thickness, rest = outer - inner, self.rest_epi.radius_at_mm(z_mm) - rest_inner
        wanted = [
            inner + (1.0 - one.motion) * (rest_inner - inner) + one.wall * (rest + one.motion * (thickness - rest))
            for one in self.segments
        ]
        return self._evened(outer, wanted, z_mm, angle_rad)

    def refuse_impossible(self, moments: list[tuple[TruncatedEllipsoid, TruncatedEllipsoid]]) -> None:
        """Raise `UsageError` where the rest of the circumference cannot give what the planted segments take."""
        angle = np.linspace(0.0, 2 * math.pi, 181)[None, :]
        for one in self.segments:
            low, high = self.edges_mm[ring(one.segment)]
            z = np.linspace(low, max(low, high), 25)[:, None]
            for endo, epi in moments:
                inner, outer = self.endo_mm(endo, z, angle), self.epi_mm(endo, epi, z, angle)
                least_wall = float((outer - inner).min())
                if high - low < 2 * _FLANK_MM or inner.min() < _LEAST_CAVITY_MM or least_wall < _LEAST_WALL_MM:
                    raise UsageError(
                        Message(
                            "phantom_segment_unfit",
                            "Segment {segment} cannot be planted in this heart: no room is left for the rest of the "
                            "wall; plant less, or use a larger heart that contracts less.",
                            segment=one.segment,
                        )
                    )

    def _evened(self, regular: Array, wanted: Sequence[Array], z_mm: Array, angle_rad: Array) -> Array:
        squared = regular**2 + np.zeros_like(angle_rad)
        for third in range(3):
            members = [
                (one, radius) for one, radius in zip(self.segments, wanted, strict=True) if ring(one.segment) == third
            ]
            if not members:
                continue
            along = _window(z_mm, *self.edges_mm[third], flank=_FLANK_MM)
            shares = [(sector(one.segment)[1] - _FLANK_RAD) / (2 * math.pi) for one, _ in members]
            gains = [along * (radius**2 - regular**2) for _, radius in members]
            taken = sum((share * gain for share, gain in zip(shares, gains, strict=True)), start=np.zeros_like(along))
            given = taken / (1.0 - sum(shares))
            squared = squared - given
            for (one, _), gain in zip(members, gains, strict=True):
                squared = squared + (gain + given) * self._around(one.segment, angle_rad)
        return np.asarray(np.sqrt(np.clip(squared, 0.0, None)))

    def _around(self, segment: int, angle_rad: Array) -> Array:
        middle, width = sector(segment)
        turned = np.mod(self.anterior_rad - angle_rad - middle + math.pi, 2 * math.pi) - math.pi
        return _window(turned, -0.5 * width, 0.5 * width, flank=_FLANK_RAD)


def _window(value: Array, low: float, high: float, *, flank: float) -> Array:
    """Return 1 well inside, 0 outside, with cubic flanks inside the edges, whose mean is that of a straight line."""
    rise = np.clip(np.minimum(value - low, high - value) / flank, 0.0, 1.0)
    return np.asarray(rise**2 * (3.0 - 2.0 * rise))
