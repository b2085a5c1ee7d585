"""The question before choices are given up: every way to answer it, and what happens when the saving does not."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from cinecor.app.export_options import ExportOptions, Form
from cinecor.app.settings import Settings
from cinecor.ui.window.desktop import Desktop
from cinecor.ui.window.study_page import StudyPage

from .conftest import LONG_MS

CTRL, SHIFT, LEFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier, Qt.MouseButton.LeftButton


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Nothing is kept: else there would be nothing to ask."""
    settings.change("keep_studies", False)
    return settings


@pytest.fixture
def decided(desktop: Desktop, qtbot: QtBot, reviewed: StudyPage) -> StudyPage:
    """The phantom with a choice that is in no saved result."""
    qtbot.keyClick(desktop.window, Qt.Key.Key_D, SHIFT)
    assert reviewed.desk.review.unkept
    return reviewed


def _question(desktop: Desktop) -> QMessageBox:
    return next(one for one in desktop.window.findChildren(QMessageBox) if one.isVisible())


def _order_anew(desktop: Desktop, qtbot: QtBot, page: StudyPage) -> QMessageBox:
    page.panel.orders["InstanceNumber"].trigger()
    assert page.panel.order_shown is not None
    return _question(desktop)


@pytest.mark.parametrize("key", [Qt.Key.Key_W, Qt.Key.Key_Q])
def test_that_a_question_that_is_closed_means_stay_and_is_asked_again_the_next_time(
    desktop: Desktop, qtbot: QtBot, decided: StudyPage, key: Qt.Key
) -> None:
    for _ in range(2):
        qtbot.keyClick(desktop.window, key, CTRL)
        _question(desktop).close()  # the [X] of its frame
        assert desktop.window.page is decided
    qtbot.keyClick(desktop.window, key, CTRL)
    qtbot.keyClick(_question(desktop), Qt.Key.Key_Escape)
    assert desktop.window.page is decided
    qtbot.keyClick(desktop.window, key, CTRL)
    qtbot.mouseClick(_question(desktop).button(QMessageBox.StandardButton.Discard), LEFT)
    assert desktop.window.page is None
    assert desktop.window.isVisible() is (key is Qt.Key.Key_W)


def test_that_the_order_in_use_is_shown_again_when_the_question_is_closed(
    desktop: Desktop, qtbot: QtBot, decided: StudyPage
) -> None:
    _order_anew(desktop, qtbot, decided).close()
    assert decided.panel.order_shown is None
    assert not decided.desk.operations.busy


@pytest.mark.parametrize("what", ["no folder", "no place"])
def test_that_the_order_in_use_is_shown_again_when_the_choices_were_not_saved(
    desktop: Desktop, qtbot: QtBot, decided: StudyPage, tmp_path: Path, what: str
) -> None:
    occupied = tmp_path / "file"
    occupied.write_text("not a folder")
    desktop.window.saving.ask_folder = lambda _: None if what == "no folder" else occupied
    question = _order_anew(desktop, qtbot, decided)
    qtbot.mouseClick(question.button(QMessageBox.StandardButton.Save), LEFT)
    if what == "no place":
        qtbot.waitUntil(decided.messages.isVisible, timeout=LONG_MS)
    assert decided.panel.order_shown is None
    assert decided.desk.review.unkept
    assert not decided.desk.operations.busy


def test_that_the_order_in_use_is_shown_again_when_there_is_nothing_to_save_yet(
    desktop: Desktop, qtbot: QtBot, opened: StudyPage
) -> None:
    qtbot.keyClick(desktop.window, Qt.Key.Key_X, SHIFT)  # a slice may be dropped before the outlines are there
    question = _order_anew(desktop, qtbot, opened)
    qtbot.mouseClick(question.button(QMessageBox.StandardButton.Save), LEFT)
    assert "nothing to save yet" in opened.messages.text.text()
    assert opened.panel.order_shown is None


def test_that_the_phases_are_ordered_anew_when_the_choices_are_saved(
    desktop: Desktop, qtbot: QtBot, decided: StudyPage, tmp_path: Path
) -> None:
    desktop.window.saving.ask_folder = lambda _: tmp_path / "out"
    question = _order_anew(desktop, qtbot, decided)
    wanted = decided.panel.order_shown
    with qtbot.waitSignal(decided.desk.reading.opened, timeout=LONG_MS):
        qtbot.mouseClick(question.button(QMessageBox.StandardButton.Save), LEFT)
    assert len(list(tmp_path.rglob("results.json"))) == 1
    assert decided.desk.reading.phase_order == decided.panel.order_shown == wanted


@pytest.mark.parametrize("key", [Qt.Key.Key_W, Qt.Key.Key_Q])
def test_that_choices_are_saved_on_the_way_out_when_the_reader_says_so(
    desktop: Desktop, qtbot: QtBot, reviewed: StudyPage, tmp_path: Path, key: Qt.Key
) -> None:
    desktop.window.saving.ask_folder = lambda _: tmp_path / "out"
    qtbot.keyClick(desktop.window, Qt.Key.Key_D, SHIFT)
    for button in (QMessageBox.StandardButton.Cancel, QMessageBox.StandardButton.Save):
        qtbot.keyClick(desktop.window, key, CTRL)
        assert desktop.window.isVisible()
        assert desktop.window.page is reviewed
        box = next(one for one in desktop.window.findChildren(QMessageBox) if one.isVisible())
        qtbot.mouseClick(box.button(button), Qt.MouseButton.LeftButton)
        assert not box.isVisible()
    qtbot.waitUntil(lambda: desktop.window.page is None, timeout=LONG_MS)
    assert len(list(tmp_path.rglob("results.json"))) == 1


def test_that_nothing_is_asked_when_nothing_was_decided_or_all_of_it_is_saved(
    desktop: Desktop, qtbot: QtBot, reviewed: StudyPage, tmp_path: Path
) -> None:
    desktop.window.saving.ask_folder = lambda _: tmp_path / "out"
    assert not reviewed.desk.review.unkept
    qtbot.keyClick(desktop.window, Qt.Key.Key_D, SHIFT)
    assert reviewed.desk.review.unkept
    qtbot.keyClick(desktop.window, Qt.Key.Key_Z, CTRL)
    assert not reviewed.desk.review.unkept
    qtbot.keyClick(desktop.window, Qt.Key.Key_D, SHIFT)
    qtbot.keyClick(desktop.window, Qt.Key.Key_S, CTRL)
    qtbot.waitUntil(lambda: not reviewed.desk.review.unkept, timeout=LONG_MS)
    qtbot.keyClick(desktop.window, Qt.Key.Key_W, CTRL)
    assert desktop.window.page is None


@pytest.mark.parametrize(("forms", "asks"), [({Form.PDF}, True), ({Form.PDF, Form.NIFTI}, False)])
def test_that_an_export_is_noted_and_one_without_outlines_is_not_enough_to_leave(
    desktop: Desktop, qtbot: QtBot, decided: StudyPage, tmp_path: Path, *, forms: set[Form], asks: bool
) -> None:
    assert decided.banner.exported.text() == "Not exported"
    desktop.window.saving.ask_folder = lambda _: tmp_path
    desktop.window.saving.export(decided, ExportOptions(frozenset(forms)))
    qtbot.waitUntil(lambda: not decided.banner.exported.text(), timeout=LONG_MS)
    qtbot.keyClick(desktop.window, Qt.Key.Key_W, CTRL)
    assert (desktop.window.page is decided) is asks
    if asks:
        qtbot.mouseClick(_question(desktop).button(QMessageBox.StandardButton.Discard), LEFT)
