"""`TakingOver`: outlines that somebody else drew, as corrections of the study in front or beside it to compare."""

from PySide6.QtCore import QObject

from cinecor.app.incoming_outlines import NO_OUTLINES_YET, NOTHING_READ, as_corrections, read_outlines, walls_alone
from cinecor.app.other_reading import reading_of_outlines
from cinecor.errors import UsageError
from cinecor.report.incoming.label_map import LabelMapUnsaid
from cinecor.report.incoming.read_labels import ReadLabels
from cinecor.review import Review
from cinecor.ui.look.failure import failure_of
from cinecor.ui.look.texts import said, tr, tr_counted
from cinecor.ui.panels.toast import Toast
from cinecor.ui.sheets.incoming_sheet import Incoming, IncomingSheet, Use
from cinecor.ui.window.study_page import StudyPage
from cinecor.ui.work.operations import Operations


class TakingOver(QObject):
    """Asks where they lie, reads them in the background, and does with them what was asked for."""

    def __init__(self, messages: Toast, places: dict[str, str]) -> None:
        super().__init__(messages)
        self._messages, self._places = messages, places
        self._sheet: IncomingSheet | None = None
        self.operations = Operations(self)

    def ask(self, page: StudyPage, use: Use) -> None:
        """Open the sheet for outlines of others, with a use proposed."""
        review = page.desk.review.present
        if review is None or review.segmentation is None:
            page.messages.show_text(said(NO_OUTLINES_YET))
            return
        sheet = IncomingSheet(
            self._messages.window(),
            use=use,
            phases=review.stack.phases,
            phase=page.desk.cursor.phase,
            may_correct=not page.desk.review.locked,
            places=self._places,
        )
        self._sheet = sheet
        sheet.finished.connect(self._forget)
        sheet.wanted.connect(lambda incoming: self._read(page, review, incoming))
        sheet.open()

    def _forget(self) -> None:
        self._sheet = None

    def _read(self, page: StudyPage, review: Review, incoming: Incoming) -> None:
        sheet = self._sheet

        def done(found: ReadLabels) -> None:
            if sheet is not None and self._sheet is sheet and not page.closed:
                self._use(page, sheet, incoming, found)

        def failed(error: Exception) -> None:
            if sheet is None or self._sheet is not sheet:
                return
            if isinstance(error, LabelMapUnsaid):
                sheet.ask(
                    tr("{name} leaves something unsaid: tell it, and read again.", name=incoming.path.name),
                    values=error.values,
                    needs_phase=error.needs_phase,
                )
            else:
                sheet.tell(failure_of(error).sentence, ())

        self.operations.start(
            "outlines",
            lambda _: read_outlines([incoming.path], review.stack, table=incoming.table or None, phase=incoming.phase),
            done=done,
            failed=failed,
        )

    def _use(self, page: StudyPage, sheet: IncomingSheet, incoming: Incoming, found: ReadLabels) -> None:
        """Compare with them or lay them over the review; the sheet stays where something could not be used."""
        left_out = [said(message) for message in found.left_out]
        review = page.desk.review.present
        if not found.drawn or review is None:
            sheet.tell(said(NOTHING_READ), left_out)
            return
        n = len(found.drawn)
        if incoming.use is Use.COMPARE:
            page.desk.comparing.show_other(reading_of_outlines(found, incoming.path.name))
            told = tr_counted(
                "Outlines of {n} frame lie beside yours.", "Outlines of {n} frames lie beside yours.", n=n
            )
        else:
            try:
                edit = as_corrections(found, review)
            except UsageError as error:
                sheet.tell(failure_of(error).sentence, left_out)
                return
            unused = walls_alone(found)
            left_out += [] if unused is None else [said(unused)]
            n = len(edit.frames)
            told = (
                tr_counted("Outlines of {n} frame were taken over.", "Outlines of {n} frames were taken over.", n=n)
                if page.desk.review.edit(edit)
                else tr("These outlines are the same as those shown.")
            )
        if left_out:
            sheet.tell(told, left_out)
            return
        sheet.accept()
        page.messages.show_text(told)
