"""`ReviewModel`: the review of one study, its history and its numbers; the only way in which a decision changes.

Every edit, a tool's too, goes through `ReviewModel.edit`, which gives it to the study's `ReviewSession`: it is counted,
on the disk and in the ledger before the method returns, or it is not made and `failed` tells why (a full disk, a study
that is signed or open elsewhere). While a tool drags it calls `preview`, which keeps nothing.

What follows a drag is told in the order in which it is missed: the outline at once (`relabelled`), then the numbers, of
the touched frames alone (`changed`), and when the hand rests the findings (`changed` again).
"""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from cinecor.app.review_session import ReviewSession
from cinecor.errors import CinecorError
from cinecor.inference.outline.segmentation import Segmentation
from cinecor.measure.measurements import Measurements
from cinecor.measure.moment import AUTOMATIC, Moment
from cinecor.measure.phases import moved_phases
from cinecor.message import Message
from cinecor.review import Choices, Edit, History, Review, ReviewResult, SetPhase, review_result
from cinecor.review.live_numbers import model_measurements
from cinecor.review.papillary_choice import PapillaryConvention
from cinecor.review.segmented_review import SegmentedReview
from cinecor.ui.look.failure import Failure, failure_of

_REST_MS = 250  # without another step; then findings are made anew


class ReviewModel(QObject):
    """Edits come in and become steps of the history; while a tool drags, the edit it would make is shown beforehand."""

    relabelled = Signal()  # the final labels are others; told before `changed`
    changed = Signal()
    moments_moved = Signal()  # by the last step, without being set: see `moved`; told after `changed`
    exported = Signal()
    failed = Signal(Failure)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session: ReviewSession | None = None
        self.result: ReviewResult | None = None
        self.moved: tuple[Message, ...] = ()  # what the last step did to ED and ES without setting them
        self.keeps: tuple[SetPhase, ...] = ()  # what sets them back to phases of which the reader has drawn frames
        self._preview: Review | None = None
        self._previewed: Edit | None = None  # what makes the preview
        self._told: Review | None = None  # what was shown last
        self._decided: ReviewResult | None = None  # the numbers without the preview
        self._exported: Choices | None = None  # in any form
        self._written: Choices | None = None  # with their outlines
        self._model: tuple[Segmentation, float | None, Measurements] | None = None  # its own numbers, counted once
        self._counting = QTimer(self)  # after the outline was painted
        self._counting.setSingleShot(True)
        self._counting.timeout.connect(self._count)
        self._resting = QTimer(self)
        self._resting.setSingleShot(True)
        self._resting.setInterval(_REST_MS)
        self._resting.timeout.connect(self._assess)

    @property
    def history(self) -> History | None:
        """The steps that led here, to look at; None until a study is read."""
        return None if self.session is None else self.session.history

    @property
    def present(self) -> Review | None:
        """The review as it is shown, with the edit that is being made; None until a study is read."""
        return self.decided if self._preview is None else self._preview

    @property
    def decided(self) -> Review | None:
        """The review as it was decided, without an edit that is only being made."""
        return None if self.session is None else self.session.review

    @property
    def locked(self) -> bool:
        """Whether nothing can be changed: signed, or open in another window."""
        return self.session is not None and self.session.locked

    def begin(self, session: ReviewSession) -> None:
        """Take the review of another stack; whoever reads the stack tells."""
        self._stop()
        self.session = session
        self._exported = self._written = session.review.choices
        self._told, self.result, self._decided = session.review, None, None

    def take(self, session: ReviewSession, *, found: ReviewResult | None = None) -> None:
        """Take the review of the same stack as the store knows it; `found` are its numbers, made beforehand."""
        self._stop()
        self.session = session
        self._exported = self._written = session.history.first.choices
        self.result = self._decided = found or self._assessed()
        if self._show_labels():
            self.changed.emit()

    def end(self) -> None:
        """Let go of every array."""
        self._stop()
        self.session = self.result = self._decided = self._told = self._model = None

    def _stop(self) -> None:
        """Forget what was only shown, and what was to be counted of it."""
        self._preview = self._previewed = None
        self._counting.stop()
        self._resting.stop()

    # -- changes

    def edit(self, edit: Edit) -> bool:
        """Make an edit the next step of the history and keep it; False when it changes nothing or cannot be made."""
        return self._made(lambda session: session.apply(edit))

    def preview(self, edit: Edit | None) -> None:
        """Show the review as an edit would make it, without a step in the history; None shows it as it is."""
        if self.session is None:
            return
        self._previewed = None if self.locked else edit
        self._preview = None if self._previewed is None else self._previewed.apply(self.session.review)
        if self._show_labels():
            self._counting.start(0)

    def undo(self) -> None:
        """Take back the last edit."""
        self._made(lambda session: session.undo())

    def redo(self) -> None:
        """Bring back the edit that was undone last."""
        self._made(lambda session: session.redo())

    def adopt(self, segmentation: Segmentation, *, made: SegmentedReview | None = None) -> bool:
        """Lay a finished AI result under the review; what the doctor decided before stays over it.

        `made` is what was made of it in the background already. False where the doctor's work lies over an earlier
        result: the new one is kept beside it.
        """
        content = None if made is None else made.content
        if made is None or made.before is not self.decided:  # something was decided while the numbers were made
            return self._made(lambda session: session.outlined(segmentation, content=content))
        live = made.live
        return self._made(lambda session: session.outlined(segmentation, live=live, content=content), found=made.result)

    def use_result(self, number: int) -> None:
        """Lay the review over another AI result of the study."""
        self._made(lambda session: session.use_result(number))

    def _made(self, change: Callable[[ReviewSession], bool | None], *, found: ReviewResult | None = None) -> bool:
        if self.session is None:
            return False
        before, moments = self.session.review, None if self._decided is None else self._decided.moments
        self._stop()
        self.moved, self.keeps = (), ()
        made: bool | None = False
        try:
            made = change(self.session)
        except CinecorError as error:
            self.failed.emit(failure_of(error))
        after = self.session.review
        if found is not None or after is not before:
            drawn = before.corrections is not after.corrections and before.segmentation is after.segmentation
            self._decided = found or (self._live_result() if drawn else None) or self._assessed()
        self.result = self._decided
        if self._show_labels():
            self.changed.emit()
        follows = before.segmentation is after.segmentation and before.moments == after.moments
        if follows and moments is not None and self._decided is not None:
            self.moved = moved_phases(moments, self._decided.moments)
            drawn_phases = {phase for _, phase in after.corrections.frames}
            self.keeps = tuple(
                SetPhase(moment, phase)
                for moment, phase in moments.items()
                if phase in drawn_phases and self._decided.moments[moment] not in (None, phase)
            )
        if self.moved:
            self.moments_moved.emit()
        return bool(made)

    def _show_labels(self) -> bool:
        """Return whether the review is not the one that is shown, and tell of labels that are others."""
        before, review = self._told, self.present
        if review is None or review is before:
            return False
        self._told = review
        same = before is not None and (
            before.segmentation is review.segmentation and before.corrections is review.corrections
        )
        if not same and review.segmentation is not None:
            self.relabelled.emit()
        return True

    # -- numbers

    def _assessed(self) -> ReviewResult | None:
        """Return the numbers of what is decided, with their findings; None where they cannot be measured."""
        assert self.session is not None
        try:
            return review_result(self.session.review)
        except CinecorError as error:
            self.failed.emit(failure_of(error))
            return None

    def _live_result(self) -> ReviewResult | None:
        """Return the numbers after a gesture with the findings of before, which are made anew when the hand rests."""
        assert self.session is not None
        if self._decided is None or self.session.live is None:
            return None
        self._resting.start()
        return self.session.live.result(self._decided)

    @Slot()
    def _count(self) -> None:
        """Let the numbers follow a drag, by the frames that it touches."""
        live = None if self.session is None else self.session.live
        self.result = self._decided
        if live is not None and self._decided is not None and self._preview is not None and self._previewed is not None:
            self.result = live.after(self._preview, self._previewed.places).result(self._decided)
        self.changed.emit()

    @Slot()
    def _assess(self) -> None:
        """Look for findings in what was drawn."""
        if self._preview is not None:
            self._resting.start()
            return
        self.result = self._decided = self._assessed()
        self.changed.emit()

    @property
    def model_numbers(self) -> Measurements | None:
        """The numbers of the model's own outlines, at the present heart rate; None before there are outlines."""
        review = self.decided
        if review is None or review.segmentation is None or self._decided is None:
            return None
        mass = review.papillaries.convention is PapillaryConvention.MASS
        if not review.corrections.frames and review.moments == AUTOMATIC and not mass and not review.by_parts:
            return self._decided.every_slice
        made_of = review.segmentation, review.body.heart_rate_bpm
        if self._model is None or self._model[0] is not made_of[0] or self._model[1] != made_of[1]:
            found = model_measurements(review)
            assert found is not None  # there is a segmentation
            self._model = (*made_of, found)
        return self._model[2]

    # -- what is decided

    @property
    def unkept(self) -> bool:
        """Whether the doctor decided something that is neither kept in the store nor in exported outlines."""
        session = self.session
        return session is not None and not session.keeps and session.review.choices != self._written

    @property
    def not_exported(self) -> bool:
        """Whether the doctor decided something that is in no exported results."""
        return self.session is not None and self.session.review.choices != self._exported

    def mark_exported(self, review: Review, *, outlines: bool = True) -> None:
        """Note that the results of this review are on disk, with its outlines or as numbers alone."""
        self._exported = review.choices
        if outlines:
            self._written = review.choices
        self.exported.emit()

    def mark_not_exported(self) -> None:
        """Note that what was exported says something else of who answers for it."""
        self._exported = self._written = None
        self.exported.emit()

    def counts(self, place: tuple[int, int]) -> bool:
        """Return whether a slice counts at a phase: not dropped, nor left out of the moment that the phase is."""
        review, (index, phase) = self.present, place
        if review is None or index in review.dropped:
            return review is None
        return all(review.counts(index, moment) for moment in self.moments_at(phase))

    def holds(self, index: int, moment: Moment | None = None) -> bool:
        """Return whether anything is outlined in a slice, at ED, ES or anywhere; True before there are numbers."""
        if self.result is None:
            return True
        heart = self.result.every_slice.curves.heart[index]
        phase = None if moment is None else self.phase_of(moment)
        return bool(heart.any() if phase is None else heart[phase])

    def why_no_choice(self, index: int, moment: Moment | None = None) -> Message | None:
        """Return why a slice can be taken neither out nor in, at ED, ES or every phase; None: it can.

        What was taken out can be taken in again, also where nothing is outlined. Of a dropped slice the choice at ED or
        ES would be made unseen, and hold when it is restored.
        """
        review = self.present
        if review is None:
            return None
        dropped = index in review.dropped
        if moment is None:
            if dropped or self.holds(index):
                return None
            return Message(
                "nothing_in_slice",
                "Nothing is outlined in slice {slice}: there is nothing to leave out.",
                slice=index + 1,
            )
        if dropped:
            return Message(
                "restore_slice_first",
                "Slice {slice} is dropped at every phase: restore it first (Shift+X).",
                slice=index + 1,
            )
        if not review.counts(index, moment) or self.holds(index, moment):
            return None
        return Message(
            "nothing_in_slice_then",
            "Nothing is outlined in slice {slice} at {moment}: there is nothing to leave out.",
            slice=index + 1,
            moment=moment.message,
        )

    def phase_of(self, moment: Moment) -> int | None:
        """Return the phase that is ED or ES; None while that is not known."""
        return None if self.result is None else self.result.moments[moment]

    def moments_at(self, phase: int) -> tuple[Moment, ...]:
        """Return which of ED and ES a phase is; both where one phase is."""
        return () if self.result is None else self.result.moments.of_phase(phase)
