"""Pictures of views: sharp, with a caption below (see `caption`), for slides and for letters."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QPoint, QRect, QRectF, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QWidget

from cinecor.ui.look.theme import HERE, OVERLAY
from cinecor.ui.study.cursor import Cursor
from cinecor.ui.study.overlays import Place
from cinecor.ui.study.reading import Reading

_SCALE = 2
_LINE_PX = 20
_RIM_PX = 6
_NOTICE_GROUND, _NOTICE_INK, _CAPTION_INK = "#14171b", "#f0b43c", "#e8ebef"

KEPT_COLOURS = tuple(
    (colour.red(), colour.green(), colour.blue())
    for colour in map(QColor, (*OVERLAY.values(), HERE, _NOTICE_INK, _NOTICE_GROUND))
)
"""What a picture with few colours must not change: structures, the cursor's frame, and the notice; (R, G, B)."""


class PaintedView(Protocol):
    """A view that can paint itself on any painter."""

    def paint_on(self, painter: QPainter, area: QRectF, *, at: Place | None = None) -> None:
        """Paint into `area` as it looks where the cursor is, or at another slice and phase."""

    def size(self) -> QSize:
        """Return how large it is on the screen."""


def picture_of(widget: QWidget, lines: Sequence[str]) -> QImage:
    """Return a widget as it is seen, at twice its size, with a caption below, whose last line is the notice."""
    size, footer = widget.size(), _footer_px(lines)
    image = QImage(QSize(size.width(), size.height() + footer) * _SCALE, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(_SCALE)
    image.fill(QColor("#000000"))
    painter = QPainter(image)
    try:
        QWidget.render(widget, painter, QPoint())  # a plot has a `render` of its own, which draws the scene alone
        _paint_caption(painter, QRect(0, size.height(), size.width(), footer), lines)
    finally:
        painter.end()
    return image


class CinePictures(QObject):
    """Paints one picture a phase, one a turn of the event loop, so that the window stays alive; then it is gone.

    What is seen stays as it is: the pictures are painted beside the screen. The parent is the page of the view: what is
    painted must not outlive it.
    """

    progressed = Signal(int, int)  # so many of so many are painted
    finished = Signal(tuple)  # of (row, column, 3) uint8
    given_up = Signal()  # other images are shown now: a cycle of both would be nobody's heart

    def __init__(
        self, view: PaintedView, reading: Reading, cursor: Cursor, *, lines: Sequence[str], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._view, self._lines = view, lines
        self._slice, self._phases, self._size = cursor.slice, cursor.phases, view.size()
        self._frames: list[NDArray[np.uint8]] = []
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
        self._frames.append(self._painted(len(self._frames)))
        self.progressed.emit(len(self._frames), self._phases)
        if len(self._frames) == self._phases:
            self.stop()
            self.finished.emit(tuple(self._frames))

    def _painted(self, phase: int) -> NDArray[np.uint8]:
        size, footer = self._size, _footer_px(self._lines)
        image = QImage(size.width(), size.height() + footer, QImage.Format.Format_RGB888)
        image.fill(QColor("#000000"))
        painter = QPainter(image)
        try:
            painter.setClipRect(QRect(0, 0, size.width(), size.height()))
            self._view.paint_on(painter, QRectF(0, 0, size.width(), size.height()), at=(self._slice, phase))
            painter.setClipping(False)
            _paint_caption(painter, QRect(0, size.height(), size.width(), footer), self._lines)
        finally:
            painter.end()  # an image that goes while it is painted on takes the process with it
        rows, stride = image.height(), image.bytesPerLine()
        grid = np.frombuffer(image.constBits(), np.uint8).reshape(rows, stride)
        return grid[:, : 3 * image.width()].reshape(rows, image.width(), 3).copy()


def _footer_px(lines: Sequence[str]) -> int:
    return _LINE_PX * len(lines) + _RIM_PX


def _paint_caption(painter: QPainter, area: QRect, lines: Sequence[str]) -> None:
    painter.fillRect(area, QColor(_NOTICE_GROUND))
    for number, line in enumerate(lines):
        row = QRect(area.left() + 10, area.top() + _RIM_PX // 2 + number * _LINE_PX, area.width() - 20, _LINE_PX)
        painter.setPen(QColor(_NOTICE_INK if number == len(lines) - 1 else _CAPTION_INK))
        shown = painter.fontMetrics().elidedText(line, Qt.TextElideMode.ElideRight, row.width())
        painter.drawText(row, Qt.AlignmentFlag.AlignVCenter, shown)
