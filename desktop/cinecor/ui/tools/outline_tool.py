"""`OutlineTool`: a border drawn anew by a few clicks, as a smooth closed line through them."""

from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF, QTransform

from cinecor.review import Edit, Gesture, redraw_one
from cinecor.review.borders import Border
from cinecor.review.correction import Place
from cinecor.review.tools.drawn_line import FEWEST_CLICKS, closed_spline, new_outline
from cinecor.review.tools.swept_disc import Point
from cinecor.scene.outlines import LABEL_OF
from cinecor.ui.look.names import border_name
from cinecor.ui.look.texts import tr
from cinecor.ui.look.theme import HERE
from cinecor.ui.tools.canvas import Canvas, point_of
from cinecor.ui.tools.drawing_tool import DrawingTool, colour_of, pens
from cinecor.ui.tools.tool import KeyTable, Pointer

_CLICK_PX = 3.0  # radius of a clicked point on the screen
_SAME_PX = 4.0  # on the screen: a click this near to the last one is the same


class OutlineTool(DrawingTool):
    """In a frame that lacks a border the clicks draw that one: cavity, wall, RV; else the one nearest to the first."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._clicks: list[Point] = []
        self._place: Place = (0, 0)
        self._border = Border.ENDO

    @property
    def busy(self) -> bool:
        """Whether points were clicked."""
        return bool(self._clicks)

    @property
    def hint(self) -> str:
        """What to do next."""
        border = border_name(self._shown_border)
        if not self._clicks:
            how = tr("New outline of the {border}: click 4 to 8 points along it", border=border)
            return f"{how} · {self._held_text()}"
        if len(self._clicks) < FEWEST_CLICKS:
            return tr("{border}: click the next point; Backspace takes one back, Esc all.", border=border)
        close = tr("{border}: the next point, or double click or Enter to close", border=border)
        if self._border is Border.EPI:
            return close
        return " · ".join((close, tr("it goes to the edge of the blood, with Shift it stays as drawn")))

    @property
    def keys(self) -> KeyTable:
        """Close the line and take points back, as soon as there are any."""
        if not self._clicks:
            return {}
        return {
            "Return": lambda: self._close(as_drawn=False),
            "Enter": lambda: self._close(as_drawn=False),
            "Shift+Return": lambda: self._close(as_drawn=True),
            "Backspace": self._take_back,
        }

    def press(self, at: Pointer) -> Edit | None:
        """Click a point; a drag moves it."""
        if self._canvas.frame(at.place) is None:
            return None
        if self._clicks and at.place != self._place:
            self._clicks = []
        if not self._clicks:
            self._place, self._border = at.place, self._border_at(at)
        self._clicks.append(point_of(at))
        return None

    def move(self, at: Pointer) -> Edit | None:
        """Put the point elsewhere before the button is let go."""
        if self._clicks and at.place == self._place:
            self._clicks[-1] = point_of(at)
        return None

    def double_click(self, at: Pointer) -> Edit | None:
        """Close the line."""
        return self._close(as_drawn=at.shift)

    def drop(self) -> None:
        """Forget the points."""
        super().drop()
        self._clicks = []

    def paint(self, painter: QPainter, to_screen: QTransform, place: Place) -> None:
        """Paint the points, and the line as it would close."""
        if place != self._place or not self._clicks:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = colour_of(self._border)
        points = list(self._clicks)
        over = self._over
        if over is not None and over.place == place:
            last = to_screen.map(QPointF(*points[-1]))
            if (QPointF(over.x, over.y) - last).manhattanLength() > _SAME_PX:
                points.append(point_of(over))
        try:
            line = closed_spline(points).tolist()
        except ValueError:  # two points make no closed line yet
            line = points
        drawn = to_screen.map(QPolygonF([QPointF(x, y) for x, y in (*line, line[0])]))
        for pen in pens(colour):
            painter.setPen(pen)
            painter.drawPolyline(drawn)
        painter.setPen(QPen(QColor(0, 0, 0), 1))
        for number, (x, y) in enumerate(self._clicks):
            painter.setBrush(QColor(HERE) if number == 0 else colour)
            painter.drawEllipse(to_screen.map(QPointF(x, y)), _CLICK_PX, _CLICK_PX)

    @property
    def _shown_border(self) -> Border:
        """The border that is drawn, or would be by a click where the mouse is."""
        if self._clicks:
            return self._border
        if self._over is not None:
            return self._border_at(self._over)
        return self._canvas.held or self._missing(self._place) or Border.ENDO

    def _border_at(self, at: Pointer) -> Border:
        return self._canvas.held or self._missing(at.place) or self._canvas.border_near(at) or Border.ENDO

    def _missing(self, place: Place) -> Border | None:
        """Return the first border that a frame lacks."""
        frame = self._canvas.frame(place)
        if frame is None:
            return None
        return next((border for border, label in LABEL_OF.items() if not (frame == label).any()), None)

    def _take_back(self) -> Edit | None:
        self._clicks.pop()
        return None

    def _close(self, *, as_drawn: bool) -> Edit | None:
        frame, clicks = self._canvas.frame(self._place), self._clicks
        if frame is None:
            return None
        pixels = None if as_drawn else self._canvas.pixels(self._place)
        try:
            drawn = new_outline(
                frame, self._border, clicks, pixel_spacing_mm=self._canvas.pixel_spacing_mm, pixels=pixels
            )
        except ValueError:  # too few points: they stay, and the hint says what is missing
            return None
        self._clicks = []
        return redraw_one(Gesture.OUTLINE, self._place, drawn, border=self._border)
