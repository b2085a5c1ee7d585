"""`Window`: the frame around the open studies: menus, worklist, messages and status line."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QByteArray, QEvent, QPoint, QSize, Qt, QTimer, Slot
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDragLeaveEvent, QDropEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QMainWindow, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from cinecor.app.other_reading import Whose
from cinecor.app.recent import RecentStudies
from cinecor.app.settings import Settings
from cinecor.review.store.study_store import StudyStore
from cinecor.ui.look.failure import Failure
from cinecor.ui.look.focus import keeps_key
from cinecor.ui.look.texts import tr
from cinecor.ui.look.theme import Theme
from cinecor.ui.panels.drop_area import DropArea
from cinecor.ui.panels.status_strip import StatusStrip
from cinecor.ui.panels.toast import Toast
from cinecor.ui.sheets.comparison_sheet import ComparisonSheet
from cinecor.ui.study.study_desk import StudyDesk
from cinecor.ui.window.actions import Actions
from cinecor.ui.window.command import Bench
from cinecor.ui.window.commands import MENUS
from cinecor.ui.window.context_menu import CHOICES, IMAGE, MATRIX, context_menu
from cinecor.ui.window.leaving import Leaving
from cinecor.ui.window.opening import Opening
from cinecor.ui.window.recent_menu import RecentMenu
from cinecor.ui.window.saving import Saving
from cinecor.ui.window.study_page import StudyPage
from cinecor.ui.window.taking_over import TakingOver
from cinecor.ui.window.workspace import Workspace
from cinecor.ui.work.operations import Operations
from cinecor.ui.worklist.home import Home

_SIZE = QSize(1440, 900)
_SMALLEST = QSize(900, 500)  # with its frame on a full-HD screen at 200 %
_FRAME = QSize(8, 40)  # what a window manager may put around a window


class Window(QMainWindow):
    """One window over a workspace; studies live on their desks and outlive the window's pages."""

    def __init__(
        self,
        settings: Settings,
        theme: Theme,
        desks: Sequence[StudyDesk],
        *,
        front: int = 0,
        store: StudyStore | None = None,
    ) -> None:
        super().__init__()
        self.settings, self.theme = settings, theme
        self.setWindowTitle("Cinecor")
        self.setMinimumSize(_SMALLEST)
        self.setAcceptDrops(True)
        self.recent = RecentStudies(settings)
        self.home = Home(settings, self.recent, theme)
        self.workspace = Workspace()
        self._stack = QStackedWidget()
        self._stack.addWidget(self.home)
        self._stack.addWidget(self.workspace)
        central = QWidget()
        column = QVBoxLayout(central)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._stack, 1)
        self.setCentralWidget(central)
        self.messages = Toast(theme, over=central)
        self._drop_area = DropArea(theme, self)
        self._dragged: tuple[Path, ...] = ()  # over the window
        self.list_button = QToolButton()
        self.list_button.setText(tr("Worklist"))
        self.list_button.setCheckable(True)
        self.list_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.menuBar().setCornerWidget(self.list_button)
        self.strip = StatusStrip(theme)
        self.setStatusBar(self.strip)
        self.opening = Opening(self, settings.state)
        self.saving = Saving(self.messages, settings.state)
        self.taking_over = TakingOver(self.messages, settings.state)
        self.leaving = Leaving(self, self.saving)
        self._closing = False  # whatever is undecided
        self._closes_later = False  # when what is being written is on disk
        self._actions = Actions(
            Bench(
                window=self,
                workspace=self.workspace,
                home=self.home,
                settings=settings,
                theme=theme,
                recent=self.recent,
                opening=self.opening,
                saving=self.saving,
                taking_over=self.taking_over,
                leaving=self.leaving,
                menus=MENUS,
                action=lambda name: self.actions_by_name[name],
            )
        )
        self.actions_by_name = self._actions.by_name
        self.recent_menu = RecentMenu(self.recent, store, settings, self.opening, self)
        self._actions.fill(self.menuBar(), below={"open_demo": self.recent_menu})
        self._actions.add_to(self)
        self._connect()
        for desk in desks:
            self.add_desk(desk)
        if desks:
            self.workspace.bring(front)
        self._restore()
        self.home.show_store(store)
        self._workspace_changed()

    def _connect(self) -> None:
        self.home.folder_wanted.connect(self.opening.ask_for_folder)
        self.home.file_wanted.connect(self.opening.ask_for_file)
        self.home.welcome.demo_wanted.connect(self.opening.demo_wanted)
        self.home.welcome.study_chosen.connect(self.opening.wanted)
        self.home.worklist.study_wanted.connect(self.opening.study_wanted)
        self.saving.operations.changed.connect(self._work_changed)
        self.saving.operations.changed.connect(self._close_when_written)
        self.saving.refused.connect(self._stay)
        self.workspace.changed.connect(self._workspace_changed)
        self.workspace.leaving.connect(self._leave)
        self.list_button.clicked.connect(self.actions_by_name["worklist"].trigger)
        self.strip.stop_wanted.connect(self.actions_by_name["stop"].trigger)
        self.strip.device_wanted.connect(self.actions_by_name["device"].trigger)

    # -- studies

    @property
    def page(self) -> StudyPage | None:
        """The study in front; None while no study is open."""
        return self.workspace.page

    def add_desk(self, desk: StudyDesk) -> None:
        """Show a study in a tab of its own, in front."""
        page = StudyPage(desk, self.theme)
        page.correction.tool_wanted.connect(lambda name: self.actions_by_name[name].trigger())
        page.numbers.about_wanted.connect(self.actions_by_name["about_numbers"].trigger)
        page.toolbox.canvas.changed.connect(self._actions.refresh)
        for view, names in ((page.cine, IMAGE), (page.grid, IMAGE), (page.matrix, MATRIX)):
            view.menu_wanted.connect(partial(self._pop_up, names))
        page.panel.audit_wanted.connect(self.actions_by_name["audit"].trigger)
        page.panel.taking.connect(lambda uid: self.leaving.before([page], lambda: desk.reading.take(uid)))
        page.panel.ordering.connect(
            lambda tag: self.leaving.before(
                [page], lambda: desk.reading.reorder(tag or None), stay=page.panel.show_order
            )
        )
        desk.operations.changed.connect(self._work_changed)
        desk.outlining.device_known.connect(self._work_changed)
        desk.outlining.changed.connect(self._actions.refresh)
        desk.review.changed.connect(self._actions.refresh)
        desk.valves.changed.connect(self._actions.refresh)
        desk.doubts.changed.connect(self._standing_changed)
        page.comparison.frames_wanted.connect(lambda whose: self._show_comparison(desk, whose))
        desk.comparing.changed.connect(self._actions.refresh)
        desk.keeping.standing_changed.connect(self._standing_changed)
        desk.keeping.standing_changed.connect(page.numbers.review_list.refresh)
        desk.keeping.standing_changed.connect(page.correction.refresh)
        desk.review.exported.connect(self._standing_changed)
        desk.keeping.found.connect(self._standing_changed)
        desk.outlining.put_beside.connect(self._actions.refresh)
        self.workspace.add_page(page)

    def _pop_up(self, names: tuple[str, ...], at: QPoint) -> None:
        self._actions.refresh()  # for the frame that is there
        if self.page is not None:
            review, index = self.page.desk.review, self.page.desk.cursor.slice
            refused = {name for name, moment in CHOICES.items() if review.why_no_choice(index, moment) is not None}
            names = tuple(name for name in names if name not in refused)
        context_menu(names, self.actions_by_name, self).popup(at)

    @Slot(StudyPage)
    def _leave(self, page: StudyPage) -> None:
        self.leaving.before([page], lambda: self.workspace.close_page(page))

    @Slot()
    def _workspace_changed(self) -> None:
        page = self.page
        self._stack.setCurrentIndex(0 if page is None else 1)
        if page is None:
            self.home.refresh()
        self.list_button.setVisible(bool(self.workspace.count()))
        self.list_button.setChecked(page is None)
        self.setWindowTitle("Cinecor" if page is None else f"{page.desk.title} – Cinecor")
        self._standing_changed()
        self._work_changed()

    @Slot()
    def _work_changed(self) -> None:
        self.strip.show_desk(None if self.page is None else self.page.desk, self.saving.operations)

    @Slot()
    def _standing_changed(self) -> None:
        if self.page is not None:
            self.page.show_standing()
        self._actions.refresh()

    def _show_comparison(self, desk: StudyDesk, whose: Whose) -> None:
        comparison = desk.comparing.all_frames(whose)
        if comparison is None:
            return
        sheet = ComparisonSheet(comparison, desk.comparing.readings[whose].name or tr("the model’s outlines"), self)
        sheet.frame_wanted.connect(lambda index, phase: desk.cursor.go(to_slice=index, to_phase=phase))
        sheet.show()

    def show_failure(self, failure: Failure) -> None:
        """Say what went wrong, on the page in front or above everything."""
        bar = self.messages if self.page is None else self.page.messages
        bar.show_failure(failure)

    def event(self, event: QEvent) -> bool:
        """Leave to the control that has the focus the keys that it understands; all others are the study's."""
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.ShortcutOverride:
            focused = self.focusWidget()
            if focused is not None and keeps_key(focused, event):
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Say why the command of a key that nobody took cannot be done; a menu shows it grey."""
        why = self._actions.why_not(QKeySequence(event.keyCombination()))
        if why is None or self.page is None:
            super().keyPressEvent(event)
        else:
            self.page.telling.remark(why)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self._dragged = _paths(event)
        if self._dragged:
            self._drop_area.show_over(self.rect())
            _accept_copy(event)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._drop_area.hide()
        self._dragged = ()
        super().dragLeaveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        self._drop_area.hide()
        paths, self._dragged = _paths(event) or self._dragged, ()  # under X11 nothing may be left to read at the drop
        for path in paths:
            self.opening.wanted.emit(path)
        _accept_copy(event)

    # -- the frame itself

    def _restore(self) -> None:
        kept = self.settings.state.get("geometry", "")
        known = kept and self.restoreGeometry(QByteArray.fromBase64(kept.encode()))
        room = self.screen().availableGeometry()
        within = room.size() - _FRAME
        self.setMinimumSize(_SMALLEST.boundedTo(within))
        if known:
            self.resize(self.size().boundedTo(within))  # also a place that was kept from a larger screen
            return
        self.resize(_SIZE.boundedTo(within))
        self.move(room.center() - self.rect().center())
        self.setWindowState(self.windowState() | Qt.WindowState.WindowMaximized)  # the screen belongs to the heart

    def remember(self) -> None:
        """Keep the window's place for the next start."""
        self.settings.state["geometry"] = self.saveGeometry().toBase64().toStdString()
        self.settings.write()

    @property
    def works(self) -> tuple[Operations, ...]:
        """What runs for the window and for no study: files that are written, outlines and lists that are read."""
        return self.saving.operations, self.taking_over.operations, self.home.worklist.operations

    @Slot()
    def _close_when_written(self) -> None:
        if self._closes_later and not self.saving.operations.busy:
            QTimer.singleShot(0, self, self.close)

    @Slot()
    def _stay(self) -> None:
        """Stay open where something could not be written: why not has to be read."""
        self._closes_later = False

    def close_now(self) -> None:
        """Close the window without a question."""
        self._closing = True
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        pages = self.workspace.pages
        if not self._closing and any(page.desk.review.unkept for page in pages):
            event.ignore()
            self._closes_later = False
            self.leaving.before(pages, self.close_now)
            return
        if not self._closing and not self._closes_later and self.saving.operations.busy:
            event.ignore()
            self._closes_later = True
            self.messages.show_text(
                tr("The window closes when what is being written is on disk. Close it again to leave without that.")
            )
            return
        if self._closes_later:
            self.saving.operations.cancel()  # closed again: what is not on disk stays as it was
        self.remember()
        self.home.worklist.stop()
        for page in reversed(pages):
            self.workspace.close_page(page)
        super().closeEvent(event)


def _paths(event: QDropEvent) -> tuple[Path, ...]:
    """Return the files and folders of this computer that are dragged."""
    return tuple(Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile())


def _accept_copy(event: QDropEvent) -> None:
    """Take what is dropped as a copy, whatever the other side proposes: after a move it would delete the study."""
    event.setDropAction(Qt.DropAction.CopyAction)
    event.accept()
