"""What the bull's-eye says on the images: the insertion points, and the segment that is pointed at."""

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen, QPolygonF, QTransform

from cinecor.scene.bullseye import insertion_px, sector_px
from cinecor.ui.look.texts import tr
from cinecor.ui.look.theme import HERE
from cinecor.ui.study.regional_model import RegionalModel

_SPOT_PX = 4.5


def paint_segments(
    painter: QPainter,
    to_screen: QTransform,
    regional: RegionalModel,
    *,
    place: tuple[int, int],
    spacing_mm: tuple[float, float],
) -> None:
    """Paint over the frame at (slice, phase) while the bull's-eye is looked at."""
    function, (index, phase) = regional.function, place
    if not regional.watched or function is None or index >= len(function.walls):
        return
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if regional.pointed is not None and function.segments:
        outline = sector_px(function, regional.pointed, index=index, phase=phase, spacing_mm=spacing_mm)
        if outline is not None:
            fill = QColor(HERE)
            fill.setAlpha(60)
            painter.setPen(QPen(QColor(HERE), 1.6))
            painter.setBrush(fill)
            painter.drawPolygon(QPolygonF([to_screen.map(QPointF(x + 0.5, y + 0.5)) for x, y in outline]))
    spots = insertion_px(function, index=index, phase=phase, spacing_mm=spacing_mm)
    if spots is not None:
        font = QFont(painter.font())
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        for (column, row), letter in zip(spots, (tr("A"), tr("I")), strict=True):
            at = to_screen.map(QPointF(column + 0.5, row + 0.5))
            painter.setPen(QPen(QColor(0, 0, 0, 190), 3.0))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(at, _SPOT_PX, _SPOT_PX)
            painter.setPen(QPen(QColor(HERE), 1.6))
            painter.drawEllipse(at, _SPOT_PX, _SPOT_PX)
            painter.drawText(at + QPointF(7, -5), letter)
    painter.restore()
