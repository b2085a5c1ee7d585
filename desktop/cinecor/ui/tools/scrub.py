"""`Scrub`: a drag goes through phases across, and through slices up and down."""

from cinecor.ui.study.cursor import Cursor
from cinecor.ui.tools.tool import Pointer, Tool

_PHASE_PX = 14.0  # of mouse travel a phase
_SLICE_PX = 28.0


class Scrub(Tool):
    """What is left of a step is carried on to the next move."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor
        self._from = (0.0, 0.0)

    def press(self, at: Pointer) -> None:
        """Begin where the mouse is."""
        self._from = (at.x, at.y)

    def move(self, at: Pointer) -> None:
        """Go as many phases and slices as the mouse went."""
        x, y = self._from
        phases, slices = int((at.x - x) / _PHASE_PX), int((at.y - y) / _SLICE_PX)
        self._from = (x + phases * _PHASE_PX, y + slices * _SLICE_PX)
        if phases or slices:
            self._cursor.step(slices=slices, phases=phases)
