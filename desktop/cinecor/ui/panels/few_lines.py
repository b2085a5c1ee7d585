"""`FewLines`: a text on as many lines as it needs up to a number of them, cut at its very end; the whole as tooltip."""

from typing import Final

from PySide6.QtCore import QEvent, QPointF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QTextLayout, QTextOption
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

_MARGIN_PX: Final = 2  # above and below together
_WIDTHS: Final = 8  # whose lines are kept


class FewLines(QLabel):
    """As high as its lines at the width that it has; `text` is the whole."""

    def __init__(self, text: str, *, most: int, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self._most = most
        self._laid: dict[tuple[int, str], list[str]] = {}  # by width and text: layouts ask again and again
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setToolTip(text)

    def shown_lines(self, width: int) -> list[str]:
        """Return the lines that are written at a width, the last one cut where there is more to say."""
        key = (width, self.text())
        if key not in self._laid:
            if len(self._laid) == _WIDTHS:
                self._laid.clear()
            self._laid[key] = self._lines(width)
        return self._laid[key]

    def _lines(self, width: int) -> list[str]:
        text = self.text().replace("\n", " ")
        layout = QTextLayout(text, self.font())
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        layout.setTextOption(option)
        layout.beginLayout()
        starts: list[int] = []
        while len(starts) < self._most and (line := layout.createLine()).isValid():
            line.setLineWidth(max(width, 1))
            starts.append(line.textStart())
        layout.endLayout()
        ends = [*starts[1:], len(text)]
        lines = [text[start:end].rstrip() for start, end in zip(starts, ends, strict=True)]
        if lines:
            lines[-1] = self.fontMetrics().elidedText(lines[-1], Qt.TextElideMode.ElideRight, width)
        return lines

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._laid.clear()
        super().changeEvent(event)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return max(len(self.shown_lines(width)), 1) * self.fontMetrics().lineSpacing() + _MARGIN_PX

    def sizeHint(self) -> QSize:
        return QSize(60, self.heightForWidth(max(self.width(), 60)))

    def minimumSizeHint(self) -> QSize:
        return QSize(60, self.fontMetrics().lineSpacing() + _MARGIN_PX)

    def paintEvent(self, _: QPaintEvent) -> None:
        painter, metrics = QPainter(self), self.fontMetrics()
        painter.setPen(self.palette().color(self.foregroundRole()))
        for number, line in enumerate(self.shown_lines(self.width())):
            at = QPointF(0, _MARGIN_PX / 2 + number * metrics.lineSpacing() + metrics.ascent())
            painter.drawText(at, line)
        painter.end()
