"""`CellPainter`: how the states of a frame look; each has a shape of its own beside its colour."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen, QPolygonF

from cinecor.review import FrameState
from cinecor.scene.cells import Cell
from cinecor.ui.look.texts import number_text
from cinecor.ui.look.theme import Theme


class CellPainter:
    """Paints cells and the boxes of ED and ES in the colours of a theme."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme

    def paint(self, painter: QPainter, rect: QRectF, state: Cell) -> None:
        """Paint one cell."""
        theme = self._theme
        rim = min(0.75, rect.height() / 8)
        inner = rect.adjusted(rim, rim, -rim, -rim)
        fill = {
            Cell.IMAGE: theme.panel,
            Cell.UNFINISHED: theme.panel,
            Cell.SEGMENTED: theme.cell_segmented,
            Cell.DOUBTFUL: theme.cell_segmented,
            Cell.EXCLUDED: theme.panel,
            Cell.MISSING: theme.panel,
        }[state]
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(inner, QColor(fill))
        size = min(inner.width(), inner.height())
        if state in (Cell.IMAGE, Cell.UNFINISHED):
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(theme.cell_line), 1))
            painter.drawRect(inner.adjusted(0.5, 0.5, -0.5, -0.5))
            if state is Cell.UNFINISHED:
                half = inner.adjusted(0.5, inner.height() / 2, -0.5, -0.5)
                painter.fillRect(half, QColor(theme.cell_segmented))
        elif state is Cell.DOUBTFUL:
            self._paint_doubt(painter, inner)
        elif state is Cell.EXCLUDED:
            painter.fillRect(inner, QBrush(QColor(theme.cell_line), Qt.BrushStyle.BDiagPattern))
        elif state is Cell.MISSING:
            painter.setPen(QPen(QColor(theme.quiet), 1.2))
            reach = QPointF(size * 0.22, size * 0.22)
            painter.drawLine(inner.center() - reach, inner.center() + reach)
            other = QPointF(reach.x(), -reach.y())
            painter.drawLine(inner.center() - other, inner.center() + other)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _paint_doubt(self, painter: QPainter, inner: QRectF) -> None:
        """Paint a triangle, as high as a narrow cell allows."""
        side = min(inner.width(), max(inner.height() * 0.85, 3.0), 11.0)
        middle = inner.center()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._theme.doubt))
        corners = [QPointF(0, -0.5), QPointF(0.55, 0.45), QPointF(-0.55, 0.45)]
        painter.drawPolygon(QPolygonF([middle + one * side for one in corners]))

    def paint_mark(self, painter: QPainter, rect: QRectF, mark: FrameState) -> None:
        """Paint over a cell what a person did about the frame: corner (hollow while it is provisional) or tick."""
        rim = min(1.5, rect.height() / 8)
        inner = rect.adjusted(rim, rim, -rim, -rim)
        size = min(inner.width(), inner.height())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ink = QColor(self._theme.on_cell)
        if mark in (FrameState.CORRECTED, FrameState.PROVISIONAL):
            corner, side = inner.topRight(), min(size * 0.6, 8.0)
            drawn = mark is FrameState.CORRECTED
            painter.setPen(Qt.PenStyle.NoPen if drawn else QPen(ink, 1.2))
            painter.setBrush(ink if drawn else Qt.BrushStyle.NoBrush)
            painter.drawPolygon(QPolygonF([corner, corner - QPointF(side, 0), corner + QPointF(0, side)]))
        else:
            painter.setPen(QPen(ink, 1.6))
            middle = inner.center()
            tick = [QPointF(-0.34, 0.02), QPointF(-0.08, 0.3), QPointF(0.36, -0.3)]
            painter.drawPolyline(QPolygonF([middle + one * size for one in tick]))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def paint_choice(
        self, painter: QPainter, rect: QRectF, *, counts: bool, volume_ml: float | None, hovered: bool
    ) -> None:
        """Paint the box that says whether a slice counts, with the LV volume it adds."""
        theme = self._theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme.accent if hovered else theme.line), 1))
        painter.setBrush(QColor(theme.raised if counts else theme.panel))
        painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        if not counts:
            hatched = QBrush(QColor(theme.cell_line), Qt.BrushStyle.BDiagPattern)
            painter.fillRect(rect.adjusted(2, 2, -2, -2), hatched)
        if volume_ml is None:
            return
        empty = volume_ml < 0.05
        font = painter.font()
        struck = painter.font()
        struck.setStrikeOut(not counts and not empty)
        painter.setFont(struck)
        painter.setPen(QColor(theme.quiet if empty or not counts else theme.text))
        text = "–" if empty else number_text(volume_ml, 1)
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextDontClip, text)
        painter.setFont(font)
