"""`TakingOver`: outlines that somebody else drew become corrections of the study in front."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog

from cinecor.app.incoming_outlines import as_corrections, read_outlines
from cinecor.report.incoming.read_labels import ReadLabels
from cinecor.ui.look.failure import failure_of
from cinecor.ui.look.texts import said, tr, tr_counted
from cinecor.ui.panels.toast import Toast
from cinecor.ui.window.study_page import StudyPage
from cinecor.ui.work.operations import Operations

_MOST_TOLD = 3


class TakingOver(QObject):
    """Asks where they lie, reads them in the background, and lays them over the review as one edit."""

    def __init__(self, messages: Toast, places: dict[str, str]) -> None:
        super().__init__(messages)
        self._messages, self._places = messages, places
        self.ask: Callable[[], Path | None] = self._ask
        self._operations = Operations(self)

    def outlines(self, page: StudyPage) -> None:
        """Take over outlines from a folder that is asked for."""
        path = self.ask()
        if path is not None:
            self.outlines_in(page, path)

    def outlines_in(self, page: StudyPage, path: Path) -> None:
        """Take over the outlines of a folder or file: one undo step; what could not be used is told."""
        review = page.desk.review.present
        if review is None or review.segmentation is None:
            page.messages.show_text(tr("Wait until all outlines are there."))
            return

        def read(found: ReadLabels) -> None:
            now = page.desk.review.present
            if page.closed or now is None:
                return
            try:
                changed = page.desk.review.edit(as_corrections(found, now))
            except Exception as error:  # noqa: BLE001  the border: what is wrong with a file is told
                page.messages.show_failure(failure_of(error))
                return
            page.messages.show_text(_told(found, changed=changed))

        def failed(error: Exception) -> None:
            bar = self._messages if page.closed else page.messages
            bar.show_failure(failure_of(error))

        self._operations.start("outlines", lambda _: read_outlines([path], review.stack), done=read, failed=failed)

    def finish(self) -> None:
        """Wait for what is being read."""
        self._operations.wait()

    def _ask(self) -> Path | None:
        title = tr("Folder with outlines (DICOM SEG, Sunnybrook, cvi42, Slicer)")
        chosen = QFileDialog.getExistingDirectory(self._messages.window(), title, self._places.get("outlines", ""))
        if chosen:
            self._places["outlines"] = chosen
        return Path(chosen) if chosen else None


def _told(found: ReadLabels, *, changed: bool) -> str:
    n = len(found.drawn)
    text = (
        tr_counted("Outlines of {n} frame were taken over.", "Outlines of {n} frames were taken over.", n=n)
        if changed
        else tr("These outlines are the same as those shown.")
    )
    left = [said(message) for message in found.left_out[:_MOST_TOLD]]
    more = len(found.left_out) - len(left)
    if more > 0:
        left.append(tr("and {n} more", n=more))
    return " ".join([text, *left])
