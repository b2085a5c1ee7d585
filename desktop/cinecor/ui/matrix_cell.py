"""`CellPainter`: how the states of a frame look; each has a shape of its own beside its colour."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen

from cinecor.app.cells import Cell
from cinecor.ui.theme import Theme


class CellPainter:
    """Paints cells and the boxes of ED and ES in the colours of a theme."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme

    def paint(self, painter: QPainter, rect: QRectF, state: Cell) -> None:
        """Paint one cell."""
        theme = self._theme
        inner = rect.adjusted(0.75, 0.75, -0.75, -0.75)
        fill = {
            Cell.IMAGE: theme.cell_image,
            Cell.SEGMENTED: theme.cell_segmented,
            Cell.DOUBTFUL: theme.cell_segmented,
            Cell.EXCLUDED: theme.panel,
            Cell.MISSING: theme.panel,
        }[state]
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(inner, QColor(fill))
        size = min(inner.width(), inner.height())
        if state is Cell.DOUBTFUL:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.cell_doubtful))
            painter.drawEllipse(inner.center(), size * 0.3, size * 0.3)
        elif state is Cell.EXCLUDED:
            painter.fillRect(inner, QBrush(QColor(theme.cell_excluded), Qt.BrushStyle.BDiagPattern))
        elif state is Cell.MISSING:
            painter.setPen(QPen(QColor(theme.quiet), 1.2))
            reach = QPointF(size * 0.22, size * 0.22)
            painter.drawLine(inner.center() - reach, inner.center() + reach)
            other = QPointF(reach.x(), -reach.y())
            painter.drawLine(inner.center() - other, inner.center() + other)
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
            hatched = QBrush(QColor(theme.cell_excluded), Qt.BrushStyle.BDiagPattern)
            painter.fillRect(rect.adjusted(2, 2, -2, -2), hatched)
        if volume_ml is None:
            return
        empty = volume_ml < 0.05
        font = painter.font()
        struck = painter.font()
        struck.setStrikeOut(not counts and not empty)
        painter.setFont(struck)
        painter.setPen(QColor(theme.quiet if empty or not counts else theme.text))
        text = "–" if empty else f"{volume_ml:.1f}"
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)
        painter.setFont(font)
