"""`Gestures`: brings the mouse and the keys of a view to the tool that they belong to, and its edits to the review."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Protocol

from PySide6.QtCore import QObject, QPointF, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence, QMouseEvent, QPainter, QTransform, QWheelEvent
from PySide6.QtWidgets import QWidget

from cinecor.review import Edit
from cinecor.ui.study.review_model import ReviewModel
from cinecor.ui.tools.tool import Pointer, Tool
from cinecor.ui.tools.toolbox import Toolbox

WHEEL_STEP = 120  # eighths of a degree

_BACK = "Esc"

_LEFT, _MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton
_SHIFT, _CONTROL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


class Locator(Protocol):
    """How a view finds what is under the mouse."""

    def __call__(self, position: QPointF, held: tuple[int, int] | None) -> Pointer | None:
        """Return the pointer over the frame there, or over the frame `held`; None where there is no image."""


class Gestures(QObject):
    """The chosen tool has the left button; the view's own tools have the others, and the left one while none is chosen.

    In a view that only some tools can work in, any other is as if it were not chosen.
    Every function tells whether a tool took the event; what none took is the view's.
    """

    began = Signal(tuple)  # of the chosen tool, at this (slice, phase)

    def __init__(
        self,
        view: QWidget,
        toolbox: Toolbox,
        review: ReviewModel,
        *,
        locate: Locator,
        own: Mapping[Qt.MouseButton, Tool],
        works: Callable[[], bool] = lambda: True,
    ) -> None:
        """`works` tells whether the chosen tool can work in the view."""
        super().__init__(view)
        self._works = works
        self._view, self._toolbox, self._review = view, toolbox, review
        self._locate, self._own = locate, own
        self._held: tuple[Qt.MouseButton, Tool, tuple[int, int]] | None = None
        self._previews = False
        self._chosen = toolbox.chosen
        toolbox.changed.connect(self._tool_changed)
        self._tool_changed()

    @property
    def held(self) -> bool:
        """Whether a gesture is being made."""
        return self._held is not None

    @property
    def _tool(self) -> Tool | None:
        """The chosen tool, where it can work in the view."""
        return self._toolbox.chosen if self._works() else None

    def press(self, event: QMouseEvent) -> bool:
        """Begin a gesture."""
        button = event.button()
        if self._tool is not None and button == _LEFT:
            tool: Tool | None = self._tool
        else:
            shifted = button == _LEFT and event.modifiers() & _SHIFT
            tool = self._own.get(_MIDDLE if shifted else button)
        at = self._pointer(event)
        if tool is None or at is None or self._held is not None:
            return False
        self._held = (button, tool, at.place)
        if tool is self._toolbox.chosen:
            self.began.emit(at.place)
        self._preview(tool.press(at))
        return True

    def move(self, event: QMouseEvent) -> bool:
        """Go on with a gesture, or look at what is under the mouse."""
        at = self._pointer(event)
        if self._held is not None:
            if at is not None:
                self._preview(self._held[1].move(at))
            return True
        if self._tool is not None:
            self._tool.hover(at)
            self._refresh()
        return self._tool is not None

    def release(self, event: QMouseEvent) -> bool:
        """End a gesture."""
        if self._held is None or event.button() != self._held[0]:
            return False
        at, tool = self._pointer(event), self._held[1]
        self._held = None
        self._make(None if at is None else tool.release(at))
        return True

    def double_click(self, event: QMouseEvent) -> bool:
        """Bring a double click to the chosen tool."""
        tool, at = self._tool, self._pointer(event)
        if tool is None or at is None or event.button() != _LEFT:
            return False
        self._make(tool.double_click(at))
        return True

    def wheel(self, event: QWheelEvent) -> bool:
        """Bring a turn of the wheel to the chosen tool; with Ctrl it is the view's, which zooms."""
        tool = self._tool
        if tool is None or event.modifiers() & _CONTROL:
            return False
        at = self._located(event.position(), event.modifiers())
        took = at is not None and tool.wheel(event.angleDelta().y() / WHEEL_STEP, at)
        if took:
            self._refresh()
        return took

    def wants(self, event: QKeyEvent) -> bool:
        """Return whether a key belongs to the chosen tool, and so to no shortcut of the window."""
        tool = self._tool
        return tool is not None and (_key(event) in tool.keys or _key(event) == _BACK)

    def key(self, event: QKeyEvent) -> bool:
        """Bring a key to the chosen tool; Escape takes back what is half done, else lays the tool down."""
        tool = self._tool
        if tool is None or not self.wants(event):
            return False
        if _key(event) in tool.keys:
            edit = tool.keys[_key(event)]()
            if edit is not None or self._held is None:  # in the middle of a drag the disc may get another size
                self._make(edit)
            else:
                self._refresh()
        elif tool.busy:
            self.drop()
            self._refresh()
        else:
            self._toolbox.choose(None)
        return True

    def leave(self) -> None:
        """Tell the chosen tool that the mouse has left the view."""
        if self._tool is not None:
            self._tool.hover(None)
            self._refresh()

    def drop(self) -> None:
        """Let go of what is half done: another stack is open."""
        self._held, self._previews = None, False
        self._toolbox.drop()

    def paint(self, painter: QPainter, to_screen: QTransform, place: tuple[int, int]) -> None:
        """Let the chosen tool paint over a frame."""
        if self._tool is not None:
            painter.save()
            self._tool.paint(painter, to_screen, place)
            painter.restore()

    def _pointer(self, event: QMouseEvent) -> Pointer | None:
        return self._located(event.position(), event.modifiers())

    def _located(self, position: QPointF, modifiers: Qt.KeyboardModifier) -> Pointer | None:
        at = self._locate(position, None if self._held is None else self._held[2])
        return None if at is None else replace(at, shift=bool(modifiers & _SHIFT), control=bool(modifiers & _CONTROL))

    def _preview(self, edit: Edit | None) -> None:
        self._toolbox.show()
        self._toolbox.watch(edit)
        if edit is not None or self._previews:
            self._previews = edit is not None
            self._review.preview(edit)
        self._refresh()

    def _make(self, edit: Edit | None) -> None:
        self._toolbox.show()
        self._toolbox.watch(edit)
        if edit is not None:
            self._review.edit(edit)
        elif self._previews:
            self._review.preview(None)
        self._previews = False
        self._refresh()

    def _refresh(self) -> None:
        """Show what the chosen tool paints, looks like and hints at now."""
        if self._toolbox.chosen is not None:
            self._view.update()
            self._toolbox.changed.emit()

    @Slot()
    def _tool_changed(self) -> None:
        tool = self._toolbox.chosen
        if tool is not self._chosen:  # in the middle of a gesture, which ends here
            self._chosen, self._held, self._previews = tool, None, False
        self._view.setMouseTracking(True)  # views tell the place under the mouse
        self.show_cursor()

    def show_cursor(self) -> None:
        """Give the mouse the look of the chosen tool over the view."""
        if self._tool is None:
            self._view.unsetCursor()
        else:
            self._view.setCursor(self._tool.cursor)


def _key(event: QKeyEvent) -> str:
    return QKeySequence(event.keyCombination()).toString(QKeySequence.SequenceFormat.PortableText)
