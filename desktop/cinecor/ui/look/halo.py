"""`shaded_text`, `shaded_line`: what is written and drawn over images, with a dark halo: legible on fat as on air."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPainterPath, QPen

INK = QColor("#e8ebef")
SHADE = QColor(0, 0, 0, 190)
_AROUND = ((1.0, 1.0), (-1.0, -1.0), (1.0, -1.0), (-1.0, 1.0), (1.5, 0.0), (-1.5, 0.0), (0.0, 1.5), (0.0, -1.5))


def shaded_text(painter: QPainter, area: QRectF, flags: Qt.AlignmentFlag, text: str, *, bold: bool = False) -> None:
    """Write text that stays readable over any image."""
    painter.save()
    font = QFont(painter.font())
    font.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Medium)
    painter.setFont(font)
    painter.setPen(SHADE)
    for dx, dy in _AROUND:
        painter.drawText(area.translated(dx, dy), flags, text)
    painter.setPen(INK)
    painter.drawText(area, flags, text)
    painter.restore()


def shaded_path(painter: QPainter, path: QPainterPath, *, width: float = 1.6) -> None:
    """Draw a line that stays visible over any image."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for colour, wide in ((SHADE, width + 2.0), (INK, width)):
        painter.setPen(QPen(colour, wide))
        painter.drawPath(path)
