"""The one `QApplication`: how it is set up, what language Qt speaks, and its end by a signal."""

import os
import signal
import sys
from collections.abc import Callable, Sequence

from PySide6.QtCore import QLibraryInfo, QLocale, QObject, QSocketNotifier, Qt, QTranslator
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from cinecor.app.heap import share_heaps
from cinecor.ui.work.collector import Collector

# A worker gives Python back after this time. Every call of Qt gives it away and wants it again, a thousand times a
# repaint: with the usual 5 ms a window beside a busy worker stands still for a fifth of a second.
_SWITCH_S = 0.0002

_translators: list[QTranslator] = []


def make_application(arguments: Sequence[str]) -> QApplication:
    """Return the application, set up before any widget is made."""
    QGuiApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
    sys.setswitchinterval(_SWITCH_S)
    share_heaps()
    application = QApplication(list(arguments))
    application.setApplicationName("cinecor")
    application.setApplicationDisplayName("Cinecor")
    Collector(application)
    return application


def speak(application: QApplication, language: str) -> None:
    """Load what Qt ships for a language; English needs nothing, and what Qt lacks stays English."""
    while _translators:
        application.removeTranslator(_translators.pop())
    QLocale.setDefault(QLocale(language))
    translator = QTranslator(application)
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    if language != "en" and translator.load(f"qtbase_{language}", folder):
        application.installTranslator(translator)
        _translators.append(translator)


def close_on_signal(parent: QObject, close: Callable[[], None]) -> None:
    """Call `close` on SIGTERM or SIGINT; the notifier that wakes Python for it lives as long as `parent`.

    Python hears of a signal when it runs next, and an idle window never runs it.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: close())
    if sys.platform == "win32":  # no such signals come to a window there
        return
    receiving, sending = os.pipe()
    for end in (receiving, sending):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(sending, warn_on_full_buffer=False)
    notifier = QSocketNotifier(receiving, QSocketNotifier.Type.Read, parent)
    notifier.activated.connect(lambda *_: os.read(receiving, 64))
