"""`Leaving`: asks before choices that are in no saved result are given up."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtWidgets import QMessageBox, QWidget

from cinecor.ui.look.texts import N_, tr
from cinecor.ui.window.saving import Saving
from cinecor.ui.window.study_page import StudyPage

_Button = QMessageBox.StandardButton
_TEXTS = {_Button.Save: N_("Save results…"), _Button.Discard: N_("Do not save"), _Button.Cancel: N_("Go back")}


class Leaving(QObject):
    """One question at a time: save, do not save, or stay."""

    def __init__(self, window: QWidget, saving: Saving) -> None:
        super().__init__(window)
        self._window, self._saving = window, saving
        self._box: QMessageBox | None = None
        self._pages: list[StudyPage] = []
        self._then: Callable[[], None] | None = None
        self._stay: Callable[[], None] | None = None

    def before(
        self, pages: Sequence[StudyPage], then: Callable[[], None], *, stay: Callable[[], None] | None = None
    ) -> None:
        """Run `then` at once when nothing would be lost, else when the user has agreed; `stay` when not."""
        if self._box is not None:
            return  # the question is on the screen already
        self._pages = [page for page in pages if page.desk.review.unkept]
        if not self._pages:
            then()
            return
        self._then, self._stay = then, stay
        names = ", ".join(page.desk.title for page in self._pages)
        text = tr("Choices for {names} are in no saved result. Save the results first?", names=names)
        box = QMessageBox(QMessageBox.Icon.NoIcon, "Cinecor", text, parent=self._window)
        for button, called in _TEXTS.items():
            box.addButton(button).setText(tr(called))
        box.setDefaultButton(_Button.Save)
        box.setEscapeButton(_Button.Cancel)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.finished.connect(self._answered)  # also when its frame is closed, which clicks no button
        self._box = box
        box.open()

    @Slot(int)
    def _answered(self, _: int) -> None:
        box, self._box = self._box, None
        clicked = None if box is None else box.clickedButton()
        answer = _Button.Cancel if box is None or clicked is None else box.standardButton(clicked)
        if answer is _Button.Discard:
            self._go()
        elif answer is _Button.Save:
            self._save_next()
        else:
            self._give_up()

    def _save_next(self) -> None:
        waiting = [page for page in self._pages if page.desk.review.unkept]
        if waiting:
            self._saving.results(waiting[0], then=self._save_next, otherwise=self._give_up)
        else:
            self._go()

    def _go(self) -> None:
        self._end(self._then)

    def _give_up(self) -> None:
        self._end(self._stay)

    def _end(self, run: Callable[[], None] | None) -> None:
        self._pages, self._then, self._stay = [], None, None
        if run is not None:
            run()
