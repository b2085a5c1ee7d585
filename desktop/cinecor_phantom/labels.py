"""Ground-truth labels on the pixel grid: the heart's solids cut at the middle plane of each slice."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecor.errors import UsageError
from cinecor.inference.outline.segmentation import Label
from cinecor.message import Message
from cinecor_phantom.beat import Beat, HeartMoment
from cinecor_phantom.crescent_angle import crescent_coordinate, rv_direction_rad
from cinecor_phantom.plane import ImagePlane
from cinecor_phantom.warp import InPlaneWarp

Array = NDArray[np.floating[Any]]

_OUTSIDE = Message(
    "phantom_outside",
    "The phantom's heart does not fit into its image; use more pixels, larger ones, or a smaller offset.",
)


def draw_labels(
    beat: Beat, moments: list[HeartMoment], *, planes: list[ImagePlane], warp: InPlaneWarp
) -> NDArray[np.uint8]:
    """Return labels (slice, phase, row, column) of a beat on the short-axis planes that it was settled on.

    Raises `UsageError` when the heart is cut by the edge of the image.

    A slice's label is the cut at its middle plane. Of each cut the N deepest pixel centres are taken, N = closed-form
    area / pixel area rounded: counting the centres that happen to fall inside a disc of radius r pixels is off by
    about √r pixels, which for a small end-systolic cavity is more than the 1 % that the truth promises; the outline
    moves by less than a tenth of a pixel for it.
    """
    spacing = planes[0].spacing_mm
    labels = np.zeros((len(planes), len(moments), planes[0].rows, planes[0].columns), dtype=np.uint8)
    # The largest distance from the axis at which any label can lie, plus what the warp can add to it.
    reach = max(math.sqrt(moment.epi.radius_mm**2 + moment.rv.bulge_mm2) for moment in moments) + 18.0
    for index, (plane, z) in enumerate(zip(planes, beat.slice_centres_mm, strict=True)):
        x, y, _ = plane.heart_points()
        near = np.hypot(x, y) < reach
        if not near.any():
            raise UsageError(_OUTSIDE)
        rows, columns = (np.flatnonzero(near.any(axis=axis)) for axis in (1, 0))
        box = (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))
        bent_x, bent_y = warp.bend(x[box].astype(np.float64), y[box].astype(np.float64), np.array(z))
        angle = np.arctan2(bent_y, bent_x)
        t = crescent_coordinate(
            angle,
            direction_rad=rv_direction_rad(beat.shape.rv_direction_deg),
            half_angle_rad=math.radians(beat.shape.rv_half_angle_deg),
        )
        cut = _Cut(float(z), bent_x, np.hypot(bent_x, bent_y), angle, t)
        for phase, moment in enumerate(moments):
            _draw_slice(labels[(index, phase, *box)], moment, cut, pixel_mm2=spacing**2)
    if any(edge.any() for edge in (labels[:, :, 0], labels[:, :, -1], labels[..., 0], labels[..., -1])):
        raise UsageError(_OUTSIDE)
    return labels


def draw_outflow(
    beat: Beat, moments: list[HeartMoment], *, planes: list[ImagePlane], warp: InPlaneWarp, labels: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    """Return where the outflow tracts lie (slice, phase, row, column): what a reader would draw who counted them.

    `Label.RV` is the infundibulum, `Label.LV` what lies below the aortic valve; 0 elsewhere and where `labels` holds
    something. A pixel belongs to a tract when its centre does.
    """
    drawn = np.zeros_like(labels)
    for index, (plane, z) in enumerate(zip(planes, beat.slice_centres_mm, strict=True)):
        x, y, _ = plane.heart_points()
        bent = warp.bend(x.astype(np.float64), y.astype(np.float64), np.array(z))
        for phase, moment in enumerate(moments):
            for tract, label in ((moment.rv_outflow, Label.RV), (moment.lv_outflow, Label.LV)):
                if tract is not None:
                    drawn[index, phase][tract.holds(*bent, z) & (labels[index, phase] == Label.BACKGROUND)] = label
    drawn.flags.writeable = False
    return drawn


@dataclass(frozen=True, slots=True, eq=False)
class _Cut:
    """The middle plane of one slice in heart coordinates."""

    z_mm: float
    x: Array
    rho: Array
    angle: Array
    t: Array


def _draw_slice(frame: NDArray[np.uint8], moment: HeartMoment, cut: _Cut, *, pixel_mm2: float) -> None:
    height = np.array(cut.z_mm)
    outer, inner = moment.epi_radius_mm(height, cut.angle), moment.endo_radius_mm(height, cut.angle)
    for solid, radius, label in ((moment.epi, outer, Label.MYO), (moment.endo, inner, Label.LV)):
        wanted = round(float(solid.area_mm2(height)) / pixel_mm2)
        outside = cut.rho - radius
        if solid.tilt > 0.0:  # the base plane is deeper on the septal side
            outside = np.maximum(outside, -cut.x - (cut.z_mm - solid.base_mm) / solid.tilt)
        _fill(frame, outside, wanted, label)
    rv = moment.rv
    wanted = round(float(rv.area_mm2(height)) / pixel_mm2)
    if wanted:
        wall = np.sqrt(outer**2 + float(rv.profile_mm2(height)) * np.clip(1.0 - cut.t**2, 0.0, None) ** 2)
        outside = np.maximum(cut.rho - wall, (np.abs(cut.t) - 1.0) * cut.rho)
        outside = np.maximum(outside, (cut.t - float(rv.reach(height))) * rv.half_angle_rad * cut.rho)
        taken = (cut.rho < outer) | (frame != Label.BACKGROUND)
        _fill(frame, np.where(taken, np.inf, outside), wanted, Label.RV)


def _fill(frame: NDArray[np.uint8], outside: Array, wanted: int, label: Label) -> None:
    """Give `label` to the `wanted` pixels that lie deepest (smallest distance outside)."""
    if wanted:
        deepest = np.argpartition(outside, wanted - 1, axis=None)[:wanted]
        frame[np.unravel_index(deepest, frame.shape)] = label
