"""`LongAxisColumn`: the long-axis cines of a study below each other, or the cut through its stack where it has none."""

from functools import partial

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from cinecor.inference.outline.segmentation import Label
from cinecor.ui.look.theme import Theme
from cinecor.ui.study.study_desk import StudyDesk
from cinecor.ui.tools.toolbox import Toolbox
from cinecor.ui.views.image_view import ImageView
from cinecor.ui.views.long_axis_cine_view import LongAxisCineView
from cinecor.ui.views.long_axis_view import LongAxisView

_SHOWN = 3  # cines at a time: each needs a height in which a wall can be judged; others come when they are asked for

_EVEN_PX = 1000  # of each, before they are fitted into their place


class LongAxisColumn(QWidget):
    """Cines come when they are read; the cut stands in until then, and stays where there are none."""

    enlarging = Signal(LongAxisCineView)  # this one is wanted large, or back
    drawing = Signal(LongAxisCineView)  # a valve's line is to be drawn in this one
    hinted = Signal(str)  # what the mouse can do in the one below it
    measuring = Signal()  # a calliper was pressed in one
    replacing = Signal()  # the cines are about to go

    def __init__(self, desk: StudyDesk, toolbox: Toolbox, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk, self._toolbox, self._theme = desk, toolbox, theme
        self.cut = LongAxisView(desk, theme)
        self.cines: tuple[LongAxisCineView, ...] = ()  # of every long-axis cine
        self._in_sight: list[LongAxisCineView] = []
        self._structures = self.cut.structures
        self._rows = QSplitter(Qt.Orientation.Vertical)
        self._rows.setChildrenCollapsible(False)
        self._rows.addWidget(self.cut)
        self._pair = QSplitter(Qt.Orientation.Horizontal)  # below the first cine where the place is about square
        self._pair.setChildrenCollapsible(False)
        self._square = False
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._rows)
        desk.long_axis.changed.connect(self._show_cines)
        if desk.long_axis.cines:
            self._show_cines()  # of a study that was open before this window

    @property
    def views(self) -> tuple[ImageView, ...]:
        """Every view that is shown here."""
        return (self.cut, *self.cines)

    def lie(self, orientation: Qt.Orientation) -> None:
        """Show the cines below each other, or side by side where the column has the whole width."""
        self._rows.setOrientation(orientation)

    def spread(self, *, square: bool) -> None:
        """Show the first cine above the others, which lie side by side: in a square place all of them are larger so."""
        if square is not self._square:
            self._square = square
            self._lay()

    def _lay(self) -> None:
        for splitter in (self._rows, self._pair):
            splitter.setUpdatesEnabled(False)
        for number, view in enumerate(self._in_sight):
            (self._pair if self._square and number else self._rows).addWidget(view)
        if self._square:
            self._rows.addWidget(self._pair)
        self._pair.setVisible(self._square and len(self._in_sight) > 1)
        for view in self.cines:
            if view not in self._in_sight:
                self._rows.addWidget(view)
                view.hide()
        for splitter in (self._rows, self._pair):
            splitter.setSizes([_EVEN_PX] * splitter.count())
            splitter.setUpdatesEnabled(True)

    def show_structures(self, shown: frozenset[Label]) -> None:
        """Show these structures alone."""
        self._structures = shown
        for view in self.views:
            view.structures = shown
            view.update()

    def view_of(self, uid: str) -> LongAxisCineView | None:
        """Return the view of a series; None where it has none here."""
        return next((view for view in self.cines if view.uid == uid), None)

    def bring(self, view: LongAxisCineView) -> None:
        """Show a cine that has no place yet, in that of the last one."""
        if view in self._in_sight:
            return
        gone = next(one for one in reversed(self._in_sight) if one.parent() in (self._rows, self._pair))  # not large
        own = self._rows if self._rows.indexOf(gone) >= 0 else self._pair
        sizes = own.sizes()
        view.setParent(self)  # out of the splitter, which would not move it
        own.replaceWidget(own.indexOf(gone), view)
        self._rows.addWidget(gone)
        gone.hide()
        view.show()
        own.setSizes(sizes)
        self._in_sight[self._in_sight.index(gone)] = view

    def exchange(self, view: QWidget, other: QSplitter, at: int) -> None:
        """Let a view of this column and what lies at a place of another splitter change places, not their sizes."""
        own = self._rows if self._rows.indexOf(view) >= 0 else self._pair
        place, sizes = own.indexOf(view), own.sizes()
        came = other.replaceWidget(at, view)
        assert came is not None
        own.insertWidget(place, came)
        if any(sizes):
            own.setSizes(sizes)
        came.show()
        view.show()

    @Slot()
    def _show_cines(self) -> None:
        self.replacing.emit()
        for view in self.cines:
            view.hide()
            view.deleteLater()
        model = self._desk.long_axis
        self.cines = tuple(
            LongAxisCineView(self._desk, cine, plane, toolbox=self._toolbox, theme=self._theme)
            for cine, plane in zip(model.cines, model.planes, strict=True)
        )
        self._in_sight = list(self.cines[:_SHOWN])
        for view in self.cines:
            view.structures = self._structures
            view.enlarging.connect(partial(self.enlarging.emit, view))
            view.drawing.connect(partial(self.drawing.emit, view))
            view.hinted.connect(self.hinted)
            view.gestures.began.connect(self.measuring)
        self._lay()
        self.cut.setVisible(not self.cines)
