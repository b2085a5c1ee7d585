"""Where the phantom's heart lies in its patient: the oblique short-axis frame in DICOM LPS millimetres."""

import math

import numpy as np
from numpy.typing import NDArray

from cinecor.study.cine_stack import StackGeometry
from cinecor_phantom.acquisition import Acquisition
from cinecor_phantom.beat import Beat

Array = NDArray[np.float64]

# The long axis from base to apex points left, forward and down; anterior is on top of the image, the septum at left.
_APEX = np.array([0.70, -0.45, -0.55])
_BASE_CENTRE_MM = np.array([36.0, -26.0, 4.0])  # left of the midline, in front of the middle of the chest


def heart_axes() -> tuple[Array, Array, Array]:
    """Return unit vectors (3,) of heart x (septum to lateral wall), y (anterior to inferior), z (base to apex)."""
    z = _APEX / np.linalg.norm(_APEX)
    x = np.array([-z[2], 0.0, z[0]])  # level across the chest, as technologists leave it
    x /= np.linalg.norm(x)
    return x, -np.cross(z, x), z


def base_centre_mm() -> Array:
    """Return the origin of heart coordinates: the middle of the end-diastolic base plane."""
    return _BASE_CENTRE_MM.copy()


def image_axes(in_plane_rotation_deg: float) -> tuple[Array, Array, Array]:
    """Return unit vectors along which columns grow, rows grow and slices run (base to apex), each (3,)."""
    x, y, z = heart_axes()
    cosine, sine = math.cos(math.radians(in_plane_rotation_deg)), math.sin(math.radians(in_plane_rotation_deg))
    return cosine * x - sine * y, sine * x + cosine * y, z


def stack_geometry(beat: Beat, acquisition: Acquisition) -> StackGeometry:
    """Return the geometry of the stack: the LV axis passes each slice at the same pixel, as after careful planning."""
    column_axis, row_axis, apex = image_axes(acquisition.in_plane_rotation_deg)
    spacing = acquisition.pixel_spacing_mm
    right = 0.5 * (acquisition.columns - 1) * spacing + acquisition.heart_right_mm
    down = 0.5 * (acquisition.rows - 1) * spacing + acquisition.heart_down_mm
    corner = base_centre_mm() - right * column_axis - down * row_axis
    positions = corner + beat.slice_centres_mm[:, None] * apex
    extent = np.full(acquisition.slices, acquisition.slice_spacing_mm)
    for array in (positions, column_axis, row_axis, extent):
        array.flags.writeable = False
    return StackGeometry(
        positions_mm=positions,
        column_axis=column_axis,
        row_axis=row_axis,
        pixel_spacing_mm=(spacing, spacing),
        slice_spacing_mm=acquisition.slice_spacing_mm,
        slice_extent_mm=extent,
    )
