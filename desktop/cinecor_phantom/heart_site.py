"""`HeartSite`: the part of a plane that the heart moves in, in the heart's own coordinates, and its walls there."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecor_phantom.beat import HeartMoment
from cinecor_phantom.crescent_angle import crescent_coordinate, rv_direction_rad
from cinecor_phantom.outflow import OutflowTract
from cinecor_phantom.plane import ImagePlane
from cinecor_phantom.shape import HeartShape
from cinecor_phantom.texture import Texture
from cinecor_phantom.ventricles import TruncatedEllipsoid
from cinecor_phantom.warp import InPlaneWarp

Field = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class HeartSite:
    """Heart coordinates (sample, row, column) of the part of a plane that the heart moves in, and its textures."""

    x: Field
    y: Field
    z: Field
    rho: Field
    angle: Field
    t: Field
    has_base: bool
    grain: Field
    wall: Field
    strand: Field
    groove: Field
    trabeculae: Field

    @classmethod
    def of(
        cls,
        plane: ImagePlane,
        box: tuple[slice, slice],
        *,
        samples: int,
        shape: HeartShape,
        warp: InPlaneWarp,
        wall_grain: Texture,
        muscle_grain: Texture,
    ) -> "HeartSite":
        """Return the pixels of `box` (rows, columns) on a plane, sampled through the slice."""
        offsets = plane.thickness_mm * ((np.arange(samples) + 0.5) / samples - 0.5)
        points = [[axis[box] for axis in plane.heart_points(float(offset))] for offset in offsets]
        x, y, z = (np.stack([point[axis] for point in points]) for axis in range(3))
        x, y = (np.asarray(axis, dtype=np.float32) for axis in warp.bend(x, y, z))
        if np.ptp(z, axis=(1, 2)).max() < 0.01:  # a short-axis plane: what depends on height alone is not spread out
            z = z[:, :1, :1]
        rho, angle = np.hypot(x, y), np.arctan2(y, x)
        t = crescent_coordinate(
            angle,
            direction_rad=rv_direction_rad(shape.rv_direction_deg),
            half_angle_rad=math.radians(shape.rv_half_angle_deg),
        ).astype(np.float32)
        middle = samples // 2
        around = (30.0 * np.cos(angle), 30.0 * np.sin(angle), z)
        fine = wall_grain.at(*around, scale_mm=2.6)
        coarse = wall_grain.at(*(axis + 500.0 for axis in around), scale_mm=9.0)
        towards_apex = np.clip(z / shape.lv_length_mm, 0.0, 1.0)
        lateral = 0.6 + 0.4 * np.cos(angle)
        return cls(
            x=x,
            y=y,
            z=z,
            rho=rho,
            angle=angle,
            t=t,
            has_base=bool((z < 30.0).any()),
            grain=muscle_grain.at(x[middle], y[middle], z[middle], scale_mm=3.5)[None],
            wall=coarse,
            strand=muscle_grain.at(x, y, 0.5 * z, scale_mm=2.4),
            # The interventricular grooves beside the crescent's ends and the atrioventricular groove hold most fat.
            groove=1.3 * np.exp(-(((np.abs(t) - 1.0) / 0.16) ** 2)) + 0.8 * np.exp(-(((z + 2.0) / 12.0) ** 2)),
            trabeculae=np.clip(fine + 0.2, 0.0, 2.2) * (0.5 + 2.2 * towards_apex) * lateral,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Walls:
    """Radii (mm, from the long axis) of the outlines at one moment, and depths below the two base planes."""

    endo: Field
    epi: Field
    free: Field  # the RV's free wall
    below_base: Field
    below_rv_base: Field

    @classmethod
    def of(cls, moment: HeartMoment, site: HeartSite) -> "Walls":
        """Return the walls of a moment at every point of a site."""
        endo, epi = radius_mm(moment.endo, site.z), radius_mm(moment.epi, site.z)
        if moment.walls is not None:
            endo = np.where(endo > 0.0, moment.endo_radius_mm(site.z, site.angle), endo)
            epi = np.where(epi > 0.0, moment.epi_radius_mm(site.z, site.angle), epi)
        bulge = np.asarray(moment.rv.profile_mm2(site.z), dtype=np.float32)
        free = np.sqrt(np.maximum(epi, 0.0) ** 2 + bulge * np.clip(1.0 - site.t**2, 0.0, None) ** 2)
        return cls(
            endo=np.asarray(endo, dtype=np.float32),
            epi=np.asarray(epi, dtype=np.float32),
            free=np.where(bulge > 0.0, free, epi),
            below_base=site.z - moment.endo.base_mm + moment.endo.tilt * site.x,
            below_rv_base=site.z - moment.rv.base_mm - moment.rv.slant_mm * site.t,
        )


def radius_mm(solid: TruncatedEllipsoid, z: Field) -> Field:
    """Return the radius of the ellipsoid at each height; negative beyond its ends: nothing is left there."""
    relative = ((z - solid.centre_mm) / solid.half_length_mm) ** 2
    radius = solid.radius_mm * np.sqrt(np.clip(1.0 - relative, 0.0, None))
    return np.asarray(
        np.where(relative < 1.0, radius, -4.0 * (relative - 1.0) * solid.half_length_mm / 8.0), dtype=np.float32
    )


def vessel_mm(tract: OutflowTract, site: HeartSite) -> Field:
    """Return the depth inside an outflow tract and the great vessel beyond it, which ends 62 mm above its foot."""
    up = np.asarray(tract.foot_z_mm - site.z)
    end = 4.0 * np.clip(up - 50.0, 0.0, None)
    return np.asarray(tract.inside_mm(site.x, site.y, site.z) - end, dtype=np.float32)
