"""`DoubtList`: the doubts of one study, which of them is being looked at, and the answers."""

from PySide6.QtCore import QObject, Signal, Slot

from cinecor.app.doubts import (
    Doubt,
    answered,
    doubts_of,
    is_about,
    is_corrected,
    narrowest,
    place_of,
    why_not_dropped,
)
from cinecor.measure.findings.finding import Finding, Severity
from cinecor.message import Message
from cinecor.review import Answer
from cinecor.ui.study.cursor import Cursor
from cinecor.ui.study.review_model import ReviewModel


class DoubtList(QObject):
    """Worst first; whoever answers one comes to the next that is open."""

    changed = Signal()
    gone_to = Signal()  # one is in question anew; told after `changed`

    def __init__(self, review: ReviewModel, cursor: Cursor, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._review, self._cursor = review, cursor
        self._current: str | None = None
        self._gone_to = (cursor.slice, cursor.phase)  # where the view stood when it came to the current one
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
        self._gone_to = (self._cursor.slice, self._cursor.phase)
        self.changed.emit()
        self.gone_to.emit()

    def at_frame(self, *, playing: bool = False) -> Doubt | None:
        """Return the doubt that a key answers: the one gone to or, once the view moved on, the shown frame's own.

        None where neither is about what is shown. While the heart is `playing`, nobody chose the phase.
        """
        current, here = self.current, (self._cursor.slice, self._cursor.phase)
        if current is None or here == self._gone_to or (playing and here[0] == self._gone_to[0]):
            return current
        own = [] if playing else [one for one in self.open if is_about(one, here)]
        own.sort(key=lambda one: one.key != current.key)  # of two as narrow the one in question
        found = narrowest(own, phases=self._cursor.phases)
        if found is None and current.answer is None and (not current.slices or here[0] == self._gone_to[0]):
            return current  # about no slice, or its neighbours in time were looked at
        return found

    def go_next(self) -> None:
        """Look at the next open doubt, after the last one at the first again."""
        following = self._following(self._current)
        if following:
            self.go_to(following[0])

    def _following(self, key: str | None) -> tuple[Doubt, ...]:
        """Return the open doubts, those after one first, then from the first again to that one itself."""
        keys = [doubt.key for doubt in self.doubts]
        here = keys.index(key) if key in keys else -1
        return tuple(one for one in (*self.doubts[here + 1 :], *self.doubts[: here + 1]) if one.answer is None)

    def can_be_corrected(self, doubt: Doubt) -> bool:
        """Return whether something that a doubt is about was redrawn."""
        review = self._review.decided
        return review is not None and is_corrected(doubt, review)

    def why_not_dropped(self, doubt: Doubt) -> Message | None:
        """Return why leaving slices out is no answer to a doubt; None where it is one, or before there are numbers."""
        review, result = self._review.decided, self._review.result
        if review is None or result is None:
            return None
        return why_not_dropped(doubt, review, result.whole.curves, result.moments)

    def answer(self, doubt: Doubt, answer: Answer | None) -> bool:
        """Answer a doubt and go on to the next, or with None open it again; return whether that changed anything."""
        review, result = self._review.decided, self._review.result
        edit = None if review is None or result is None else answered(doubt, answer, review, result.moments)
        if edit is None:
            return False
        after = [one.key for one in self._following(doubt.key)]  # what is answered takes another place in the list
        made = self._review.edit(edit)
        if answer is not None:
            left = {one.key: one for one in self.open}
            following = next((left[key] for key in after if key in left), None) or next(iter(self.open), None)
            if following is not None:
                self.go_to(following)
        return made

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
