"""The beating heart: its solids at any contraction, and how it is settled on the slices that will sample it."""

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecor_phantom.outflow import OutflowTract
from cinecor_phantom.planted import Planted
from cinecor_phantom.regional_walls import RegionalWalls
from cinecor_phantom.shape import HeartShape
from cinecor_phantom.ventricles import Crescent, TruncatedEllipsoid

Array = NDArray[np.floating[Any]]

# Distance from base to the centre of the ellipsoid as a share of the half length. 0.45 gives the usual bullet.
ENDO_TRUNCATION = 0.45
RV_TRUNCATION = 0.35
RV_LENGTH = 0.92  # of the LV length
RV_SLANT_MM = 4.0


@dataclass(frozen=True, slots=True)
class HeartMoment:
    """The heart at one contraction: two ellipsoids and a crescent, and what may be planted in them."""

    contraction: float
    endo: TruncatedEllipsoid
    epi: TruncatedEllipsoid
    rv: Crescent
    walls: RegionalWalls | None = None
    lv_outflow: OutflowTract | None = None
    rv_outflow: OutflowTract | None = None

    def endo_radius_mm(self, z_mm: Array, angle_rad: Array) -> Array:
        """Return the radius of the LV's inner border; heights and angles (image sense) broadcast."""
        if self.walls is None:
            return self.endo.radius_at_mm(z_mm)
        return self.walls.endo_mm(self.endo, z_mm, angle_rad)

    def epi_radius_mm(self, z_mm: Array, angle_rad: Array) -> Array:
        """Return the radius of the LV's outer border, likewise."""
        if self.walls is None:
            return self.epi.radius_at_mm(z_mm)
        return self.walls.epi_mm(self.endo, self.epi, z_mm, angle_rad)


@dataclass(frozen=True, slots=True)
class Beat:
    """A heart whose base, apex and excursions have been settled; `at` gives its solids at any contraction."""

    shape: HeartShape
    first_slice_mm: float  # z of the first slice's centre
    slice_spacing_mm: float
    slices: int
    length_mm: float  # base plane to endocardial apex at end-diastole
    apical_wall_mm: float
    base_descent_mm: float
    rv_base_mm: float  # middle of the tricuspid base at end-diastole
    rv_base_descent_mm: float

    @property
    def slice_centres_mm(self) -> NDArray[np.float64]:
        """Height of the middle plane of each slice."""
        return self.first_slice_mm + self.slice_spacing_mm * np.arange(self.slices, dtype=np.float64)

    @property
    def apex_mm(self) -> float:
        """The epicardial apex, which stays where it is while the base comes down to it."""
        return self.length_mm + self.apical_wall_mm

    def at(self, contraction: float) -> HeartMoment:
        """Return the solids at a contraction of 0 (end-diastole) to 1 (end-systole); their volumes are exact."""
        return HeartMoment(contraction, self._endo(contraction), self._epi(contraction), self._rv(contraction))

    def planted(self, contraction: float, planted: Planted) -> HeartMoment:
        """Return the same with what is planted in it; no volume differs."""
        moment = self.at(contraction)
        lv_ml, rv_ml = planted.lv_outflow_ml, planted.rv_outflow_ml
        return replace(
            moment,
            walls=self._walls(planted) if planted.segments else None,
            lv_outflow=OutflowTract.of_lv(moment.endo, rest_ml=lv_ml) if lv_ml else None,
            rv_outflow=OutflowTract.of_rv(moment.rv, rest_ml=rv_ml, contraction=contraction) if rv_ml else None,
        )

    def _walls(self, planted: Planted) -> RegionalWalls:
        rest = (self._endo(0.0), self._epi(0.0))
        return RegionalWalls.of(planted.segments, shape=self.shape, rest=rest, lowest_base_mm=self.base_descent_mm)

    def _endo(self, contraction: float) -> TruncatedEllipsoid:
        shape = self.shape
        base = self.base_descent_mm * contraction
        apical_wall = self.apical_wall_mm * (1.0 + 0.35 * contraction)
        half_length = (self.apex_mm - apical_wall - base) / (1.0 + ENDO_TRUNCATION)
        return TruncatedEllipsoid.of_volume(
            shape.lv_edv_ml - (shape.lv_edv_ml - shape.lv_esv_ml) * contraction,
            centre_mm=base + ENDO_TRUNCATION * half_length,
            half_length_mm=half_length,
            base_mm=base,
            tilt=math.tan(math.radians(shape.base_tilt_deg)),
        )

    def _epi(self, contraction: float) -> TruncatedEllipsoid:
        endo = self._endo(contraction)
        return TruncatedEllipsoid.of_volume(
            endo.volume_ml() + self.shape.myocardium_ml,
            centre_mm=endo.centre_mm,
            half_length_mm=self.apex_mm - endo.centre_mm,
            base_mm=endo.base_mm,
            tilt=endo.tilt,
        )

    def _rv(self, contraction: float) -> Crescent:
        shape = self.shape
        base = self.rv_base_mm + self.rv_base_descent_mm * contraction
        half_length = (RV_LENGTH * self.length_mm - base) / (1.0 + RV_TRUNCATION)
        return Crescent.of_volume(
            shape.rv_edv_ml - (shape.rv_edv_ml - shape.rv_esv_ml) * contraction,
            centre_mm=base + RV_TRUNCATION * half_length,
            half_length_mm=half_length,
            half_angle_rad=math.radians(shape.rv_half_angle_deg),
            base_mm=base,
            slant_mm=RV_SLANT_MM,
        )
