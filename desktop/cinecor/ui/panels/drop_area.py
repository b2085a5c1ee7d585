"""`DropArea`: what a window shows while a study is dragged over it."""

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from cinecor.ui.look.texts import tr
from cinecor.ui.look.theme import Theme

_INSIDE = 12.0


class DropArea(QWidget):
    """A frame over everything, with one line that says what a drop does; it takes no event itself."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def show_over(self, area: QRect) -> None:
        """Cover an area of the window."""
        self.setGeometry(area)
        self.show()
        self.raise_()

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = QColor(self._theme.window)
        ground.setAlpha(190)
        painter.fillRect(self.rect(), ground)
        painter.setPen(QPen(QColor(self._theme.accent), 2, Qt.PenStyle.DashLine))
        inner = QRectF(self.rect()).adjusted(_INSIDE, _INSIDE, -_INSIDE, -_INSIDE)
        painter.drawRoundedRect(inner, 8, 8)
        font = self.font()
        font.setPointSizeF(font.pointSizeF() * 1.4)
        painter.setFont(font)
        painter.setPen(QColor(self._theme.text))
        text = tr("Drop to open. The files stay where they are.")
        painter.drawText(inner, Qt.AlignmentFlag.AlignCenter, text)
        painter.end()
