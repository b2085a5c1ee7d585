"""`Window`: assembles the menus, the pages of open studies and the status line; it does nothing itself."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QByteArray, QSize, Qt, Signal, Slot
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QMainWindow, QStackedWidget, QTabWidget, QVBoxLayout, QWidget

from cinecor.app.recent import RecentStudies
from cinecor.app.settings import Settings
from cinecor.ui.look.failure import Failure
from cinecor.ui.look.texts import tr
from cinecor.ui.look.theme import Theme
from cinecor.ui.panels.message_bar import MessageBar
from cinecor.ui.panels.notes import show_about, show_device, show_licences
from cinecor.ui.panels.status_strip import StatusStrip
from cinecor.ui.sheets.audit_sheet import AuditSheet
from cinecor.ui.sheets.command_palette import CommandPalette
from cinecor.ui.sheets.key_sheet import KeySheet
from cinecor.ui.sheets.settings_dialog import SettingsDialog
from cinecor.ui.sheets.welcome import Welcome
from cinecor.ui.study.study_desk import StudyDesk
from cinecor.ui.study.study_name import study_name
from cinecor.ui.window.actions import ACTIONS
from cinecor.ui.window.commands import Commands
from cinecor.ui.window.leaving import Leaving
from cinecor.ui.window.menus import enable_actions, fill_menus, make_actions
from cinecor.ui.window.saving import Saving
from cinecor.ui.window.study_page import StudyPage

_SIZE = QSize(1440, 900)
_SMALLEST = QSize(900, 520)  # a full-HD screen at 200 %


class Window(QMainWindow):
    """One window with a tab a study; studies live on their desks and outlive the window's pages."""

    opening = Signal(object)  # Path
    demo_wanted = Signal()
    desk_closed = Signal(object)  # StudyDesk

    def __init__(self, settings: Settings, theme: Theme, desks: Sequence[StudyDesk], *, front: int = 0) -> None:
        super().__init__()
        self.settings, self.theme = settings, theme
        self.recent = RecentStudies(settings)
        self.choose_folder: Callable[[str], Path | None] = self._ask_folder
        self.choose_file: Callable[[str], Path | None] = self._ask_file
        self.setWindowTitle("Cinecor")
        self.setMinimumSize(_SMALLEST)
        self.setAcceptDrops(True)
        self.messages = MessageBar(theme)
        self.welcome = Welcome(self.recent, theme)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.setTabsClosable(True)
        self.tabs.setMovable(True)
        self.tabs.setTabBarAutoHide(True)
        self.tabs.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.tabs.setFocusProxy(None)  # type: ignore[arg-type]  # its bar, on which Tab would end while it is hidden
        self.tabs.tabBar().setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.welcome)
        self._stack.addWidget(self.tabs)
        central = QWidget()
        column = QVBoxLayout(central)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.messages)
        column.addWidget(self._stack, 1)
        self.setCentralWidget(central)
        self.strip = StatusStrip(theme)
        self.setStatusBar(self.strip)
        self.saving = Saving(self)
        self.leaving = Leaving(self)
        self._closing = False
        self.commands = Commands(self)
        self.actions_by_name = make_actions(self.commands, self)
        fill_menus(self.menuBar(), self.actions_by_name)
        for entry in ACTIONS:
            if not entry.in_views:  # those are the pages': on the window they would take Space from its buttons
                self.addAction(self.actions_by_name[entry.name])
        self._connect()
        for desk in desks:
            self.add_desk(desk)
        if desks:
            self.tabs.setCurrentIndex(front)
        self._restore()
        self._page_changed()

    def _connect(self) -> None:
        self.welcome.folder_wanted.connect(self.open_folder)
        self.welcome.file_wanted.connect(self.open_file)
        self.welcome.demo_wanted.connect(self.demo_wanted)
        self.welcome.study_chosen.connect(self.opening)
        self.tabs.currentChanged.connect(self._page_changed)
        self.tabs.tabCloseRequested.connect(lambda at: self.leave_page(self.page_at(at)))
        self.strip.stop_wanted.connect(self.commands.stop)
        self.strip.device_wanted.connect(self.show_device)

    # -- pages

    @property
    def page(self) -> StudyPage | None:
        """The study in front; None while no study is open."""
        page = self.tabs.currentWidget()
        return page if isinstance(page, StudyPage) else None

    def page_at(self, index: int) -> StudyPage:
        """Give the page of a tab."""
        page = self.tabs.widget(index)
        assert isinstance(page, StudyPage)
        return page

    @property
    def desks(self) -> tuple[StudyDesk, ...]:
        """The open studies in the order of their tabs."""
        return tuple(self.page_at(at).desk for at in range(self.tabs.count()))

    def add_desk(self, desk: StudyDesk) -> None:
        """Show a study in a tab of its own, in front."""
        page = StudyPage(desk, self.theme)
        for entry in ACTIONS:
            if entry.in_views:
                page.views.addAction(self.actions_by_name[entry.name])
        page.panel.audit_wanted.connect(self.show_audit)
        page.panel.taking.connect(lambda uid: self.leaving.before([page], lambda: desk.take(uid)))
        page.panel.ordering.connect(
            lambda tag: self.leaving.before([page], lambda: desk.reorder(tag), stay=page.panel.show_order)
        )
        desk.work_changed.connect(self._work_changed)
        desk.segmenting_changed.connect(self._refresh_actions)
        desk.device_known.connect(self._work_changed)
        desk.review_changed.connect(self._refresh_actions)
        desk.opened.connect(self._page_changed)
        self.tabs.setCurrentIndex(self.tabs.addTab(page, desk.path.name))
        self.tabs.setTabToolTip(self.tabs.count() - 1, str(desk.path))
        self._page_changed()
        page.cine.setFocus()

    def leave_page(self, page: StudyPage) -> None:
        """Close a study; ask first when something of it was not saved."""
        self.leaving.before([page], lambda: self.close_page(page))

    def close_page(self, page: StudyPage) -> None:
        """Close a study; what still runs for it is stopped."""
        page.close_page()
        self.tabs.removeTab(self.tabs.indexOf(page))
        desk = page.desk
        page.deleteLater()
        self.desk_closed.emit(desk)
        self._page_changed()

    def next_page(self) -> None:
        """Bring the next study to the front."""
        self.tabs.setCurrentIndex((self.tabs.currentIndex() + 1) % max(1, self.tabs.count()))

    @Slot()
    def _page_changed(self) -> None:
        page = self.page
        self._stack.setCurrentIndex(0 if page is None else 1)
        if page is None:
            self.welcome.refresh()
        for at in range(self.tabs.count()):
            self.tabs.setTabText(at, study_name(self.page_at(at).desk).replace("&", "&&"))
            if self.page_at(at) is not page:
                self.page_at(at).player.stop()
        self.setWindowTitle("Cinecor" if page is None else f"{study_name(page.desk)} – Cinecor")
        self._refresh_actions()
        self._work_changed()

    @Slot()
    def _refresh_actions(self) -> None:
        page = self.page
        history = None if page is None else page.desk.history
        enable_actions(
            self.actions_by_name,
            study=page is not None,
            segmenting=page is not None and page.desk.segmenting,
            undo=None if history is None else history.undo_name,
            redo=None if history is None else history.redo_name,
        )

    @Slot()
    def _work_changed(self) -> None:
        self.strip.show_desk(None if self.page is None else self.page.desk)

    # -- opening

    @Slot()
    def open_folder(self) -> None:
        """Ask for a folder and open it."""
        path = self.choose_folder(tr("dialog.open_folder"))
        if path is not None:
            self.opening.emit(path)

    @Slot()
    def open_file(self) -> None:
        """Ask for a DICOMDIR, zip, DICOM or NIfTI file and open it."""
        path = self.choose_file(tr("dialog.open_file"))
        if path is not None:
            self.opening.emit(path)

    def open_demo(self) -> None:
        """Ask for the demonstration study."""
        self.demo_wanted.emit()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        for url in event.mimeData().urls():
            if url.isLocalFile():
                self.opening.emit(Path(url.toLocalFile()))
        event.acceptProposedAction()

    def _ask_folder(self, title: str) -> Path | None:
        return self._remembered(QFileDialog.getExistingDirectory(self, title, self._beside_the_last()))

    def _ask_file(self, title: str) -> Path | None:
        return self._remembered(QFileDialog.getOpenFileName(self, title, self._beside_the_last())[0])

    def _beside_the_last(self) -> str:
        return self.settings.state.get("folder") or str(Path.home())

    def _remembered(self, chosen: str) -> Path | None:
        if not chosen:
            return None
        self.settings.state["folder"] = str(Path(chosen).parent)  # the next study lies beside this one
        return Path(chosen)

    # -- sheets and dialogs

    def show_failure(self, failure: Failure) -> None:
        """Say what went wrong, on the page in front or above everything."""
        bar = self.messages if self.page is None else self.page.messages
        bar.show_failure(failure)

    def show_settings(self) -> None:
        """Open the settings."""
        SettingsDialog(self.settings, self).open()

    @Slot()
    def show_audit(self) -> None:
        """Open the account of the import."""
        if self.page is not None and self.page.desk.study is not None:
            AuditSheet(self.page.desk.study, self.theme, self).open()

    def show_palette(self) -> None:
        """Open the command palette."""
        named = [(tr(f"menu.{entry.menu}"), self.actions_by_name[entry.name]) for entry in ACTIONS]
        CommandPalette(named, self).open()

    def show_key_sheet(self) -> None:
        """Open the sheet of all keys."""
        KeySheet(self).open()

    @Slot()
    def show_device(self) -> None:
        """Say which device runs the model, and why."""
        show_device(self, None if self.page is None else self.page.desk.running_on, self.settings)

    def show_licences(self) -> None:
        """Show the licences of the program and of what it brings along."""
        show_licences(self)

    def show_about(self) -> None:
        """Say what this program is."""
        show_about(self)

    # -- the window itself

    def _restore(self) -> None:
        kept = self.settings.state.get("geometry", "")
        if not (kept and self.restoreGeometry(QByteArray.fromBase64(kept.encode()))):
            self.resize(_SIZE)
        room = self.screen().availableGeometry()
        self.setMinimumSize(_SMALLEST.boundedTo(room.size()))
        self.resize(self.size().boundedTo(room.size()))  # also a place that was kept from a larger screen

    def remember(self) -> None:
        """Keep the window's place for the next start."""
        self.settings.state["geometry"] = self.saveGeometry().toBase64().toStdString()
        self.settings.write()

    def close_now(self) -> None:
        """Close the window without a question."""
        self._closing = True
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        pages = [self.page_at(at) for at in range(self.tabs.count())]
        if not self._closing and any(page.desk.unsaved for page in pages):
            event.ignore()
            self.leaving.before(pages, self.close_now)
            return
        self.remember()
        self.saving.cancel()
        for at in reversed(range(self.tabs.count())):
            self.close_page(self.page_at(at))
        super().closeEvent(event)
