"""`InsertionDrag`: a drag that begins where the RV joins the wall moves that point; any other is another tool's."""

import math

from cinecor.measure.regional.insertion import SetInsertion
from cinecor.review import Edit, SetInsertionPoints
from cinecor.scene.bullseye import direction_at, insertion_px
from cinecor.ui.study.reading import Reading
from cinecor.ui.study.regional_model import RegionalModel
from cinecor.ui.tools.tool import Pointer, Tool

_NEAR_PX = 12.0  # of the view


class InsertionDrag(Tool):
    """The points are there while the bull's-eye is."""

    def __init__(self, regional: RegionalModel, reading: Reading, other: Tool) -> None:
        self._regional, self._reading, self._other = regional, reading, other
        self._held: tuple[bool, SetInsertion] | None = None  # whether the anterior one, and both as they were

    def press(self, at: Pointer) -> Edit | None:
        """Take the point under the mouse, or begin the other tool's gesture."""
        self._held = self._found(at)
        return self._edit(at) if self._held is not None else self._other.press(at)

    def move(self, at: Pointer) -> Edit | None:
        """Bring the point along."""
        return self._edit(at) if self._held is not None else self._other.move(at)

    def release(self, at: Pointer) -> Edit | None:
        """Let the point go."""
        if self._held is None:
            return self._other.release(at)
        edit, self._held = self._edit(at), None
        return edit

    def drop(self) -> None:
        """Let the point stay where it was."""
        self._held = None
        self._other.drop()

    def _found(self, at: Pointer) -> tuple[bool, SetInsertion] | None:
        function, study = self._regional.function, self._reading.study
        if not self._regional.watched or function is None or function.insertion is None or study is None:
            return None
        spacing = study.stack.geometry.pixel_spacing_mm
        index, phase = at.place
        points = insertion_px(function, index=index, phase=phase, spacing_mm=spacing)
        if points is None:
            return None
        off = [
            at.view_px_per_mm * math.hypot((at.column - 0.5 - column) * spacing[1], (at.row - 0.5 - row) * spacing[0])
            for column, row in points
        ]
        if min(off) > _NEAR_PX:
            return None
        now = SetInsertion(float(function.insertion.anterior_deg[index]), float(function.insertion.inferior_deg[index]))
        return off[0] <= off[1], now

    def _edit(self, at: Pointer) -> Edit | None:
        function, study = self._regional.function, self._reading.study
        if self._held is None or function is None or study is None:
            return None
        index = at.place[0]
        direction = direction_at(
            function,
            index=index,
            column=at.column - 0.5,
            row=at.row - 0.5,
            spacing_mm=study.stack.geometry.pixel_spacing_mm,
        )
        if direction is None:
            return None
        anterior, before = self._held
        moved = (
            SetInsertion(direction, before.inferior_deg) if anterior else SetInsertion(before.anterior_deg, direction)
        )
        return SetInsertionPoints(index, moved)
