"""`DrawingTool`: what the tools that correct outlines have in common; `DiscTool`: those with a round tip."""

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QTransform

from cinecor.review.borders import Border
from cinecor.review.correction import Place
from cinecor.scene.outlines import LABEL_OF
from cinecor.ui.look.names import border_name
from cinecor.ui.look.texts import number_text, tr
from cinecor.ui.look.theme import HERE, OVERLAY
from cinecor.ui.tools.canvas import Canvas
from cinecor.ui.tools.tool import KeyTable, Pointer, Tool
from cinecor.ui.tools.viewport import px_per_mm

_SHADE = QColor(0, 0, 0, 150)  # below a line, so that it is seen on any image


class DrawingTool(Tool):
    """Works on the frame under the mouse; a frame without outlines of the model cannot be drawn on."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self._over: Pointer | None = None

    @property
    def cursor(self) -> Qt.CursorShape:
        """A cross, whose middle is where the tool acts."""
        return Qt.CursorShape.CrossCursor

    def hover(self, at: Pointer | None) -> None:
        """Remember what is under the mouse."""
        self._over = at

    def drop(self) -> None:
        """Forget where the mouse was."""
        self._over = None

    def _no_line_text(self) -> str:
        """Say that the frame under the mouse lacks the line which the tool would move; empty where it has one."""
        if self._over is None or not self._canvas.lacks_lines(self._over.place):
            return ""
        if self._canvas.held is None:
            return tr("Nothing is outlined in this frame, so there is no line to move: N draws one, B paints.")
        border = border_name(self._canvas.held)
        return tr("This frame has no line of the {border} to move: N draws one, B paints.", border=border)

    def _held_text(self) -> str:
        """Say which border is held and how to hold another one."""
        if self._canvas.held is None:
            return tr("C, W, V: hold cavity, wall or RV")
        return tr("{border} is held; the same key again lets it go", border=border_name(self._canvas.held))


class DiscTool(DrawingTool):
    """Has a disc at the mouse, whose radius the wheel and two keys change."""

    @property
    def keys(self) -> KeyTable:
        """Smaller and larger."""
        return {"[": lambda: self._canvas.resize(-1), "]": lambda: self._canvas.resize(1)}

    def wheel(self, steps: float, at: Pointer) -> bool:
        """Change the size of the disc; a trackpad does so by less than a step."""
        self._over = at
        self._canvas.resize(steps)
        return True

    def paint(self, painter: QPainter, to_screen: QTransform, place: Place) -> None:
        """Paint the disc where it would act."""
        if self._over is None or self._over.place != place:
            return
        middle = to_screen.map(QPointF(self._over.column, self._over.row))
        radius = self._canvas.radius_mm * px_per_mm(to_screen, self._canvas.pixel_spacing_mm)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for pen in pens(QColor(HERE)):
            painter.setPen(pen)
            painter.drawEllipse(middle, radius, radius)

    def _disc_text(self) -> str:
        return tr("wheel or [ ]: disc {radius} mm", radius=number_text(self._canvas.radius_mm, 1))


def colour_of(border: Border) -> QColor:
    """Return the colour in which a border is drawn over images."""
    return QColor(OVERLAY[LABEL_OF[border]])


def pens(colour: QColor) -> tuple[QPen, QPen]:
    """Return a pen for the shade below a line, and one for the line."""
    return QPen(_SHADE, 3.2), QPen(colour, 1.5)
