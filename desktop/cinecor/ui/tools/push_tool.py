"""`PushTool`: a disc that pushes the nearest border before it."""

from cinecor.review import Edit, Gesture, redraw_one
from cinecor.review.correction import Place
from cinecor.review.tools.push import Push, begin_push
from cinecor.ui.look.texts import tr
from cinecor.ui.study.overlays import DraggedLine
from cinecor.ui.tools.canvas import Canvas, point_of
from cinecor.ui.tools.drawing_tool import DiscTool
from cinecor.ui.tools.tool import Pointer


class PushTool(DiscTool):
    """Pressed inside a border it pushes outwards, pressed outside inwards."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._push: Push | None = None
        self._place: Place = (0, 0)

    @property
    def busy(self) -> bool:
        """Whether a border is being pushed."""
        return self._push is not None

    @property
    def hint(self) -> str:
        """What to do next."""
        if self._push is not None:
            return tr("Drag: the line gives way to the disc. Let go to keep it; Esc takes it back.")
        if no_line := self._no_line_text():
            return no_line
        how = tr("Push: press inside a line to push it out, outside to push it in, and drag")
        return " · ".join((how, self._disc_text(), self._held_text()))

    @property
    def line(self) -> DraggedLine | None:
        """The border under the disc."""
        push = self._push
        return None if push is None else DraggedLine(self._place, push.border, push.outline)

    def press(self, at: Pointer) -> Edit | None:
        """Take hold of a border."""
        self._over, frame = at, self._canvas.frame(at.place)
        if frame is None:
            return None
        self._place = at.place
        self._push = begin_push(
            frame,
            point_of(at),
            radius_mm=self._canvas.radius_mm,
            pixel_spacing_mm=self._canvas.pixel_spacing_mm,
            held=self._canvas.held,
        )
        return self._edit()

    def move(self, at: Pointer) -> Edit | None:
        """Push it on."""
        self._over = at
        if self._push is not None:
            self._push = self._push.to(point_of(at))
        return self._edit()

    def release(self, at: Pointer) -> Edit | None:
        """Leave it where it is."""
        edit = self.move(at)
        self._push = None
        return edit

    def drop(self) -> None:
        """Let the border go back."""
        super().drop()
        self._push = None

    def _edit(self) -> Edit | None:
        push = self._push
        if push is None:
            return None
        return redraw_one(Gesture.PUSH, self._place, push.labels, border=push.border)
