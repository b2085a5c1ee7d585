"""The two solids of the phantom, each with its closed-form volume and its closed-form area in every slice.

Heart coordinates, in mm: z runs along the long axis from base to apex, x from the septum to the lateral wall, y from
anterior to inferior; z = 0 is the middle of the end-diastolic base plane.
"""

import math
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class TruncatedEllipsoid:
    """An ellipsoid of revolution about the z axis, cut by the base plane z = base + tilt · x′.

    x′ is the in-plane coordinate along which the base plane leans. With semi-axes a (long) and b (short), centre c and
    k = (c − base) / √(a² + b² tilt²), the part on the apex side has the volume

        V = π a b² (2/3 + k − k³/3)

    (stretch the ellipsoid to the unit sphere: the plane becomes a plane at distance k, what is left is a sphere less a
    cap; Zwillinger, CRC Standard Mathematical Tables, 33rd ed., 4.8.3).
    """

    centre_mm: float
    half_length_mm: float
    radius_mm: float
    base_mm: float
    tilt: float  # tangent of the angle between base plane and slices

    @classmethod
    def of_volume(
        cls, volume_ml: float, *, centre_mm: float, half_length_mm: float, base_mm: float, tilt: float
    ) -> Self:
        """Return the ellipsoid whose truncated volume is `volume_ml`: its radius is what is solved for."""
        radius = 25.0
        for _ in range(50):  # a contraction: the tilt enters only through b² tilt² ≪ a²
            k = (centre_mm - base_mm) / math.hypot(half_length_mm, radius * tilt)
            new = math.sqrt(1000.0 * volume_ml / (math.pi * half_length_mm * (2 / 3 + k - k**3 / 3)))
            if abs(new - radius) < 1e-12:
                break
            radius = new
        return cls(centre_mm, half_length_mm, radius, base_mm, tilt)

    @property
    def apex_mm(self) -> float:
        """Height of the tip."""
        return self.centre_mm + self.half_length_mm

    def volume_ml(self) -> float:
        """Return the volume in closed form."""
        k = (self.centre_mm - self.base_mm) / math.hypot(self.half_length_mm, self.radius_mm * self.tilt)
        return math.pi * self.half_length_mm * self.radius_mm**2 * (2 / 3 + k - k**3 / 3) / 1000.0

    def radius_at_mm(self, z_mm: Array) -> Array:
        """Return the radius of the untruncated ellipsoid at each height, 0 beyond its ends."""
        relative = (z_mm - self.centre_mm) / self.half_length_mm
        return np.asarray(self.radius_mm * np.sqrt(np.clip(1.0 - relative**2, 0.0, None)), dtype=np.float64)

    def area_mm2(self, z_mm: Array) -> Array:
        """Return the area of the cut at each height: a disc, or its segment on the apex's side of the base plane."""
        radius = np.maximum(self.radius_at_mm(z_mm), 1e-9)
        above = z_mm - self.base_mm
        if self.tilt == 0.0:
            reach = np.where(above >= 0.0, 1.0, -1.0)
        else:
            reach = np.clip(above / (self.tilt * radius), -1.0, 1.0)
        segment = math.pi - np.arccos(reach) + reach * np.sqrt(1.0 - reach**2)
        return np.asarray(radius**2 * segment, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Crescent:
    """The right ventricle: what lies between the LV epicardium and a free wall that bulges from the septum.

    Around the long axis, with t = (angle from the crescent's middle) / half_angle in [−1, 1] and r_epi(z) the radius of
    the LV epicardium, the free wall is at ρ² = r_epi(z)² + W(z) (1 − t²)², where W(z) = bulge (1 − s²) and
    s = (z − centre) / half_length. The tricuspid base climbs linearly with the angle: z ≥ base + slant · t. Since
    dA = ½ (ρ² − r_epi²) dangle, r_epi drops out and, with s₀ = (base − centre) / half_length, σ = slant / half_length,

        V = ½ · bulge · half_angle · half_length · [16/15 (2/3 − s₀ + s₀³/3) + 16/105 s₀ σ²]

    as long as |s₀ ± σ| ≤ 1: the base cuts the widening part only. (∫(1−t²)² dt = 16/15, ∫(1−t²)² t² dt = 16/105.)
    """

    centre_mm: float
    half_length_mm: float
    bulge_mm2: float
    half_angle_rad: float
    base_mm: float
    slant_mm: float

    @classmethod
    def of_volume(
        cls,
        volume_ml: float,
        *,
        centre_mm: float,
        half_length_mm: float,
        half_angle_rad: float,
        base_mm: float,
        slant_mm: float,
    ) -> Self:
        """Return the crescent of `volume_ml`: its bulge is what is solved for (the volume is linear in it)."""
        unit = cls(centre_mm, half_length_mm, 1.0, half_angle_rad, base_mm, slant_mm)
        return cls(centre_mm, half_length_mm, volume_ml / unit.volume_ml(), half_angle_rad, base_mm, slant_mm)

    @property
    def apex_mm(self) -> float:
        """Height of the tip."""
        return self.centre_mm + self.half_length_mm

    def volume_ml(self) -> float:
        """Return the volume in closed form."""
        s0 = (self.base_mm - self.centre_mm) / self.half_length_mm
        sigma = self.slant_mm / self.half_length_mm
        shape = 16 / 15 * (2 / 3 - s0 + s0**3 / 3) + 16 / 105 * s0 * sigma**2
        return 0.5 * self.bulge_mm2 * self.half_angle_rad * self.half_length_mm * shape / 1000.0

    def profile_mm2(self, z_mm: Array) -> Array:
        """Return W(z): how far the free wall stands off at t = 0, a difference of squared radii; 0 beyond the ends."""
        relative = (z_mm - self.centre_mm) / self.half_length_mm
        return np.asarray(self.bulge_mm2 * np.clip(1.0 - relative**2, 0.0, None))

    def reach(self, z_mm: Array) -> Array:
        """Return the largest t that is on the apex side of the base at each height, in [−1, 1]."""
        above = z_mm - self.base_mm
        if self.slant_mm == 0.0:
            return np.asarray(np.where(above >= 0.0, 1.0, -1.0), dtype=np.float64)
        return np.asarray(np.clip(above / self.slant_mm, -1.0, 1.0), dtype=np.float64)

    def area_mm2(self, z_mm: Array) -> Array:
        """Return the area of the crescent at each height: ½ W(z) half_angle ∫(1 − t²)² dt from −1 to the reach."""
        t = self.reach(z_mm)
        within = t - 2 / 3 * t**3 + t**5 / 5 + 8 / 15
        return np.asarray(0.5 * self.half_angle_rad * self.profile_mm2(z_mm) * within)
