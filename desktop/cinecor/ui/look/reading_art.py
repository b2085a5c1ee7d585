"""`paint_readings`: the outlines of other readings over a frame, told from the reader's by colour and by dashes."""

from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import QLineF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPixmap, QTransform

from cinecor.app.other_reading import Whose
from cinecor.inference.outline.segmentation import Label
from cinecor.ui.look.device_ratio import device_ratio

COLOURS: Final = {Whose.MODEL: "#ffffff", Whose.OTHER: "#ffff66"}
"""White and lemon: of no structure, and apart from these and from one another for colour-blind readers too."""

_DASHES: Final = {Whose.MODEL: (1.0, 2.0), Whose.OTHER: (5.0, 2.0, 1.0, 2.0)}  # line and gap, in line widths
_WIDTH: Final = 1.3
_SAMPLE: Final = QSize(34, 12)


def paint_readings(
    painter: QPainter,
    to_screen: QTransform,
    paths: Mapping[Whose, Mapping[Label, QPainterPath]],
    *,
    structures: frozenset[Label],
) -> None:
    """Stroke the outlines; `to_screen` brings pixels (column, row) to the painter's."""
    if not paths:
        return
    painter.save()
    painter.setTransform(to_screen, combine=True)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for whose, lines in paths.items():
        painter.setPen(_pen(whose, painter))
        for label in structures & lines.keys():  # a reading may say nothing of the rest
            painter.drawPath(lines[label])
    painter.restore()


def line_sample(whose: Whose) -> QPixmap:
    """Return a piece of a reading's line on black, as the images show it."""
    picture = QPixmap(_SAMPLE)
    picture.fill(QColor("#000000"))
    painter = QPainter(picture)
    painter.setPen(_pen(whose, painter))
    middle = _SAMPLE.height() / 2
    painter.drawLine(QLineF(3, middle, _SAMPLE.width() - 3, middle))
    painter.end()
    return picture


def _pen(whose: Whose, painter: QPainter) -> QPen:
    pen = QPen(QColor(COLOURS[whose]), _WIDTH * device_ratio(painter))
    pen.setCosmetic(True)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    pen.setDashPattern(_DASHES[whose])
    return pen
