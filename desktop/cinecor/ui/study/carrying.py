"""`Carrying`: changes carried to other frames in the background, while the doctor goes on."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from cinecor.app.carry_change import Spread, still_wanted
from cinecor.app.work import Operation
from cinecor.review import Review
from cinecor.ui.look.failure import Failure, failure_of
from cinecor.ui.study.review_model import ReviewModel
from cinecor.ui.work.operations import Operations


class Carrying(QObject):
    """What comes of it is one step; frames that were drawn otherwise meanwhile are left as they are."""

    ended = Signal(Spread)  # what it changed, in frames that nobody touched meanwhile, and where it stopped
    failed = Signal(Failure)

    def __init__(self, review: ReviewModel, operations: Operations, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._review, self._operations = review, operations
        self._operation: Operation[Spread] | None = None

    @property
    def running(self) -> bool:
        """Whether a change is being carried."""
        return self._operations.runs(self._operation)

    def start(self, make: Callable[[Review], Spread]) -> None:
        """Make an edit of the review as it is now, and apply it; one at a time."""
        before = self._review.decided
        if before is None or self.running or self._operations.retired:
            return
        self._operation = operation = self._operations.start(
            "carry",
            lambda _: make(before),
            done=lambda made: self._take(made, before, operation),
            failed=lambda error: self.failed.emit(failure_of(error)),
        )

    def _take(self, made: Spread, before: Review, operation: Operation[Spread]) -> None:
        now = self._review.decided
        if operation is not self._operation or now is None or now.stack is not before.stack:
            return
        wanted = still_wanted(made, before, now)
        if not wanted.edit.frames or self._review.edit(wanted.edit):  # what could not be made is told by the review
            self.ended.emit(wanted)
