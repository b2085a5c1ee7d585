"""`CutDrag`: a drag that begins on the line of the long-axis cut turns the cut; any other is another tool's."""

import numpy as np

from cinecor.review import Edit
from cinecor.ui.study.long_axis import LongAxis
from cinecor.ui.study.long_axis_cut import LongAxisCut
from cinecor.ui.tools.tool import Pointer, Tool

_NEAR_PX = 6.0  # of the view
_CENTRE_PX = 24.0  # beside the axis a pixel turns the cut too far


class CutDrag(Tool):
    """The line is there while no long-axis cines are."""

    def __init__(self, cut: LongAxisCut, long_axis: LongAxis, other: Tool) -> None:
        self._cut, self._long_axis, self._other = cut, long_axis, other
        self._held = False

    def press(self, at: Pointer) -> Edit | None:
        """Take the line under the mouse, or begin the other tool's gesture."""
        self._held = self._cut.watched and not self._long_axis.cines and self._near(at)
        return None if self._held else self._other.press(at)

    def move(self, at: Pointer) -> Edit | None:
        """Turn the cut to the mouse."""
        if not self._held:
            return self._other.move(at)
        self._cut.turn_through(at.place[0], row=at.row, column=at.column)
        return None

    def release(self, at: Pointer) -> Edit | None:
        """Let the line go."""
        if not self._held:
            return self._other.release(at)
        self._held = False
        return None

    def drop(self) -> None:
        """Let the line stay where it is."""
        self._held = False
        self._other.drop()

    def _near(self, at: Pointer) -> bool:
        line, plane = self._cut.line_px(at.place[0]), self._cut.plane()
        if line is None or plane is None:
            return False
        along = line[1] - line[0]
        from_start = np.array([at.column, at.row]) - line[0]
        # A view shows pixels that are not square by their millimetres: what is near is judged by those of columns.
        scale = at.view_px_per_mm * float(plane.step_mm * (plane.row_index.shape[1] - 1) / np.linalg.norm(along))
        off = scale * abs(float(along[0] * from_start[1] - along[1] * from_start[0])) / float(np.linalg.norm(along))
        centre = plane.centres_px[at.place[0]][::-1] + 0.5
        away = scale * float(np.linalg.norm(np.array([at.column, at.row]) - centre))
        return off <= _NEAR_PX and away >= _CENTRE_PX
