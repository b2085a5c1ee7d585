"""`SweptDisc`: what a round tool of some radius covers on its way across a frame."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Point = tuple[float, float]  # x, y in pixels
Part = tuple[slice, slice]


@dataclass(frozen=True, slots=True)
class SweptDisc:
    """A disc of `radius_mm` on frames (row, column) of `shape`."""

    radius_mm: float
    pixel_spacing_mm: tuple[float, float]
    shape: tuple[int, int]

    def distance_mm(self, start: Point, end: Point, *, reach_mm: float = 0.0) -> tuple[Part, NDArray[np.float64]]:
        """Return a part of the frame and, in it, each pixel's distance in mm from the disc swept from start to end.

        Negative within; the part holds everything nearer than `reach_mm`.
        """
        between_rows_mm, between_columns_mm = self.pixel_spacing_mm
        around_mm = self.radius_mm + reach_mm
        part = (
            _span(start[1], end[1], around_mm / between_rows_mm, self.shape[0]),
            _span(start[0], end[0], around_mm / between_columns_mm, self.shape[1]),
        )
        y_mm = ((np.arange(part[0].start, part[0].stop) + 0.5 - start[1]) * between_rows_mm)[:, np.newaxis]
        x_mm = ((np.arange(part[1].start, part[1].stop) + 0.5 - start[0]) * between_columns_mm)[np.newaxis, :]
        along_x_mm = (end[0] - start[0]) * between_columns_mm
        along_y_mm = (end[1] - start[1]) * between_rows_mm
        squared = along_x_mm**2 + along_y_mm**2
        share = np.clip((x_mm * along_x_mm + y_mm * along_y_mm) / squared, 0.0, 1.0) if squared > 0 else 0.0
        return part, np.hypot(x_mm - share * along_x_mm, y_mm - share * along_y_mm) - self.radius_mm

    def covered(self, path: list[Point]) -> NDArray[np.bool_]:
        """Return the pixels whose middle the disc covers on its way along a path of points."""
        within = np.zeros(self.shape, dtype=np.bool_)
        for start, end in zip(path, path[1:] or path, strict=False):
            part, distance_mm = self.distance_mm(start, end)
            within[part] |= distance_mm < 0
        return within


def _span(one: float, other: float, around: float, size: int) -> slice:
    first = min(max(0, int(np.floor(min(one, other) - around))), size)
    return slice(first, max(first, min(size, int(np.ceil(max(one, other) + around)) + 1)))
