"""The four sizes of type, in figures that are all equally wide."""

from typing import Final

from PySide6.QtGui import QFont, QFontMetricsF
from PySide6.QtWidgets import QWidget

LARGE: Final = 28
"""Ejection fractions. Sizes are pixels at a scale of one."""
VALUE: Final = 15
TEXT: Final = 13
SMALL: Final = 11
"""Labels."""

_POINTS_PER_PIXEL = 0.75


def set_type(widget: QWidget, size: int, *, bold: bool = False) -> None:
    """Give a widget one of the sizes; figures stand below each other in columns."""
    widget.setFont(type_of(widget.font(), size, bold=bold))


def type_of(font: QFont, size: int, *, bold: bool = False) -> QFont:
    """Return a font in one of the sizes."""
    made = QFont(font)
    made.setPointSizeF(size * _POINTS_PER_PIXEL)
    made.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    made.setFeature(QFont.Tag("tnum"), 1)
    return made


def width_of(widget: QWidget, text: str) -> int:
    """Return how wide a text is in a widget's font, rounded up."""
    return int(QFontMetricsF(widget.font()).horizontalAdvance(text)) + 1
