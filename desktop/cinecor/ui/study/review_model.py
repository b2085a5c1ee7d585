"""`ReviewModel`: the review of one study, its history and its numbers; the only way in which a decision changes."""

from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from cinecor.errors import CinecorError
from cinecor.inference.outline.segmentation import Segmentation
from cinecor.measure.moment import Moment
from cinecor.review import Choices, Edit, History, Review, ReviewResult, review_result
from cinecor.ui.look.failure import Failure, failure_of


class ReviewModel(QObject):
    """Edits come in and become steps of the history; while a tool drags, the edit it would make is shown beforehand."""

    relabelled = Signal()  # the final labels are others; told before `changed`
    changed = Signal()
    failed = Signal(Failure)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.history: History | None = None
        self.result: ReviewResult | None = None
        self._preview: Review | None = None
        self._told: Review | None = None  # what was shown last
        self._saved: Choices | None = None

    @property
    def present(self) -> Review | None:
        """The review as it is shown, with the edit that is being made; None until a study is read."""
        return self.decided if self._preview is None else self._preview

    @property
    def decided(self) -> Review | None:
        """The review as it was decided, without an edit that is only being made."""
        return None if self.history is None else self.history.present

    def begin(self, review: Review) -> None:
        """Take the review of another stack, about which nothing was decided yet; whoever reads the stack tells."""
        self.history = History(review)
        self._saved = review.choices
        self._preview, self._told, self.result = None, review, None

    def end(self) -> None:
        """Let go of every array."""
        self.history = self.result = self._preview = self._told = None

    # -- changes

    def edit(self, edit: Edit) -> None:
        """Make an edit the next step of the history."""
        if self.history is not None:
            self._preview = None
            self.history.apply(edit)
            self._move()

    def preview(self, edit: Edit | None) -> None:
        """Show the review as an edit would make it, without a step in the history; None shows it as it is."""
        if self.history is not None:
            self._preview = None if edit is None else edit.apply(self.history.present)
            self._move()

    def undo(self) -> None:
        """Take back the last edit."""
        if self.history is not None:
            self._preview = None
            self.history.undo()
            self._move()

    def redo(self) -> None:
        """Bring back the edit that was undone last."""
        if self.history is not None:
            self._preview = None
            self.history.redo()
            self._move()

    def adopt(self, segmentation: Segmentation, *, found: ReviewResult | None = None) -> None:
        """Lay a finished AI result under the review; what the doctor decided before stays over it.

        `found` are its numbers where they were made in the background already.
        """
        assert self.history is not None
        self._preview = None
        self.history.rebase(lambda review: replace(review, segmentation=segmentation))
        self._move(found=found)

    def _move(self, *, found: ReviewResult | None = None) -> None:
        before, review = self._told, self.present
        if review is None or review is before:
            return
        self._told = review
        try:
            self.result = found or review_result(review)
        except CinecorError as error:
            self.result = None
            self.failed.emit(failure_of(error))
        same_labels = before is not None and (
            before.segmentation is review.segmentation and before.corrections is review.corrections
        )
        if not same_labels and review.segmentation is not None:
            self.relabelled.emit()
        self.changed.emit()

    # -- what is decided

    @property
    def unsaved(self) -> bool:
        """Whether the doctor decided something that is in no saved result."""
        return self.history is not None and self.history.present.choices != self._saved

    def mark_saved(self, review: Review) -> None:
        """Note that the results of this review are on disk."""
        self._saved = review.choices

    def counts(self, place: tuple[int, int]) -> bool:
        """Return whether a slice counts at a phase: not dropped, nor left out of the moment that the phase is."""
        review, (index, phase) = self.present, place
        if review is None or index in review.dropped:
            return review is None
        return all(review.counts(index, moment) for moment in self.moments_at(phase))

    def phase_of(self, moment: Moment) -> int | None:
        """Return the phase that is ED or ES; None while that is not known."""
        return None if self.result is None else self.result.moments[moment]

    def moments_at(self, phase: int) -> tuple[Moment, ...]:
        """Return which of ED and ES a phase is; both where one phase is."""
        return () if self.result is None else self.result.moments.of_phase(phase)
