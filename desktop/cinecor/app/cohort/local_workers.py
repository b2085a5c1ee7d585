"""`LocalWorkers`: processes on this machine, started when there is work, and again after one has ended."""

import multiprocessing
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from cinecor.app.cohort.input_task import InputOutcome, InputTask
from cinecor.app.cohort.worker_messages import Freed, GoesOn, Ready, Refused, WorkerSettings
from cinecor.app.cohort.workers import Died
from cinecor.errors import ModelRefused, ModelStopped
from cinecor.message import Message

_MOST_FALSE_STARTS = 3
_AHEAD = 2  # inputs that a process is given at once: it never waits for the next


@dataclass(slots=True)
class _Worker:
    process: BaseProcess
    tasks_out: Connection
    line: Connection  # what it tells
    ready: bool = False
    given: list[int] = field(default_factory=list)  # the first is worked on, the others wait there
    since: float = 0.0  # when it began with the first
    writing: list[int] = field(default_factory=list)
    alone: bool = False  # what it has, nothing else may be given beside
    late: bool = False  # it was ended because it took too long

    def close(self) -> None:
        self.process.join()
        self.tasks_out.close()
        self.line.close()

    @property
    def tasks(self) -> tuple[int, ...]:
        return (*self.writing, *self.given)


class LocalWorkers:
    """So many processes, each with a model of its own."""

    def __init__(self, jobs: int, settings: WorkerSettings, *, time_limit_s: float | None = None) -> None:
        self._jobs = jobs
        self._settings = settings
        self._time_limit_s = time_limit_s
        self._workers: list[_Worker] = []
        self._false_starts = 0

    @property
    def held(self) -> int:
        """How many inputs they have."""
        return sum(len(worker.tasks) for worker in self._workers)

    @property
    def pids(self) -> dict[int, int]:
        """The process that works on each input, by the input's number."""
        return {worker.given[0]: worker.process.pid or 0 for worker in self._workers if worker.given}

    def start(self) -> None:
        """Start processes until there are enough of them."""
        while len(self._workers) < self._jobs:
            self._workers.append(self._started())

    def can_take(self, *, alone: bool = False) -> bool:
        """Return whether one of them can be given an input."""
        return self._free(alone=alone) is not None

    def give(self, task: InputTask, *, alone: bool = False) -> None:
        """Give one of them an input."""
        worker = self._free(alone=alone)
        assert worker is not None
        if not worker.given:
            worker.since = time.monotonic()
        worker.given.append(task.id)
        worker.alone = alone
        try:
            worker.tasks_out.send(task)
        except OSError:  # it has just ended: that will be heard
            return

    def heard(self, *, wait_s: float) -> list[InputOutcome | Died]:
        """Return what they told since; waits for something no longer than that. Raises `ModelRefused`."""
        self._end_the_late()
        by_line = {worker.line: worker for worker in self._workers}
        told: list[InputOutcome | Died] = []
        for line in wait(list(by_line), timeout=wait_s):
            worker = by_line[line]  # type: ignore[index]
            told += self._told(worker)
        return told

    def close(self) -> None:
        """End them, whatever they do; what they have is not lost: nobody noted it as done."""
        for worker in self._workers:
            worker.process.kill()
        for worker in self._workers:
            worker.close()
        self._workers.clear()

    def _free(self, *, alone: bool) -> _Worker | None:
        able = [
            worker
            for worker in self._workers
            if worker.ready and not worker.alone and len(worker.given) < _AHEAD and not (alone and worker.tasks)
        ]
        return min(able, key=lambda worker: len(worker.given), default=None)

    def _started(self) -> _Worker:
        # Threads inside each product would only get in each other's way: phases are worked on side by side.
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        context = multiprocessing.get_context("spawn")
        asked, tasks_out = context.Pipe(duplex=False)  # one way each: a pipe both ways would be a socket
        line, told = context.Pipe(duplex=False)
        process = context.Process(target=_serve, args=(asked, told, self._settings), name="cinecor-cohort", daemon=True)
        process.start()
        asked.close()
        told.close()  # so that the pipe ends when the process does
        return _Worker(process, tasks_out, line)

    def _told(self, worker: _Worker) -> Iterator[InputOutcome | Died]:
        try:
            while worker.line.poll():
                match worker.line.recv():
                    case Ready():
                        worker.ready, self._false_starts = True, 0
                    case Refused(message):
                        raise ModelRefused(message)
                    case GoesOn():
                        worker.since = time.monotonic()
                    case Freed(task):
                        worker.given.remove(task)
                        worker.writing.append(task)
                        worker.since = time.monotonic()
                    case InputOutcome() as outcome:
                        worker.writing = [task for task in worker.writing if task != outcome.task]
                        worker.alone = False
                        yield outcome
        except (EOFError, OSError):
            yield from self._replaced(worker)

    def _replaced(self, worker: _Worker) -> Iterator[Died]:
        worker.process.kill()
        worker.close()
        if not worker.ready:
            self._false_starts += 1
            if self._false_starts >= _MOST_FALSE_STARTS:
                raise ModelStopped(
                    Message(
                        "workers_do_not_start",
                        "The processes that run the model end before they have opened it (out of memory, or a broken "
                        "driver); give fewer --jobs or --device cpu.",
                    )
                )
        self._workers[self._workers.index(worker)] = self._started()
        if worker.tasks:
            yield Died(worker.tasks, self._too_long() if worker.late else None)

    def _end_the_late(self) -> None:
        """End a process that takes too long; its end is heard as that of any other."""
        if self._time_limit_s is None:
            return
        for worker in self._workers:
            if worker.given and time.monotonic() - worker.since > self._time_limit_s:
                worker.late = True
                worker.process.kill()

    def _too_long(self) -> Message:
        return Message(
            "took_too_long",
            "It took longer than {minutes:g} minutes, twice; give more by --time-limit, or open it alone to see why.",
            minutes=(self._time_limit_s or 0.0) / 60,
        )


def _serve(asked: Connection, told: Connection, settings: WorkerSettings) -> None:
    from cinecor.app.cohort.worker import serve  # where its libraries are needed: in the process that works

    serve(asked, told, settings)
