"""`SeriesCard`: one stack or long-axis cine, with its picture, what it is and how large."""

from typing import Final

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QContextMenuEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QAbstractButton, QWidget

from cinecor.ui.look.theme import Theme

_PICTURE_PX: Final = 48
_MARGIN, _GAP = 6, 8
_WORDS: Final = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap


class SeriesCard(QAbstractButton):
    """A click shows it, a double click uses it for the analysis; checked while it is the one in use."""

    used = Signal()  # for the analysis
    menu_wanted = Signal(QPoint)  # in coordinates of the screen

    def __init__(
        self, title: str, facts: str, *, uid: str, why: str, theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.uid, self.facts = uid, facts
        self._theme = theme
        self._picture: QPixmap | None = None
        self._compact = False
        self.setText(title)
        self.setAccessibleName(f"{title}, {facts}")
        self.setToolTip("\n".join(text for text in (f"{title} · {facts}", why) if text))
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def show_picture(self, picture: QPixmap | None) -> None:
        """Show a picture of the series; None while there is none."""
        self._picture = picture
        self.update()

    def show_compact(self, compact: bool) -> None:
        """Show the picture alone, where there is little room."""
        self._compact = compact
        self.updateGeometry()
        self.update()

    def nextCheckState(self) -> None:
        """Stay as it is: what is in use is told, not clicked."""

    def sizeHint(self) -> QSize:
        side = _PICTURE_PX + 2 * _MARGIN
        return QSize(side if self._compact else 180, max(side, self._height(180)))

    def minimumSizeHint(self) -> QSize:
        return QSize(_PICTURE_PX + 2 * _MARGIN, self.sizeHint().height())

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        side = _PICTURE_PX + 2 * _MARGIN
        return side if self._compact else max(side, self._height(width))

    def _height(self, width: int) -> int:
        return self._title_height() + self._words(width).height() + 2 * _MARGIN

    def _title_height(self) -> int:
        return self.fontMetrics().height() + 1

    def _words(self, width: int) -> QRect:
        room = max(width - _PICTURE_PX - 2 * _MARGIN - _GAP, 40)
        return self.fontMetrics().boundingRect(QRect(0, 0, room, 400), int(_WORDS), self.facts)

    def paintEvent(self, _: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        whole = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        if self.isChecked() or self.underMouse():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.raised))
            painter.drawRoundedRect(whole, 4, 4)
        place = QRect(_MARGIN, _MARGIN, _PICTURE_PX, _PICTURE_PX)
        if self._compact:
            place.moveCenter(self.rect().center())
        painter.fillRect(place, QColor("#000000"))
        if self._picture is not None:
            smooth = Qt.TransformationMode.SmoothTransformation
            size = place.size() * self.devicePixelRatioF()
            fitted = self._picture.scaled(size, Qt.AspectRatioMode.KeepAspectRatioByExpanding, smooth)
            middle = QRect(QPoint(0, 0), size)
            middle.moveCenter(fitted.rect().center())
            painter.drawPixmap(place, fitted, middle)
        if not self._compact:
            left = place.right() + 1 + _GAP
            font = self.font()
            font.setWeight(font.Weight.DemiBold if self.isChecked() else font.Weight.Normal)
            painter.setFont(font)
            painter.setPen(QColor(theme.text))
            room = QRect(left, _MARGIN, self.width() - left - 2, self._title_height())
            title = painter.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room.width())
            painter.drawText(room, Qt.AlignmentFlag.AlignLeft, title)
            painter.setFont(self.font())
            painter.setPen(QColor(theme.quiet))
            painter.drawText(room.adjusted(0, self._title_height(), 0, self.height()), int(_WORDS), self.facts)
        if self.hasFocus():
            painter.setPen(QPen(QColor(theme.accent), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(whole, 4, 4)
        painter.end()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.used.emit()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu_wanted.emit(event.globalPos())
