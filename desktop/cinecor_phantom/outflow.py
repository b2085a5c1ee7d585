"""`OutflowTract`: what leaves a ventricle at its base and is not counted as one: infundibulum, and below the aorta."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecor_phantom.ventricles import Crescent, TruncatedEllipsoid

Array = NDArray[np.floating[Any]]

RV_RADIUS_MM, LV_RADIUS_MM = 13.0, 11.0
RV_NARROWING_MM = 1.5  # from end-diastole to end-systole


@dataclass(frozen=True, slots=True)
class OutflowTract:
    """An oblique cylinder of round cross-section that stands on a plane and rises away from the apex.

    Its axis passes (x, y) = foot + lean · up, with `up` the distance above `foot_z`. It begins at the plane
    z = foot_z − tilt · x and ends at the same plane `height` higher. Lines along the axis are cut by both planes at
    distances that differ by height / (1 − tilt · lean_x) whatever their place, so (Cavalieri)

        V = π r² height / (1 − tilt · lean_x),   A(z) = π r² between the planes.
    """

    foot_mm: tuple[float, float]
    foot_z_mm: float
    lean: tuple[float, float]
    tilt: float
    radius_mm: float
    height_mm: float

    @classmethod
    def of_rv(cls, rv: Crescent, *, rest_ml: float, contraction: float) -> "OutflowTract":
        """Return the infundibulum: from where the crescent has wholly ended to the pulmonary valve.

        It has `rest_ml` at end-diastole; it narrows with the beat and rides on the tricuspid base.
        """
        return cls(
            foot_mm=(-24.0, -38.0),
            foot_z_mm=rv.base_mm - rv.slant_mm,
            lean=(0.35, 0.20),
            tilt=0.0,
            radius_mm=RV_RADIUS_MM - RV_NARROWING_MM * contraction,
            height_mm=1000.0 * rest_ml / (math.pi * RV_RADIUS_MM**2),
        )

    @classmethod
    def of_lv(cls, endo: TruncatedEllipsoid, *, rest_ml: float) -> "OutflowTract":
        """Return what lies between the LV's base plane and the aortic valve; it rides on the base."""
        lean = (-0.25, 0.05)
        height = 1000.0 * rest_ml * (1.0 - endo.tilt * lean[0]) / (math.pi * LV_RADIUS_MM**2)
        return cls((-12.0, -11.0), endo.base_mm, lean, endo.tilt, LV_RADIUS_MM, height)

    def volume_ml(self) -> float:
        """Return the volume in closed form."""
        return math.pi * self.radius_mm**2 * self.height_mm / (1.0 - self.tilt * self.lean[0]) / 1000.0

    def inside_mm(self, x: Array, y: Array, z: Array) -> Array:
        """Return how deep inside the tube's wall, drawn on to both sides, points lie; negative outside."""
        up = self.foot_z_mm - z
        return np.asarray(
            self.radius_mm - np.hypot(x - self.foot_mm[0] - self.lean[0] * up, y - self.foot_mm[1] - self.lean[1] * up)
        )

    def above_mm(self, x: Array, z: Array) -> Array:
        """Return how far above its foot plane points lie; the tract is what lies between 0 and `height_mm`."""
        return np.asarray(self.foot_z_mm - self.tilt * x - z)

    def holds(self, x: Array, y: Array, z: Array) -> NDArray[np.bool_]:
        """Return which points are in the tract."""
        above = self.above_mm(x, z)
        return np.asarray((self.inside_mm(x, y, z) > 0.0) & (above > 0.0) & (above <= self.height_mm))
