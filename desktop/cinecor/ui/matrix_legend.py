"""`MatrixLegend`: what the colours and shapes of the matrix mean."""

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from cinecor.app.cells import Cell
from cinecor.ui.matrix_cell import CellPainter
from cinecor.ui.texts import tr
from cinecor.ui.theme import Theme

_BOX, _GAP = 10.0, 9.0


class MatrixLegend(QWidget):
    """One row of boxes with their names; names that do not fit are left out from the end."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._painter = CellPainter(theme)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        metrics = QFontMetricsF(self.font())
        width = sum(_BOX + 5 + metrics.horizontalAdvance(_name(cell)) + _GAP for cell in Cell)
        return QSize(int(width) + 1, int(metrics.height()) + 2)

    def minimumSizeHint(self) -> QSize:
        return QSize(40, self.sizeHint().height())

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = QPainter(self)
        metrics = QFontMetricsF(self.font())
        left = 0.0
        for cell in Cell:
            name = _name(cell)
            width = metrics.horizontalAdvance(name)
            if left + _BOX + 5 + width > self.width():
                break
            box = QRectF(left, (self.height() - _BOX) / 2, _BOX, _BOX)
            self._painter.paint(painter, box, cell)
            painter.setPen(QColor(self._theme.quiet))
            painter.drawText(
                QRectF(left + _BOX + 5, 0, width + 2, self.height()),
                0x80,
                name,  # centred in height
            )
            left += _BOX + 5 + width + _GAP
        painter.end()


def _name(cell: Cell) -> str:
    return tr(f"cell.{cell.name.lower()}")
