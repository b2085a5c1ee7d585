"""Work in the background: answers reach whoever asked, on the widgets' thread, and nothing is let go of too early."""

import gc
import threading
import weakref
from pathlib import Path

import pytest
from PySide6.QtCore import QThread, QTimerEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cinecor.app.work import Operation
from cinecor.errors import InputError
from cinecor.message import Message
from cinecor.progress import Progress, stop_if
from cinecor.ui.look.failure import Failure
from cinecor.ui.window.desktop import Desktop
from cinecor.ui.window.study_page import StudyPage
from cinecor.ui.work.collector import Collector
from cinecor.ui.work.operations import Operations

from .conftest import LONG_MS, page_when


def test_that_an_answer_comes_on_the_thread_of_the_widgets(qtbot: QtBot, qapp: object) -> None:
    operations = Operations()
    where: list[tuple[object, QThread]] = []
    operations.start("test", lambda _: 7, done=lambda result: where.append((result, QThread.currentThread())))
    assert operations.busy
    qtbot.waitUntil(lambda: not operations.busy, timeout=LONG_MS)
    assert where == [(7, QThread.currentThread())]


def test_that_answers_are_told_apart_by_their_own_request_whatever_their_order(qtbot: QtBot, qapp: object) -> None:
    operations, first_may_end = Operations(), threading.Event()
    answers: list[str] = []
    operations.start("first", lambda _: first_may_end.wait(), done=lambda _: answers.append("first"))
    operations.start("second", lambda _: None, done=lambda _: answers.append("second"))
    qtbot.waitUntil(lambda: answers == ["second"], timeout=LONG_MS)
    first_may_end.set()
    qtbot.waitUntil(lambda: not operations.busy, timeout=LONG_MS)
    assert answers == ["second", "first"]


@pytest.mark.parametrize("ending", ["done", "failed", "cancelled"])
def test_that_one_of_three_answers_comes_and_the_owner_is_free_by_then(qtbot: QtBot, qapp: object, ending: str) -> None:
    operations = Operations()
    told: list[tuple[str, bool]] = []

    def work(operation: Operation[None]) -> None:
        if ending == "failed":
            raise InputError(Message("planted", "broken"))
        if ending == "cancelled":
            operation.cancel()
        stop_if(operation.cancelled)

    operations.start(
        "test",
        work,
        done=lambda _: told.append(("done", operations.busy)),
        failed=lambda _: told.append(("failed", operations.busy)),
        cancelled=lambda: told.append(("cancelled", operations.busy)),
    )
    qtbot.waitUntil(lambda: not operations.busy, timeout=LONG_MS)
    assert told == [(ending, False)]


@pytest.mark.parametrize("heard", ["by nobody", "by whoever started it", "by an owner that is gone"])
def test_that_a_failure_is_told_once_unless_its_owner_is_gone(qtbot: QtBot, qapp: object, heard: str) -> None:
    operations = Operations()
    told: list[Failure] = []
    answered: list[Exception] = []
    operations.failed.connect(told.append)

    def work(_: Operation[None]) -> None:
        raise InputError(Message("planted", "The drive is gone."))

    operations.start("test", work, failed=answered.append if heard == "by whoever started it" else None, quiet=True)
    if heard == "by an owner that is gone":
        operations.retire()
    qtbot.waitUntil(lambda: not operations.busy, timeout=LONG_MS)
    assert [failure.sentence for failure in told] == (["The drive is gone."] if heard == "by nobody" else [])
    assert len(answered) == (heard == "by whoever started it")


def test_that_progress_is_that_of_the_work_that_is_waited_for(qtbot: QtBot, qapp: object) -> None:
    operations, end = Operations(), threading.Event()

    def work(operation: Operation[None]) -> None:
        operation.report(Progress("stage", 1, 2))
        end.wait()

    operations.start("quiet", work, quiet=True)
    loud = operations.start("loud", work)
    qtbot.waitUntil(lambda: operations.report is not None, timeout=LONG_MS)
    assert operations.runs(loud)
    end.set()
    qtbot.waitUntil(lambda: not operations.busy, timeout=LONG_MS)
    assert operations.report is None
    assert not operations.runs(loud)


def test_that_who_retires_is_gone_when_the_last_thread_has_ended(qtbot: QtBot, qapp: object) -> None:
    operations, end = Operations(), threading.Event()
    gone: list[bool] = []
    operations.gone.connect(lambda: gone.append(operations.busy))
    running = operations.start("test", lambda _: end.wait())
    operations.retire()
    assert running.cancelled()
    assert gone == []
    end.set()
    qtbot.waitUntil(lambda: bool(gone), timeout=LONG_MS)
    assert gone == [False]
    Operations(operations).retire()


def test_that_an_answer_that_breaks_leaves_the_owner_free(qtbot: QtBot, qapp: object) -> None:
    operations = Operations()

    def broken(_: None) -> None:
        raise ZeroDivisionError

    with qtbot.captureExceptions() as raised:
        operations.start("test", lambda _: None, done=broken)
        qtbot.waitUntil(lambda: not operations.busy and bool(raised), timeout=LONG_MS)
    assert raised[0][0] is ZeroDivisionError


class _Cycle:
    """Is reached by itself alone once it is let go; notes on which thread it goes."""

    def __init__(self, went: list[threading.Thread]) -> None:
        self._went, self._itself = went, self

    def __del__(self) -> None:
        self._went.append(threading.current_thread())


def test_that_garbage_is_gone_through_on_the_thread_of_the_widgets_alone(qtbot: QtBot, qapp: object) -> None:
    went: list[threading.Thread] = []
    gc.collect()
    _Cycle(went)
    kept: list[list[int]] = []
    worker = threading.Thread(target=lambda: kept.extend([] for _ in range(20_000)))
    worker.start()
    worker.join()
    assert went == []
    qtbot.waitUntil(lambda: bool(went), timeout=LONG_MS)
    assert went == [threading.main_thread()]


def test_that_garbage_waits_while_much_is_made_but_not_for_ever(qapp: QApplication) -> None:
    collector, look = Collector(qapp), QTimerEvent(0)
    went: list[threading.Thread] = []
    kept: list[list[int]] = []

    def looks(objects: int) -> int:
        """Return at which look around a cycle goes, while so many objects are made before each."""
        gc.collect()
        collector.timerEvent(look)
        went.clear()
        _Cycle(went)
        for number in range(100):
            kept.extend([] for _ in range(objects))
            collector.timerEvent(look)
            if went:
                return number
        return 100

    assert looks(1_000) == 0
    assert 3 <= looks(20_000) < 50
    collector.deleteLater()


def test_that_a_study_that_was_open_when_the_libraries_were_left_out_goes_when_it_is_closed(
    desktop: Desktop, qtbot: QtBot, phantom_study: Path, other_study: Path
) -> None:
    for path in (phantom_study, other_study):
        desktop.open(path)
        page_when(desktop, qtbot, lambda desk: desk.reading.study is not None and not desk.operations.busy)
    desktop.settle()  # as after the warm-up
    workspace, gone = desktop.window.workspace, [weakref.ref(page) for page in desktop.window.workspace.pages]
    workspace.close_page(workspace.pages[0])
    qtbot.waitUntil(lambda: not desktop.leaving, timeout=LONG_MS)

    def goes(page: weakref.ref[StudyPage]) -> bool:
        qtbot.wait(100)  # a look goes through all libraries now
        gc.collect()
        return page() is None

    qtbot.waitUntil(lambda: goes(gone[0]), timeout=LONG_MS)
    desktop.settle()
    workspace.close_page(workspace.pages[0])
    qtbot.waitUntil(lambda: goes(gone[1]), timeout=LONG_MS)


def test_that_what_was_left_out_stays_so_when_a_later_study_is_closed(
    desktop: Desktop, qtbot: QtBot, phantom_study: Path
) -> None:
    desktop.settle()
    left_out = gc.get_freeze_count()
    desktop.open(phantom_study)
    page = page_when(desktop, qtbot, lambda desk: desk.reading.study is not None and not desk.operations.busy)
    desktop.window.workspace.close_page(page)
    qtbot.waitUntil(lambda: not desktop.leaving, timeout=LONG_MS)
    assert gc.get_freeze_count() > left_out / 2


def test_that_what_is_there_at_the_start_is_left_out_of_later_looks_and_what_comes_after_is_not(qapp: object) -> None:
    before, there = gc.get_freeze_count(), [[] for _ in range(1000)]
    Collector.settle()
    assert gc.get_freeze_count() >= before + len(there)
    went: list[threading.Thread] = []
    _Cycle(went)
    gc.collect()
    assert went == [threading.current_thread()]
