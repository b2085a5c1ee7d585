"""`close_on_signal`: a signal that asks the program to end closes the window, also while nothing happens in it."""

import os
import signal
import sys
from collections.abc import Callable

from PySide6.QtCore import QObject, QSocketNotifier


def close_on_signal(parent: QObject, close: Callable[[], None]) -> None:
    """Call `close` on SIGTERM or SIGINT; the notifier that wakes Python for it lives as long as `parent`.

    Python hears of a signal when it runs next, and an idle window never runs it.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: close())
    if sys.platform == "win32":  # no such signals come to a window there
        return
    awaken, wakened = os.pipe()
    for end in (awaken, wakened):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(wakened, warn_on_full_buffer=False)
    notifier = QSocketNotifier(awaken, QSocketNotifier.Type.Read, parent)
    notifier.activated.connect(lambda *_: os.read(awaken, 64))
