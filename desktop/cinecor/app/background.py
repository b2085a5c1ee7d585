"""`BackgroundOperation`: the one class that owns a thread, its progress, its cancelling and its failure."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cinecor.errors import Cancelled
from cinecor.message import Message
from cinecor.progress import Progress

_LEAST_STEP_S = 0.05  # progress is told at most 20 times a second


@dataclass(frozen=True, slots=True)
class Told:
    """Progress with what can be said about the time that is left."""

    progress: Progress
    seconds_left: float | None  # None until it can be guessed


@dataclass(frozen=True, slots=True)
class Listener:
    """Who hears of an operation; every function is called on the operation's own thread, one of the last three last."""

    progress: Callable[[Told], None]
    part: Callable[[Any], None]  # a finished part of the result, a frozen value
    done: Callable[[Any], None]
    failed: Callable[[Exception], None]
    cancelled: Callable[[], None]


class Handle:
    """What the work sees of its operation: where to tell, and whether to stop."""

    def __init__(self, listener: Listener, stop: threading.Event) -> None:
        self._listener = listener
        self._stop = stop
        self._stage: Message | None = None
        self._stage_started = self._last = 0.0

    def progress(self, progress: Progress) -> None:
        """Tell where the work is; too frequent reports are dropped, the last of a stage never."""
        now = time.monotonic()
        if progress.stage != self._stage:
            self._stage, self._stage_started, self._last = progress.stage, now, 0.0
        if now - self._last < _LEAST_STEP_S and progress.done < progress.total:
            return
        self._last = now
        left = None
        if progress.done > 0 and now - self._stage_started > 0.5:
            left = (now - self._stage_started) / progress.done * (progress.total - progress.done)
        self._listener.progress(Told(progress, left))

    def part(self, part: Any) -> None:
        """Hand over a finished part of the result."""
        if not self._stop.is_set():
            self._listener.part(part)

    def cancelled(self) -> bool:
        """Tell whether the user has asked to stop."""
        return self._stop.is_set()


class BackgroundOperation:
    """Work on a thread of its own: started once, cancelled at any time, waited for at the end."""

    def __init__(self, name: str, work: Callable[[Handle], Any], listener: Listener) -> None:
        self._stop = threading.Event()
        self._work = work
        self._listener = listener
        self._thread = threading.Thread(target=self._run, name=f"cinecor-{name}")

    def start(self) -> "BackgroundOperation":
        """Start the thread."""
        self._thread.start()
        return self

    def cancel(self) -> None:
        """Ask the work to stop at its next step; returns at once."""
        self._stop.set()

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait for the thread to end; False when it still runs after `timeout_s`."""
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    @property
    def running(self) -> bool:
        """Whether the thread is alive."""
        return self._thread.is_alive()

    def _run(self) -> None:
        try:
            result = self._work(Handle(self._listener, self._stop))
        except Cancelled:
            self._listener.cancelled()
        except Exception as error:  # noqa: BLE001  the worker's border: the application must live on
            if self._stop.is_set():
                self._listener.cancelled()
            else:
                self._listener.failed(error)
        else:
            if self._stop.is_set():
                self._listener.cancelled()
            else:
                self._listener.done(result)
