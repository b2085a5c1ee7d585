"""`ImageRow`: the short axis, or the grid, with the long-axis views beside it; one of these may take its place."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QSplitter, QWidget

from cinecor.review.valve.line import Valve
from cinecor.ui.views.cine_view import CineView
from cinecor.ui.views.grid_view import GridView
from cinecor.ui.views.long_axis_cine_view import LongAxisCineView
from cinecor.ui.views.long_axis_column import LongAxisColumn

_BESIDE_PX = 300  # of the long-axis views
_HIDDEN_PX = 1200  # of what is not shown: 0 would be taken for collapsed


class ImageRow(QSplitter):
    """A long-axis cine that is asked for changes places with the short axis: in a tile no hinge can be seen."""

    exchanged = Signal()  # another view is in the main place

    def __init__(self, cine: CineView, grid: GridView, beside: LongAxisColumn, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._cine, self._beside = cine, beside
        self.large: LongAxisCineView | None = None  # the long-axis cine in the main place
        self._evenly = False
        for view in (cine, grid, beside):
            self.addWidget(view)
        for at, share in enumerate((1, 1, 0)):
            self.setStretchFactor(at, share)
        self.setSizes([_HIDDEN_PX, _HIDDEN_PX, _BESIDE_PX])
        beside.enlarging.connect(self.enlarge_or_back)
        beside.drawing.connect(self.enlarge)
        beside.replacing.connect(self.give_back)

    @property
    def main(self) -> CineView | LongAxisCineView:
        """The view in the main place: the short axis, or a long-axis cine."""
        return self.large or self._cine

    def share(self, *, evenly: bool) -> None:
        """Give the long-axis views half of the room, or again a column beside the main place."""
        if evenly is self._evenly:
            return
        self._evenly = evenly
        main, column = self.indexOf(self.main), self.indexOf(self._beside)
        sizes = self.sizes()
        room = sizes[main] + sizes[column] or _HIDDEN_PX
        sizes[column] = room // 2 if evenly else _BESIDE_PX
        sizes[main] = room - sizes[column]
        self.setStretchFactor(column, int(evenly))
        self.setSizes(sizes)

    @Slot(LongAxisCineView)
    def enlarge_or_back(self, view: LongAxisCineView) -> None:
        """Let a long-axis cine take the short axis' place, or give it back."""
        if view is self.large:
            self.give_back()
        else:
            self.enlarge(view)

    @Slot(LongAxisCineView)
    def enlarge(self, view: LongAxisCineView) -> None:
        """Let a long-axis cine take the short axis' place."""
        if view is not self.large:
            self.give_back()
            self._beside.bring(view)
            self.large = view
            self._exchange(view, self._cine)

    @Slot()
    def give_back(self) -> None:
        """Bring the short axis back to its place."""
        large, self.large = self.large, None
        if large is not None:
            large.viewport.fit()
            self._exchange(self._cine, large)

    def _exchange(self, view: QWidget, out: QWidget) -> None:
        """Let a view of the column take the place of another, as large as that was."""
        sizes = [size or _HIDDEN_PX for size in self.sizes()]
        at = self.indexOf(out)
        self.setStretchFactor(at, 0)
        self._beside.exchange(view, self, at)
        self.setStretchFactor(at, 1)
        self.setSizes(sizes)
        self.exchanged.emit()

    def enlarge_next(self) -> None:
        """Let the next long-axis cine take the main place, after the last one the short axis."""
        cines = self._beside.cines
        following = 0 if self.large is None else cines.index(self.large) + 1
        if following < len(cines):
            self.enlarge(cines[following])
        else:
            self.give_back()

    def enlarge_for(self, valve: Valve) -> None:
        """Let a cine that shows a valve take the main place: the one there, else the first without a line of it."""
        able = [view for view in self._beside.cines if view.may_show(valve)]
        if able and self.large not in able:
            self.enlarge(next((view for view in able if not view.has_line_of(valve)), able[0]))
