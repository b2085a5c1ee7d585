"""`ClusterWorkers`: the workers of a dask.distributed scheduler, on other machines that share the file system.

This module alone reaches over the network, and only where a scheduler's address was given. The manifest stays with the
process that gives the inputs out; dask gives what a dead worker had to another one, and says when that keeps happening.
"""

import itertools
import queue
import time
from typing import Any, Final

from cinecor.app.cohort.input_task import InputOutcome, InputTask
from cinecor.app.cohort.input_work import OutlinedInput, outline_input
from cinecor.app.cohort.memory_limit import limit_memory
from cinecor.app.cohort.worker_messages import WorkerSettings
from cinecor.app.cohort.workers import Died
from cinecor.app.session import open_session
from cinecor.errors import ModelRefused, ModelStopped, UsageError
from cinecor.failure import first_line
from cinecor.inference.device.hardware import share_cores
from cinecor.inference.device.model_session import ModelSession
from cinecor.message import Message

_AHEAD: Final = 2  # inputs a thread of the cluster, so that none waits for the next
_ASK_EVERY_S: Final = 1.0
_CONNECT_S: Final = 30.0
_GONE: Final = Message("scheduler_gone", "The dask scheduler is gone; start it, and go on by --resume.")


class ClusterWorkers:
    """A cluster, seen from the process that gives inputs out."""

    def __init__(self, address: str, settings: WorkerSettings) -> None:
        """Connect to a scheduler (`tcp://…`, `tls://…`). Raises `UsageError` when there is none."""
        from distributed import Client

        self._settings = settings
        self._told: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._futures: dict[int, Any] = {}
        self._room, self._asked = 0, 0.0
        self._counter = itertools.count()  # dask knows tasks by their keys
        try:
            client: Any = Client  # its package has no types
            self._client = client(address, timeout=_CONNECT_S, set_as_default=False)
        except (OSError, ValueError, TimeoutError) as error:
            raise UsageError(
                Message(
                    "no_scheduler",
                    "--dask {address}: no scheduler answers there; check that it runs and the address, and for tls:// "
                    "the certificates in dask's configuration.",
                    address=address,
                )
            ) from error

    @property
    def held(self) -> int:
        """How many inputs the cluster has."""
        return len(self._futures)

    def can_take(self, *, alone: bool = False) -> bool:  # noqa: ARG002  dask knows by itself which worker died
        """Return whether another input would not have to wait for long. Raises `ModelStopped` without scheduler."""
        now = time.monotonic()
        if now - self._asked > _ASK_EVERY_S:
            try:
                self._room, self._asked = _AHEAD * sum(self._client.nthreads().values()), now
            except (OSError, AttributeError) as error:  # the latter where the client has given up and closed itself
                raise ModelStopped(_GONE) from error
        return len(self._futures) < self._room

    def give(self, task: InputTask, *, alone: bool = False) -> None:  # noqa: ARG002
        """Give the cluster an input."""
        future = self._client.submit(
            work_on, task, self._settings, key=f"cinecor-{task.id}-{next(self._counter)}", pure=False
        )
        self._futures[task.id] = future
        future.add_done_callback(lambda done, number=task.id: self._told.put((number, done)))

    def heard(self, *, wait_s: float) -> list[InputOutcome | Died]:
        """Return what ended since; waits for something no longer than that.

        Raises `ModelRefused`, and `ModelStopped` when the scheduler is gone.
        """
        heard: list[InputOutcome | Died] = []
        try:
            heard.append(self._outcome(*self._told.get(timeout=wait_s) if wait_s else self._told.get_nowait()))
            while True:
                heard.append(self._outcome(*self._told.get_nowait()))
        except queue.Empty:
            return heard

    def close(self) -> None:
        """Leave the cluster; what it has not begun is taken back."""
        for future in self._futures.values():
            future.cancel()
        self._futures.clear()
        self._client.close()

    def _outcome(self, number: int, future: Any) -> InputOutcome | Died:
        self._futures.pop(number, None)
        if future.status == "finished":
            outcome: InputOutcome = future.result()
            future.release()
            return outcome
        if future.status == "cancelled":  # by nobody here: no input is to blame for it
            raise ModelStopped(_GONE)
        error = future.exception()
        if isinstance(error, ModelRefused):
            raise error
        if type(error).__name__ == "KilledWorker":  # dask has tried it on several workers, and each of them died
            return Died((number,))
        return Died((number,), _worker_failed(error))


def _worker_failed(error: BaseException) -> Message:
    return Message(
        "worker_failed",
        "The worker that had it could not begin ({reason}), twice; check that every worker has this version of Cinecor "
        "and sees inputs and results under the same paths.",
        reason=first_line(error) or type(error).__name__,
    )


_session: list[tuple[WorkerSettings, ModelSession]] = []


def work_on(task: InputTask, settings: WorkerSettings) -> InputOutcome:
    """Do one input from its files to its results, in a process of the cluster; the model is opened once a process.

    Raises `ModelRefused`.
    """
    if not _session or _session[0][0] != settings:
        share_cores(settings.cores)
        if settings.memory_bytes is not None:
            limit_memory(settings.memory_bytes)
        _session[:] = [(settings, open_session(settings.model, device=settings.device))]
    session = _session[0][1]
    outlined = outline_input(task, session=lambda: session)
    return outlined.write() if isinstance(outlined, OutlinedInput) else outlined
