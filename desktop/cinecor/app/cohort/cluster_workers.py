"""`ClusterWorkers`: the workers of a dask.distributed scheduler, on other machines that share the file system.

This module alone reaches over the network, and only where a scheduler's address was given. The manifest stays with the
process that gives the inputs out; dask gives what a dead worker had to another one, and says when that keeps happening.
Each worker is tried before it is given an input, so that one which cannot work costs no input anything.
"""

import itertools
import queue
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from cinecor.app.cohort.cluster_work import be_ready, work_on
from cinecor.app.cohort.input_task import InputOutcome, InputTask
from cinecor.app.cohort.worker_messages import WorkerSettings
from cinecor.app.cohort.workers import Died
from cinecor.errors import ModelRefused, ModelStopped, UsageError
from cinecor.failure import first_line
from cinecor.message import Message

WAIT_MIN: Final = 10.0
"""How long a scheduler may have no worker that is ready, unless told otherwise."""

_AHEAD: Final = 2  # inputs a thread of the cluster, so that none waits for the next
_ASK_EVERY_S: Final = 1.0
_ASK_SOON_S: Final = 0.1  # while a worker is being tried
_TELL_AFTER_S: Final = 10.0  # of waiting
_CONNECT_S: Final = 30.0
_MOST_TRIES: Final = 5  # of one input, by workers that could not begin
_MOST_FALSE_STARTS: Final = 20  # in a row, of any inputs: then it is none of theirs
_ENCRYPTED: Final = ("tls", "wss")
_OF_THIS_MACHINE: Final = ("127.0.0.1", "localhost", "::1")
_GONE: Final = Message("scheduler_gone", "The dask scheduler is gone; start it, and go on by --resume.")


def in_the_clear(address: str) -> Message | None:
    """Return the caution that a scheduler's address calls for; None for TLS, and within this machine."""
    parts = urlsplit(address if "://" in address else f"tcp://{address}")
    if parts.scheme in _ENCRYPTED or parts.hostname in _OF_THIS_MACHINE:
        return None
    return Message(
        "dask_in_the_clear",
        "--dask {address}: paths and numbers go over the network in the clear, and whoever reaches that scheduler can "
        "run code in your name; use tls:// outside of a closed network.",
        address=address,
    )


@dataclass(slots=True)
class _Held:
    """An input that the cluster has."""

    task: InputTask
    future: Any = None
    at: frozenset[str] = frozenset()  # where alone it may be worked on; empty: anywhere
    tries: int = 0  # by workers that could not begin


@dataclass(slots=True)
class _Node:
    """A worker, and whether it can work."""

    trial: Any
    fit: bool | None = None  # None: it is being tried


@dataclass(slots=True)
class _Waiting:
    """Since when no worker has been ready, and why none of those is that are there."""

    since: float | None = None
    told: bool = False
    reason: str = ""


@dataclass(slots=True, eq=False)
class ClusterWorkers:
    """A cluster, seen from the process that gives inputs out.

    `seen` are paths that every worker must see, `wait_s` how long none of them may be ready, `tell` hears of workers
    that cannot work.
    """

    address: str
    settings: WorkerSettings
    seen: Sequence[Path] = ()
    wait_s: float = 60 * WAIT_MIN
    tell: Callable[[Message], None] = lambda _: None
    _told: "queue.SimpleQueue[tuple[int, Any]]" = field(init=False, default_factory=queue.SimpleQueue)
    _held: dict[int, _Held] = field(init=False, default_factory=dict)
    _nodes: dict[str, _Node] = field(init=False, default_factory=dict)
    _waiting: _Waiting = field(init=False, default_factory=_Waiting)
    _alone: int | None = field(init=False, default=None)  # the input beside which nothing else may be given
    _false_starts: int = field(init=False, default=0)
    _room: int = field(init=False, default=0)
    _asked: float = field(init=False, default=0.0)
    _counter: "itertools.count[int]" = field(init=False, default_factory=itertools.count)  # dask knows tasks by keys
    _client: Any = field(init=False, default=None)

    def __post_init__(self) -> None:
        """Connect to the scheduler (`tcp://…`, `tls://…`). Raises `UsageError` when there is none."""
        from distributed import Client

        try:
            client: Any = Client  # its package has no types
            self._client = client(self.address, timeout=_CONNECT_S, set_as_default=False)
        except (OSError, ValueError, TimeoutError) as error:
            raise UsageError(
                Message(
                    "no_scheduler",
                    "--dask {address}: no scheduler answers there; check that it runs and the address, and for tls:// "
                    "the certificates in dask's configuration.",
                    address=self.address,
                )
            ) from error

    @property
    def held(self) -> int:
        """How many inputs the cluster has."""
        return len(self._held)

    def can_take(self, *, alone: bool = False) -> bool:
        """Return whether another input would not have to wait for long; `alone`: and there is no other.

        dask suspects all that a worker had that died, so only an input that nothing is beside is known to be to blame.
        Raises `ModelStopped` without scheduler, and where no worker was ready for too long.
        """
        trying = any(node.fit is None for node in self._nodes.values())
        if time.monotonic() - self._asked > (_ASK_SOON_S if trying else _ASK_EVERY_S):
            self._look()
        if self._alone is not None:
            return False
        return self._room > 0 and not self._held if alone else len(self._held) < self._room

    def give(self, task: InputTask, *, alone: bool = False) -> None:
        """Give the cluster an input."""
        if alone:
            self._alone = task.id
        self._held[task.id] = held = _Held(task)
        self._submit(held)

    def heard(self, *, wait_s: float) -> list[InputOutcome | Died]:
        """Return what ended since; waits for something no longer than that.

        Raises `ModelRefused`, and `ModelStopped` when the scheduler is gone or its workers cannot work.
        """
        heard: list[InputOutcome | Died | None] = []
        try:
            heard.append(self._outcome(*self._told.get(timeout=wait_s) if wait_s else self._told.get_nowait()))
            while True:
                heard.append(self._outcome(*self._told.get_nowait()))
        except queue.Empty:
            return [one for one in heard if one is not None]

    def close(self) -> None:
        """Leave the cluster; what it has not begun is taken back."""
        for held in self._held.values():
            held.future.cancel()
        self._held.clear()
        self._client.close()

    # -- the workers

    def _look(self) -> None:
        """Ask which workers there are, try those that are new, and see that inputs are only where they can be done."""
        try:
            threads = self._client.nthreads()
        except (OSError, AttributeError) as error:  # the latter where the client has given up and closed itself
            raise ModelStopped(_GONE) from error
        for address in self._nodes.keys() - threads.keys():
            self._nodes.pop(address).trial.cancel()
        for address in threads.keys() - self._nodes.keys():
            self._nodes[address] = _Node(self._tried(address))
        for address, node in self._nodes.items():
            if node.fit is None:
                self._judge(address, node)
        fit = self._fit
        self._room, self._asked = _AHEAD * sum(threads[address] for address in fit), time.monotonic()
        self._wait_for(fit)
        for held in self._held.values():
            if held.at and fit and not held.at & fit:  # every worker that might have done it is gone
                held.future.cancel()
                self._submit(held)

    @property
    def _fit(self) -> frozenset[str]:
        return frozenset(address for address, node in self._nodes.items() if node.fit)

    def _tried(self, address: str) -> Any:
        return self._client.submit(
            be_ready,
            self.settings,
            tuple(self.seen),
            key=f"cinecor-ready-{next(self._counter)}",
            workers=[address],
            allow_other_workers=False,
            pure=False,
        )

    def _judge(self, address: str, node: _Node) -> None:
        if node.trial.status == "finished":
            node.fit = True
        elif node.trial.status == "error":
            node.fit = False
            error = node.trial.exception()
            self._waiting.reason = first_line(error)
            self.tell(
                Message(
                    "worker_unfit",
                    "The dask worker at {address} cannot work ({reason}): nothing is given to it; check that it has "
                    "this version of Cinecor and sees inputs and results under the same paths.",
                    address=address,
                    reason=self._waiting.reason,
                )
            )

    def _wait_for(self, fit: frozenset[str]) -> None:
        """Raise `ModelStopped` where no worker has been ready for too long, and say before that it is waited for."""
        waiting, now = self._waiting, time.monotonic()
        if fit:
            waiting.since, waiting.told = None, False
            return
        waiting.since = now if waiting.since is None else waiting.since
        facts = {"address": self.address, "minutes": self.wait_s / 60, "reason": waiting.reason or "there is none"}
        if now - waiting.since >= self.wait_s:
            raise ModelStopped(
                Message(
                    "no_workers",
                    "The dask scheduler at {address} had no worker that is ready for {minutes:g} minutes ({reason}); "
                    "start workers and go on by --resume, or wait longer by --wait-for-workers.",
                    **facts,
                )
            )
        if not waiting.told and now - waiting.since >= _TELL_AFTER_S:
            waiting.told = True
            self.tell(
                Message(
                    "waiting_for_workers",
                    "The dask scheduler at {address} has no worker that is ready ({reason}); it is waited for "
                    "{minutes:g} minutes.",
                    **facts,
                )
            )

    # -- the inputs

    def _submit(self, held: _Held) -> None:
        fit = self._fit
        held.at = fit if len(fit) < len(self._nodes) else frozenset()
        where = {"workers": sorted(held.at), "allow_other_workers": False} if held.at else {}
        number = held.task.id
        key = f"cinecor-{number}-{next(self._counter)}"
        held.future = self._client.submit(work_on, held.task, self.settings, key=key, pure=False, **where)
        held.future.add_done_callback(lambda done: self._told.put((number, done)))

    def _outcome(self, number: int, future: Any) -> InputOutcome | Died | None:
        """Return what a task of dask's came to; None where the input is with the cluster still, by another task."""
        held = self._held.get(number)
        if held is None or held.future is not future:
            return None
        if future.status == "cancelled":  # by nobody here: no input is to blame for it
            raise ModelStopped(_GONE)
        outcome = self._ended(held, future)
        if outcome is not None:
            del self._held[number]
            self._alone = None if self._alone == number else self._alone
        return outcome

    def _ended(self, held: _Held, future: Any) -> InputOutcome | Died | None:
        if future.status == "finished":
            outcome: InputOutcome = future.result()
            future.release()
            self._false_starts = 0
            return outcome
        error = future.exception()
        if isinstance(error, ModelRefused):
            raise error
        if type(error).__name__ == "KilledWorker":  # dask has tried it on several workers, and each of them died
            return Died((held.task.id,))
        why = _worker_failed(error)
        held.tries, self._false_starts = held.tries + 1, self._false_starts + 1
        if self._false_starts >= _MOST_FALSE_STARTS:
            raise ModelStopped(why)
        if held.tries >= _MOST_TRIES:
            return Died((held.task.id,), why)
        self._submit(held)  # by another worker, perhaps
        return None


def _worker_failed(error: BaseException) -> Message:
    return Message(
        "worker_failed",
        "The workers that had it could not begin ({reason}); check that every worker has this version of Cinecor "
        "and sees inputs and results under the same paths.",
        reason=first_line(error) or type(error).__name__,
    )
