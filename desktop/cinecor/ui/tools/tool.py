# ruff: noqa: ARG002  what a tool does not say, it does with no regard to where the mouse is
"""`Tool`: what the mouse does on an image while it is chosen; `Pointer`: where the mouse is, as a tool sees it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QTransform

from cinecor.review import Edit
from cinecor.ui.study.overlays import DraggedLine

KeyTable = Mapping[str, Callable[[], Edit | None]]
"""Keys as `QKeySequence` writes them ("[", "Backspace", "Shift+Del"), each with what it does."""


@dataclass(frozen=True, slots=True)
class Pointer:
    """The mouse over a frame, in pixels of the image and of the view, with the keys that are held."""

    place: tuple[int, int]  # (slice, phase) of the frame; while a button is held, that of the press
    row: float  # in pixels of the image, between them too: the first pixel covers 0 to 1
    column: float
    x: float  # in the view
    y: float
    view_px_per_mm: float  # how large the image is shown
    shift: bool = False
    control: bool = False


class Tool(Protocol):
    """A way to use the mouse; members derive from it and say only what they do.

    A gesture is `press`, any number of `move`, `release`. What `press` and `move` return is the edit as it would be
    if the gesture ended now: the review is shown so, without a step in the history. What `release`, `double_click` and
    a key return becomes one step; None takes back what was shown. A tool that only moves through the study returns
    None always.

    The wheel and the keys of `keys` are the tool's while it is chosen, and no longer; so is Escape.
    """

    @property
    def cursor(self) -> Qt.CursorShape:
        """What the mouse looks like."""
        return Qt.CursorShape.ArrowCursor

    @property
    def hint(self) -> str:
        """What to do next, in the language in use; empty where nothing need be said."""
        return ""

    @property
    def keys(self) -> KeyTable:
        """Keys that are the tool's while it is chosen."""
        return {}

    @property
    def busy(self) -> bool:
        """Whether something is half done, which Escape would take back before it lays the tool down."""
        return False

    @property
    def line(self) -> DraggedLine | None:
        """The border that is being dragged, where the tool knows it finer than the labels do."""
        return None

    def press(self, at: Pointer) -> Edit | None:
        """Begin a gesture."""
        return None

    def move(self, at: Pointer) -> Edit | None:
        """Go on with a gesture."""
        return None

    def release(self, at: Pointer) -> Edit | None:
        """End a gesture."""
        return None

    def double_click(self, at: Pointer) -> Edit | None:
        """End what goes over several gestures."""
        return None

    def hover(self, at: Pointer | None) -> None:
        """Look at what is under the mouse while no button is held; None when it has left the view."""
        return

    def wheel(self, steps: float, at: Pointer) -> bool:
        """Take a turn of the wheel, positive away from the user; False leaves it to the view."""
        return False

    def paint(self, painter: QPainter, to_screen: QTransform, place: tuple[int, int]) -> None:
        """Paint over a frame; `to_screen` brings (column, row) to the view."""
        return

    def drop(self) -> None:
        """Let go of whatever is half done: another tool was chosen, or another stack is open."""
        return
