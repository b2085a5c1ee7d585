"""`RegionalModel`: the regional function of a review, made when somebody looks at it; which segment is pointed at."""

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from cinecor.measure.regional.function import RegionalFunction
from cinecor.review import Review
from cinecor.review.regional import review_regional
from cinecor.ui.study.review_model import ReviewModel

_REST_MS = 120  # after the last change: it takes a tenth of a second, which no drag could spare


class RegionalModel(QObject):
    """Nothing is measured before `watch(True)`; then each change of the review is followed once the hand rests."""

    changed = Signal()  # another function, or none; or another segment is pointed at

    def __init__(self, review: ReviewModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.function: RegionalFunction | None = None
        self.pointed: int | None = None  # number of the segment under the mouse
        self._review = review
        self._watched = False
        self._made_of: Review | None = None
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self.refresh)
        review.changed.connect(self._follow)

    @property
    def review(self) -> Review | None:
        """The review that the function was measured of; None without one."""
        return self._made_of

    @property
    def watched(self) -> bool:
        """Whether somebody looks at it."""
        return self._watched

    def watch(self, watched: bool) -> None:
        """Begin or stop to follow the review."""
        self._watched = watched
        self._rest.stop()
        if watched:
            self.refresh()
        else:
            self.point(None)
            self.changed.emit()

    def point(self, number: int | None) -> None:
        """Point at a segment, or at none."""
        if self.pointed != number:
            self.pointed = number
            self.changed.emit()

    @Slot()
    def refresh(self) -> None:
        """Measure the review as it is shown now."""
        review, result = self._review.present, self._review.result
        if review is None or result is None or review.segmentation is None:
            self.function = self._made_of = None
        elif review is not self._made_of:
            self.function, self._made_of = review_regional(review, result), review
        else:
            return
        self.changed.emit()

    @Slot()
    def _follow(self) -> None:
        if self._watched:
            self._rest.start()
