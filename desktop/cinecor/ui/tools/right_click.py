"""`RightClick`: tells a right click, which asks for the menu, from a right drag, which changes the greys."""

from typing import Final

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QMouseEvent

_STILL_PX: Final = 4.0  # a button that moves less was clicked


class RightClick:
    """Sees every press, move and release of a view."""

    def __init__(self) -> None:
        self._began: QPointF | None = None

    def press(self, event: QMouseEvent) -> None:
        """Note where the right button goes down."""
        self._began = event.position() if event.button() == Qt.MouseButton.RightButton else None

    def move(self, event: QMouseEvent) -> None:
        """Note that it is a drag."""
        if self._began is not None and (event.position() - self._began).manhattanLength() > _STILL_PX:
            self._began = None

    def release(self) -> bool:
        """Return whether it was a click."""
        began, self._began = self._began, None
        return began is not None
