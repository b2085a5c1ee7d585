"""How a study is looked at: where it opens, grey windows as numbers, callipers, the place under the mouse."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from pytestqt.qtbot import QtBot

from cinecor.inference.outline.segmentation import Label, Segmentation
from cinecor.measure.moment import Moment
from cinecor.scene.callipers import CalliperKind
from cinecor.scene.level_window import LevelWindow
from cinecor.study.image_plane import plane_of
from cinecor.ui.sheets.level_sheet import LevelSheet
from cinecor.ui.tools.toolbox import ToolName
from cinecor.ui.window.desktop import Desktop
from cinecor.ui.window.study_page import StudyPage


def test_that_a_study_shows_ed_the_middle_of_the_heart_large_and_its_greys(
    opened: StudyPage, phantom_segmentation: Segmentation
) -> None:
    desk, whole_image = opened.desk, opened.desk.level.window
    desk.review.adopt(phantom_segmentation)
    ed = desk.review.phase_of(Moment.ED)
    assert desk.cursor.phase == ed
    filled = np.flatnonzero((phantom_segmentation.labels[:, ed] == Label.LV).any(axis=(1, 2)))
    assert desk.cursor.slice == filled[len(filled) // 2]
    assert opened.cine.viewport.zoom > 1.5
    assert desk.level.window != whole_image
    box = opened.cine.viewport.centre_px
    assert box is not None
    rows, columns = np.nonzero(phantom_segmentation.labels.any(axis=(0, 1)))
    assert abs(box.x() - columns.mean()) < 12
    assert abs(box.y() - rows.mean()) < 12


def test_that_what_the_user_chose_before_the_outlines_came_is_left_alone(
    opened: StudyPage, phantom_segmentation: Segmentation
) -> None:
    desk, chosen = opened.desk, LevelWindow(10.0, 90.0)
    desk.cursor.go(to_slice=1, to_phase=3)
    desk.level.show(chosen)
    opened.cine.zoom_by(3.0)
    zoom = opened.cine.viewport.zoom
    desk.review.adopt(phantom_segmentation)
    assert (desk.cursor.slice, desk.cursor.phase) == (1, 3)
    assert desk.level.window == chosen
    assert opened.cine.viewport.zoom == zoom


def test_that_width_and_level_are_typed(desktop: Desktop, qtbot: QtBot, reviewed: StudyPage) -> None:
    modifiers = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(desktop.window, Qt.Key.Key_L, modifiers)
    sheet = desktop.window.findChild(LevelSheet)
    assert sheet is not None
    sheet.width_box.setValue(300.0)
    sheet.level_box.setValue(120.0)
    assert reviewed.desk.level.window == LevelWindow(-30.0, 270.0)
    assert all(reviewed.desk.level.of_slice(index) == LevelWindow(-30.0, 270.0) for index in range(8))
    sheet.close()


def _drag(qtbot: QtBot, page: StudyPage, points: list[tuple[float, float]]) -> None:
    """Drag through points (column, row) of the image."""
    to_screen = page.cine.to_screen()
    first, *rest = [to_screen.map(QPointF(*point)).toPoint() for point in points]
    qtbot.mousePress(page.cine, Qt.MouseButton.LeftButton, pos=first)
    for point in rest:
        qtbot.mouseMove(page.cine, point)
    qtbot.mouseRelease(page.cine, Qt.MouseButton.LeftButton, pos=rest[-1])


def test_that_a_distance_and_an_area_are_measured_without_outlines_and_taken_back(
    desktop: Desktop, qtbot: QtBot, opened: StudyPage
) -> None:
    page, desk = opened, opened.desk
    place = (desk.cursor.slice, desk.cursor.phase)
    desktop.window.actions_by_name["distance"].trigger()
    assert page.toolbox.name is ToolName.DISTANCE
    _drag(qtbot, page, [(60.0, 60.0), (70.0, 60.0), (90.0, 60.0)])
    (distance,) = desk.callipers.at(place)
    assert distance.length_mm((2.0, 2.0)) == pytest.approx(60.0, abs=1.5)  # 30 pixels of 2 mm, by whole screen pixels
    desktop.window.actions_by_name["area"].trigger()
    _drag(qtbot, page, [(60.0, 60.0), (80.0, 60.0), (80.0, 75.0), (60.0, 75.0)])
    area = desk.callipers.at(place)[-1]
    assert area.kind is CalliperKind.AREA
    assert area.area_mm2((2.0, 2.0)) == pytest.approx(40.0 * 30.0, rel=0.06)
    desk.cursor.step(phases=1)
    assert desk.callipers.at((desk.cursor.slice, desk.cursor.phase)) == ()
    desk.cursor.step(phases=-1)
    qtbot.keyClick(page.cine, Qt.Key.Key_Backspace)
    assert desk.callipers.at(place) == (distance,)
    assert not desk.review.history.edits, "a measurement decides nothing"  # type: ignore[union-attr]


def test_that_the_place_under_the_mouse_is_the_patients(qtbot: QtBot, reviewed: StudyPage) -> None:
    page, desk = reviewed, reviewed.desk
    at = QPoint(page.cine.width() // 2, page.cine.height() // 3)
    qtbot.mouseMove(page.cine, at)
    pixel = page.cine.to_screen().inverted()[0].map(QPointF(at))
    plane = plane_of(desk.reading.study.stack, desk.cursor.slice)  # type: ignore[union-attr]
    expected = plane.to_mm(np.array([[pixel.x(), pixel.y()]]))[0]
    assert desk.crosshair.place_mm == pytest.approx(expected, abs=1e-6)
    assert desk.crosshair.on(plane) == pytest.approx((pixel.x(), pixel.y()))
    other = plane_of(desk.reading.study.stack, desk.cursor.slice + 1)  # type: ignore[union-attr]
    assert desk.crosshair.on(other) is None, "a slice away the picture does not show the place"
