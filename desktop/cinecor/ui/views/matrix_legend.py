"""`MatrixLegend`: what the colours and shapes of the matrix mean."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from cinecor.review import FrameState
from cinecor.scene.cells import Cell
from cinecor.ui.look.cell_painter import CellPainter
from cinecor.ui.look.names import cell_name, mark_name
from cinecor.ui.look.theme import Theme

_BOX, _BESIDE, _GAP = 11.0, 5.0, 12.0


class MatrixLegend(QWidget):
    """Boxes with their names; on a narrow window they take a second row."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._painter = CellPainter(theme)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def places(self, width: float) -> dict[Cell | FrameState, QRectF]:
        """Return where each entry lies when there is so much room across."""
        metrics = QFontMetricsF(self.font())
        places: dict[Cell | FrameState, QRectF] = {}
        corner = QPointF(0, 0)
        for entry in (*Cell, *FrameState):
            size = _BOX + _BESIDE + metrics.horizontalAdvance(_name(entry))
            if corner.x() > 0 and corner.x() + size > width:
                corner = QPointF(0, corner.y() + metrics.height() + 2)
            places[entry] = QRectF(corner.x(), corner.y(), size, metrics.height())
            corner += QPointF(size + _GAP, 0)
        return places

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return round(max(place.bottom() for place in self.places(width).values())) + 2

    def sizeHint(self) -> QSize:
        width = round(max(place.right() for place in self.places(1e6).values())) + 1
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.heightForWidth(max(self.width(), 120)))

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
