"""`Desktop`: the running application: its settings, its open studies, its one window."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

from PySide6.QtCore import QObject, Qt, QTimer, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from cinecor.app.background import Handle
from cinecor.app.segment_process import SegmentProcess
from cinecor.app.settings import Settings, settings_path
from cinecor.inference.device.model_session import Device
from cinecor.ui.look.failure import failure_of
from cinecor.ui.look.qt_language import speak
from cinecor.ui.look.texts import tr, use_language
from cinecor.ui.look.theme import apply_theme, body_font, load_font, theme_named
from cinecor.ui.study.study_desk import StudyDesk
from cinecor.ui.window.display import require_display
from cinecor.ui.window.end_signal import close_on_signal
from cinecor.ui.window.window import Window
from cinecor.ui.work.relay import Relay

# A worker gives Python back after this time. Every call of Qt gives it away and wants it again, a thousand times a
# repaint: with the usual 5 ms a window beside a busy worker stands still for a fifth of a second.
_SWITCH_S = 0.0002
_PATIENCE_S = 10.0  # for threads at the end: a drive that is gone may never answer


class Desktop(QObject):
    """Owns what outlives a window: a new language or theme makes a new window over the same studies."""

    def __init__(self, application: QApplication, settings: Settings, *, model_path: Path | None = None) -> None:
        super().__init__()
        self._application = application
        self.settings = settings
        self.model_path = model_path
        self._process = SegmentProcess()
        self._family = load_font()
        self.leaving: list[StudyDesk] = []
        self._relays: list[Relay] = []
        self._demo: TemporaryDirectory[str] | None = None
        application.setFont(body_font(self._family))
        self.window = self._make_window((), front=0)
        settings.listen(self._setting_changed)
        if settings.newer is not None:
            self.window.messages.show_text(tr("settings.newer", version=settings.newer))

    def _make_window(self, desks: Sequence[StudyDesk], *, front: int) -> Window:
        speak(self._application, use_language(self.settings.text("language")))
        theme = theme_named(self.settings.text("theme"))
        apply_theme(self._application, theme)
        window = Window(self.settings, theme, desks, front=front)
        window.opening.connect(self.open)
        window.demo_wanted.connect(self.open_demo)
        window.desk_closed.connect(self._let_go)
        return window

    def _setting_changed(self, name: str) -> None:
        if name in ("language", "theme", "show_patient"):
            QTimer.singleShot(0, self, self._renew_window)  # after the dialog's own slot has returned

    @Slot()
    def _renew_window(self) -> None:
        old = self.window
        desks, front = old.desks, old.tabs.currentIndex()
        visible = old.isVisible()
        old.remember()
        old.saving.cancel()
        for at in range(old.tabs.count()):
            old.page_at(at).close_page()
        self.window = self._make_window(desks, front=front)
        if visible:
            self.window.show()
        old.hide()
        old.deleteLater()

    # -- studies

    @Slot(object)
    def open(self, path: object) -> None:
        """Open a study in a tab of its own; one that is open already comes to the front."""
        wanted = cast(Path, path)
        for at, desk in enumerate(self.window.desks):
            if desk.path.absolute() == wanted.absolute():  # recent studies are absolute, those of a command may not be
                self.window.tabs.setCurrentIndex(at)
                if desk.study is None and not desk.busy:
                    desk.open()  # stopped or failed before: perhaps the drive is back
                return
        desk = StudyDesk(wanted, self.settings, model_path=self.model_path, process=self._process, parent=self)
        desk.opened.connect(self._remember)
        self.window.add_desk(desk)
        self.window.repaint()  # before the readers of files want Python for themselves
        desk.open()

    @Slot()
    def _remember(self) -> None:
        desk = self.sender()
        if isinstance(desk, StudyDesk) and not self._is_demo(desk):
            self.window.recent.add(desk.path)

    def _is_demo(self, desk: StudyDesk) -> bool:
        return self._demo is not None and desk.path.is_relative_to(self._demo.name)

    @Slot(object)
    def _let_go(self, desk: object) -> None:
        leaving = cast(StudyDesk, desk)
        self.leaving.append(leaving)
        leaving.gone.connect(self._gone)
        leaving.retire()

    @Slot()
    def _gone(self) -> None:
        desk = self.sender()
        if isinstance(desk, StudyDesk) and desk in self.leaving:
            self.leaving.remove(desk)
            desk.deleteLater()

    @Slot()
    def open_demo(self) -> None:
        """Make the demonstration study in a temporary folder, and open it."""
        if self._demo is None:
            self._demo = TemporaryDirectory(prefix="cinecor-demo-")
        folder = Path(self._demo.name)

        def work(_: Handle) -> Path:
            from cinecor.app.demo import demo_study

            return demo_study(folder).folder

        relay = Relay("demo", work, self)
        relay.done.connect(self.open)
        relay.done.connect(self._relay_ended)
        relay.failed.connect(self._relay_failed)
        self._relays.append(relay)
        relay.start()

    @Slot(object)
    def _relay_failed(self, error: object) -> None:
        self.window.show_failure(failure_of(cast(Exception, error)))
        self._relay_ended()

    @Slot()
    @Slot(object)
    def _relay_ended(self, _: object = None) -> None:
        relay = self.sender()
        if isinstance(relay, Relay) and relay in self._relays:
            relay.wait()
            self._relays.remove(relay)
            relay.deleteLater()

    def warm_up(self) -> None:
        """Open the model before it is needed; when it fails, the first study tells."""
        process, model, device = self._process, self.model_path, cast(Device, self.settings.text("device"))
        relay = Relay("warm-up", lambda handle: process.warm_up(model=model, device=device, handle=handle), self)
        relay.done.connect(self._relay_ended)
        relay.failed.connect(self._relay_ended)
        self._relays.append(relay)
        relay.start()

    @property
    def busy(self) -> bool:
        """Whether something goes on that belongs to no study."""
        return bool(self._relays)

    # -- the end

    def close_window(self) -> None:
        """Close the window without a question."""
        self.window.close_now()

    def close(self) -> bool:
        """Close the window and wait for every thread; False when one does not end."""
        self.close_window()
        waiting: list[Relay | StudyDesk] = [*self._relays, *self.leaving]
        self._process.close()
        ended = not [one for one in waiting if not one.wait(_PATIENCE_S)]
        self.settings.forget(self._setting_changed)
        if self._demo is not None and ended:
            self._demo.cleanup()
        return ended


def make_application(arguments: Sequence[str]) -> QApplication:
    """Give the one `QApplication`, set up before any widget is made."""
    QGuiApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
    sys.setswitchinterval(_SWITCH_S)
    application = QApplication(list(arguments))
    application.setApplicationName("cinecor")
    application.setApplicationDisplayName("Cinecor")
    import pyqtgraph

    pyqtgraph.setConfigOptions(imageAxisOrder="row-major", antialias=True)
    return application


def run(paths: Sequence[Path], *, demo: bool = False, model_path: Path | None = None) -> int:
    """Show the desktop with these studies open and give the exit code when it is closed."""
    require_display()
    application = make_application(sys.argv[:1])
    desktop = Desktop(application, Settings(settings_path()), model_path=model_path)
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
