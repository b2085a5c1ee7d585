"""Pictures of views: sharp, with the notice below, for slides and for letters."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QPoint, QRect, QRectF, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QWidget

from cinecor.ui.look.names import notice
from cinecor.ui.look.theme import HERE, OVERLAY
from cinecor.ui.study.cursor import Cursor
from cinecor.ui.study.reading import Reading

_SCALE = 2
_FOOTER_PX = 26
_NOTICE_GROUND, _NOTICE_INK = "#14171b", "#f0b43c"

KEPT_COLOURS = tuple(
    (colour.red(), colour.green(), colour.blue())
    for colour in map(QColor, (*OVERLAY.values(), HERE, _NOTICE_INK, _NOTICE_GROUND))
)
"""What a picture with few colours must not change: structures, the cursor's frame, and the notice; (R, G, B)."""


class PaintedView(Protocol):
    """A view that can paint itself on any painter."""

    def paint_on(self, painter: QPainter, area: QRectF) -> None:
        """Paint into `area`."""

    def size(self) -> QSize:
        """Return how large it is on the screen."""


def picture_of(widget: QWidget) -> QImage:
    """Return a widget as it is seen, at twice its size, with the notice below."""
    size = widget.size()
    image = QImage(QSize(size.width(), size.height() + _FOOTER_PX) * _SCALE, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(_SCALE)
    image.fill(QColor("#000000"))
    painter = QPainter(image)
    try:
        QWidget.render(widget, painter, QPoint())  # a plot has a `render` of its own, which draws the scene alone
        _paint_notice(painter, QRect(0, size.height(), size.width(), _FOOTER_PX))
    finally:
        painter.end()
    return image


class CinePictures(QObject):
    """Paints one picture a phase, one a turn of the event loop, so that the window stays alive; then it is gone.

    The parent is the page of the view: what is painted must not outlive it.
    """

    finished = Signal(tuple)  # of (row, column, 3) uint8
    given_up = Signal()  # other images are shown now: a cycle of both would be nobody's heart

    def __init__(self, view: PaintedView, reading: Reading, cursor: Cursor, parent: QObject) -> None:
        super().__init__(parent)
        self._view, self._cursor = view, cursor
        self._frames: list[NDArray[np.uint8]] = []
        self._before = cursor.phase
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._paint_next)
        reading.opened.connect(self._give_up)

    def start(self) -> None:
        """Begin with phase 0."""
        self._timer.start(0)

    def stop(self) -> None:
        """Give up without a word."""
        self._timer.stop()
        self.deleteLater()

    @Slot()
    def _give_up(self) -> None:
        if self._timer.isActive():
            self.stop()
            self.given_up.emit()

    @Slot()
    def _paint_next(self) -> None:
        cursor = self._cursor
        cursor.go(to_phase=len(self._frames))
        self._frames.append(self._painted())
        if len(self._frames) == cursor.phases:
            self.stop()
            cursor.go(to_phase=self._before)
            self.finished.emit(tuple(self._frames))

    def _painted(self) -> NDArray[np.uint8]:
        size = self._view.size()
        image = QImage(size.width(), size.height() + _FOOTER_PX, QImage.Format.Format_RGB888)
        image.fill(QColor("#000000"))
        painter = QPainter(image)
        try:
            painter.setClipRect(QRect(0, 0, size.width(), size.height()))
            self._view.paint_on(painter, QRectF(0, 0, size.width(), size.height()))
            painter.setClipping(False)
            _paint_notice(painter, QRect(0, size.height(), size.width(), _FOOTER_PX))
        finally:
            painter.end()  # an image that goes while it is painted on takes the process with it
        rows, stride = image.height(), image.bytesPerLine()
        grid = np.frombuffer(image.constBits(), np.uint8).reshape(rows, stride)
        return grid[:, : 3 * image.width()].reshape(rows, image.width(), 3).copy()


def _paint_notice(painter: QPainter, area: QRect) -> None:
    painter.fillRect(area, QColor(_NOTICE_GROUND))
    painter.setPen(QColor(_NOTICE_INK))
    painter.drawText(
        area.adjusted(10, 0, -10, 0),
        Qt.AlignmentFlag.AlignVCenter,
        notice(),
    )
