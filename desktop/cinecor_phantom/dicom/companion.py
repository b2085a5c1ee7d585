"""What lies beside a short-axis stack in a real study: long-axis cines of the same heart, and localisers."""

import numpy as np
from numpy.typing import NDArray

from cinecor_phantom.dicom.view import View, brightest_of
from cinecor_phantom.long_axis import long_axis_planes, middle_of_heart_mm
from cinecor_phantom.phantom import Phantom, render_planes
from cinecor_phantom.plane import ImagePlane


def companions(phantom: Phantom) -> list[View]:
    """Return a four-, a two- and a three-chamber cine, and three localisers, rendered from the phantom's own solids."""
    phases = phantom.acquisition.phases
    cines = [
        _view(name, [plane], render_planes(phantom, [plane], phases=phases), phantom.phase_times_ms)
        for name, plane in long_axis_planes(phantom.acquisition).items()
    ]
    return [*cines, *_localisers(phantom)]


def _localisers(phantom: Phantom) -> list[View]:
    right, back, up = np.eye(3)
    views = []
    for number, (column_axis, row_axis) in enumerate(((right, back), (right, -up), (back, -up))):
        plane = ImagePlane.around(
            middle_of_heart_mm(), column_axis, row_axis, rows=128, columns=128, spacing_mm=3.0, thickness_mm=8.0
        )
        pixels = render_planes(phantom, [plane], phases=1)
        views.append(_view(f"LOCALIZER {number + 1}", [plane], pixels, (0.0,)))
    return views


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
