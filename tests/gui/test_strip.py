"""The strip slice × phase shows what differs and why, never hides a row, and offers what can be done there."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from cinecor.inference.outline.segmentation import Segmentation
from cinecor.measure.moment import Moment
from cinecor.review import DropSlice, ToggleSlice
from cinecor.scene.cells import Cell
from cinecor.ui.look.texts import said
from cinecor.ui.look.theme import DARK
from cinecor.ui.views.matrix_view import MatrixView
from cinecor.ui.window.desktop import Desktop
from cinecor.ui.window.study_page import StudyPage

from .mouse import move_held

LEFT = Qt.MouseButton.LeftButton


def test_that_the_legend_explains_what_differs_and_nothing_else(
    qtbot: QtBot, reviewed: StudyPage, phantom_segmentation: Segmentation
) -> None:
    surely = replace(phantom_segmentation, confidence=np.ones_like(phantom_segmentation.confidence), doubts=())
    reviewed.desk.review.adopt(surely)
    reviewed.desk.review.edit(DropSlice(7))
    cells = reviewed.desk.overlays.cells()
    assert cells is not None
    shown = set(reviewed.legend.places(2000))
    assert Cell.EXCLUDED in shown
    assert shown == {Cell(one) for one in np.unique(cells).tolist()} - {Cell.SEGMENTED}


@pytest.mark.parametrize("height", [60, 110, 400])
def test_that_no_row_of_the_matrix_is_hidden_at_any_height(qtbot: QtBot, reviewed: StudyPage, height: int) -> None:
    desk = reviewed.desk
    matrix = MatrixView(desk.reading, desk.review, desk.overlays, cursor=desk.cursor, theme=DARK)
    qtbot.addWidget(matrix)
    matrix.resize(420, max(height, matrix.minimumHeight()))
    matrix.show()
    rows = [matrix.cell_rect(index, 9) for index in range(8)]
    assert all(matrix.rect().contains(row.toAlignedRect()) for row in rows)
    assert min(row.height() for row in rows) >= 5
    assert matrix.minimumHeight() <= 70
    qtbot.mouseClick(matrix, LEFT, pos=rows[7].center().toPoint())
    assert (desk.cursor.slice, desk.cursor.phase) == (7, 9)


@pytest.mark.qt_log_ignore("does not support")  # an invisible screen raises no tooltip
def test_that_hovering_a_doubtful_cell_says_why(
    qtbot: QtBot, reviewed: StudyPage, phantom_segmentation: Segmentation
) -> None:
    unsure = np.ones_like(phantom_segmentation.confidence)
    unsure[4, 6] = 0.1
    reviewed.desk.review.adopt(replace(phantom_segmentation, confidence=unsure))
    matrix = reviewed.matrix
    for at in (QPoint(1, 1), matrix.cell_rect(4, 6).center().toPoint()):
        qtbot.mouseMove(matrix, at)
    qtbot.waitUntil(lambda: "Slice 5, phase 7: doubtful" in reviewed.hint.text())
    why = [said(one.message) for one in reviewed.desk.review.result.quality.findings if 4 in one.slices]  # type: ignore[union-attr]
    assert any(reviewed.hint.text().endswith(f". {sentence}") for sentence in why)


def test_that_what_is_said_of_a_cell_follows_a_choice_by_key_while_the_mouse_rests(
    qtbot: QtBot, reviewed: StudyPage
) -> None:
    matrix = reviewed.matrix
    for at in (QPoint(1, 1), matrix.cell_rect(4, 6).center().toPoint()):
        qtbot.mouseMove(matrix, at)
    qtbot.waitUntil(lambda: reviewed.hint.text().startswith("Slice 5, phase 7"))
    before = reviewed.hint.text()
    reviewed.desk.review.edit(DropSlice(4))
    assert reviewed.hint.text().startswith("Slice 5, phase 7")
    assert reviewed.hint.text() != before


def test_that_what_is_said_of_a_choice_follows_it_while_the_mouse_rests(qtbot: QtBot, reviewed: StudyPage) -> None:
    matrix = reviewed.matrix
    for at in (QPoint(1, 1), matrix.choice_rect(3, Moment.ES).center().toPoint()):
        qtbot.mouseMove(matrix, at)
    qtbot.waitUntil(lambda: "Slice 4 counts at ES" in reviewed.hint.text())
    reviewed.desk.review.edit(ToggleSlice(3, Moment.ES))
    assert "Slice 4 does not count at ES" in reviewed.hint.text()


@pytest.mark.qt_log_ignore("does not support")  # an invisible screen grabs no keys
def test_that_the_right_button_offers_commands_where_it_is_clicked_and_still_drags_the_grey_window(
    desktop: Desktop, qtbot: QtBot, reviewed: StudyPage
) -> None:
    right = Qt.MouseButton.RightButton
    before = reviewed.desk.level.window
    qtbot.mousePress(reviewed.cine, right, pos=QPoint(200, 200))
    move_held(reviewed.cine, QPoint(200, 200), QPoint(240, 220), right)
    qtbot.mouseRelease(reviewed.cine, right, pos=QPoint(240, 220))
    assert reviewed.desk.level.window != before
    assert not [menu for menu in desktop.window.findChildren(QMenu) if menu.isVisible()]
    qtbot.mouseClick(reviewed.cine, right, pos=QPoint(200, 200))
    menu = next(one for one in desktop.window.findChildren(QMenu) if one.isVisible())
    drop = desktop.window.actions_by_name["drop_slice"]
    assert drop in menu.actions()
    drop.trigger()
    assert reviewed.desk.review.present is not None
    assert reviewed.desk.review.present.dropped == {reviewed.desk.cursor.slice}
    menu.close()
    place = reviewed.matrix.cell_rect(2, 5).center().toPoint()
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, reviewed.matrix.mapToGlobal(place))
    QApplication.sendEvent(reviewed.matrix, event)
    assert (reviewed.desk.cursor.slice, reviewed.desk.cursor.phase) == (2, 5)
    menu = next(one for one in desktop.window.findChildren(QMenu) if one.isVisible())
    assert desktop.window.actions_by_name["set_es"] in menu.actions()
    menu.close()
