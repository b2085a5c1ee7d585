"""`device_ratio`: how many pixels of the screen, or of a picture, a pixel of the view is wide."""

import math

from PySide6.QtGui import QPainter


def device_ratio(painter: QPainter) -> float:
    """Return by how much the device scales what is painted: pens that keep their width at any zoom do not follow it.

    A view that is rendered into a picture is asked for the picture's ratio, not for its own.
    """
    own = painter.worldTransform().determinant()
    return math.sqrt(abs(painter.deviceTransform().determinant() / own)) if own else 1.0
