"""`Pan`: a drag moves the image that is larger than its view."""

from cinecor.ui.tools.tool import Pointer, Tool
from cinecor.ui.tools.viewport import Viewport


class Pan(Tool):
    """The pixel that was pressed stays under the mouse."""

    def __init__(self, viewport: Viewport) -> None:
        self._viewport = viewport
        self._held = (0.0, 0.0)

    def press(self, at: Pointer) -> None:
        """Take hold of a pixel."""
        self._held = (at.row, at.column)

    def move(self, at: Pointer) -> None:
        """Bring it under the mouse again."""
        row, column = self._held
        self._viewport.move(rows=row - at.row, columns=column - at.column)
