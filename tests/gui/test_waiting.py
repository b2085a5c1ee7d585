"""A window that is closed or renewed while it writes: it goes on, says what it waits for, and loses nothing."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from cinecor.errors import OutputError
from cinecor.message import Message
from cinecor.ui.window import desktop as desktop_module
from cinecor.ui.window.desktop import Desktop
from cinecor.ui.window.study_page import StudyPage

from .conftest import LONG_MS


@dataclass
class SlowDisk:
    """Writing that lasts until somebody lets it end, well or not."""

    path: Path
    refuses: bool = False
    _free: threading.Event = field(default_factory=threading.Event)

    def write(self) -> Path:
        assert self._free.wait(LONG_MS / 1000)
        if self.refuses:
            raise OutputError(Message("planted", "The disk is full."))
        return self.path

    def let_go(self, *, refuses: bool = False) -> None:
        self.refuses = refuses
        self._free.set()


@pytest.fixture
def disk(desktop: Desktop, opened: StudyPage, tmp_path: Path) -> Iterator[SlowDisk]:
    """One that a page is being written to."""
    slow = SlowDisk(tmp_path / "written")
    desktop.window.saving._start(opened, slow.write)
    yield slow
    slow.let_go()


def test_that_another_language_waits_for_what_is_written_and_the_window_goes_on(
    desktop: Desktop, qtbot: QtBot, opened: StudyPage, disk: SlowDisk
) -> None:
    before, desk = desktop.window, opened.desk
    desktop.settings.change("language", "fr")
    qtbot.waitUntil(lambda: "changes when" in before.messages.text.text())
    assert desktop.window is before
    desk.cursor.go(to_phase=3)  # the window is there for the reader
    assert opened.desk.cursor.phase == 3
    disk.let_go()
    qtbot.waitUntil(lambda: desktop.window is not before, timeout=LONG_MS)
    assert desktop.window.page is not None
    assert desktop.window.page.desk is desk


def test_that_a_window_closed_while_it_writes_closes_when_that_is_on_disk(
    desktop: Desktop, qtbot: QtBot, disk: SlowDisk
) -> None:
    desktop.window.show()
    desktop.window.close()
    assert desktop.window.isVisible()
    assert "closes when" in desktop.window.messages.text.text()
    disk.let_go()
    qtbot.waitUntil(lambda: not desktop.window.isVisible(), timeout=LONG_MS)


def test_that_a_disk_that_refuses_keeps_the_window_open_to_say_so(
    desktop: Desktop, qtbot: QtBot, opened: StudyPage, disk: SlowDisk
) -> None:
    desktop.window.show()
    desktop.window.close()
    disk.let_go(refuses=True)
    qtbot.waitUntil(lambda: "The disk is full" in opened.messages.text.text(), timeout=LONG_MS)
    qtbot.waitUntil(lambda: not desktop.window.saving.operations.busy)
    assert desktop.window.isVisible()
    desktop.window.close()
    assert not desktop.window.isVisible()


def test_that_a_window_closed_again_leaves_at_once(desktop: Desktop, disk: SlowDisk) -> None:
    desktop.window.show()
    desktop.window.close()
    desktop.window.close()
    assert not desktop.window.isVisible()


def test_that_the_end_waits_a_while_for_a_disk_that_does_not_answer_and_says_so(
    desktop: Desktop, disk: SlowDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desktop_module, "_PATIENCE_S", 0.05)
    assert not desktop.close()  # whoever started it ends the process then
    disk.let_go()
    monkeypatch.undo()
    assert desktop.close()
    assert not any(one.busy and not one.wait(0) for one in desktop.window.works)
