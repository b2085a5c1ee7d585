"""What a cluster's answers come to: an outcome, a death that an input may be blamed for, or the end of the run."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

distributed = pytest.importorskip("distributed")

from cinecor.app.cohort.cluster_workers import ClusterWorkers  # noqa: E402
from cinecor.app.cohort.input_task import InputOutcome, InputTask  # noqa: E402
from cinecor.app.cohort.worker_messages import WorkerSettings  # noqa: E402
from cinecor.app.cohort.workers import Died  # noqa: E402
from cinecor.errors import ModelRefused, ModelStopped  # noqa: E402
from cinecor.message import Message  # noqa: E402

OUTCOME = InputOutcome(1)
REFUSED = ModelRefused(Message("refused", "The model is refused."))


class _Future:
    """A task of dask's that has ended."""

    def __init__(self, status: str, error: BaseException | None = None) -> None:
        self.status, self._error = status, error

    def add_done_callback(self, told: Callable[["_Future"], None]) -> None:
        told(self)

    def result(self) -> InputOutcome:
        return OUTCOME

    def exception(self) -> BaseException | None:
        return self._error

    def release(self) -> None:
        pass


class _Client:
    """A client of a scheduler with two workers of one thread."""

    ends_as = _Future("finished")
    gone: Exception | None = None

    def __init__(self, *_: object, **__: object) -> None:
        pass

    def submit(self, *_: object, **__: object) -> _Future:
        return self.ends_as

    def nthreads(self) -> dict[str, int]:
        if self.gone is not None:
            raise self.gone
        return {"tcp://a": 1, "tcp://b": 1}

    def close(self) -> None:
        pass


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> type[_Client]:
    client = type("Client", (_Client,), {})
    monkeypatch.setattr(distributed, "Client", client)
    return client


def _workers() -> ClusterWorkers:
    return ClusterWorkers("tcp://scheduler:8786", WorkerSettings(None, "cpu", 1))


def _heard(client: type[_Client], future: _Future) -> Any:
    client.ends_as = future
    workers = _workers()
    workers.give(InputTask(1, Path("a"), "", "a", Path("out"), "", ""))
    assert workers.held == 1
    (heard,) = workers.heard(wait_s=1.0)
    assert workers.held == 0
    return heard


def test_that_what_ended_is_heard_once(client: type[_Client]) -> None:
    assert _heard(client, _Future("finished")) is OUTCOME
    assert _workers().heard(wait_s=0.0) == []


def test_that_an_input_over_which_workers_die_is_told_as_such(client: type[_Client]) -> None:
    from distributed.scheduler import KilledWorker

    assert _heard(client, _Future("error", KilledWorker("task", None, 3))) == Died((1,))


def test_that_what_a_worker_cannot_begin_is_told_with_its_reason(client: type[_Client]) -> None:
    died = _heard(client, _Future("error", ImportError("No module named 'cinecor'")))
    assert died.tasks == (1,)
    assert died.why.code == "worker_failed"
    assert "No module named 'cinecor'" in str(died.why)


@pytest.mark.parametrize(
    ("future", "raised"),
    [(_Future("cancelled"), ModelStopped), (_Future("error", REFUSED), ModelRefused)],
)
def test_that_no_input_is_blamed_for_a_lost_scheduler_or_a_refused_model(
    client: type[_Client], future: _Future, raised: type[Exception]
) -> None:
    with pytest.raises(raised):
        _heard(client, future)


@pytest.mark.parametrize("gone", [OSError("timed out"), AttributeError("the client closed itself")])
def test_that_a_scheduler_that_is_gone_ends_the_run(client: type[_Client], gone: Exception) -> None:
    client.gone = gone
    with pytest.raises(ModelStopped) as stopped:
        _workers().can_take()
    assert stopped.value.message.code == "scheduler_gone"


def test_that_each_thread_is_given_two_inputs_and_no_more(client: type[_Client]) -> None:
    client.ends_as = _Future("pending")
    client.ends_as.add_done_callback = lambda _: None  # type: ignore[method-assign]
    workers, given = _workers(), 0
    while workers.can_take():
        given += 1
        workers.give(InputTask(given, Path("a"), "", "a", Path("out"), "", ""))
    assert given == 4
