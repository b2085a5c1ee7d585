"""What lies beside a short-axis stack in a real study: long-axis cines of the same heart, and localisers."""

import numpy as np
from numpy.typing import NDArray

from cinecor_phantom.dicom.view import View, brightest_of
from cinecor_phantom.patient import base_centre_mm, heart_axes
from cinecor_phantom.phantom import Phantom, render_planes
from cinecor_phantom.plane import ImagePlane

Axis = NDArray[np.float64]


def companions(phantom: Phantom) -> list[View]:
    """Return a four-chamber and a two-chamber cine, and three localisers, rendered from the phantom's own solids."""
    x, y, z = heart_axes()
    middle = base_centre_mm() + 40.0 * z
    # Through the middle of the crescent, and across it; the apex points down, the left ventricle is at the right.
    four = _cine(phantom, "4CH", middle - 12.0 * x, column_axis=x, row_axis=z)
    two = _cine(phantom, "2CH", middle, column_axis=-y, row_axis=z)
    return [four, two, *_localisers(phantom, middle)]


def _cine(phantom: Phantom, name: str, centre: Axis, *, column_axis: Axis, row_axis: Axis) -> View:
    protocol = phantom.acquisition
    plane = _plane(
        centre,
        column_axis,
        row_axis,
        rows=protocol.rows,
        columns=protocol.columns,
        spacing=protocol.pixel_spacing_mm,
        thickness=6.0,
    )
    return _view(name, [plane], render_planes(phantom, [plane], phases=protocol.phases), phantom.phase_times_ms)


def _localisers(phantom: Phantom, centre: Axis) -> list[View]:
    right, back, up = np.eye(3)
    views = []
    for number, (column_axis, row_axis) in enumerate(((right, back), (right, -up), (back, -up))):
        plane = _plane(centre, column_axis, row_axis, rows=128, columns=128, spacing=3.0, thickness=8.0)
        pixels = render_planes(phantom, [plane], phases=1)
        views.append(_view(f"LOCALIZER {number + 1}", [plane], pixels, (0.0,)))
    return views


def _plane(
    centre: Axis, column_axis: Axis, row_axis: Axis, *, rows: int, columns: int, spacing: float, thickness: float
) -> ImagePlane:
    corner = centre - 0.5 * spacing * ((columns - 1) * column_axis + (rows - 1) * row_axis)
    return ImagePlane(corner, column_axis, row_axis, rows, columns, spacing, thickness)


def _view(name: str, planes: list[ImagePlane], pixels: NDArray[np.uint16], times: tuple[float, ...]) -> View:
    plane = planes[0]
    return View(
        name=name,
        pixels=pixels,
        positions_mm=np.array([plane.corner_mm for plane in planes]),
        column_axis=plane.column_axis,
        row_axis=plane.row_axis,
        pixel_spacing_mm=(plane.spacing_mm, plane.spacing_mm),
        slice_thickness_mm=plane.thickness_mm,
        slice_spacing_mm=None,
        phase_times_ms=times,
        brightest=brightest_of(pixels),
    )
