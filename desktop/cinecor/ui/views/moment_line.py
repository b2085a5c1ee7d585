"""`MomentLine`: ED or ES in the curves, as a line that snaps to phases while it is dragged."""

import pyqtgraph as pg
from PySide6.QtGui import QColor

from cinecor.measure.moment import Moment
from cinecor.review import SetPhase
from cinecor.ui.look.names import moment_name
from cinecor.ui.look.theme import Theme
from cinecor.ui.study.cursor import Cursor
from cinecor.ui.study.review_model import ReviewModel


class MomentLine(pg.InfiniteLine):  # type: ignore[misc]  # pyqtgraph is not typed
    """Drag it to another phase; the images follow the drag, the numbers follow when it is let go."""

    def __init__(self, moment: Moment, theme: Theme, cursor: Cursor, review: ReviewModel) -> None:
        super().__init__(
            angle=90,
            movable=True,
            label=moment_name(moment),
            labelOpts={"position": 0.95, "color": theme.text, "fill": QColor(theme.raised), "movable": False},
        )
        self._theme, self._cursor, self._review = theme, cursor, review
        self._moment = moment
        self.setVisible(False)
        self.sigDragged.connect(self._dragged)
        self.sigPositionChangeFinished.connect(self._let_go)

    def take_pens(self, ratio: float) -> None:
        """Be as wide on a screen with so many dots a pixel: a plot's pens count dots."""
        self.setPen(pg.mkPen(QColor(self._theme.text), width=1.4 * ratio, dash=[6, 4]))
        self.setHoverPen(pg.mkPen(self._theme.accent, width=3 * ratio))

    def refresh(self) -> None:
        """Stand where the review has the moment."""
        phase = self._review.phase_of(self._moment)
        self.setVisible(phase is not None)
        if phase is not None:
            self.setValue(phase)

    @property
    def phase(self) -> int:
        """The phase it stands at, and that would be set."""
        return int(min(max(round(self.value()), 0), self._cursor.phases - 1))

    def _dragged(self) -> None:
        self.setValue(self.phase)
        self._cursor.go(to_phase=self.phase)

    def _let_go(self) -> None:
        self._review.edit(SetPhase(self._moment, self.phase))
        self.refresh()
