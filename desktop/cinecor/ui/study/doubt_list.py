"""`DoubtList`: the doubts of one study, which of them is being looked at, and the answers."""

from PySide6.QtCore import QObject, Signal, Slot

from cinecor.app.doubts import Doubt, answered, doubts_of, is_corrected, place_of
from cinecor.measure.findings.finding import Finding, Severity
from cinecor.review import Answer
from cinecor.ui.study.cursor import Cursor
from cinecor.ui.study.review_model import ReviewModel


class DoubtList(QObject):
    """Worst first; whoever answers one comes to the next that is open."""

    changed = Signal()

    def __init__(self, review: ReviewModel, cursor: Cursor, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._review, self._cursor = review, cursor
        self._current: str | None = None
        self.doubts: tuple[Doubt, ...] = ()
        self.remarks: tuple[Finding, ...] = ()  # worth knowing, and no doubt
        self._known = False  # whether there are numbers, and so doubts
        review.changed.connect(self._follow)

    @property
    def open(self) -> tuple[Doubt, ...]:
        """The doubts that nobody has answered."""
        return tuple(doubt for doubt in self.doubts if doubt.answer is None)

    @property
    def current(self) -> Doubt | None:
        """The doubt that is being looked at; None before one is gone to."""
        return next((doubt for doubt in self.doubts if doubt.key == self._current), None)

    def go_to(self, doubt: Doubt) -> None:
        """Look at a doubt, where it is."""
        self._current = doubt.key
        index, phase = place_of(doubt)
        self._cursor.go(to_slice=index, to_phase=phase)
        self.changed.emit()

    def go_next(self) -> None:
        """Look at the next open doubt, after the last one at the first again."""
        keys = [doubt.key for doubt in self.doubts]
        here = keys.index(self._current) if self._current in keys else -1
        following = (*self.doubts[here + 1 :], *self.doubts[: here + 1])
        doubt = next((one for one in following if one.answer is None), None)
        if doubt is not None:
            self.go_to(doubt)

    def can_be_corrected(self) -> bool:
        """Return whether something that the doubt in question is about was redrawn."""
        review = self._review.decided
        return self.current is not None and review is not None and is_corrected(self.current, review)

    def answer(self, answer: Answer | None) -> None:
        """Answer the doubt that is being looked at and go on; None opens it again."""
        doubt, review, result = self.current, self._review.decided, self._review.result
        if doubt is None or review is None or result is None:
            return
        edit = answered(doubt, answer, review, result.moments)
        if edit is not None:
            self._review.edit(edit)
        if answer is not None:
            self.go_next()

    @Slot()
    def _follow(self) -> None:
        review, result = self._review.present, self._review.result
        doubts: tuple[Doubt, ...] = ()
        if review is not None and result is not None:
            quality = result.quality
            doubts = doubts_of(review, quality.findings, expected_error_ml=quality.expected_error_ml)
        remarks = () if result is None else tuple(f for f in result.quality.findings if f.severity is Severity.INFO)
        now = (doubts, remarks, result is not None)
        if now != (self.doubts, self.remarks, self._known):  # while a tool drags, only the numbers move
            self.doubts, self.remarks, self._known = now
            self.changed.emit()
