"""`Operation`: one piece of work on a thread of its own, with its state, progress, result and cancelling."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Final, Generic, TypeVar

from cinecor.app.heap import give_back_heap
from cinecor.errors import Cancelled
from cinecor.message import Message
from cinecor.progress import Progress

T = TypeVar("T")
P = TypeVar("P")

_LEAST_STEP_S: Final = 0.05  # progress is told at most 20 times a second
_GUESS_AFTER_S: Final = 0.5
_LARGE_S: Final = 0.2  # what takes longer leaves memory worth the asking

Call = Callable[[], None]
Post = Callable[[Call], None]
"""Brings a call to the thread on which an operation is heard."""


class State(Enum):
    """How far an operation is; the last three are its ends."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Report:
    """Progress, with what can be said about the time that is left."""

    progress: Progress
    seconds_left: float | None  # None until it can be guessed


def _here(call: Call) -> None:
    call()


class Operation(Generic[T]):
    """Work that is started once, can be cancelled at any time, and is waited for at the end.

    The work is called with its operation: it tells `report` where it is, asks `cancelled` whether to stop, and hands
    over finished parts by functions that `handing` makes. Whatever is heard of an operation (`heard`, parts, the end)
    goes through `post`, in the order in which it happened, the end last and once.
    """

    def __init__(
        self,
        name: str,
        work: Callable[["Operation[T]"], T],
        *,
        heard: Callable[[Report], None] | None = None,
        ended: Callable[["Operation[T]"], None] | None = None,
        post: Post = _here,
    ) -> None:
        self.state = State.WAITING
        self.result: T | None = None  # once the state is DONE
        self.error: Exception | None = None  # once the state is FAILED
        self._work, self._heard, self._ended, self._post = work, heard, ended, post
        self._stop = threading.Event()
        self._stage: Message | None = None
        self._stage_started = self._last = 0.0
        self._thread = threading.Thread(target=self._run, name=f"cinecor-{name}")

    def start(self) -> None:
        """Start the thread."""
        self.state = State.RUNNING
        self._thread.start()

    def cancel(self) -> None:
        """Ask the work to stop at its next step; returns at once."""
        self._stop.set()

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait for the thread to end; False when it still runs after `timeout_s`."""
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    # -- for the work itself

    def cancelled(self) -> bool:
        """Return whether somebody asked to stop."""
        return self._stop.is_set()

    def report(self, progress: Progress) -> None:
        """Tell where the work is; too frequent reports are dropped, the last of a stage never."""
        heard = self._heard
        now = time.monotonic()
        if progress.stage != self._stage:
            self._stage, self._stage_started, self._last = progress.stage, now, 0.0
        if heard is None or (now - self._last < _LEAST_STEP_S and progress.done < progress.total):
            return
        self._last = now
        left = None
        if progress.done > 0 and now - self._stage_started > _GUESS_AFTER_S:
            left = (now - self._stage_started) / progress.done * (progress.total - progress.done)
        report = Report(progress, left)
        self._post(lambda: heard(report))

    def handing(self, take: Callable[[P], None]) -> Callable[[P], None]:
        """Return a function for the work that hands a finished part over to `take`, unless the work was cancelled."""

        def hand(part: P) -> None:
            if not self._stop.is_set():
                self._post(lambda: take(part))

        return hand

    def _run(self) -> None:
        started = time.monotonic()
        try:
            self.result = self._work(self)
            self.state = State.DONE
        except Cancelled:
            self.state = State.CANCELLED
        except Exception as error:  # noqa: BLE001  the worker's border: the application must live on
            self.error, self.state = error, State.FAILED
        if time.monotonic() - started > _LARGE_S:
            give_back_heap()  # before the end is told: whoever hears of it waits for this thread
        if self._stop.is_set():
            self.result, self.error, self.state = None, None, State.CANCELLED
        if self._ended is not None:
            self._post(lambda: self._ended(self))  # type: ignore[misc]
