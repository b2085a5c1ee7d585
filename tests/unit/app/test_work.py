"""An operation tells where it is, hands over parts, ends once, and says how."""

import threading

from cinecor.app.work import Call, Operation, Report, State
from cinecor.errors import Cancelled
from cinecor.message import Message
from cinecor.progress import Progress, stop_if

LONG_S = 60.0


def test_that_it_waits_to_be_started_and_holds_its_result() -> None:
    ended: list[State] = []
    operation = Operation("test", lambda _: 7, ended=lambda one: ended.append(one.state))
    assert operation.state is State.WAITING
    operation.start()
    assert operation.wait(LONG_S)
    assert (operation.state, operation.result, operation.error) == (State.DONE, 7, None)
    assert ended == [State.DONE]


def test_that_progress_is_told_at_most_twenty_times_a_second_and_the_last_always() -> None:
    heard: list[Report] = []

    def work(operation: Operation[None]) -> None:
        for done in range(1, 2001):
            operation.report(Progress("stage", done, 2000))

    operation = Operation("test", work, heard=heard.append)
    operation.start()
    assert operation.wait(LONG_S)
    assert len(heard) < 2000 / 10
    assert heard[-1].progress.done == 2000


def test_that_every_stage_is_told_from_its_first_step() -> None:
    heard: list[Report] = []

    def work(operation: Operation[None]) -> None:
        for stage in ("one", "two"):
            operation.report(Progress(stage, 0, 5))

    operation = Operation("test", work, heard=heard.append)
    operation.start()
    operation.wait(LONG_S)
    assert [one.progress.stage for one in heard] == ["one", "two"]
    assert {one.seconds_left for one in heard} == {None}


def test_that_cancelling_ends_the_work_at_its_next_step() -> None:
    def work(operation: Operation[None]) -> None:
        while True:
            stop_if(operation.cancelled)

    operation = Operation("test", work)
    operation.start()
    operation.cancel()
    assert operation.wait(LONG_S)
    assert operation.state is State.CANCELLED


def test_that_what_is_finished_after_a_request_to_stop_counts_as_cancelled() -> None:
    for ending in (7, ZeroDivisionError(), Cancelled(Message("planted", "stopped"))):

        def work(operation: Operation[object], ending: object = ending) -> object:
            operation.cancel()
            if isinstance(ending, Exception):
                raise ending
            return ending

        operation = Operation("test", work)
        operation.start()
        assert operation.wait(LONG_S)
        assert (operation.state, operation.result, operation.error) == (State.CANCELLED, None, None)


def test_that_a_failure_of_any_kind_is_kept() -> None:
    def work(_: Operation[None]) -> None:
        raise ZeroDivisionError

    operation = Operation("test", work)
    operation.start()
    assert operation.wait(LONG_S)
    assert operation.state is State.FAILED
    assert isinstance(operation.error, ZeroDivisionError)


def test_that_parts_are_handed_over_until_it_is_cancelled() -> None:
    parts: list[int] = []

    def work(operation: Operation[None]) -> None:
        hand = operation.handing(parts.append)
        hand(1)
        operation.cancel()
        hand(2)

    operation = Operation("test", work)
    operation.start()
    assert operation.wait(LONG_S)
    assert parts == [1]


def test_that_all_it_tells_goes_through_one_door_in_order_and_the_end_comes_last() -> None:
    told: list[object] = []
    posted: list[Call] = []

    def work(operation: Operation[str]) -> str:
        assert threading.current_thread() is not threading.main_thread()
        operation.handing(told.append)("part")
        operation.report(Progress("stage", 1, 1))
        return "result"

    operation = Operation(
        "test", work, heard=told.append, ended=lambda one: told.append(one.result), post=posted.append
    )
    operation.start()
    assert operation.wait(LONG_S)
    assert told == []  # nothing is called on its own thread
    for call in posted:
        call()
    assert told == ["part", Report(Progress("stage", 1, 1), None), "result"]
