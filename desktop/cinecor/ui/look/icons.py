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


_DRAW = {"play": _play, "pause": _pause, "close": _close, "heart": _heart}
