"""`HintLine`: the line below the images: what lies under the mouse, what the tool in the hand does, what comes next."""

from collections.abc import Callable

from PySide6.QtCore import Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QWidget

from cinecor.ui.look.texts import tr
from cinecor.ui.study.study_desk import StudyDesk
from cinecor.ui.tools.toolbox import Toolbox


class HintLine(QLabel):
    """As high as the longest hint so far, two lines at most: a shorter one must not move the images under the hand."""

    def __init__(
        self,
        desk: StudyDesk,
        toolbox: Toolbox,
        *,
        exchanged: Callable[[], bool],
        below: Callable[[], tuple[bool, bool]],
        parent: QWidget | None = None,
    ) -> None:
        """`exchanged` tells whether a long-axis view stands in the main place, `below` whether matrix and curves are
        on the screen: what is not there is not spoken of."""
        super().__init__(parent)
        self._desk, self._toolbox, self._exchanged, self._below = desk, toolbox, exchanged, below
        self._of_valves = ""
        self.setProperty("quiet", True)
        self.setWordWrap(True)
        toolbox.changed.connect(self.show_next)
        for told in (desk.valves.changed, desk.cursor.moved):
            told.connect(self._look_at_valves)

    @Slot(str)
    def show_of(self, text: str) -> None:
        """Say what lies under the mouse; where nothing does, what can be done."""
        self.setText(text or self._next())
        if self.isVisible():
            two_lines = 2 * self.fontMetrics().lineSpacing()
            needed = min(self.heightForWidth(self.width()), two_lines)
            self.setMinimumHeight(max(needed, self.minimumHeight()))

    @Slot()
    def show_next(self) -> None:
        """Say what can be done."""
        self.show_of("")

    def _next(self) -> str:
        valves = self._desk.valves.hint(self._desk.cursor.phase)
        if valves or self._toolbox.hint:
            return valves or self._toolbox.hint
        if self._exchanged():
            return tr("Ctrl and the wheel zoom, Shift and a drag move. Double-click: the other view again.")
        matrix, curves = self._below()
        if not matrix:
            return tr("Drag: across for phases, up and down for slices. Ctrl and the wheel zoom.")
        cells = tr("Click a cell: go there; under ED or ES: count the slice, or not.")
        return " ".join((cells, tr("Drag ED and ES in the curves."))) if curves else cells

    @Slot()
    def _look_at_valves(self) -> None:
        """Name the next gesture about a valve, and no longer."""
        told = self._desk.valves.hint(self._desk.cursor.phase)
        if told != self._of_valves:
            self._of_valves = told
            self.show_next()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.setMinimumHeight(0)
