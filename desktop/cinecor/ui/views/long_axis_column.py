"""`LongAxisColumn`: the long-axis cines of a study below each other, or the cut through its stack where it has none."""

from functools import partial

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from cinecor.inference.outline.segmentation import Label
from cinecor.ui.look.theme import Theme
from cinecor.ui.study.study_desk import StudyDesk
from cinecor.ui.views.image_view import ImageView
from cinecor.ui.views.long_axis_cine_view import LongAxisCineView
from cinecor.ui.views.long_axis_view import LongAxisView

_SHOWN = 3  # cines at a time: each needs a height in which a wall can be judged; others come when they are asked for


class LongAxisColumn(QWidget):
    """Cines come when they are read; the cut stands in until then, and stays where there are none."""

    enlarging = Signal(LongAxisCineView)  # this one is wanted large, or back
    drawing = Signal(LongAxisCineView)  # a valve's line is to be drawn in this one
    hinted = Signal(str)  # what the mouse can do in the one below it
    replacing = Signal()  # the cines are about to go

    def __init__(self, desk: StudyDesk, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk, self._theme = desk, theme
        self.cut = LongAxisView(desk, theme)
        self.cines: tuple[LongAxisCineView, ...] = ()  # of every long-axis cine
        self._in_sight: list[LongAxisCineView] = []
        self._structures = self.cut.structures
        self._rows = QSplitter(Qt.Orientation.Vertical)
        self._rows.setChildrenCollapsible(False)
        self._rows.addWidget(self.cut)
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
        if view not in self._in_sight:
            gone = next(one for one in reversed(self._in_sight) if self._rows.indexOf(one) >= 0)  # not the large one
            sizes = self._rows.sizes()
            here, there = self._rows.indexOf(view), self._rows.indexOf(gone)
            sizes[here], sizes[there] = sizes[there], 0
            gone.hide()
            view.show()
            self._rows.setSizes(sizes)
            self._in_sight[self._in_sight.index(gone)] = view

    def exchange(self, view: QWidget, other: QSplitter, at: int) -> None:
        """Let a view of this column and what lies at a place of another splitter change places, not their sizes."""
        place, sizes = self._rows.indexOf(view), self._rows.sizes()
        came = other.replaceWidget(at, view)
        assert came is not None
        self._rows.insertWidget(place, came)
        if any(sizes):
            self._rows.setSizes(sizes)
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
            LongAxisCineView(self._desk, cine, plane, self._theme)
            for cine, plane in zip(model.cines, model.planes, strict=True)
        )
        self._in_sight = list(self.cines[:_SHOWN])
        for view in self.cines:
            view.structures = self._structures
            view.enlarging.connect(partial(self.enlarging.emit, view))
            view.drawing.connect(partial(self.drawing.emit, view))
            view.hinted.connect(self.hinted)
            self._rows.addWidget(view)
            view.setVisible(view in self._in_sight)
        self.cut.setVisible(not self.cines)
