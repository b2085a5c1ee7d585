"""`CalliperTool`: a drag measures a distance, or the area within a line drawn by hand."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QTransform

from cinecor.review import Edit
from cinecor.scene.callipers import Calliper, CalliperKind
from cinecor.ui.look.calliper_art import calliper_text, paint_calliper
from cinecor.ui.look.texts import tr
from cinecor.ui.study.callipers import Callipers
from cinecor.ui.tools.tool import KeyTable, Pointer, Tool

_LEAST_MM = 1.0  # a shorter drag was a click
_LEAST_POINTS = {CalliperKind.DISTANCE: 2, CalliperKind.AREA: 3}


class CalliperTool(Tool):
    """Measures without outlines too, and in every view; what was measured stays on its frame until it is taken back."""

    def __init__(self, kind: CalliperKind, callipers: Callipers) -> None:
        self._kind, self._callipers = kind, callipers
        self._held: Calliper | None = None
        self._place = (0, 0)

    @property
    def cursor(self) -> Qt.CursorShape:
        """A cross."""
        return Qt.CursorShape.CrossCursor

    @property
    def hint(self) -> str:
        """What to do next, or what is measured."""
        if self._held is not None and len(self._held.points) >= _LEAST_POINTS[self._kind]:
            return calliper_text(self._held, self._spacing_mm)
        if self._kind is CalliperKind.DISTANCE:
            return tr("Distance: press and drag to the other end · Backspace takes the last one away")
        return tr("Area: draw round it, the line closes itself · Backspace takes the last one away")

    @property
    def keys(self) -> KeyTable:
        """Backspace takes the last measurement of the frame away."""
        return {"Backspace": self._take_back}

    @property
    def busy(self) -> bool:
        """Whether something is being measured."""
        return self._held is not None

    def press(self, at: Pointer) -> Edit | None:
        """Begin to measure."""
        self._place = at.place
        self._held = Calliper(self._kind, at.place, ((at.column, at.row),))
        return None

    def move(self, at: Pointer) -> Edit | None:
        """Measure up to the mouse."""
        if self._held is not None:
            here = (at.column, at.row)
            before = self._held.points if self._kind is CalliperKind.AREA else self._held.points[:1]
            self._held = Calliper(self._kind, self._held.place, (*before, here))
        return None

    def release(self, at: Pointer) -> Edit | None:
        """Lay what was measured on the frame."""
        self.move(at)
        held, self._held = self._held, None
        enough = held is not None and len(held.points) >= _LEAST_POINTS[self._kind]
        if held is not None and enough and held.length_mm(self._spacing_mm) >= _LEAST_MM:
            self._callipers.add(held)
        return None

    def hover(self, at: Pointer | None) -> None:
        """Note which frame Backspace is about."""
        if at is not None:
            self._place = at.place

    def paint(self, painter: QPainter, to_screen: QTransform, place: tuple[int, int]) -> None:
        """Paint what is being measured."""
        if self._held is not None and self._held.place == place and len(self._held.points) > 1:
            paint_calliper(painter, to_screen, self._held, spacing_mm=self._spacing_mm)

    def drop(self) -> None:
        """Measure nothing."""
        self._held = None

    def _take_back(self) -> Edit | None:
        self._callipers.take_back(self._place)
        return None

    @property
    def _spacing_mm(self) -> tuple[float, float]:
        return self._callipers.spacing_mm(self._place)
