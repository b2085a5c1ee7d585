"""What a window leaves behind: threads of Python and of Qt, processes, and timers that still run."""

import gc
import multiprocessing
import threading
from collections.abc import Iterable

from PySide6.QtCore import QCoreApplication, QEvent, QThreadPool, QTimer


def set_aside() -> None:
    """Let no later look go through what is there, which stays to the end of the run; earlier windows go first."""
    gc.collect()
    gc.freeze()


def leftovers(threads_before: Iterable[threading.Thread]) -> list[str]:
    """Name every thread that was not there before, every process of ours and every timer that runs."""
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    QCoreApplication.processEvents()
    before = set(threads_before)
    found = [f"thread {one.name}" for one in threading.enumerate() if one not in before and one.is_alive()]
    if QThreadPool.globalInstance().activeThreadCount():
        found.append("a thread of Qt's pool")
    found += [f"process {one.name}" for one in multiprocessing.active_children()]
    gc.collect()
    timers = [one for one in gc.get_objects() if isinstance(one, QTimer) and _active(one)]
    return found + [f"timer of {type(timer.parent()).__name__}" for timer in timers]


def _active(timer: QTimer) -> bool:
    try:
        return timer.isActive()
    except RuntimeError:  # its C++ side is gone
        return False
