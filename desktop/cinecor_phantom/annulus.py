"""Where the valves' rings are: closed curves on the base planes, and where a long-axis plane crosses them."""

import math

import numpy as np
from numpy.typing import NDArray

from cinecor_phantom.beat import HeartMoment
from cinecor_phantom.crescent_angle import rv_direction_rad
from cinecor_phantom.patient import base_centre_mm, heart_axes
from cinecor_phantom.plane import ImagePlane
from cinecor_phantom.shape import HeartShape
from cinecor_phantom.warp import InPlaneWarp

Points = NDArray[np.float64]

_STEPS = 2880


def mitral_ring(moment: HeartMoment, *, steps: int = _STEPS) -> Points:
    """Return the mitral ring (point, 3) in heart coordinates: where the inner border meets z = base − tilt · x."""
    endo = moment.endo
    angle = 2 * math.pi * np.arange(steps) / steps
    radius = endo.radius_at_mm(np.full(steps, endo.base_mm))
    for _ in range(40):  # a contraction: the radius hardly changes with the height
        radius = endo.radius_at_mm(endo.base_mm - endo.tilt * radius * np.cos(angle))
    x, y = radius * np.cos(angle), radius * np.sin(angle)
    return np.stack([x, y, endo.base_mm - endo.tilt * x], axis=1)


def tricuspid_ring(moment: HeartMoment, shape: HeartShape, *, steps: int = _STEPS) -> Points:
    """Return the tricuspid ring (point, 3) in heart coordinates: along the free wall, and back along the septum."""
    rv, half = moment.rv, steps // 2
    t = np.concatenate([np.linspace(-1.0, 1.0, half, endpoint=False), np.linspace(1.0, -1.0, half, endpoint=False)])
    z = rv.base_mm + rv.slant_mm * t
    angle = rv_direction_rad(shape.rv_direction_deg) + rv.half_angle_rad * t
    septum = moment.epi_radius_mm(z, angle)
    free = np.sqrt(septum**2 + rv.profile_mm2(z) * np.clip(1.0 - t**2, 0.0, None) ** 2)
    radius = np.where(np.arange(2 * half) < half, free, septum)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle), z], axis=1)


def in_patient(ring: Points, warp: InPlaneWarp) -> Points:
    """Return points of the model's heart as LPS millimetres of the patient, bends undone."""
    x, y = warp.unbend(ring[:, 0], ring[:, 1], ring[:, 2])
    axes = np.array(heart_axes())
    return np.asarray(base_centre_mm() + np.stack([x, y, ring[:, 2]], axis=1) @ axes)


def crossings(ring_lps: Points, plane: ImagePlane) -> Points:
    """Return where a closed curve (point, 3) crosses an image plane, (crossing, 3) LPS mm, left in the image first."""
    normal = np.cross(plane.column_axis, plane.row_axis)
    off = (ring_lps - plane.corner_mm) @ normal
    following, off_following = np.roll(ring_lps, -1, axis=0), np.roll(off, -1)
    at = np.flatnonzero((off > 0.0) != (off_following > 0.0))
    share = (off[at] / (off[at] - off_following[at]))[:, None]
    points = ring_lps[at] + share * (following[at] - ring_lps[at])
    return np.asarray(points[np.argsort(points @ plane.column_axis)])
