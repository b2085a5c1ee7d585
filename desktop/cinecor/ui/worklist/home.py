"""`Home`: what the window shows without a study in front: the worklist, or with nothing in it where to begin."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QStackedWidget, QWidget

from cinecor.app.recent import RecentStudies
from cinecor.app.settings import Settings
from cinecor.review.store.study_store import StudyStore
from cinecor.ui.look.theme import Theme
from cinecor.ui.sheets.welcome import Welcome
from cinecor.ui.worklist.worklist_view import WorklistView


class Home(QStackedWidget):
    """Asks for folders and files by the same signals, whichever of the two is shown."""

    folder_wanted = Signal()
    file_wanted = Signal()

    def __init__(self, settings: Settings, recent: RecentStudies, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.welcome = Welcome(settings, recent, theme)
        self.worklist = WorklistView(settings, theme)
        self.addWidget(self.welcome)
        self.addWidget(self.worklist)
        for part in (self.welcome, self.worklist):
            part.folder_wanted.connect(self.folder_wanted)
            part.file_wanted.connect(self.file_wanted)
        self.worklist.shown.connect(self._show)

    def show_store(self, store: StudyStore | None) -> None:
        """Show what is kept; None: nothing is."""
        self.worklist.show_store(store)

    @Slot()
    def refresh(self) -> None:
        """Read anew what is kept, and what was opened last."""
        self.welcome.refresh()
        self.worklist.refresh()

    @Slot()
    def _show(self) -> None:
        part = self.welcome if self.worklist.empty else self.worklist
        if self.currentWidget() is not part:
            self.setCurrentWidget(part)
        if part is self.worklist and self.isVisible() and self.window().focusWidget() is None:
            self.worklist.table.setFocus()
