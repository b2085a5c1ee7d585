"""Ground-truth labels on the pixel grid: the heart's solids cut at the middle plane of each slice."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cinecor.inference.segmentation import Label
from cinecor.phantom.acquisition import Acquisition
from cinecor.phantom.beat import Beat, HeartMoment
from cinecor.phantom.warp import InPlaneWarp

Array = NDArray[np.float64]


def pixel_offsets_mm(acquisition: Acquisition) -> tuple[Array, Array]:
    """Distances of the pixel centres from the LV long axis: to the right (columns,), down (rows,)."""
    right = (
        np.arange(acquisition.columns, dtype=np.float64) - 0.5 * (acquisition.columns - 1)
    ) * acquisition.pixel_spacing_mm
    down = (np.arange(acquisition.rows, dtype=np.float64) - 0.5 * (acquisition.rows - 1)) * acquisition.pixel_spacing_mm
    return right - acquisition.heart_right_mm, down - acquisition.heart_down_mm


def crescent_coordinate(angle: Array, *, direction_rad: float, half_angle_rad: float) -> Array:
    """The crescent's t of each angle around the long axis: 0 in its middle, ±1 at the insertions."""
    return (np.mod(angle - direction_rad + math.pi, 2.0 * math.pi) - math.pi) / half_angle_rad


def rv_direction_rad(rv_direction_deg: float) -> float:
    """Angle (image sense, y down) of the crescent's middle: the septum is at heart −x, positive turns to anterior."""
    return math.pi + math.radians(rv_direction_deg)


def draw_labels(beat: Beat, contractions: Array, *, warp: InPlaneWarp, acquisition: Acquisition) -> NDArray[np.uint8]:
    """Labels (slice, phase, row, column) of a beat at the given contraction of each phase.

    A slice's label is the cut at its middle plane. Of each cut the N deepest pixel centres are taken, N = closed-form
    area / pixel area rounded: counting the centres that happen to fall inside a disc of radius r pixels is off by
    about √r pixels, which for a small end-systolic cavity is more than the 1 % that the truth promises; the outline
    moves by less than a tenth of a pixel for it.
    """
    moments = [beat.at(float(contraction)) for contraction in contractions]
    right, down = pixel_offsets_mm(acquisition)
    labels = np.zeros((acquisition.slices, acquisition.phases, acquisition.rows, acquisition.columns), dtype=np.uint8)
    # The largest distance from the axis at which any label can lie, plus what the warp can add to it.
    reach = max(math.sqrt(m.epi.radius_mm**2 + m.rv.bulge_mm2) for m in moments) + 22.0
    columns = _span(right, reach)
    rows = _span(down, reach)
    for index, z in enumerate(beat.slice_centres_mm):
        x, y = warp.heart_xy(right[None, columns], down[rows, None], np.array(z))
        rho, angle = np.hypot(x, y), np.arctan2(y, x)
        t = crescent_coordinate(
            angle,
            direction_rad=rv_direction_rad(beat.shape.rv_direction_deg),
            half_angle_rad=math.radians(beat.shape.rv_half_angle_deg),
        )
        plane = _Plane(float(z), x, rho, t)
        for phase, moment in enumerate(moments):
            _draw_slice(labels[index, phase, rows, columns], moment, plane, pixel_mm2=acquisition.pixel_spacing_mm**2)
    return labels


@dataclass(frozen=True, slots=True, eq=False)
class _Plane:
    """The middle plane of one slice in heart coordinates."""

    z_mm: float
    x: Array
    rho: Array
    t: Array


def _span(offsets: Array, reach: float) -> slice:
    inside = np.flatnonzero(np.abs(offsets) <= reach)
    return slice(int(inside[0]), int(inside[-1]) + 1)


def _draw_slice(frame: NDArray[np.uint8], moment: HeartMoment, plane: _Plane, *, pixel_mm2: float) -> None:
    height = np.array(plane.z_mm)
    for solid, label in ((moment.epi, Label.MYO), (moment.endo, Label.LV)):
        wanted = round(float(solid.area_mm2(height)) / pixel_mm2)
        outside = plane.rho - float(solid.radius_at_mm(height))
        if solid.tilt > 0.0:  # the base plane is deeper on the septal side
            outside = np.maximum(outside, -plane.x - (plane.z_mm - solid.base_mm) / solid.tilt)
        _fill(frame, outside, wanted, label)
    rv = moment.rv
    wanted = round(float(rv.area_mm2(height)) / pixel_mm2)
    if wanted:
        epicardium = float(moment.epi.radius_at_mm(height))
        wall = np.sqrt(epicardium**2 + float(rv.profile_mm2(height)) * np.clip(1.0 - plane.t**2, 0.0, None))
        outside = np.maximum(plane.rho - wall, (np.abs(plane.t) - 1.0) * plane.rho)
        outside = np.maximum(outside, (plane.t - float(rv.reach(height))) * rv.half_angle_rad * plane.rho)
        taken = (plane.rho < epicardium) | (frame != Label.BACKGROUND)
        _fill(frame, np.where(taken, np.inf, outside), wanted, Label.RV)


def _fill(frame: NDArray[np.uint8], outside: Array, wanted: int, label: Label) -> None:
    """Give `label` to the `wanted` pixels that lie deepest (smallest distance outside)."""
    if wanted:
        deepest = np.argpartition(outside, wanted - 1, axis=None)[:wanted]
        frame[np.unravel_index(deepest, frame.shape)] = label
