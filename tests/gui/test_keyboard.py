"""The keyboard reaches everything, and what has the focus can be seen."""

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QAbstractButton, QAbstractSlider, QAbstractSpinBox, QApplication, QComboBox, QWidget
from pytestqt.qtbot import QtBot

from cinecor.app.settings import Settings
from cinecor.inference.outline.segmentation import Label
from cinecor.ui.window.commands import MENUS
from cinecor.ui.window.desktop import Desktop
from cinecor.ui.window.study_page import StudyPage

from .conftest import page_when


def _walk(qtbot: QtBot, start: QWidget) -> list[QWidget]:
    """Press Tab until the focus comes round."""
    start.setFocus(Qt.FocusReason.TabFocusReason)
    seen: list[QWidget] = []
    for _ in range(200):
        now = QApplication.focusWidget()
        assert now is not None
        if now in seen[:-1]:
            break
        if now not in seen:  # a text with several links keeps the focus for each
            seen.append(now)
        qtbot.keyClick(now, Qt.Key.Key_Tab)
    return seen


def test_that_tab_reaches_every_view_and_control(qtbot: QtBot, reviewed: StudyPage) -> None:
    reached = _walk(qtbot, reviewed.cine)
    wanted: list[QWidget] = [reviewed.cine, reviewed.long_axis, reviewed.matrix, *reviewed.panel.cards]
    for kind in (QAbstractButton, QAbstractSlider, QAbstractSpinBox, QComboBox):
        wanted += [
            one
            for one in reviewed.findChildren(kind)
            if one.isVisible() and one.isEnabled() and one.objectName() != "qt_tabbar_close" and _is_control(one)
        ]
    missed = [f"{type(one).__name__} {one.accessibleName()}" for one in wanted if one not in reached]
    assert "; ".join(missed) == ""


def test_that_a_control_keeps_the_keys_it_needs(qtbot: QtBot, reviewed: StudyPage, settings: Settings) -> None:
    bar, cursor = reviewed.controls, reviewed.desk.cursor
    bar.overlay.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(bar.overlay, Qt.Key.Key_Down)
    assert settings.text("overlay") == "fill"
    bar.structures[Label.LV].setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(bar.structures[Label.LV], Qt.Key.Key_Space)
    assert not bar.structures[Label.LV].isChecked()
    assert not reviewed.player.playing
    bar.slider.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(bar.slider, Qt.Key.Key_End)
    assert (cursor.slice, cursor.phase) == (4, 9)


@pytest.mark.parametrize("where", ["nowhere", "panel", "curves"])
def test_that_arrows_space_home_end_and_letters_reach_the_study_wherever_the_focus_is(
    desktop: Desktop, qtbot: QtBot, reviewed: StudyPage, where: str
) -> None:
    cursor, key = reviewed.desk.cursor, Qt.Key
    if where == "nowhere":
        focused = QApplication.focusWidget()
        if focused is not None:
            focused.clearFocus()
    else:  # a click beside everything that takes clicks
        target = reviewed.numbers.widget() if where == "panel" else reviewed.curves.viewport()
        qtbot.mouseClick(target, Qt.MouseButton.LeftButton, pos=QPoint(3, target.height() - 3))
    for pressed, place in (
        (key.Key_Up, (3, 0)),
        (key.Key_Right, (3, 1)),
        (key.Key_End, (7, 1)),
        (key.Key_Home, (0, 1)),
    ):
        qtbot.keyClick(QApplication.focusWidget() or desktop.window, pressed)
        assert (cursor.slice, cursor.phase) == place
    assert reviewed.desk.review.result is not None
    qtbot.keyClick(QApplication.focusWidget() or desktop.window, key.Key_S)
    assert cursor.phase == reviewed.desk.review.result.moments.es
    qtbot.keyClick(QApplication.focusWidget() or desktop.window, key.Key_Space)
    assert reviewed.player.playing


def test_that_keys_reach_the_second_study_and_after_ctrl_tab_the_first(
    desktop: Desktop, qtbot: QtBot, reviewed: StudyPage, other_study: Path
) -> None:
    desktop.open(other_study)
    second = page_when(desktop, qtbot, lambda desk: desk.reading.study is not None)
    qtbot.keyClick(QApplication.focusWidget() or desktop.window, Qt.Key.Key_Right)
    assert (second.desk.cursor.phase, reviewed.desk.cursor.phase) == (1, 0)
    qtbot.keyClick(QApplication.focusWidget() or desktop.window, Qt.Key.Key_Tab, Qt.KeyboardModifier.ControlModifier)
    assert desktop.window.page is reviewed
    qtbot.keyClick(QApplication.focusWidget() or desktop.window, Qt.Key.Key_Right)
    assert (second.desk.cursor.phase, reviewed.desk.cursor.phase) == (1, 1)
    desktop.window.workspace.close_page(second)
    assert reviewed.cine.hasFocus()  # and not a button, which would keep Space


def test_that_every_menu_opens_by_a_letter_of_its_own(desktop: Desktop) -> None:
    letters = [action.text().partition("&")[2][:1].lower() for action in desktop.window.menuBar().actions()]
    assert len(letters) == len(MENUS)
    assert all(letters)
    assert len(set(letters)) == len(letters)


def test_that_a_text_field_keeps_what_is_typed_and_every_key_that_edits(
    qtbot: QtBot, reviewed: StudyPage, settings: Settings
) -> None:
    field, cursor = reviewed.numbers.body.fields["height_cm"], reviewed.desk.cursor
    field.setFocus()
    before = (cursor.slice, cursor.phase)
    for pressed in (Qt.Key.Key_Up, Qt.Key.Key_Left, Qt.Key.Key_Home, Qt.Key.Key_D, Qt.Key.Key_Space, Qt.Key.Key_Delete):
        qtbot.keyClick(field, pressed)
    assert (cursor.slice, cursor.phase) == before
    assert not reviewed.player.playing


def _is_control(widget: QWidget) -> bool:
    """Leave out scroll bars and what dialogs and fields are built of."""
    return "scrollbar" not in widget.objectName() and type(widget).__name__ != "QScrollBar"


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_that_the_focus_is_seen_wherever_it_goes(
    desktop: Desktop, qtbot: QtBot, reviewed: StudyPage, settings: Settings, theme: str
) -> None:
    if theme == "light":
        before = desktop.window
        settings.change("theme", theme)
        qtbot.waitUntil(lambda: desktop.window is not before)
    page = desktop.window.page
    assert page is not None
    unseen = []
    for widget in _walk(qtbot, page.cine):
        widget.setFocus(Qt.FocusReason.TabFocusReason)
        there = widget.grab().toImage()
        widget.clearFocus()
        if widget.grab().toImage() == there:
            unseen.append(f"{type(widget).__name__} {widget.accessibleName() or widget.objectName()}")
    assert "; ".join(unseen) == ""
