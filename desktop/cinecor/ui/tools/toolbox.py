"""`Toolbox`: which tool is chosen for the views of one study; without one the mouse moves through it."""

from PySide6.QtCore import QObject, Signal

from cinecor.ui.study.review_model import ReviewModel
from cinecor.ui.tools.tool import Tool


class Toolbox(QObject):
    """At most one tool; what it had begun is dropped when another is chosen."""

    changed = Signal()  # another tool, or what the chosen one hints at or looks like

    def __init__(self, review: ReviewModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.chosen: Tool | None = None
        self._review = review

    def choose(self, tool: Tool | None) -> None:
        """Take a tool into the hand, or lay down the one that is there."""
        self.drop()
        self.chosen = tool
        self.changed.emit()

    def drop(self) -> None:
        """Let go of what is half done; the tool stays chosen."""
        if self.chosen is not None:
            self.chosen.drop()
            self._review.preview(None)
