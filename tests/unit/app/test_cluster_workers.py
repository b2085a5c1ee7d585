"""What a cluster's answers come to: an outcome, a death that an input may be blamed for, or the end of the run."""

from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest
from small_models import write_small_package

distributed = pytest.importorskip("distributed")

from cinecor.app.cohort.cluster_workers import ClusterWorkers, be_ready, in_the_clear  # noqa: E402
from cinecor.app.cohort.input_task import InputOutcome, InputTask  # noqa: E402
from cinecor.app.cohort.worker_messages import WorkerSettings  # noqa: E402
from cinecor.app.cohort.workers import Died  # noqa: E402
from cinecor.cli.main import main  # noqa: E402
from cinecor.errors import InputError, ModelRefused, ModelStopped  # noqa: E402
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

    def cancel(self) -> None:
        pass


class _Client:
    """A client of a scheduler with two workers of one thread."""

    ends_as = _Future("finished")
    gone: Exception | None = None
    threads: ClassVar[dict[str, int]] = {"tcp://a": 1, "tcp://b": 1}
    unfit: ClassVar[dict[str, BaseException]] = {}  # workers that cannot work, and why
    given: ClassVar[list[tuple[str, ...]]] = []  # to which workers each input went; to any: none

    def __init__(self, *_: object, **__: object) -> None:
        pass

    def submit(self, function: object, *_: object, workers: Sequence[str] = (), **__: object) -> _Future:
        if function is be_ready:
            (address,) = workers
            return _Future("error", self.unfit[address]) if address in self.unfit else _Future("finished")
        self.given.append(tuple(workers))
        return self.ends_as

    def nthreads(self) -> dict[str, int]:
        if self.gone is not None:
            raise self.gone
        return self.threads

    def close(self) -> None:
        pass


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> type[_Client]:
    client = type("Client", (_Client,), {"unfit": {}, "given": []})
    monkeypatch.setattr(distributed, "Client", client)
    return client


def _workers(**more: Any) -> ClusterWorkers:
    return ClusterWorkers("tcp://scheduler:8786", WorkerSettings(None, "cpu", 1), **more)


def _task(number: int = 1) -> InputTask:
    return InputTask(number, Path("a"), "", "a", Path("out"), "", "")


def _pending() -> _Future:
    future = _Future("pending")
    future.add_done_callback = lambda _: None  # type: ignore[method-assign]
    return future


def _heard(client: type[_Client], future: _Future) -> Any:
    client.ends_as = future
    workers = _workers()
    workers.give(_task())
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


def test_that_what_no_worker_can_begin_is_told_with_its_reason_after_several_have_tried(client: type[_Client]) -> None:
    died = _heard(client, _Future("error", ImportError("No module named 'cinecor'")))
    assert died.tasks == (1,)
    assert died.why.code == "worker_failed"
    assert "No module named 'cinecor'" in str(died.why)
    assert len(client.given) == 5


def test_that_workers_that_begin_nothing_end_the_run_and_no_input_is_to_blame(client: type[_Client]) -> None:
    client.ends_as = _Future("error", OSError("the drive is gone"))
    workers, died = _workers(), []

    def work() -> None:
        for number in range(100):
            workers.give(_task(number))
            died.extend(workers.heard(wait_s=1.0))

    with pytest.raises(ModelStopped) as stopped:
        work()
    assert stopped.value.message.code == "worker_failed"
    assert len(died) < 5


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
    client.ends_as = _pending()
    workers, given = _workers(), 0
    while workers.can_take():
        given += 1
        workers.give(_task(given))
    assert given == 4
    assert client.given == [()] * 4  # to whichever dask takes


def test_that_an_input_that_is_to_be_alone_waits_for_all_others_and_they_for_it(client: type[_Client]) -> None:
    client.ends_as = _pending()
    workers = _workers()
    assert workers.can_take(alone=True)
    workers.give(_task(1))
    assert workers.can_take()
    assert not workers.can_take(alone=True)
    workers._told.put((1, client.ends_as))
    client.ends_as.status = "finished"
    assert workers.heard(wait_s=1.0) == [OUTCOME]
    client.ends_as = _pending()
    assert workers.can_take(alone=True)
    workers.give(_task(2), alone=True)
    assert not workers.can_take()
    assert not workers.can_take(alone=True)
    workers._told.put((2, client.ends_as))
    client.ends_as.status = "finished"
    assert workers.heard(wait_s=1.0) == [OUTCOME]
    assert workers.can_take()


def test_that_a_worker_that_cannot_work_is_told_and_given_nothing(client: type[_Client]) -> None:
    client.unfit["tcp://a"] = InputError(Message("worker_does_not_see", "it does not see {path}", path="/shared"))
    client.ends_as = _pending()
    told: list[Message] = []
    workers, given = _workers(tell=told.append), 0
    while workers.can_take():
        given += 1
        workers.give(_task(given))
    assert given == 2
    assert client.given == [("tcp://b",)] * 2
    (message,) = told
    assert message.code == "worker_unfit"
    assert "tcp://a" in str(message)
    assert "/shared" in str(message)


def test_that_what_only_workers_that_left_could_do_is_given_to_others(
    client: type[_Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cinecor.app.cohort.cluster_workers._ASK_EVERY_S", 0.0)
    client.unfit["tcp://a"] = ImportError("No module named 'onnxruntime'")
    client.ends_as = _pending()
    workers = _workers()
    assert workers.can_take()
    workers.give(_task())
    client.threads = {"tcp://a": 1, "tcp://c": 1}
    workers.can_take()
    assert client.given == [("tcp://b",), ("tcp://c",)]
    assert workers.held == 1


@pytest.mark.parametrize("there", ["nobody", "unfit"])
def test_that_a_scheduler_without_workers_is_waited_for_and_told_and_ends_the_run(
    client: type[_Client], monkeypatch: pytest.MonkeyPatch, there: str
) -> None:
    now = [0.0]
    monkeypatch.setattr("cinecor.app.cohort.cluster_workers.time", SimpleNamespace(monotonic=lambda: now[0]))
    if there == "nobody":
        client.threads = {}
    else:
        client.unfit |= dict.fromkeys(client.threads, ImportError("No module named 'onnxruntime'"))
    told: list[Message] = []
    workers = _workers(tell=told.append, wait_s=120.0)
    while now[0] < 119.0:
        now[0] += 2.0
        assert not workers.can_take()
    assert [message.code for message in told if message.code != "worker_unfit"] == ["waiting_for_workers"]
    now[0] = 123.0
    with pytest.raises(ModelStopped) as stopped:
        workers.can_take()
    assert stopped.value.message.code == "no_workers"
    assert "2 minutes" in str(stopped.value)
    assert ("onnxruntime" in str(stopped.value)) is (there == "unfit")


@pytest.mark.parametrize(
    ("address", "cautioned"),
    [
        ("tcp://scheduler:8786", True),
        ("scheduler:8786", True),
        ("ws://scheduler:8786", True),
        ("tcp://10.0.0.7:8786", True),
        ("tls://scheduler:8786", False),
        ("wss://scheduler:8786", False),
        ("tcp://127.0.0.1:8786", False),
        ("tcp://[::1]:8786", False),
        ("localhost:8786", False),
    ],
)
def test_that_an_address_without_tls_calls_for_caution_unless_it_is_of_this_machine(
    address: str, cautioned: bool
) -> None:
    assert (in_the_clear(address) is not None) is cautioned


@pytest.mark.parametrize(("address", "cautioned"), [("tcp://scheduler:1", True), ("tls://scheduler:1", False)])
def test_that_the_command_cautions_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], address: str, cautioned: bool
) -> None:
    def nobody(*_: object, **__: object) -> None:
        raise OSError("nobody answers")

    monkeypatch.setattr(distributed, "Client", nobody)
    (tmp_path / "root").mkdir()
    model = write_small_package(tmp_path / "small.cinecor")
    command = ["batch", tmp_path / "root", "--out", tmp_path / "out", "--model", model, "--dask", address]
    assert main([str(part) for part in command]) == 2
    told = capsys.readouterr().err
    assert told.count("in the clear") == cautioned
    assert "no scheduler answers" in told
