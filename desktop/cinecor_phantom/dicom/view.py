"""`View`: one cine (or still) of the phantom, ready to be written: the short-axis stack or a plane beside it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cinecor_phantom.phantom import Phantom


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """Frames on parallel planes through time, with what a DICOM header says of them; arrays are read-only."""

    name: str  # "SAX", "2CH", "4CH", "LOCALIZER"
    pixels: NDArray[np.uint16]  # (slice, phase, row, column), 12 bits
    positions_mm: NDArray[np.float64]  # (slice, 3), centre of the first pixel
    column_axis: NDArray[np.float64]  # (3,)
    row_axis: NDArray[np.float64]  # (3,)
    pixel_spacing_mm: tuple[float, float]
    slice_thickness_mm: float
    slice_spacing_mm: float | None  # None where there is one slice
    phase_times_ms: tuple[float, ...]
    brightest: float  # what all but a thousandth of the pixels stay below

    @property
    def slices(self) -> int:
        """Number of planes."""
        return int(self.pixels.shape[0])

    @property
    def phases(self) -> int:
        """Number of moments of the cycle."""
        return int(self.pixels.shape[1])

    def slice_location_mm(self, index: int) -> float:
        """Return the distance of a plane from the origin of patient space along the planes' normal."""
        return float(self.positions_mm[index] @ np.cross(self.column_axis, self.row_axis))


def short_axis(phantom: Phantom) -> View:
    """Return the short-axis stack of a phantom."""
    geometry = phantom.geometry
    return View(
        name="SAX",
        pixels=phantom.pixels,
        positions_mm=geometry.positions_mm,
        column_axis=geometry.column_axis,
        row_axis=geometry.row_axis,
        pixel_spacing_mm=geometry.pixel_spacing_mm,
        slice_thickness_mm=phantom.acquisition.slice_thickness_mm,
        slice_spacing_mm=geometry.slice_spacing_mm if phantom.acquisition.slices > 1 else None,
        phase_times_ms=phantom.phase_times_ms,
        brightest=brightest_of(phantom.pixels),
    )


def brightest_of(pixels: NDArray[np.uint16]) -> float:
    """Return what all but a thousandth of the pixels stay below: the top of an 8-bit scale."""
    return max(1.0, float(np.percentile(pixels, 99.9)))
