"""What goes wrong outside the program is told in a sentence with a remedy, and the next study opens."""

import itertools
import os
import shutil
import sys
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QObject, Qt, QThreadPool, QTimer
from pytestqt.qtbot import QtBot

from cinecor.inference.store.model_store import ModelStore
from cinecor.ui.panels.toast import Toast
from cinecor.ui.window.desktop import Desktop
from cinecor.ui.window.study_page import StudyPage
from cinecor_resources import bundled_model

from .conftest import LONG_MS, page_when
from .leftovers import leftovers

resource: Any = pytest.importorskip("resource", reason="limits of the system are needed")
CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def stick(phantom_study: Path, tmp_path: Path) -> Path:
    """A copy of the study on a drive that will be pulled out."""
    folder = tmp_path / "stick" / "case"
    shutil.copytree(phantom_study, folder)
    return folder


def _told(qtbot: QtBot, messages: Toast) -> str:
    """Wait for the message: one sentence with a remedy, and details behind a button."""
    qtbot.waitUntil(messages.isVisible, timeout=LONG_MS)
    sentence = messages.text.text()
    assert "\n" not in sentence
    assert "Unexpected" not in sentence
    assert any(mark in sentence for mark in (";", ". ")), "no remedy"
    qtbot.mouseClick(messages.details, Qt.MouseButton.LeftButton)
    dialog = next(one for one in messages.window().findChildren(QObject) if type(one).__name__ == "QDialog")
    dialog.close()  # type: ignore[attr-defined]
    messages.window().activateWindow()  # offscreen there is no window manager to do it
    return sentence


def _lives_on(desktop: Desktop, qtbot: QtBot, study: Path) -> None:
    """Another study opens, and can be looked through."""
    desktop.open(study)
    page = page_when(desktop, qtbot, lambda desk: desk.reading.study is not None)
    qtbot.keyClick(page.cine, Qt.Key.Key_Right)
    assert page.desk.cursor.phase == 1


@pytest.mark.parametrize(
    ("module", "function"), [("series.scan", "read_header"), ("stack.pixel_stack", "read_stored_frame")]
)
def test_that_a_drive_that_vanishes_while_it_is_read_is_told_and_can_come_back(
    desktop: Desktop, qtbot: QtBot, stick: Path, module: str, function: str
) -> None:
    kept = stick.parents[1] / "kept"
    shutil.copytree(stick, kept)
    reading = sys.modules[f"cinecor.study.{module}"]
    read, calls, pulling = getattr(reading, function), itertools.count(), threading.Lock()

    def pulled_out(*arguments: Any, **named: Any) -> Any:
        with pulling:  # no thread reads on while it goes
            if next(calls) == 10:
                shutil.rmtree(stick.parent)
        return read(*arguments, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, function, pulled_out)
        desktop.open(stick)
        assert "no longer there" in _told(qtbot, desktop.window.messages)
    assert desktop.window.workspace.count() == 0
    shutil.copytree(kept, stick)
    _lives_on(desktop, qtbot, stick)
    assert desktop.window.workspace.count() == 1


def test_that_a_drive_that_vanishes_while_the_model_runs_costs_nothing_but_another_reading(
    desktop: Desktop, qtbot: QtBot, phantom_study: Path, stick: Path, tmp_path: Path
) -> None:
    desktop.settings.change("auto_segment", True)
    desktop.open(stick)
    page = page_when(
        desktop, qtbot, lambda desk: desk.overlays.shown is not None and bool(desk.overlays.shown.outlined.any())
    )
    shutil.rmtree(stick.parent)
    qtbot.waitUntil(lambda: page.desk.review.result is not None and not page.desk.operations.busy, timeout=LONG_MS)
    desktop.window.saving.ask_folder = lambda _: tmp_path / "out"
    qtbot.keyClick(desktop.window, Qt.Key.Key_S, CTRL)
    qtbot.waitUntil((tmp_path / "out" / "case" / "results.json").is_file, timeout=LONG_MS)
    qtbot.waitUntil(page.messages.isVisible, timeout=LONG_MS)
    page.panel.ordering.emit("InstanceNumber")
    qtbot.waitUntil(lambda: "no longer there" in page.messages.text.text(), timeout=LONG_MS)
    assert page.panel.order_shown is None  # what is shown is what is in use
    desktop.settings.change("auto_segment", False)
    _lives_on(desktop, qtbot, phantom_study)


def test_that_a_place_for_results_that_vanished_is_told(
    desktop: Desktop, qtbot: QtBot, reviewed: StudyPage, tmp_path: Path
) -> None:
    gone = tmp_path / "gone"
    gone.write_bytes(b"")  # no folder can be made below it, whoever runs the tests
    desktop.window.saving.ask_folder = lambda _: gone / "out"
    qtbot.keyClick(desktop.window, Qt.Key.Key_S, CTRL)
    assert "choose another folder" in _told(qtbot, reviewed.messages)


@pytest.fixture
def full_disk() -> Iterator[None]:
    """The system refuses files above 8 KiB, as a disk refuses them that is nearly full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8192, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.usefixtures("full_disk")
@pytest.mark.parametrize("what", ["results", "picture", "animation"])
def test_that_a_disk_that_fills_up_is_told_and_nothing_half_written_stays(
    desktop: Desktop, qtbot: QtBot, reviewed: StudyPage, tmp_path: Path, what: str
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    desktop.window.saving.ask_folder = lambda _: out
    desktop.window.saving.ask_file = lambda *_: out / "file"
    desktop.window.actions_by_name[f"save_{what}"].trigger()
    assert "free some space" in _told(qtbot, reviewed.messages)
    assert list(out.rglob("*")) == []
    _lives_on(desktop, qtbot, reviewed.desk.path)


def test_that_a_zip_opens_where_nothing_more_fits_on_the_disk(
    desktop: Desktop, qtbot: QtBot, phantom_study: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    archive = tmp_path / "case.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for file in sorted(phantom_study.rglob("*.dcm")):
            packed.write(file, file.relative_to(phantom_study))
    request.getfixturevalue("full_disk")
    desktop.open(archive)
    page = page_when(desktop, qtbot, lambda desk: not desk.operations.busy)
    assert page.desk.reading.study is not None  # its files are read where they lie


def test_that_a_damaged_active_model_is_told_with_what_helps_and_helps(
    desktop: Desktop, qtbot: QtBot, opened: StudyPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CINECOR_HOME", str(tmp_path / "home"))
    store = ModelStore()
    store.install(bundled_model())
    store.active().path.write_bytes(b"damaged")
    qtbot.keyClick(desktop.window, Qt.Key.Key_R, CTRL)
    assert "rollback" in _told(qtbot, opened.messages)
    store.rollback()
    qtbot.keyClick(desktop.window, Qt.Key.Key_R, CTRL)
    qtbot.waitUntil(lambda: opened.desk.review.result is not None, timeout=LONG_MS)


def test_that_the_window_closed_in_mid_work_ends_every_thread(
    desktop: Desktop, qtbot: QtBot, opened: StudyPage, stick: Path
) -> None:
    opened.desk.outlining.start()
    qtbot.waitUntil(
        lambda: opened.desk.overlays.shown is not None and bool(opened.desk.overlays.shown.outlined.any()),
        timeout=LONG_MS,
    )
    desktop.open(stick)
    qtbot.keyClick(desktop.window, Qt.Key.Key_Q, CTRL)
    assert not desktop.window.isVisible()  # the fixture sees that the threads end


def test_that_threads_and_timers_left_behind_are_found(qapp: object) -> None:
    before, end = threading.enumerate(), threading.Event()
    assert leftovers(before) == []
    thread = threading.Thread(target=end.wait, name="planted")
    thread.start()
    owner = QObject()
    timer = QTimer(owner)
    timer.start(10_000)
    started = threading.Event()
    QThreadPool.globalInstance().start(lambda: (started.set(), end.wait()))
    started.wait()
    assert leftovers(before) == ["thread planted", "a thread of Qt's pool", "timer of QObject"]
    end.set()
    thread.join()
    timer.stop()
    QThreadPool.globalInstance().waitForDone()
    assert leftovers(before) == []


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs a pipe in the file system")
def test_that_something_that_is_no_file_is_told(desktop: Desktop, qtbot: QtBot, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    desktop.open(pipe)
    assert "neither a file nor a folder" in _told(qtbot, desktop.window.messages)
