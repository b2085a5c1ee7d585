"""`Calliper`: a distance or an area that a reader measured on one frame, and where the mouse is in the patient."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Place = tuple[int, int]  # (slice, phase); long-axis cines count on after the last slice of the stack
Point = tuple[float, float]  # x and y in pixels; the first one covers 0 to 1


class CalliperKind(StrEnum):
    """What is measured."""

    DISTANCE = "distance"  # between two points
    AREA = "area"  # within a closed line


@dataclass(frozen=True, slots=True)
class Calliper:
    """What was measured where."""

    kind: CalliperKind
    place: Place
    points: tuple[Point, ...]

    def length_mm(self, pixel_spacing_mm: tuple[float, float]) -> float:
        """Return the length of the line through the points; of an area its outline, closed."""
        closed = self.points if self.kind is CalliperKind.DISTANCE else (*self.points, self.points[0])
        return float(np.hypot(*np.diff(_in_mm(closed, pixel_spacing_mm), axis=0).T).sum())

    def area_mm2(self, pixel_spacing_mm: tuple[float, float]) -> float:
        """Return the area within the points (Gauss's formula); 0 of a distance."""
        if self.kind is CalliperKind.DISTANCE:
            return 0.0
        x, y = _in_mm(self.points, pixel_spacing_mm).T
        return float(abs((x * np.roll(y, -1) - np.roll(x, -1) * y).sum()) / 2)


def _in_mm(points: tuple[Point, ...], pixel_spacing_mm: tuple[float, float]) -> NDArray[np.float64]:
    between_rows, between_columns = pixel_spacing_mm
    return np.array(points, dtype=np.float64) * (between_columns, between_rows)
