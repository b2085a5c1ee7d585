"""Long-axis views are looked at as the short axis is: greys by drag, preset and number, callipers, rulers, sides."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from cinecor.inference.outline.segmentation import Segmentation
from cinecor.scene.level_window import LevelWindow, preset
from cinecor.ui.sheets.level_sheet import LevelSheet
from cinecor.ui.tools.toolbox import ToolName
from cinecor.ui.views import written
from cinecor.ui.views.long_axis_cine_view import LongAxisCineView
from cinecor.ui.window.desktop import Desktop
from cinecor.ui.window.study_page import StudyPage
from cinecor_phantom import make_phantom
from cinecor_phantom.planted import Planted

from .conftest import LONG_MS, SMALL, page_when
from .mouse import move_held

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton


@pytest.fixture
def page(
    desktop: Desktop, qtbot: QtBot, with_long_axis: Path, phantom_segmentation: Segmentation
) -> Iterator[StudyPage]:
    """The phantom with its outlines and three long-axis cines."""
    desktop.open(with_long_axis)
    page = page_when(desktop, qtbot, lambda desk: len(desk.long_axis.cines) == 3)
    phantom = make_phantom(acquisition=SMALL, planted=Planted(valves=True), pictures=False)
    page.desk.review.adopt(replace(phantom_segmentation, labels=phantom.labels))
    page.first_look.finish()
    qtbot.waitUntil(lambda: not page.desk.operations.busy, timeout=LONG_MS)  # Escape would stop what goes on
    yield page
    for menu in (one for one in QApplication.topLevelWidgets() if isinstance(one, QMenu)):
        menu.close()


def _open_menu() -> QMenu | None:
    menu = QApplication.activePopupWidget()
    return menu if isinstance(menu, QMenu) else None


def _drag(qtbot: QtBot, view: LongAxisCineView, start: QPoint, end: QPoint, button: Qt.MouseButton) -> None:
    qtbot.mousePress(view, button, pos=start)
    move_held(view, start, end, button)
    qtbot.mouseRelease(view, button, pos=end)


@pytest.mark.qt_log_ignore("does not support")  # an invisible screen lets no menu grab the keyboard
def test_that_a_right_drag_changes_the_greys_of_its_view_alone_and_a_right_click_asks_for_the_menu(
    qtbot: QtBot, page: StudyPage
) -> None:
    view, other = page.beside.cines[:2]
    before, others, stacks = view.level.window, other.level.window, page.desk.level.window
    start = view.rect().center()
    _drag(qtbot, view, start, start + QPoint(40, 0), RIGHT)
    assert view.level.window.width == pytest.approx(before.width * (1 + 4 / 400) ** 10)  # in ten moves
    assert view.level.window.level == pytest.approx(before.level)
    assert _open_menu() is None, "a drag asks for no menu"
    assert (other.level.window, page.desk.level.window) == (others, stacks)
    page.desk.review.adopt(replace(page.desk.review.decided.segmentation))  # type: ignore[union-attr, type-var]
    assert view.level.window.width != before.width, "new outlines leave what was chosen"
    qtbot.mouseClick(view, RIGHT, pos=start)
    menu = _open_menu()
    assert menu is not None
    assert "Large, or back" in [action.text() for action in menu.actions()]


def test_that_presets_and_typed_greys_are_those_of_the_view_in_the_main_place(
    desktop: Desktop, qtbot: QtBot, page: StudyPage
) -> None:
    view = page.beside.cines[0]
    actions, stacks = desktop.window.actions_by_name, page.desk.level.window
    pixels = page.desk.long_axis.cines[0].stack.pixels[0]
    box = view.viewport.box
    assert box is not None
    heart = box.toAlignedRect()
    around = pixels[:, max(0, heart.top()) : heart.bottom() + 1, max(0, heart.left()) : heart.right() + 1]
    assert view.level.window == preset("auto", around), "they begin with what lies around the heart"
    qtbot.keyClick(desktop.window, Qt.Key.Key_L, Qt.KeyboardModifier.ShiftModifier)
    assert page.images.main is view
    for name, shown in (("full", pixels), ("bright", around), ("dark", around)):
        actions[f"level_{name}"].trigger()
        assert view.level.window == preset(name, shown)
    qtbot.keyClick(view, Qt.Key.Key_A)
    assert view.level.window == preset("auto", around)
    actions["level_numbers"].trigger()
    sheet = desktop.window.findChild(LevelSheet)
    assert sheet is not None
    assert sheet.width_box.value() == pytest.approx(view.level.window.width, abs=0.5)
    sheet.width_box.setValue(300.0)
    sheet.level_box.setValue(120.0)
    sheet.close()
    assert view.level.window == LevelWindow(-30.0, 270.0)
    assert page.desk.level.window == stacks, "the short axis keeps its own"
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    assert page.images.main is page.cine
    qtbot.keyClick(page.cine, Qt.Key.Key_A, Qt.KeyboardModifier.ShiftModifier)
    assert view.level.window == LevelWindow(-30.0, 270.0)
    assert page.desk.level.window != stacks
    desktop.settings.change("theme", "light")
    qtbot.waitUntil(lambda: desktop.window.page not in (None, page))
    assert desktop.window.page is not None
    assert desktop.window.page.beside.cines[0].level.window == LevelWindow(-30.0, 270.0), "in other colours too"


def test_that_callipers_measure_in_a_long_axis_view_and_stay_on_their_phase(
    desktop: Desktop, qtbot: QtBot, page: StudyPage
) -> None:
    view, desk = page.beside.cines[0], page.desk
    (cine, *_), (plane, *_) = desk.long_axis.cines, desk.long_axis.planes
    qtbot.keyClick(desktop.window, Qt.Key.Key_L, Qt.KeyboardModifier.ShiftModifier)
    qtbot.wait(50)  # until everything has found its size
    slice_before = desk.cursor.slice
    page.player.toggle()
    desktop.window.actions_by_name["distance"].trigger()
    to_screen = view.to_screen(QRectF(view.rect()))
    middle = QPointF(plane.columns / 2, plane.rows / 2)
    start, end = (to_screen.map(middle + QPointF(away, 0)).toPoint() for away in (-10.0, 10.0))
    _drag(qtbot, view, start, end, LEFT)
    assert not page.player.playing, "nobody measures what runs away"
    spot = desk.callipers.place_in(cine, view.own_phase)
    (distance,) = desk.callipers.at(spot)
    pixel_mm = plane.pixel_spacing_mm[1]
    assert distance.length_mm(desk.callipers.spacing_mm(spot)) == pytest.approx(
        20 * pixel_mm, abs=2 / to_screen.m11() * pixel_mm
    )
    assert desk.cursor.slice == slice_before, "a press measures, and goes to no slice"
    assert not any(desk.callipers.at((index, desk.cursor.phase)) for index in range(SMALL.slices))
    qtbot.mouseDClick(view, LEFT, pos=start)
    assert page.images.main is view, "two quick presses measure, and change no places"

    def pictured() -> np.ndarray:
        image = QImage(view.size(), QImage.Format.Format_RGB32)
        painter = QPainter(image)
        view.paint_on(painter, QRectF(view.rect()), at=(desk.cursor.slice, desk.cursor.phase))
        painter.end()
        return np.frombuffer(image.constBits(), np.uint32).copy()

    with_it = pictured()
    qtbot.keyClick(view, Qt.Key.Key_Backspace)
    assert desk.callipers.at(spot) == ()
    assert (pictured() != with_it).any()
    desktop.window.actions_by_name["area"].trigger()
    assert page.toolbox.name is ToolName.AREA
    _drag(qtbot, view, start, end, LEFT)
    assert len(desk.callipers.at(spot)) == 1
    desk.cursor.step(phases=3)
    assert desk.callipers.at(desk.callipers.place_in(cine, view.own_phase)) == ()
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    assert page.toolbox.chosen is None
    qtbot.mouseClick(view, LEFT, pos=start)
    assert page.images.main is view, "Escape laid the calliper down and nothing else"


def test_that_greys_sides_and_length_are_written_where_a_view_is_large(
    qtbot: QtBot, page: StudyPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = page.beside.cines[0]
    put: list[str] = []
    monkeypatch.setattr(written, "shaded_text", lambda _, __, *told, **___: put.append(told[1]))

    def texts(width: int, height: int) -> list[str]:
        put.clear()
        image = QImage(width, height, QImage.Format.Format_RGB32)
        painter = QPainter(image)
        view.paint_on(painter, QRectF(0, 0, width, height))
        painter.end()
        return list(put)

    large = texts(900, 700)
    assert any(text.startswith("W ") for text in large)
    assert any(text.endswith(" cm") for text in large)
    assert sum(text.isalpha() and text.isupper() for text in large) == 4
    assert texts(300, 220) == [], "a tile has its name, and its lines' notes"
    page.desk.settings.change("rulers", False)
    page.desk.settings.change("orientation", False)
    assert [text[:2] for text in texts(900, 700)] == ["W "]


def test_that_base_and_apex_are_larger_in_the_layout_for_them(desktop: Desktop, qtbot: QtBot, page: StudyPage) -> None:
    def scales(layout: str) -> list[float]:
        desktop.settings.change("layout", layout)
        qtbot.wait(50)  # until everything has found its size
        assert all(view.isVisible() for view in (page.cine, *page.beside.cines))
        return [view.to_screen(QRectF(view.rect())).m11() for view in page.beside.cines]

    before, larger, again = scales("1"), scales("4"), scales("1")
    assert all(there > 1.25 * here for here, there in zip(before, larger, strict=True))
    assert again == pytest.approx(before, rel=0.03), "and not for good"


def test_that_short_and_long_axis_are_seen_at_once_in_the_layout_for_base_and_apex_on_a_narrow_window(
    desktop: Desktop, qtbot: QtBot, page: StudyPage
) -> None:
    desktop.window.resize(1366, 768)
    desktop.settings.change("layout", "4")
    qtbot.wait(50)  # until everything has found its size
    assert all(view.isVisible() for view in (page.cine, *page.beside.cines))
    view = page.beside.cines[1]
    places = view.geometry(), page.cine.size()
    qtbot.mouseDClick(view, LEFT, pos=QPoint(4, 4))
    assert page.images.main is view
    qtbot.mouseDClick(view, LEFT, pos=QPoint(4, 4))
    assert page.images.main is page.cine
    qtbot.wait(50)
    assert (view.geometry(), page.cine.size()) == places, "each is back in its place"


def test_that_a_click_on_a_card_frames_its_view_where_all_are_in_sight(
    desktop: Desktop, qtbot: QtBot, page: StudyPage
) -> None:
    desktop.window.resize(1920, 1080)
    qtbot.wait(50)  # until everything has found its size
    view = page.beside.cines[1]
    before = view.grab().toImage()
    card = next(one for one in page.panel.cards if one.text() == view.name)
    qtbot.mouseClick(card, LEFT)
    assert page.cine.isVisible()
    assert view.hasFocus()
    assert view.grab().toImage() != before
