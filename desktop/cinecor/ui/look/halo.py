"""`shaded_text`, `shaded_path`: what is written and drawn over images, with a dark halo: legible on fat as on air."""

import math
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPainterPath, QPen

INK = QColor("#e8ebef")
SHADE = QColor(0, 0, 0, 190)
_AROUND = ((1.0, 1.0), (-1.0, -1.0), (1.0, -1.0), (-1.0, 1.0), (1.5, 0.0), (-1.5, 0.0), (0.0, 1.5), (0.0, -1.5))
_RIM_PX: Final = 2.0  # that the halo reaches beyond the text
_KEPT: Final = 400  # texts: what a cine says again every second is laid out and drawn once
_WRAP = Qt.TextFlag.TextWordWrap


def shaded_text(painter: QPainter, area: QRectF, flags: Qt.AlignmentFlag, text: str, *, bold: bool = False) -> None:
    """Write text that stays readable over any image."""
    if not text:
        return
    font = _font(painter, bold=bold)
    onto = painter.deviceTransform()
    scale, wrap = onto.m11(), bool(int(flags) & _WRAP.value)
    if onto.isRotating() or not math.isclose(scale, onto.m22()) or scale <= 0:
        painter.save()
        painter.setFont(font)
        _write(painter, area, flags, text)
        painter.restore()
        return
    sideways = Qt.AlignmentFlag(int(flags) & Qt.AlignmentFlag.AlignHorizontal_Mask.value)
    hand = _Hand(font.key(), font)
    picture, size = _written(text, hand, int(sideways.value), area.width() if wrap else 0.0, scale)
    at = _placed(size, area, flags)
    # On whole pixels of the device, as letters are drawn: between them they would blur.
    across, down = (round(at.x() * scale + onto.dx()), round(at.y() * scale + onto.dy()))
    painter.drawImage(QPointF((across - onto.dx()) / scale, (down - onto.dy()) / scale), picture)


def text_box(painter: QPainter, area: QRectF, flags: Qt.AlignmentFlag, text: str, *, bold: bool = False) -> QRectF:
    """Return where `shaded_text` writes a text of unbroken lines."""
    font = _font(painter, bold=bold)
    size = _size(text, _Hand(font.key(), font))
    return QRectF(_placed(QRectF(QPointF(), size), area, flags), size)


def _font(painter: QPainter, *, bold: bool) -> QFont:
    font = QFont(painter.font())
    font.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Medium)
    return font


@dataclass(frozen=True, slots=True)
class _Hand:
    """A font that is equal to another by its key."""

    key: str
    font: QFont = field(compare=False)


@lru_cache(maxsize=_KEPT)
def _size(text: str, hand: _Hand, flags: int = 0, wrapped_px: float = 0.0) -> QSizeF:
    """Return how much room a text takes; with a width lines end there."""
    room = QRectF(0, 0, wrapped_px or 100_000.0, 100_000.0)
    told = QFontMetricsF(hand.font).boundingRect(room, flags, text)
    return QSizeF(math.ceil(told.width()), math.ceil(told.height()))


@lru_cache(maxsize=_KEPT)
def _written(text: str, hand: _Hand, sideways: int, wrapped_px: float, scale: float) -> tuple[QImage, QRectF]:
    """Return a text with its halo as a picture, and where in it the text lies; with a width lines end there."""
    font = hand.font
    flags = sideways | (_WRAP.value if wrapped_px else 0)
    size = QRectF(QPointF(_RIM_PX, _RIM_PX), _size(text, hand, flags, wrapped_px))
    picture = QImage(
        math.ceil((size.width() + 2 * _RIM_PX) * scale),
        math.ceil((size.height() + 2 * _RIM_PX) * scale),
        QImage.Format.Format_ARGB32_Premultiplied,
    )
    picture.setDevicePixelRatio(scale)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setFont(font)
    _write(painter, size, Qt.AlignmentFlag(flags), text)
    painter.end()
    return picture, size


def _write(painter: QPainter, area: QRectF, flags: Qt.AlignmentFlag, text: str) -> None:
    painter.setPen(SHADE)
    for dx, dy in _AROUND:
        painter.drawText(area.translated(dx, dy), flags, text)
    painter.setPen(INK)
    painter.drawText(area, flags, text)


def _placed(size: QRectF, area: QRectF, flags: Qt.AlignmentFlag) -> QPointF:
    """Return where the corner of a picture goes so that its text lies in an area as the flags say."""
    x, y = area.left(), area.top()
    if flags & Qt.AlignmentFlag.AlignRight:
        x = area.right() - size.width()
    elif flags & Qt.AlignmentFlag.AlignHCenter:
        x = area.center().x() - size.width() / 2
    if flags & Qt.AlignmentFlag.AlignBottom:
        y = area.bottom() - size.height()
    elif flags & Qt.AlignmentFlag.AlignVCenter:
        y = area.center().y() - size.height() / 2
    return QPointF(x, y) - size.topLeft()


def shaded_path(painter: QPainter, path: QPainterPath, *, width: float = 1.6) -> None:
    """Draw a line that stays visible over any image."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for colour, wide in ((SHADE, width + 2.0), (INK, width)):
        painter.setPen(QPen(colour, wide))
        painter.drawPath(path)
