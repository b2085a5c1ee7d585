"""`MatrixLegend`: what the shapes that are in the matrix now mean."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from cinecor.review import FrameState
from cinecor.scene.cells import Cell
from cinecor.ui.look.cell_painter import CellPainter
from cinecor.ui.look.names import cell_name, mark_name
from cinecor.ui.look.theme import Theme

_BOX, _BESIDE, _GAP = 11.0, 5.0, 12.0


class MatrixLegend(QWidget):
    """One line of boxes with their names; the usual state needs none. What has no room is left out at its end."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._painter = CellPainter(theme)
        self._entries: tuple[Cell | FrameState, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @Slot(tuple)
    def show_entries(self, entries: Sequence[Cell | FrameState]) -> None:
        """Explain these states."""
        if tuple(entries) != self._entries:
            self._entries = tuple(entries)
            self.setToolTip("\n".join(map(_name, self._entries)))
            self.update()

    def places(self, width: float) -> dict[Cell | FrameState, QRectF]:
        """Return where each entry lies when there is so much room across."""
        metrics = QFontMetricsF(self.font())
        places: dict[Cell | FrameState, QRectF] = {}
        left = 0.0
        for entry in self._entries:
            size = _BOX + _BESIDE + metrics.horizontalAdvance(_name(entry))
            if left + size > width:
                break
            places[entry] = QRectF(left, 0, size, metrics.height())
            left += size + _GAP
        return places

    def sizeHint(self) -> QSize:
        return QSize(120, round(QFontMetricsF(self.font()).height()) + 2)

    def minimumSizeHint(self) -> QSize:
        return QSize(1, self.sizeHint().height())

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = QPainter(self)
        for entry, place in self.places(self.width()).items():
            box = QRectF(place.left(), place.center().y() - _BOX / 2, _BOX, _BOX)
            self._painter.paint(painter, box, entry if isinstance(entry, Cell) else Cell.SEGMENTED)
            if isinstance(entry, FrameState):
                self._painter.paint_mark(painter, box, entry)
            painter.setPen(QColor(self._theme.quiet))
            beside = place.adjusted(_BOX + _BESIDE, 0, 2, 0)
            painter.drawText(beside, Qt.AlignmentFlag.AlignVCenter, _name(entry))
        painter.end()


def _name(entry: Cell | FrameState) -> str:
    return cell_name(entry) if isinstance(entry, Cell) else mark_name(entry)
