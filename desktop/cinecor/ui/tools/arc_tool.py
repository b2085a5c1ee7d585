"""`ArcTool`: a stroke that begins and ends at a border replaces the arc between."""

from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainter, QPolygonF, QTransform

from cinecor.review import Edit, Gesture, redraw_one
from cinecor.review.borders import Border
from cinecor.review.correction import Place
from cinecor.review.tools.drawn_line import redraw_arc
from cinecor.review.tools.swept_disc import Point
from cinecor.ui.look.names import border_name
from cinecor.ui.look.texts import tr
from cinecor.ui.tools.canvas import Canvas, point_of
from cinecor.ui.tools.drawing_tool import DrawingTool, colour_of, pens
from cinecor.ui.tools.tool import Pointer

_APART_PX = 0.25  # of the image: nearer points tell no more of a line


class ArcTool(DrawingTool):
    """The border is the one where the stroke begins."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._stroke: list[Point] = []
        self._place: Place = (0, 0)
        self._border: Border | None = None
        self._missed = False  # whether the last stroke met no border at one of its ends

    @property
    def busy(self) -> bool:
        """Whether a stroke is being drawn."""
        return bool(self._stroke)

    @property
    def hint(self) -> str:
        """What to do next."""
        if self._stroke and self._border is not None:
            border = border_name(self._border)
            return tr("Draw on and end at the line of the {border}; Esc takes the stroke back.", border=border)
        if no_line := self._no_line_text():
            return no_line
        if self._missed:
            return tr(
                "That stroke did not begin and end at one line: nothing was changed. Draw from the line to the line."
            )
        how = tr("Redraw arc: draw from a line, along where it should run, back to the line")
        return f"{how} · {self._held_text()}"

    def press(self, at: Pointer) -> Edit | None:
        """Begin at a border."""
        self._over = at
        self._place, self._border, self._missed = at.place, self._canvas.border_near(at), False
        self._stroke = [] if self._border is None else [point_of(at)]
        return None

    def move(self, at: Pointer) -> Edit | None:
        """Draw on; shown is what the stroke would make if it ended here."""
        if not self._stroke:
            return None
        (x, y), (last_x, last_y) = point_of(at), self._stroke[-1]
        if max(abs(x - last_x), abs(y - last_y)) >= _APART_PX:
            self._stroke.append((x, y))
        return self._edit()

    def release(self, at: Pointer) -> Edit | None:
        """Replace the arc."""
        if not self._stroke:
            return None
        self.move(at)
        edit = self._edit()
        self._missed = edit is None
        self._stroke = []
        return edit

    def drop(self) -> None:
        """Forget the stroke."""
        super().drop()
        self._stroke, self._missed = [], False

    def paint(self, painter: QPainter, to_screen: QTransform, place: Place) -> None:
        """Paint the stroke."""
        if place != self._place or self._border is None or not self._stroke:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        line = to_screen.map(QPolygonF([QPointF(x, y) for x, y in self._stroke]))
        for pen in pens(colour_of(self._border)):
            painter.setPen(pen)
            painter.drawPolyline(line)

    def _edit(self) -> Edit | None:
        frame = self._canvas.frame(self._place)
        if frame is None or self._border is None or len(self._stroke) < 2:
            return None
        drawn = redraw_arc(frame, self._border, self._stroke, pixel_spacing_mm=self._canvas.pixel_spacing_mm)
        if drawn is frame:
            return None
        return redraw_one(Gesture.ARC, self._place, drawn, border=self._border)
