"""`ImagePlane`: one image as a plane in the patient, and the line on which another image cuts it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cinecor.study.cine_stack import CineStack

_PARALLEL = 1e-3  # sine of the angle below which two planes have no line in common worth drawing


@dataclass(frozen=True, slots=True, eq=False)
class ImagePlane:
    """Where an image lies in the patient (DICOM LPS, mm).

    Points in the image are (x, y) in pixels; the pixel of row 0 and column 0 covers x and y from 0 to 1, as in
    `outlines`.
    """

    origin_mm: NDArray[np.float64]  # (3,): centre of the pixel of row 0 and column 0
    column_axis: NDArray[np.float64]  # (3,): unit vector along which x grows
    row_axis: NDArray[np.float64]  # (3,): unit vector along which y grows
    pixel_spacing_mm: tuple[float, float]  # between rows, between columns
    rows: int
    columns: int

    @property
    def normal(self) -> NDArray[np.float64]:
        """Unit vector across the plane."""
        return np.cross(self.column_axis, self.row_axis)

    def to_mm(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return where points (n, 2) of the image lie in the patient: (n, 3)."""
        between_rows, between_columns = self.pixel_spacing_mm
        across = (points[:, :1] - 0.5) * between_columns * self.column_axis
        down = (points[:, 1:] - 0.5) * between_rows * self.row_axis
        return np.asarray(self.origin_mm + across + down)

    def to_px(self, points_mm: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return where points (n, 3) of the patient, dropped onto the plane, lie in the image: (n, 2)."""
        between_rows, between_columns = self.pixel_spacing_mm
        away = points_mm - self.origin_mm
        return np.stack(
            [away @ self.column_axis / between_columns + 0.5, away @ self.row_axis / between_rows + 0.5], axis=1
        )

    def distance_mm(self, points_mm: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return how far points (n, 3) of the patient lie from the plane, positive along its normal: (n,)."""
        return np.asarray((points_mm - self.origin_mm) @ self.normal)


def plane_of(stack: CineStack, index: int) -> ImagePlane:
    """Return the plane of one slice, with its own axes where slices were planned again."""
    geometry = stack.geometry
    axes = (geometry.column_axis, geometry.row_axis) if geometry.slice_axes is None else geometry.slice_axes[index]
    return ImagePlane(
        geometry.positions_mm[index], axes[0], axes[1], geometry.pixel_spacing_mm, stack.rows, stack.columns
    )


def crossing_mm(one: ImagePlane, other: ImagePlane) -> NDArray[np.float64] | None:
    """Return the ends (2, 3) of the line that both images contain; None where they do not meet."""
    along = np.cross(one.normal, other.normal)
    sine = float(np.linalg.norm(along))
    if sine < _PARALLEL:
        return None
    along /= sine
    normals = np.stack([one.normal, other.normal, along])
    heights = np.array([float(one.normal @ one.origin_mm), float(other.normal @ other.origin_mm), 0.0])
    at = np.linalg.solve(normals, heights)
    first, last = -np.inf, np.inf
    for plane in (one, other):
        (x, y), (to_x, to_y) = plane.to_px(np.stack([at, at + along]))
        for start, step, end in ((x, to_x - x, plane.columns), (y, to_y - y, plane.rows)):
            if abs(step) < 1e-9:
                if not 0 <= start <= end:
                    return None
                continue
            near, far = sorted(((0 - start) / step, (end - start) / step))
            first, last = max(first, near), min(last, far)
    return np.stack([at + first * along, at + last * along]) if first < last else None
