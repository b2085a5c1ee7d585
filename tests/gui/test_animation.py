"""A GIF that is being painted when its study goes or changes: nothing is written, and the reader is told."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from pytestqt.qtbot import QtBot

from cinecor.ui.window.desktop import Desktop
from cinecor.ui.window.study_page import StudyPage

from .conftest import LONG_MS

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def gif(desktop: Desktop, tmp_path: Path) -> Path:
    """Where the animation would be written."""
    path = tmp_path / "cine.gif"
    desktop.window.saving.ask_file = lambda *_: path
    return path


@pytest.mark.parametrize("painted", [0, 3])
def test_that_a_study_can_be_closed_while_its_animation_is_painted(
    desktop: Desktop, qtbot: QtBot, reviewed: StudyPage, gif: Path, painted: int
) -> None:
    window = desktop.window

    def close() -> None:
        qtbot.keyClick(window, Qt.Key.Key_W, CTRL)

    qtbot.keyClick(window, Qt.Key.Key_P, CTRL | SHIFT)
    if painted:
        phase_seen = reviewed.desk.cursor.moved
        phase_seen.connect(lambda: reviewed.desk.cursor.phase == painted and QTimer.singleShot(0, close))
    else:
        close()
    qtbot.waitUntil(lambda: window.page is None, timeout=LONG_MS)
    qtbot.wait(50)  # what would go on painting would fail now
    assert not gif.exists()


def test_that_an_animation_is_given_up_when_the_phases_are_ordered_anew(
    desktop: Desktop, qtbot: QtBot, reviewed: StudyPage, gif: Path
) -> None:
    desk = reviewed.desk
    reviewed.panel.orders["InstanceNumber"].trigger()
    assert desk.operations.wait(LONG_MS / 1000)  # read, and shown with the next event: in the middle of the cycle
    with qtbot.waitSignal(desk.reading.opened, timeout=LONG_MS):
        qtbot.keyClick(desktop.window, Qt.Key.Key_P, CTRL | SHIFT)
    qtbot.waitUntil(reviewed.messages.isVisible, timeout=LONG_MS)
    assert "animation was not saved" in reviewed.messages.text.text()
    assert not gif.exists()
    reviewed.messages.hide()
    qtbot.keyClick(desktop.window, Qt.Key.Key_P, CTRL | SHIFT)
    qtbot.waitUntil(reviewed.messages.isVisible, timeout=LONG_MS)
    assert str(gif) in reviewed.messages.text.text()
