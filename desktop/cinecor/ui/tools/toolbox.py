"""`Toolbox`: the tools that correct outlines, and which is chosen; without one the mouse moves through a study."""

from collections.abc import Mapping
from enum import StrEnum

from PySide6.QtCore import QObject, Signal, Slot

from cinecor.review import Edit
from cinecor.scene.callipers import CalliperKind
from cinecor.ui.study.callipers import Callipers
from cinecor.ui.study.overlays import Overlays
from cinecor.ui.study.review_model import ReviewModel
from cinecor.ui.tools.arc_tool import ArcTool
from cinecor.ui.tools.brush_tool import BrushTool
from cinecor.ui.tools.calliper_tool import CalliperTool
from cinecor.ui.tools.canvas import Canvas
from cinecor.ui.tools.given_way import GivenWay
from cinecor.ui.tools.handle_tool import HandleTool
from cinecor.ui.tools.outline_tool import OutlineTool
from cinecor.ui.tools.papillary_tool import PapillaryTool
from cinecor.ui.tools.push_tool import PushTool
from cinecor.ui.tools.tool import Tool


class ToolName(StrEnum):
    """The tools in the order in which they lie in the box; each is also the name of the command that chooses it."""

    PUSH = "push"
    ARC = "redraw_arc"
    OUTLINE = "new_outline"
    HANDLES = "handles"
    BRUSH = "brush"
    ERASER = "eraser"
    PAPILLARIES = "papillaries"
    DISTANCE = "distance"
    AREA = "area"

    @property
    def measures(self) -> bool:
        """Whether it only measures: it needs no outlines, and changes none."""
        return self in (ToolName.DISTANCE, ToolName.AREA)


class Toolbox(QObject):
    """At most one tool is chosen; what it had begun is dropped when another one is."""

    changed = Signal()  # another tool, or what the chosen one hints at or looks like

    def __init__(
        self,
        review: ReviewModel,
        overlays: Overlays,
        callipers: Callipers,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.chosen: Tool | None = None
        self._review, self._overlays = review, overlays
        self._given_way: GivenWay | None = None  # to the last gesture, or to the one that is being made
        self._gives_way = False  # in the frame as it is shown
        self.canvas = Canvas(review, self)
        self.tools: Mapping[ToolName, Tool] = {
            ToolName.PUSH: PushTool(self.canvas),
            ToolName.ARC: ArcTool(self.canvas),
            ToolName.OUTLINE: OutlineTool(self.canvas),
            ToolName.HANDLES: HandleTool(self.canvas),
            ToolName.BRUSH: BrushTool(self.canvas),
            ToolName.ERASER: BrushTool(self.canvas, erases=True),
            ToolName.PAPILLARIES: PapillaryTool(self.canvas),
            ToolName.DISTANCE: CalliperTool(CalliperKind.DISTANCE, callipers),
            ToolName.AREA: CalliperTool(CalliperKind.AREA, callipers),
        }
        self.canvas.changed.connect(self.changed)
        review.changed.connect(self._look_again)

    @property
    def name(self) -> ToolName | None:
        """The chosen one of `tools`; None where none of them is."""
        return next((name for name, tool in self.tools.items() if tool is self.chosen), None)

    def choose(self, tool: Tool | None) -> None:
        """Take a tool into the hand, or lay down the one that is there."""
        self.drop()
        self.chosen = tool
        self.changed.emit()

    @property
    def measures(self) -> bool:
        """Whether the chosen tool only measures, which it can do in pictures without outlines too."""
        return self.name is not None and self.name.measures

    @property
    def hint(self) -> str:
        """What the last gesture moved besides its own border, and what to do next; empty without a tool."""
        if self.chosen is None:
            return ""
        besides = self._given_way.text() if self._given_way is not None and self._stands() else ""
        return " · ".join(part for part in (besides, self.chosen.hint) if part)

    def watch(self, edit: Edit | None) -> None:
        """Look at what a gesture is about to change, so that `hint` tells what it moves besides."""
        self._given_way = GivenWay.of(edit, self._review.decided)
        self._gives_way = self._stands()

    @Slot()
    def _look_again(self) -> None:
        """Say what the last gesture moved besides while the frame is as it left it: not once undone, redone again."""
        before, self._gives_way = self._gives_way, self._stands()
        if self._gives_way != before:
            self.changed.emit()

    def _stands(self) -> bool:
        return self._given_way is not None and self._given_way.holds(self._review.present)

    def show(self) -> None:
        """Show the border that the chosen tool drags."""
        self._overlays.drag(None if self.chosen is None else self.chosen.line)

    def drop(self) -> None:
        """Let go of what is half done; the tool stays chosen."""
        if self.chosen is not None:
            self.chosen.drop()
            self.show()
            self._review.preview(None)
