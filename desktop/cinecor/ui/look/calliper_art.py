"""`paint_calliper`: a measured distance or area over an image, with its number."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPolygonF, QTransform

from cinecor.scene.callipers import Calliper, CalliperKind
from cinecor.ui.look.halo import shaded_path, shaded_text
from cinecor.ui.look.texts import number_text

_TICK_PX = 5.0
_MM2_PER_CM2 = 100.0


def calliper_text(calliper: Calliper, pixel_spacing_mm: tuple[float, float]) -> str:
    """Return what was measured: "23.4 mm", or "4.2 cm²"."""
    if calliper.kind is CalliperKind.DISTANCE:
        return f"{number_text(calliper.length_mm(pixel_spacing_mm), 1)} mm"
    return f"{number_text(calliper.area_mm2(pixel_spacing_mm) / _MM2_PER_CM2, 2)} cm²"


def paint_calliper(
    painter: QPainter, to_screen: QTransform, calliper: Calliper, *, spacing_mm: tuple[float, float]
) -> None:
    """Draw it with its number beside its last point."""
    points = [to_screen.map(QPointF(*point)) for point in calliper.points]
    path = QPainterPath()
    if calliper.kind is CalliperKind.AREA:
        path.addPolygon(QPolygonF(points))
        path.closeSubpath()
    else:
        start, end = points[0], points[-1]
        path.moveTo(start)
        path.lineTo(end)
        along = end - start
        length = max(1e-6, (along.x() ** 2 + along.y() ** 2) ** 0.5)
        across = QPointF(-along.y(), along.x()) * (_TICK_PX / length)
        for one in (start, end):
            path.moveTo(one - across)
            path.lineTo(one + across)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    shaded_path(painter, path)
    at = max(points, key=lambda point: point.x()) + QPointF(8, -8)
    shaded_text(
        painter, QRectF(at, at + QPointF(120, 18)), Qt.AlignmentFlag.AlignLeft, calliper_text(calliper, spacing_mm)
    )
    painter.restore()
