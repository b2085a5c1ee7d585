"""`ImagePlane`: one slice of a scan as points in the patient."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from cinecor.study.cine_stack import StackGeometry
from cinecor_phantom.acquisition import Acquisition
from cinecor_phantom.patient import base_centre_mm, heart_axes

Points = tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]


@dataclass(frozen=True, slots=True, eq=False)
class ImagePlane:
    """A slice: where its first pixel is (LPS, mm), how its axes run, its matrix and its thickness."""

    corner_mm: NDArray[np.float64]  # (3,)
    column_axis: NDArray[np.float64]  # (3,) along which the column index grows
    row_axis: NDArray[np.float64]  # (3,)
    rows: int
    columns: int
    spacing_mm: float
    thickness_mm: float

    @classmethod
    def around(
        cls,
        centre_mm: NDArray[np.float64],
        column_axis: NDArray[np.float64],
        row_axis: NDArray[np.float64],
        *,
        rows: int,
        columns: int,
        spacing_mm: float,
        thickness_mm: float,
    ) -> Self:
        """Return the plane whose image has a point (3,) in its middle."""
        corner = centre_mm - 0.5 * spacing_mm * ((columns - 1) * column_axis + (rows - 1) * row_axis)
        return cls(corner, column_axis, row_axis, rows, columns, spacing_mm, thickness_mm)

    def patient_points(self, through_mm: float = 0.0) -> Points:
        """Return LPS coordinates of the pixel centres, (row, column) each, moved along the normal by `through_mm`."""
        return self._points(self.corner_mm, through_mm, np.eye(3))

    def heart_points(self, through_mm: float = 0.0) -> Points:
        """Return heart coordinates (see `ventricles`) of the pixel centres, (row, column) each."""
        return self._points(self.corner_mm - base_centre_mm(), through_mm, np.array(heart_axes()))

    def _points(self, corner: NDArray[np.float64], through_mm: float, axes: NDArray[np.float64]) -> Points:
        right = np.arange(self.columns, dtype=np.float64)[None, :] * self.spacing_mm
        down = np.arange(self.rows, dtype=np.float64)[:, None] * self.spacing_mm
        normal = np.cross(self.column_axis, self.row_axis)
        start = corner + through_mm * normal
        x, y, z = (
            np.asarray(start @ axis + right * (self.column_axis @ axis) + down * (self.row_axis @ axis), np.float32)
            for axis in axes
        )
        return x, y, z


def stack_planes(geometry: StackGeometry, acquisition: Acquisition) -> list[ImagePlane]:
    """Return the planes of a short-axis stack, base to apex."""
    return [
        ImagePlane(
            corner_mm=position,
            column_axis=geometry.column_axis,
            row_axis=geometry.row_axis,
            rows=acquisition.rows,
            columns=acquisition.columns,
            spacing_mm=acquisition.pixel_spacing_mm,
            thickness_mm=acquisition.slice_thickness_mm,
        )
        for position in geometry.positions_mm
    ]
