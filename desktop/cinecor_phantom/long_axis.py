"""The planes of the long-axis cines: through the middle of both ventricles, across it, and through the LV's outflow."""

import math

import numpy as np
from numpy.typing import NDArray

from cinecor_phantom.acquisition import Acquisition
from cinecor_phantom.patient import base_centre_mm, heart_axes
from cinecor_phantom.plane import ImagePlane

Axis = NDArray[np.float64]

_AORTA_RAD = math.atan2(11.0, 12.0)  # the aortic root stands towards anteroseptal, see `outflow`


def middle_of_heart_mm() -> Axis:
    """Return a point on the long axis at mid-ventricle (3,), LPS."""
    _, _, z = heart_axes()
    return np.asarray(base_centre_mm() + 40.0 * z)


def long_axis_planes(acquisition: Acquisition) -> dict[str, ImagePlane]:
    """Return the planes of 4CH, 2CH and 3CH, which all hold the long axis; the apex points down in the image.

    In 4CH the septum is at left, in 2CH the inferior wall, in 3CH the aortic root (anteroseptal).
    """
    x, y, z = heart_axes()
    middle = middle_of_heart_mm()
    away = math.cos(_AORTA_RAD) * x + math.sin(_AORTA_RAD) * y
    return {
        "4CH": _plane(middle - 12.0 * x, x, z, acquisition=acquisition),
        "2CH": _plane(middle, -y, z, acquisition=acquisition),
        "3CH": _plane(middle, away, z, acquisition=acquisition),
    }


def _plane(centre: Axis, column_axis: Axis, row_axis: Axis, *, acquisition: Acquisition) -> ImagePlane:
    return ImagePlane.around(
        centre,
        column_axis,
        row_axis,
        rows=acquisition.rows,
        columns=acquisition.columns,
        spacing_mm=acquisition.pixel_spacing_mm,
        thickness_mm=6.0,
    )
