"""`GreyDrag`: a drag changes which pixel values are black and white: the window across, its level up and down."""

from cinecor.ui.study.level import Level
from cinecor.ui.tools.tool import Pointer, Tool

_WIDTH_PX = 400.0  # of mouse travel for one width of the window


class GreyDrag(Tool):
    """Every move counts from the one before, as shares of the window's width then."""

    def __init__(self, level: Level) -> None:
        self._level = level
        self._last = (0.0, 0.0)

    def press(self, at: Pointer) -> None:
        """Begin where the mouse is."""
        self._last = (at.x, at.y)

    def move(self, at: Pointer) -> None:
        """Show wider to the right, darker downwards."""
        (x, y), self._last = self._last, (at.x, at.y)
        window = self._level.window
        self._level.show(window.dragged(level_by=(at.y - y) / _WIDTH_PX, width_by=(at.x - x) / _WIDTH_PX))
