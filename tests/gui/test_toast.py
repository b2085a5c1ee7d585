"""Messages float over the lower rim of their own study, move no image, and go by themselves."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from cinecor.ui.look.failure import Failure
from cinecor.ui.panels import toast
from cinecor.ui.window.desktop import Desktop
from cinecor.ui.window.study_page import StudyPage


def test_that_a_message_moves_no_image_and_lies_within_the_page(reviewed: StudyPage, qtbot: QtBot) -> None:
    before = reviewed.cine.geometry(), reviewed.matrix.geometry()
    for sentence in ("Saved.", "A sentence that goes on and on. " * 12):
        reviewed.messages.show_text(sentence)
        QTest.qWait(10)
        assert (reviewed.cine.geometry(), reviewed.matrix.geometry()) == before
        assert reviewed.rect().contains(reviewed.messages.geometry())
        assert reviewed.messages.text.height() >= reviewed.messages.text.heightForWidth(reviewed.messages.text.width())
    reviewed.messages.hide()


def test_that_a_message_goes_after_six_seconds_and_a_failure_stays(reviewed: StudyPage, qtbot: QtBot) -> None:
    told = reviewed.messages
    told.show_text("Saved.")
    assert told.goes_in_ms is not None
    assert 5000 < told.goes_in_ms <= 6400  # Qt rounds
    told.show_failure(Failure("The disk is full; free some space.", "Traceback"))
    assert told.goes_in_ms is None
    qtbot.mouseClick(told.dismiss, Qt.MouseButton.LeftButton)
    assert not told.isVisible()


def test_that_a_message_is_gone_when_its_time_is_over(reviewed: StudyPage, qtbot: QtBot, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(toast, "_SHOWN_MS", 1)
    monkeypatch.setattr(toast, "_A_LETTER_MS", 0)
    reviewed.messages.show_text("Saved.")
    qtbot.waitUntil(lambda: not reviewed.messages.isVisible())


def test_that_a_message_does_not_wait_before_the_worklist(desktop: Desktop, reviewed: StudyPage, qtbot: QtBot) -> None:
    reviewed.messages.show_text("Saved.")
    qtbot.keyClick(desktop.window, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    assert not reviewed.messages.isVisible()
    assert not desktop.window.messages.isVisible()
    assert reviewed.messages.goes_in_ms is None  # nobody sees it: its time stands still
    qtbot.keyClick(desktop.window, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    assert reviewed.messages.isVisible()
    assert reviewed.messages.goes_in_ms is not None
