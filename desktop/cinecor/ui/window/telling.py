"""`Telling`: what is said over the images of one study, as a passing remark or with an offer."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Slot

from cinecor.app.carry_change import Spread
from cinecor.app.doubts import Doubt
from cinecor.app.outlines_within import OutlinesWithin
from cinecor.app.spread_told import told_of
from cinecor.message import Message
from cinecor.review import Answer, SetPhase
from cinecor.scene.cells import reasons
from cinecor.ui.look.failure import Failure
from cinecor.ui.look.names import answered_text
from cinecor.ui.look.texts import said, tr
from cinecor.ui.panels.toast import Toast
from cinecor.ui.study.difference import changed_text, left_out
from cinecor.ui.study.study_desk import StudyDesk


class Telling(QObject):
    """Listens to the study's desk, and says it in the study's own toast."""

    def __init__(self, desk: StudyDesk, messages: Toast) -> None:
        super().__init__(messages)
        self._desk, self._messages = desk, messages
        self._kept: tuple[SetPhase, ...] = ()  # what the last offer of this kind would keep
        self._keep: Callable[[], None] | None = None  # and what its button does
        self._with_numbers: Message | None = None
        desk.reading.opened.connect(messages.hide)
        desk.keeping.found.connect(self._tell_what_is_known)
        desk.long_axis.changed.connect(self._tell_refused)
        desk.outlining.put_beside.connect(self._tell_of_others)
        desk.outlines_found.offered.connect(self._offer_outlines)
        for part in (desk.reading, desk.review, desk.outlining, desk.keeping, desk.carrying, desk.comparing):
            part.failed.connect(self._show_failure)
        desk.operations.failed.connect(self._show_failure)
        desk.carrying.ended.connect(self._show_carried)
        desk.review.moments_moved.connect(self._tell_moved)
        desk.review.changed.connect(self._withdraw)
        desk.review.changed.connect(self._tell_with_numbers)

    def remark(self, sentence: str) -> None:
        """Say something in passing, unless something is shown that waits for an answer."""
        if not self._messages.waits:
            self._messages.show_text(sentence)

    def with_numbers(self, message: Message) -> None:
        """Say something in passing as soon as there are numbers that it can be held against."""
        self._with_numbers = message
        self._tell_with_numbers()

    @Slot()
    def _tell_with_numbers(self) -> None:
        if self._with_numbers is not None and self._desk.review.result is not None:
            message, self._with_numbers = self._with_numbers, None
            self.remark(said(message))

    def answer(self, doubt: Doubt, answer: Answer) -> None:
        """Answer a doubt and say which it was; what is not mended yet is not corrected."""
        if answer is Answer.CORRECTED and not self._desk.doubts.can_be_corrected(doubt):
            self._messages.show_text(tr("Correct an outline here first (menu Correct), then say that it is corrected."))
            return
        why_not = self._desk.doubts.why_not_dropped(doubt) if answer is Answer.DROPPED else None
        if why_not is not None:
            self.remark(said(why_not))
            return
        review = self._desk.review
        before, numbers = review.decided, review.result
        if self._desk.doubts.answer(doubt, answer):
            told = [answered_text(answer, doubt.message)]
            if answer is Answer.DROPPED and review.decided is not None and review.result is not None:
                named = ", ".join(left_out(review.decided, before))
                told += [f"{named[:1].upper()}{named[1:]}."] if named else []
                told += [] if numbers is None else [changed_text(numbers.measurements, review.result.measurements)]
            self.remark(" ".join((*told, *(said(message) for message in review.moved))))

    @Slot(Spread)
    def _show_carried(self, spread: Spread) -> None:
        """Say which frames it reached, where it stopped and why, and whether ED or ES moved by it."""
        review, found = self._desk.review.decided, self._desk.review.result
        assert review is not None
        doubtful = [place for place in spread.stops if reasons(place, review=review, found=found)]
        self._tell(told_of(spread, doubtful=doubtful), moved=bool(spread.edit.frames))

    @Slot()
    def _tell_moved(self) -> None:
        if self._offers or not self._messages.waits:
            self._tell((), moved=True)

    @property
    def _offers(self) -> bool:
        """Whether the offer to keep ED or ES is shown, and no other."""
        return self._keep is not None and self._messages.offers(self._keep)

    def _tell(self, messages: Sequence[Message], *, moved: bool) -> None:
        """Say something, and with it that ED or ES moved away from what the reader drew: they may be kept there."""
        review = self._desk.review
        text = " ".join(said(message) for message in (*messages, *(review.moved if moved else ())))
        keeps = review.keeps if moved else ()
        self._kept, self._keep = keeps, None
        if not keeps:
            self._messages.show_text(text)
            return

        def keep() -> None:
            for edit in keeps:
                review.edit(edit)

        self._keep = keep
        self._messages.show_offer(text, _keep_text(keeps), keep)

    @Slot()
    def _withdraw(self) -> None:
        """Take back the offer to keep ED or ES where they are again."""
        if self._offers and all(self._desk.review.phase_of(edit.moment) == edit.phase for edit in self._kept):
            self._messages.hide()

    @Slot(Failure)
    def _show_failure(self, failure: Failure) -> None:
        self._messages.show_failure(failure)

    @Slot()
    def _tell_what_is_known(self) -> None:
        keeping, told = self._desk.keeping, self._told_of_input()
        if self._desk.outlines_found.any:
            told.append(tr("This study holds outlines as DICOM SEG: File, “Take over outlines of others”."))
        if keeping.other_model:
            told.append(tr("These outlines are another model’s than the one in use: outline again to have both."))
            self._messages.show_offer(" ".join(told), tr("Segment again"), self._desk.outlining.start)
        elif told:
            self._messages.show_text(" ".join(told))

    def _told_of_input(self) -> list[str]:
        return [said(message) for message in (*self._desk.keeping.told, *self._desk.long_axis.refused.values())]

    @Slot()
    def _tell_refused(self) -> None:
        """Say which long-axis cine is missing beside the short axis, and why."""
        refused = self._desk.long_axis.refused.values()
        if refused:
            self._messages.add_text(" ".join(said(message) for message in refused))

    @Slot(OutlinesWithin)
    def _offer_outlines(self, found: OutlinesWithin) -> None:
        told = self._told_of_input()
        told.append(tr("This study holds outlines as DICOM SEG ({series}).", series=found.series))
        told += [said(message) for message in (*found.told, *found.cautions)]

        def take() -> None:
            taken = self._desk.outlines_found.take(found)
            self._messages.hide()  # ED and ES are where they were exported: nobody moved them
            if not taken:
                self._tell_of_others()

        self._messages.show_offer(" ".join(told), tr("Open them as the review"), take)

    @Slot()
    def _tell_of_others(self) -> None:
        self._messages.show_text(
            tr("The new outlines are kept beside those that you have worked on: Study, “Show other outlines”.")
        )


def _keep_text(keeps: Sequence[SetPhase]) -> str:
    if len(keeps) > 1:
        return tr("Keep ED and ES where they were")
    return tr("Keep {moment} at phase {phase}", moment=said(keeps[0].moment.message), phase=(keeps[0].phase or 0) + 1)
