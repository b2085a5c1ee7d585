"""`HandleTool`: points on the lines for the hand; the border follows the one that is dragged."""

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPen, QTransform

from cinecor.review import Edit, Gesture, redraw_one
from cinecor.review.borders import Border
from cinecor.review.correction import Place
from cinecor.review.tools.drawn_line import drag_handle
from cinecor.review.tools.swept_disc import Point
from cinecor.ui.look.names import border_name
from cinecor.ui.look.texts import tr
from cinecor.ui.tools.canvas import Canvas, point_of
from cinecor.ui.tools.drawing_tool import DrawingTool, colour_of
from cinecor.ui.tools.tool import Pointer

_BOX_PX = 5.0


class HandleTool(DrawingTool):
    """Shows the handles of the border that the mouse is nearest to."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._start: Point | None = None
        self._place: Place = (0, 0)
        self._border: Border | None = None

    @property
    def busy(self) -> bool:
        """Whether a handle is being dragged."""
        return self._start is not None

    @property
    def hint(self) -> str:
        """What to do next."""
        if self._start is not None and self._border is not None:
            border = border_name(self._border)
            return tr("The line of the {border} follows; let go to keep it, Esc takes it back.", border=border)
        if no_line := self._no_line_text():
            return no_line
        how = tr("Handles: drag a point of a line; its neighbours follow")
        return f"{how} · {self._held_text()}"

    def hover(self, at: Pointer | None) -> None:
        """Show the handles of another border when the mouse comes nearer to it."""
        super().hover(at)
        if at is not None:
            self._place, self._border = at.place, self._canvas.border_near(at)

    def press(self, at: Pointer) -> Edit | None:
        """Take the nearest handle."""
        self._over = at
        self._place, self._border = at.place, self._canvas.border_near(at)
        self._start = None if self._border is None else point_of(at)
        return None

    def move(self, at: Pointer) -> Edit | None:
        """Move it."""
        frame = self._canvas.frame(self._place)
        if frame is None or self._border is None or self._start is None:
            return None
        drawn = drag_handle(
            frame, self._border, self._start, point_of(at), pixel_spacing_mm=self._canvas.pixel_spacing_mm
        )
        return redraw_one(Gesture.HANDLE, self._place, drawn, border=self._border)

    def release(self, at: Pointer) -> Edit | None:
        """Leave it there."""
        edit = self.move(at)
        self._start = None
        return edit

    def drop(self) -> None:
        """Let it go back."""
        super().drop()
        self._start = self._border = None

    def paint(self, painter: QPainter, to_screen: QTransform, place: Place) -> None:
        """Paint the handles, until one is taken."""
        frame = self._canvas.frame(place)
        if frame is None or place != self._place or self._border is None or self._start is not None:
            return
        spacing_mm = self._canvas.pixel_spacing_mm
        painter.setPen(QPen(QColor(0, 0, 0, 200), 1))
        painter.setBrush(colour_of(self._border))
        for line in self._canvas.lines(frame)[self._border].handles(spacing_mm):
            for x, y in line.tolist():
                at = to_screen.map(QPointF(x, y))
                painter.drawRect(QRectF(at.x() - _BOX_PX / 2, at.y() - _BOX_PX / 2, _BOX_PX, _BOX_PX))
