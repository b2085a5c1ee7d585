"""Icons as paths: sharp at any scaling, in the colour of the theme, without a file."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPen, QPixmap, QPolygonF

_SIZE = 64


def icon(name: str, colour: str) -> QIcon:
    """Draw an icon. Raises `KeyError` for a name that is none."""
    pixmap = QPixmap(QSize(_SIZE, _SIZE))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colour))
    _DRAW[name](painter, QColor(colour))
    painter.end()
    return QIcon(pixmap)


def _play(painter: QPainter, _: QColor) -> None:
    painter.drawPolygon(QPolygonF([QPointF(16, 8), QPointF(56, 32), QPointF(16, 56)]))


def _pause(painter: QPainter, _: QColor) -> None:
    painter.drawRoundedRect(QRectF(14, 9, 12, 46), 2, 2)
    painter.drawRoundedRect(QRectF(38, 9, 12, 46), 2, 2)


def _close(painter: QPainter, colour: QColor) -> None:
    painter.setPen(QPen(colour, 6, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.drawLine(18, 18, 46, 46)
    painter.drawLine(46, 18, 18, 46)


def _heart(painter: QPainter, _: QColor) -> None:
    path = QPainterPath(QPointF(32, 54))
    path.cubicTo(6, 36, 6, 12, 22, 12)
    path.cubicTo(28, 12, 32, 17, 32, 20)
    path.cubicTo(32, 17, 36, 12, 42, 12)
    path.cubicTo(58, 12, 58, 36, 32, 54)
    painter.drawPath(path)


def _pen(colour: QColor, width: float = 5) -> QPen:
    return QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)


def _push(painter: QPainter, colour: QColor) -> None:
    painter.drawEllipse(QPointF(22, 32), 12, 12)
    painter.setPen(_pen(colour))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    path = QPainterPath(QPointF(36, 6))
    path.cubicTo(36, 18, 50, 20, 50, 32)
    path.cubicTo(50, 44, 36, 46, 36, 58)
    painter.drawPath(path)


def _arc(painter: QPainter, colour: QColor) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(_pen(colour))
    painter.drawArc(QRectF(10, 14, 42, 42), 120 * 16, 270 * 16)
    painter.setPen(QPen(colour, 5, Qt.PenStyle.DotLine, Qt.PenCapStyle.RoundCap))
    painter.drawArc(QRectF(10, 4, 42, 42), 30 * 16, 90 * 16)


def _outline(painter: QPainter, colour: QColor) -> None:
    painter.setPen(_pen(colour, 4))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawEllipse(QPointF(32, 32), 22, 20)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    for x, y in ((32, 12), (52, 32), (32, 52), (10, 32)):
        painter.drawEllipse(QPointF(x, y), 7, 7)


def _handles(painter: QPainter, colour: QColor) -> None:
    painter.setPen(_pen(colour, 4))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    path = QPainterPath(QPointF(10, 52))
    path.cubicTo(14, 12, 40, 60, 54, 12)
    painter.drawPath(path)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    for x, y in ((10, 52), (31, 35), (54, 12)):
        painter.drawRect(QRectF(x - 7, y - 7, 14, 14))


def _brush(painter: QPainter, colour: QColor) -> None:
    painter.setPen(_pen(colour, 7))
    painter.drawLine(QPointF(54, 8), QPointF(32, 32))
    painter.setPen(Qt.PenStyle.NoPen)
    path = QPainterPath(QPointF(30, 26))
    path.cubicTo(16, 28, 22, 48, 6, 54)
    path.cubicTo(24, 60, 38, 52, 38, 36)
    painter.drawPath(path)


def _eraser(painter: QPainter, colour: QColor) -> None:
    painter.drawPolygon(QPolygonF([QPointF(36, 10), QPointF(56, 30), QPointF(42, 44), QPointF(22, 24)]))
    painter.setPen(_pen(colour, 4))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPolygon(QPolygonF([QPointF(22, 24), QPointF(42, 44), QPointF(30, 56), QPointF(10, 36)]))


def _papillaries(painter: QPainter, colour: QColor) -> None:
    painter.drawEllipse(QPointF(20, 40), 7, 7)
    painter.drawEllipse(QPointF(42, 42), 6, 6)
    painter.setPen(_pen(colour, 4))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawEllipse(QPointF(32, 32), 25, 25)


def _distance(painter: QPainter, colour: QColor) -> None:
    painter.setPen(_pen(colour))
    painter.drawLine(QPointF(12, 48), QPointF(52, 16))
    painter.drawLine(QPointF(6, 40), QPointF(18, 56))
    painter.drawLine(QPointF(46, 8), QPointF(58, 24))


def _area(painter: QPainter, colour: QColor) -> None:
    pen = _pen(colour)
    pen.setStyle(Qt.PenStyle.DashLine)
    painter.setPen(pen)
    fill = QColor(colour)
    fill.setAlpha(70)
    painter.setBrush(fill)
    painter.drawPolygon(QPolygonF([QPointF(10, 22), QPointF(36, 8), QPointF(56, 30), QPointF(44, 54), QPointF(16, 50)]))


_DRAW = {
    "play": _play,
    "pause": _pause,
    "close": _close,
    "heart": _heart,
    "push": _push,
    "redraw_arc": _arc,
    "new_outline": _outline,
    "handles": _handles,
    "brush": _brush,
    "eraser": _eraser,
    "papillaries": _papillaries,
    "distance": _distance,
    "area": _area,
}
