"""How a study is looked at: where it opens, grey windows as numbers, callipers, the place under the mouse."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cinecor.inference.outline.segmentation import Label, Segmentation
from cinecor.measure.moment import Moment
from cinecor.scene.callipers import CalliperKind
from cinecor.scene.level_window import LevelWindow
from cinecor.scene.picture_turn import PictureTurn
from cinecor.study.image_plane import plane_of
from cinecor.ui.look.halo import shaded_text
from cinecor.ui.sheets.level_sheet import LevelSheet
from cinecor.ui.tools.toolbox import ToolName
from cinecor.ui.views.annotation import direction_letters, edge_letters, turn_text
from cinecor.ui.window.desktop import Desktop
from cinecor.ui.window.study_page import StudyPage


def test_that_a_study_shows_ed_the_middle_of_the_heart_large_and_then_its_greys(
    qtbot: QtBot, opened: StudyPage, phantom_segmentation: Segmentation
) -> None:
    desk, whole_image = opened.desk, opened.desk.level.window
    desk.review.adopt(phantom_segmentation)
    ed = desk.review.phase_of(Moment.ED)
    assert desk.cursor.phase == ed
    filled = np.flatnonzero((phantom_segmentation.labels[:, ed] == Label.LV).any(axis=(1, 2)))
    assert desk.cursor.slice == filled[len(filled) // 2]
    assert opened.cine.viewport.zoom > 1.5
    assert desk.level.window == whole_image, "the outlines are painted before the greys are looked for"
    qtbot.waitUntil(lambda: desk.level.window != whole_image)
    box = opened.cine.viewport.centre_px
    assert box is not None
    rows, columns = np.nonzero(phantom_segmentation.labels.any(axis=(0, 1)))
    assert abs(box.x() - columns.mean()) < 12
    assert abs(box.y() - rows.mean()) < 12


def test_that_what_the_user_chose_before_the_outlines_came_is_left_alone(
    qtbot: QtBot, opened: StudyPage, phantom_segmentation: Segmentation
) -> None:
    desk, chosen = opened.desk, LevelWindow(10.0, 90.0)
    desk.cursor.go(to_slice=1, to_phase=3)
    desk.level.show(chosen)
    opened.cine.zoom_by(3.0)
    zoom = opened.cine.viewport.zoom
    desk.review.adopt(phantom_segmentation)
    qtbot.wait(1)  # the turn in which greys would be chosen
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


@pytest.mark.parametrize(
    ("turn", "told"),
    [(PictureTurn(), ""), (PictureTurn(1), "turned by 90°"), (PictureTurn(3), "turned by 270°"),
     (PictureTurn(0, mirrored=True), "mirrored"), (PictureTurn(2, mirrored=True), "turned by 180° · mirrored")],
)  # fmt: skip
def test_that_a_picture_is_turned_and_mirrored_with_letters_and_tools_and_no_data_change(
    desktop: Desktop, qtbot: QtBot, reviewed: StudyPage, turn: PictureTurn, told: str
) -> None:
    page, desk, actions = reviewed, reviewed.desk, desktop.window.actions_by_name
    stack = desk.reading.study.stack  # type: ignore[union-attr]
    before = (desk.review.decided, edge_letters(stack.geometry))
    if turn.mirrored:
        actions["mirror_picture"].trigger()
    for _ in range(turn.quarters):
        actions["turn_picture"].trigger()
    assert page.cine.viewport.turn == turn
    assert turn_text(turn) == told
    # A step to the right on the screen, in the patient: it goes to the side that stands at the right edge.
    to_image = page.cine.to_screen().inverted()[0]
    here, right, below = (to_image.map(QPointF(*at)) for at in ((300.0, 300.0), (310.0, 300.0), (300.0, 310.0)))
    plane, letters = plane_of(stack, desk.cursor.slice), edge_letters(stack.geometry, turn)
    edges = (Qt.AlignmentFlag.AlignRight, Qt.AlignmentFlag.AlignBottom)
    for there, edge in zip((right, below), edges, strict=True):
        start, end = plane.to_mm(np.array([[here.x(), here.y()], [there.x(), there.y()]]))
        shown = next(text for flags, text in letters.items() if flags & edge)
        assert shown == direction_letters((end - start) / np.linalg.norm(end - start))
    # A distance is what it is, whichever way it is seen.
    place = (desk.cursor.slice, desk.cursor.phase)
    actions["distance"].trigger()
    _drag(qtbot, page, [(60.0, 60.0), (70.0, 60.0), (75.0, 60.0)])
    (distance,) = desk.callipers.at(place)
    assert distance.length_mm((2.0, 2.0)) == pytest.approx(30.0, abs=1.5)
    assert (desk.review.decided, edge_letters(stack.geometry)) == before
    actions["picture_as_taken"].trigger()
    assert edge_letters(stack.geometry, page.cine.viewport.turn) == before[1]


def test_that_a_turned_picture_shows_the_same_pixels_elsewhere(reviewed: StudyPage) -> None:
    cine, desk = reviewed.cine, reviewed.desk
    structure = np.argwhere(desk.overlays.labels[desk.cursor.slice, desk.cursor.phase] == Label.LV)  # type: ignore[index]
    row, column = structure[len(structure) // 2]

    def around() -> list[int]:
        image = cine.grab().toImage()
        steps = ((0.5, 0.5), (6.5, 0.5), (0.5, 6.5), (-5.5, 0.5))
        places = (cine.to_screen().map(QPointF(column + x, row + y)).toPoint() for x, y in steps)
        return [image.pixelColor(at).value() for at in places]

    desk.settings.change("overlay", "off")
    before = around()
    for turn in (PictureTurn(1), PictureTurn(2, mirrored=True), PictureTurn(3, mirrored=True)):
        cine.viewport.show_turned(turn)
        assert np.abs(np.array(around()) - before).max() <= 12  # between pixels greys are interpolated


@pytest.mark.parametrize("ground", ["#000000", "#ffffff", "#9a9a9a"])
def test_that_letters_are_legible_on_fat_as_on_air(qapp: QApplication, ground: str) -> None:
    image = QImage(120, 40, QImage.Format.Format_RGB32)
    image.fill(QColor(ground))
    painter = QPainter(image)
    shaded_text(painter, QRectF(10, 8, 100, 24), Qt.AlignmentFlag.AlignLeft, "LH 12", bold=True)
    painter.end()
    grey = np.frombuffer(image.constBits(), np.uint8).reshape(40, 120, 4)[..., 1].astype(int)
    assert grey.max() > 220, "the letters are light"
    dark = np.argwhere(grey < 110)
    assert len(dark) > 40
    light = np.argwhere(grey > 200)
    if ground == "#ffffff":  # what lies beyond the halo is as light as the letters
        low, high = dark.min(axis=0), dark.max(axis=0)
        light = light[((light > low) & (light < high)).all(axis=1)]
    beside = np.array([grey[max(0, y - 3) : y + 4, max(0, x - 3) : x + 4].min() for y, x in light])
    assert (beside < 110).mean() > 0.9, "beside the letters it is dark, whatever is below"


def test_that_slices_are_evened_out_where_the_coil_shades_and_presets_and_typed_values_hold_for_all(
    desktop: Desktop, reviewed: StudyPage
) -> None:
    desk, study = reviewed.desk, reviewed.desk.reading.study
    assert study is not None
    shade = np.linspace(0.7, 1.5, study.stack.slices, dtype=np.float32)[:, None, None, None]
    shaded = replace(study, stack=replace(study.stack, pixels=study.stack.pixels * shade))
    desk.reading.study = shaded
    shown = {}
    for name in ("level_auto", "level_bright", "level_dark", "level_full"):
        desktop.window.actions_by_name[name].trigger()
        shown[name] = (desk.level.of_slice(1), desk.level.of_slice(study.stack.slices - 2))
    for name, (basal, apical) in shown.items():
        if name == "level_full":
            assert basal == apical
        else:
            assert basal.width < 0.9 * apical.width, "the apex lies nearer to the coil"
    assert shown["level_bright"][0].high < shown["level_auto"][0].high < shown["level_full"][0].high
    assert shown["level_dark"][0].low > shown["level_auto"][0].low


@pytest.mark.parametrize("label", [Label.LV, Label.MYO, Label.RV])
def test_that_what_is_drawn_has_no_steps_at_400_percent(reviewed: StudyPage, label: Label) -> None:
    cine, desk = reviewed.cine, reviewed.desk
    cine.viewport.zoom = 4.0
    overlay = desk.overlays.at((desk.cursor.slice, desk.cursor.phase))
    assert overlay is not None
    line, *_ = overlay.paths[label].toSubpathPolygons(cine.to_screen())  # outlines and fills are both made of it
    corners = np.array([[point.x(), point.y()] for point in line])
    ways = np.diff(corners[np.append(True, np.hypot(*np.diff(corners, axis=0).T) > 0.05)], axis=0)
    headings = np.arctan2(ways[:, 1], ways[:, 0])
    turns = np.abs(np.rad2deg(np.angle(np.exp(1j * np.diff(headings)))))
    assert len(turns) > 60
    assert turns.max() < 30.0, "a step between pixels turns by 90°"
