"""`BrushTool`: paints what lies within a border, or rubs it out."""

from cinecor.review import Edit, Gesture, redraw_one
from cinecor.review.borders import Border
from cinecor.review.correction import Place
from cinecor.review.tools.brush import brush, erase
from cinecor.review.tools.swept_disc import Point
from cinecor.ui.look.names import border_name
from cinecor.ui.look.texts import tr
from cinecor.ui.tools.canvas import Canvas, point_of
from cinecor.ui.tools.drawing_tool import DiscTool
from cinecor.ui.tools.tool import Pointer

_APART = 0.1  # of the disc's radius: nearer points cover no more


class BrushTool(DiscTool):
    """Paints the structure under the press, or the nearest; Ctrl turns brush into eraser and eraser into brush."""

    def __init__(self, canvas: Canvas, *, erases: bool = False) -> None:
        super().__init__(canvas)
        self._erases = erases
        self._path: list[Point] = []
        self._place: Place = (0, 0)
        self._border: Border | None = None
        self._gesture = Gesture.BRUSH

    @property
    def busy(self) -> bool:
        """Whether something is being painted."""
        return bool(self._path)

    @property
    def hint(self) -> str:
        """What to do next."""
        if self._path and self._border is not None:
            border = border_name(self._border)
            if self._gesture is Gesture.ERASE:
                return tr("Rubbing out of the {border}; Esc takes it back.", border=border)
            return tr("Painting the {border}; Esc takes it back.", border=border)
        if self._erases:
            how = tr("Eraser: press in a structure and rub it out; Ctrl paints")
        else:
            how = tr("Brush: press in or beside a structure and paint; Ctrl erases")
        return " · ".join((how, self._disc_text(), self._held_text()))

    def press(self, at: Pointer) -> Edit | None:
        """Begin to paint."""
        self._over, self._place = at, at.place
        self._gesture = Gesture.ERASE if self._erases != at.control else Gesture.BRUSH
        self._border = self._canvas.border_under(at) or Border.ENDO  # an empty frame: the cavity comes first
        self._path = [] if self._canvas.frame(at.place) is None else [point_of(at)]
        return self._edit()

    def move(self, at: Pointer) -> Edit | None:
        """Paint on."""
        self._over = at
        if self._path:
            (x, y), (last_x, last_y) = point_of(at), self._path[-1]
            across_mm = max(abs(x - last_x), abs(y - last_y)) * min(self._canvas.pixel_spacing_mm)
            if across_mm >= _APART * self._canvas.radius_mm:
                self._path.append((x, y))
        return self._edit()

    def release(self, at: Pointer) -> Edit | None:
        """Keep what was painted."""
        edit = self.move(at)
        self._path = []
        return edit

    def drop(self) -> None:
        """Forget what was painted."""
        super().drop()
        self._path = []

    def _edit(self) -> Edit | None:
        frame = self._canvas.frame(self._place)
        if frame is None or self._border is None or not self._path:
            return None
        paint = erase if self._gesture is Gesture.ERASE else brush
        drawn = paint(
            frame,
            self._border,
            self._path,
            radius_mm=self._canvas.radius_mm,
            pixel_spacing_mm=self._canvas.pixel_spacing_mm,
        )
        return redraw_one(self._gesture, self._place, drawn, border=self._border)
