"""`Crosshair`: the place in the patient that the mouse points at, which every view of the study shows."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from cinecor.study.image_plane import ImagePlane

_WITHIN_MM = 0.01  # the mouse is in this very image
_NEAR_MM = 5.0  # about the half thickness of a slice: farther from a plane its picture does not show the place


class Crosshair(QObject):
    """A point in patient space (DICOM LPS, mm), or none while the mouse is elsewhere."""

    moved = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.place_mm: NDArray[np.float64] | None = None  # (3,)

    def point(self, place_mm: NDArray[np.float64] | None) -> None:
        """Point at a place, or at none."""
        if place_mm is not None or self.place_mm is not None:
            self.place_mm = place_mm
            self.moved.emit()

    def within(self, plane: ImagePlane) -> bool:
        """Return whether the place is one of an image's own points, as it is while the mouse is over that image."""
        return self.place_mm is not None and abs(float(plane.distance_mm(self.place_mm[None])[0])) < _WITHIN_MM

    def on(self, plane: ImagePlane) -> tuple[float, float] | None:
        """Return where the place lies in an image (x, y in pixels); None where the image does not show it."""
        if self.place_mm is None or abs(float(plane.distance_mm(self.place_mm[None])[0])) > _NEAR_MM:
            return None
        x, y = plane.to_px(self.place_mm[None])[0].tolist()
        return (x, y) if 0 <= x <= plane.columns and 0 <= y <= plane.rows else None
