"""`Workspace`: the open studies, a tab each, and which of them is in front."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QTabWidget, QWidget

from cinecor.ui.study.study_desk import StudyDesk
from cinecor.ui.window.study_page import StudyPage


class Workspace(QTabWidget):
    """Pages come by `add_page` and go by `close_page`; one signal tells of all that changes in front."""

    changed = Signal()  # another page is in front, or the one in front may be called otherwise
    page_closed = Signal(StudyDesk)
    leaving = Signal(StudyPage)  # its tab's cross was clicked

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.at_home = False  # whether the worklist is shown over the studies
        self.setDocumentMode(True)
        self.setTabsClosable(True)
        self.setMovable(True)
        self.setTabBarAutoHide(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFocusProxy(None)  # type: ignore[arg-type]  # its bar, on which Tab would end while it is hidden
        self.tabBar().setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.currentChanged.connect(self._name_tabs)
        self.tabCloseRequested.connect(self._ask_to_leave)

    @property
    def page(self) -> StudyPage | None:
        """The study in front; None while no study is open, or the worklist is shown."""
        if self.at_home:
            return None
        page = self.currentWidget()
        return page if isinstance(page, StudyPage) else None

    def page_at(self, index: int) -> StudyPage:
        """Return the page of a tab."""
        page = self.widget(index)
        assert isinstance(page, StudyPage)
        return page

    @property
    def pages(self) -> tuple[StudyPage, ...]:
        """The pages in the order of their tabs."""
        return tuple(self.page_at(at) for at in range(self.count()))

    def add_page(self, page: StudyPage) -> None:
        """Show a study in a tab of its own, in front."""
        self.at_home = False
        page.desk.reading.opened.connect(self._name_tabs)
        self.setCurrentIndex(self.addTab(page, page.desk.title))
        if page.desk.settings.flag("show_patient"):  # a path may name the patient
            self.setTabToolTip(self.count() - 1, str(page.desk.path))
        self._name_tabs()
        page.cine.setFocus()

    def close_page(self, page: StudyPage) -> None:
        """Close a study; what still runs for it is stopped by whoever hears of it."""
        page.close_page()
        self.removeTab(self.indexOf(page))
        page.deleteLater()
        self.page_closed.emit(page.desk)
        self._name_tabs()
        if self.page is not None:
            self.page.focus_image()  # else whatever comes next by Tab would have the keys

    def next_page(self) -> None:
        """Bring the next study to the front; from the worklist, the one that was there."""
        self.bring(self.currentIndex() + (0 if self.at_home else 1))

    def bring(self, at: int) -> None:
        """Bring a study to the front, by its tab."""
        self.at_home = False
        self.setCurrentIndex(at % max(1, self.count()))
        self._name_tabs()
        if self.page is not None:
            self.page.focus_image()

    def go_home(self) -> None:
        """Show the worklist; the studies stay open."""
        self.at_home = True
        self._name_tabs()

    @Slot(int)
    def _ask_to_leave(self, at: int) -> None:
        self.leaving.emit(self.page_at(at))

    @Slot()
    def _name_tabs(self) -> None:
        for at, page in enumerate(self.pages):
            self.setTabText(at, page.desk.title.replace("&", "&&"))
            if page is not self.page:
                page.player.stop()
        self.changed.emit()
