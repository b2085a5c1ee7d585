"""`Desktop`: the running application: its settings, its open studies, its one window."""

import contextlib
import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtWidgets import QApplication

from cinecor.app.cohort.reading_list import fill_worklist
from cinecor.app.open_study import OpenedStudy
from cinecor.app.policy import read_policy, user_settings
from cinecor.app.result_source import holds_results, same_study, source_of
from cinecor.app.segment_process import SegmentProcess
from cinecor.app.settings import Settings
from cinecor.app.work import Operation
from cinecor.cohort.manifest_file import is_cohort
from cinecor.errors import CinecorError
from cinecor.inference.device.model_session import Device
from cinecor.measure.reference.shipped import shipped_tables
from cinecor.report.kept_results import KeptResults, read_results
from cinecor.review.store.study_store import StudyStore
from cinecor.ui.look.failure import Failure, failure_of
from cinecor.ui.look.texts import said, tr, tr_counted, use_language
from cinecor.ui.look.theme import apply_theme, body_font, load_font, theme_named
from cinecor.ui.study.study_desk import StudyDesk
from cinecor.ui.window.application import close_on_signal, make_application, speak
from cinecor.ui.window.display import require_display
from cinecor.ui.window.study_page import StudyPage
from cinecor.ui.window.window import Window
from cinecor.ui.work.collector import Collector
from cinecor.ui.work.operations import Operations

if TYPE_CHECKING:
    from cinecor.app.demo import DemoStudy

_PATIENCE_S = 10.0  # for threads at the end: a drive that is gone may never answer


class Desktop(QObject):
    """Owns what outlives a window: a new language or theme makes a new window over the same studies."""

    def __init__(
        self,
        application: QApplication,
        settings: Settings,
        *,
        model_path: Path | None = None,
        store_folder: Path | None = None,
    ) -> None:
        super().__init__()
        self._application = application
        self.settings = settings
        self.model_path = model_path
        self._process = SegmentProcess()
        self.operations = Operations(self)  # of no study
        self.operations.failed.connect(self._show_failure)
        self.leaving: list[StudyDesk] = []
        self._renewal_waits = False  # whether a new window is wanted, and this one is still at work
        self._settled_over: list[StudyDesk] = []  # the studies that were open when what is there was settled
        self.store: StudyStore | None = None
        self._store_folder = store_folder  # None: the user's own
        self._demo: TemporaryDirectory[str] | None = None
        application.setFont(body_font(load_font()))
        unopened = self._open_store()
        self.window = self._make_window((), front=0)
        if unopened is not None:
            self.window.show_failure(unopened)
        settings.listen(self._setting_changed)
        if settings.newer is not None:
            self.window.messages.show_text(
                tr(
                    "The settings were written by a newer Cinecor ({version}), so changes to them are not kept here; "
                    "install that version again.",
                    version=settings.newer,
                )
            )

    def _make_window(self, desks: Sequence[StudyDesk], *, front: int) -> Window:
        speak(self._application, use_language(self.settings.text("language")))
        theme = theme_named(self.settings.text("theme"))
        apply_theme(self._application, theme)
        window = Window(self.settings, theme, desks, front=front, store=self.store)
        window.opening.wanted.connect(self.open)
        window.opening.study_wanted.connect(self.open)
        window.opening.demo_wanted.connect(self.open_demo)
        window.workspace.page_closed.connect(self._let_go)
        for one in window.works:
            one.changed.connect(self._renew_when_idle)
        return window

    def _open_store(self) -> Failure | None:
        """Open the store, unless nothing is to be kept; without it everything works. Return why it is not open."""
        if not self.settings.flag("keep_studies"):
            return None
        try:
            store = self.store = StudyStore(self._store_folder)
        except (CinecorError, OSError) as error:
            return failure_of(error)
        days = self.settings.number("keep_days")

        def tidy() -> None:
            store.tidy()
            if days:
                store.expire(days)

        self.operations.start("tidy", lambda _: tidy(), quiet=True)
        return None

    def _setting_changed(self, name: str) -> None:
        if name in ("language", "theme", "show_patient"):
            QTimer.singleShot(0, self, self._renew_window)  # after the dialog's own slot has returned

    @Slot()
    def _renew_when_idle(self) -> None:
        if self._renewal_waits and not any(one.busy for one in self.window.works):
            self._renewal_waits = False
            QTimer.singleShot(0, self, self._renew_window)  # what has ended is telling it this very moment

    @Slot()
    def _renew_window(self) -> None:
        old = self.window
        if any(one.busy for one in old.works):  # they tell it what they did: the new one comes when they have ended
            self._renewal_waits = True
            if old.saving.operations.busy:
                old.messages.show_text(tr("The window changes when what is being written is on disk."))
            return
        pages, front = old.workspace.pages, old.workspace.currentIndex()
        visible = old.isVisible()
        old.remember()
        old.home.worklist.stop()
        for page in pages:
            page.close_page()
        self.window = self._make_window([page.desk for page in pages], front=front)
        for page, before in zip(self.window.workspace.pages, pages, strict=True):
            page.show_pictures_as(before)
        if old.workspace.at_home:
            self.window.workspace.go_home()
        if visible:
            self.window.show()
        old.hide()
        old.deleteLater()

    # -- studies

    @Slot(Path)
    @Slot(Path, str)
    def open(self, path: Path, series_uid: str = "") -> None:
        """Open a study in a tab of its own, by its files and where those hold several by a series of it.

        One that is open already comes to the front.
        """
        if holds_results(path):
            self._open_results(path)
            return
        if is_cohort(path):
            self._open_cohort(path)
            return
        for at, page in enumerate(self.window.workspace.pages):
            # Recent studies are absolute, those of a command may not be, and a link may lead to a study that is open.
            if page.desk.path.resolve() == path.resolve() and page.desk.may_be(series_uid):
                self.window.workspace.bring(at)
                if page.desk.reading.study is None and not page.desk.operations.busy:
                    page.desk.reading.open()  # nothing was found to show: perhaps more is there now
                return
        desk = StudyDesk(
            path, self.settings, model_path=self.model_path, process=self._process, store=self.store, parent=self
        )
        desk.opened.connect(lambda: self._take_in(desk))
        desk.reading.unreadable.connect(lambda failure: self._give_up(desk, failure))
        desk.reading.stopped.connect(lambda: self._give_up(desk, Failure(_stopped(desk), "")))
        desk.gone.connect(self._forget_gone)
        self.window.add_desk(desk)
        self.window.repaint()  # before the readers of files want Python for themselves
        desk.reading.open(series_uid=series_uid or None)

    def _open_results(self, folder: Path) -> None:
        """Open the study that results were made from, with them as its review; ask where it is not known."""

        def take(kept: KeptResults) -> None:
            source = source_of(kept, self.store)
            if source is None:
                source = self.window.opening.choose_folder(tr("Where is the study of these results?"))
            if source is None or holds_results(source):
                return
            uids = kept.results.stack.series_uids
            self.open(source, uids[0] if uids else "")
            if self.window.page is not None:
                self.window.page.desk.lay_results(kept)

        self.operations.start(
            "results",
            lambda _: read_results(folder),
            done=take,
        )

    def _open_cohort(self, folder: Path) -> None:
        """Let what is doubtful in a cohort wait in the worklist, and show that."""
        store = self.store
        if store is None:
            self.window.messages.show_text(
                tr("Nothing is kept here, so there is no worklist for a cohort: open its studies one by one.")
            )
            return

        def take(waiting: int) -> None:
            self.window.workspace.go_home()
            self.window.home.worklist.search.setText(folder.resolve().name)
            self.window.home.refresh()
            self.window.messages.show_text(
                tr_counted(
                    "{n} doubtful study of this cohort waits in the worklist, and was not opened before.",
                    "{n} doubtful studies of this cohort wait in the worklist, and were not opened before.",
                    n=waiting,
                )
            )

        self.operations.start(
            "cohort",
            lambda _: fill_worklist(store, folder),
            done=take,
        )

    def _take_in(self, desk: StudyDesk) -> None:
        """Remember a study that was read; one that is open already in another tab comes to the front there."""
        own, read = self._page_of(desk), desk.reading.study
        known = [page for page in self.window.workspace.pages if page is not own and _holds(page.desk, read)]
        if known:
            QTimer.singleShot(0, self, lambda: self._bring_instead(desk, known[0]))
            return
        if self._demo is None or not desk.path.is_relative_to(self._demo.name):
            self.window.recent.add(desk.path)
            self.window.opening.remember(desk.path)

    def _bring_instead(self, desk: StudyDesk, page: StudyPage) -> None:
        own, pages = self._page_of(desk), self.window.workspace.pages
        if own is None or page not in pages:
            return
        self.window.workspace.close_page(own)
        self.window.workspace.bring(self.window.workspace.pages.index(page))
        name = desk.path.name if desk.settings.flag("show_patient") else desk.title
        page.messages.show_text(tr("{name} holds the study that is open here: it has one tab.", name=name))

    def _give_up(self, desk: StudyDesk, failure: Failure) -> None:
        """Close the tab of an input that has nothing to show, and say why where the reader is then."""

        def close() -> None:
            page = self._page_of(desk)
            if page is not None and desk.reading.study is None and not desk.operations.busy:
                self.window.workspace.close_page(page)
                self.window.show_failure(failure)

        QTimer.singleShot(0, self, close)  # its own work has returned then

    def _page_of(self, desk: StudyDesk) -> StudyPage | None:
        return next((page for page in self.window.workspace.pages if page.desk is desk), None)

    @Slot(StudyDesk)
    def _let_go(self, desk: StudyDesk) -> None:
        self.leaving.append(desk)
        desk.retire()

    @Slot()
    def _forget_gone(self) -> None:
        for desk in [desk for desk in self.leaving if desk.left]:
            self.leaving.remove(desk)
            desk.deleteLater()
            if desk in self._settled_over:  # a study of the command line, whose page was there before the warm-up ended
                self._settled_over.clear()
                Collector.thaw()

    @Slot()
    def open_demo(self) -> None:
        """Make the demonstration study in a temporary folder, and open it."""
        if self._demo is None:
            self._demo = TemporaryDirectory(prefix="cinecor-demo-")
        folder = Path(self._demo.name)

        def make() -> "DemoStudy":
            from cinecor.app.demo import demo_study

            return demo_study(folder)

        def opened(demo: "DemoStudy") -> None:
            self.open(demo.folder)
            page = self.window.page
            if page is not None:
                page.telling.with_numbers(demo.known)

        self.operations.start(
            "demo",
            lambda _: make(),
            done=opened,
        )

    def warm_up(self) -> None:
        """Open the model, and load what draws outlines and curves; a failure the first study tells."""
        process, model, device = self._process, self.model_path, cast(Device, self.settings.text("device"))

        def prepare(operation: Operation[None]) -> None:
            for name in ("scipy.ndimage", "cinecor.ui.views.curve_view"):  # what the start has not to wait for
                importlib.import_module(name)
            shipped_tables()
            process.warm_up(model=model, device=device, cancelled=operation.cancelled)

        self.operations.start(
            "warm-up", prepare, done=lambda _: self.settle(), failed=lambda _: self.settle(), quiet=True
        )

    def settle(self) -> None:
        """Leave what is loaded out of later looks for garbage, until a study that is open now has been closed."""
        Collector.settle()
        self._settled_over = [*(page.desk for page in self.window.workspace.pages), *self.leaving]

    def _forget_demo(self, store: StudyStore) -> None:
        """Forget the demonstration study, whose files go with the window."""
        if self._demo is not None:
            with contextlib.suppress(CinecorError):
                store.forget([row.id for row in store.worklist() if Path(row.source).is_relative_to(self._demo.name)])

    @Slot(Failure)
    def _show_failure(self, failure: Failure) -> None:
        self.window.show_failure(failure)

    # -- the end

    def close_window(self) -> None:
        """Close the window without a question."""
        self.window.close_now()

    def close(self) -> bool:
        """Close the window and wait for every thread; False when one does not end."""
        self.close_window()
        waiting = [self.operations, *self.window.works, *(desk.operations for desk in self.leaving)]
        self._process.close()
        ended = not [one for one in waiting if not one.wait(_PATIENCE_S)]  # each gets its time
        self.settings.forget(self._setting_changed)
        if self.store is not None and ended:
            self._forget_demo(self.store)
            self.store.close()
        if self._demo is not None and ended:
            self._demo.cleanup()
        return ended


def _holds(desk: StudyDesk, read: OpenedStudy | None) -> bool:
    """Return whether a tab holds a study that was read elsewhere, and its files are still there."""
    study = desk.reading.study
    return study is not None and read is not None and same_study(study, read) and desk.path.exists()


def _stopped(desk: StudyDesk) -> str:
    return tr("{name} was not opened: stopped before it was read.", name=desk.title)


def run(paths: Sequence[Path], *, demo: bool = False, model_path: Path | None = None) -> int:
    """Show the desktop with these studies open and return the exit code when it is closed."""
    require_display()
    application = make_application(sys.argv[:1])
    policy = read_policy()
    desktop = Desktop(application, user_settings(policy), model_path=model_path)
    if policy.fault is not None:
        desktop.window.messages.show_text(said(policy.fault))
    desktop.window.show()
    for path in paths:
        desktop.open(path)
    QTimer.singleShot(0, desktop.warm_up)  # when the window has been painted
    if demo:
        desktop.open_demo()
    close_on_signal(desktop, desktop.close_window)
    code = application.exec()
    if not desktop.close():
        os._exit(code)  # a thread waits for a drive that is gone: nothing of ours is half-written
    return int(code)
