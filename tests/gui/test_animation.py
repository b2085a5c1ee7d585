"""A GIF that is being painted when its study goes or changes: nothing is written, and the reader is told."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from cinecor.app.settings import Settings
from cinecor.ui.look.names import notice
from cinecor.ui.study.difference import standing_text
from cinecor.ui.views.caption import caption
from cinecor.ui.views.pictures import CinePictures
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
        pictures = reviewed.findChild(CinePictures)
        assert pictures is not None
        pictures.progressed.connect(lambda done, _: done == painted and QTimer.singleShot(0, close))
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


def test_that_what_is_seen_stands_still_while_an_animation_is_painted_and_the_progress_is_told(
    desktop: Desktop, qtbot: QtBot, reviewed: StudyPage, gif: Path
) -> None:
    desk, told = reviewed.desk, []
    desk.cursor.go(to_slice=3, to_phase=7)
    desk.cursor.moved.connect(lambda: told.append("moved"))
    qtbot.keyClick(desktop.window, Qt.Key.Key_P, CTRL | SHIFT)
    pictures = reviewed.findChild(CinePictures)
    assert pictures is not None
    pictures.progressed.connect(lambda done, of: told.append(f"{done} of {of}: {reviewed.hint.text()}"))
    qtbot.waitUntil(gif.exists, timeout=LONG_MS)
    assert "moved" not in told
    assert told[-1].startswith("10 of 10")
    assert "phase 10 of 10" in told[-1]
    assert (desk.cursor.slice, desk.cursor.phase) == (3, 7)


def test_that_a_caption_bears_numbers_status_and_notice_and_the_patient_only_by_choice(
    reviewed: StudyPage, settings: Settings
) -> None:
    desk = reviewed.desk
    card, result = desk.reading.study.card, desk.review.result  # type: ignore[union-attr]
    assert card.name
    whose, numbers, told = caption(desk)
    assert card.name not in whose
    assert card.id not in whose
    assert "EF" in numbers
    assert f"{result.measurements.lv.ef_percent:.1f}" in numbers  # type: ignore[union-attr]
    assert numbers.endswith(standing_text(desk))
    assert told == notice()
    settings.change("picture_patient", True)
    assert card.name in caption(desk)[0]


def test_that_the_image_in_front_is_copied_with_its_caption(desktop: Desktop, reviewed: StudyPage) -> None:
    desktop.window.actions_by_name["copy_view"].trigger()
    image = QGuiApplication.clipboard().image()
    assert image.width() == 2 * reviewed.cine.width()
    assert image.height() > 2 * reviewed.cine.height()
