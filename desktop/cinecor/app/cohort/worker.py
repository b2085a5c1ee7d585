"""What runs in a process that works on inputs of a cohort: one model, one input after the other.

Messages go through two one-way pipes. To the process: `InputTask`, and None to end it. From it: `Ready` once the model
is open, `Refused` where it cannot be, and for each task `GoesOn` at each of several studies, `Freed` when the next one
may be sent, then `InputOutcome`. The results of one input are written while the next is read: waiting for the disk
costs no time.
"""

import gc
import multiprocessing
import os
import queue
import signal
import threading
from functools import partial
from multiprocessing.connection import Connection, wait
from typing import Final

from cinecor.app.cohort.input_task import InputOutcome, InputTask
from cinecor.app.cohort.input_work import OutlinedInput, outline_input
from cinecor.app.cohort.memory_limit import limit_memory
from cinecor.app.cohort.worker_messages import Freed, GoesOn, Ready, Refused, WorkerSettings
from cinecor.app.session import open_session
from cinecor.errors import ModelRefused
from cinecor.inference.device.hardware import share_cores

_WRITERS: Final = 2
_ALLOCATIONS: Final = 50_000  # between two looks for cycles of garbage


def serve(asked: Connection, told: Connection, settings: WorkerSettings) -> None:
    """Work on what comes until nothing more does, or whoever sends it is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that sends decides what Ctrl+C means
    _end_with_parent()
    share_cores(settings.cores)
    if settings.memory_bytes is not None:
        limit_memory(settings.memory_bytes)
    telling = _Telling(told)
    try:
        session = open_session(settings.model, device=settings.device)
        _leave_loaded_out()
        telling.tell(Ready())
        writing = _Writing(telling)
        while (task := asked.recv()) is not None:
            goes_on = partial(telling.tell, GoesOn(task.id))
            outlined = outline_input(task, session=lambda: session, goes_on=goes_on)
            writing.take(task, outlined)
        writing.end()
    except ModelRefused as error:
        telling.tell(Refused(error.message))
    except (EOFError, OSError):
        return


class _Telling:
    """The way out, for two threads."""

    def __init__(self, line: Connection) -> None:
        self._line = line
        self._turn = threading.Lock()

    def tell(self, message: object) -> None:
        with self._turn:
            self._line.send(message)


class _Writing:
    """Threads that write results; `take` waits while all are busy.

    There are several because the disk answers late and often, and each holds finished files alone. What has to be
    computed for these is done before: two threads that compute would only wait for one another.
    """

    def __init__(self, telling: _Telling) -> None:
        self._telling = telling
        self._waiting: queue.Queue[OutlinedInput | InputOutcome | None] = queue.Queue(maxsize=1)
        self._threads = [
            threading.Thread(target=self._run, name=f"cinecor-write-{number}", daemon=True)
            for number in range(_WRITERS)
        ]
        for thread in self._threads:
            thread.start()

    def take(self, task: InputTask, outlined: OutlinedInput | InputOutcome) -> None:
        self._telling.tell(Freed(task.id))  # before anything could be told of its results
        self._waiting.put(outlined)

    def end(self) -> None:
        for _ in self._threads:
            self._waiting.put(None)
        for thread in self._threads:
            thread.join()

    def _run(self) -> None:
        while (outlined := self._waiting.get()) is not None:
            outcome = outlined.write() if isinstance(outlined, OutlinedInput) else outlined
            try:
                self._telling.tell(outcome)
            except OSError:
                os._exit(1)


def _leave_loaded_out() -> None:
    """Look for cycles of garbage seldom, and never again among what was loaded: a study makes few, which are small."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_ALLOCATIONS, *gc.get_threshold()[1:])


def _end_with_parent() -> None:
    """End this process as soon as the one that started it is gone, also in the middle of a study."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, name="cinecor-parent", daemon=True).start()
