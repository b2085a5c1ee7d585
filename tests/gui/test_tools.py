"""Tools: a chosen one has drag, wheel and its keys, shows what it would do, and makes one step."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QTransform
from pytestqt.qtbot import QtBot

from cinecor.inference.outline.segmentation import Label
from cinecor.review import Edit, Gesture, redraw_one
from cinecor.ui.tools.tool import Pointer, Tool
from cinecor.ui.views.tool_view import ToolView
from cinecor.ui.window.commands import MENUS
from cinecor.ui.window.desktop import Desktop
from cinecor.ui.window.study_page import StudyPage

from .mouse import move_held, turn_wheel

LEFT, RIGHT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton, Qt.MouseButton.MiddleButton
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
INK = "#ff00ff"


@dataclass
class Stamp(Tool):
    """Fills the pixels from the press to the mouse with LV; the wheel and two keys change and clear it."""

    rows: int
    columns: int
    seen: list[Pointer] = field(default_factory=list)
    turned: float = 0.0
    pressed: list[str] = field(default_factory=list)
    dropped: int = 0
    over: Pointer | None = None
    start: Pointer | None = None

    @property
    def cursor(self) -> Qt.CursorShape:
        return Qt.CursorShape.CrossCursor

    @property
    def hint(self) -> str:
        return "Drag to fill" if self.start is None else "Let go to keep it"

    @property
    def keys(self) -> Mapping[str, Callable[[], Edit | None]]:
        return {"D": lambda: self._key("D", filled=False), "Return": lambda: self._key("Return", filled=True)}

    def press(self, at: Pointer) -> Edit | None:
        self.start = at
        return self.move(at)

    def move(self, at: Pointer) -> Edit | None:
        self.seen.append(at)
        return self._edit(at)

    def release(self, at: Pointer) -> Edit | None:
        edit = None if at.shift else self._edit(at)
        self.start = None
        return edit

    def hover(self, at: Pointer | None) -> None:
        self.over = at

    def wheel(self, steps: float, _: Pointer) -> bool:
        self.turned += steps
        return True

    def paint(self, painter: QPainter, to_screen: QTransform, place: tuple[int, int]) -> None:
        if self.over is not None and self.over.place == place:
            middle = to_screen.map(QPointF(self.over.column, self.over.row))
            painter.fillRect(int(middle.x()) - 3, int(middle.y()) - 3, 7, 7, QColor(INK))

    def drop(self) -> None:
        self.start, self.dropped = None, self.dropped + 1

    def _edit(self, at: Pointer) -> Edit:
        assert self.start is not None
        labels = np.zeros((self.rows, self.columns), dtype=np.uint8)
        top, bottom = sorted((int(self.start.row), int(at.row)))
        left, right = sorted((int(self.start.column), int(at.column)))
        labels[top : bottom + 1, left : right + 1] = Label.LV
        return redraw_one(Gesture.BRUSH, self.start.place, labels)

    def _key(self, name: str, *, filled: bool) -> Edit | None:
        self.pressed.append(name)
        return (
            redraw_one(Gesture.BRUSH, (0, 0), np.full((self.rows, self.columns), Label.LV, np.uint8))
            if filled
            else None
        )


@pytest.fixture
def stamp(reviewed: StudyPage) -> Stamp:
    """A tool that is chosen."""
    study = reviewed.desk.reading.study
    assert study is not None
    tool = Stamp(study.stack.rows, study.stack.columns)
    reviewed.toolbox.choose(tool)
    return tool


def _at(view: ToolView, row: float, column: float, place: tuple[int, int]) -> QPoint:
    found = view.frame_at(QPointF(view.rect().center()), place)
    assert found is not None
    return found[1].map(QPointF(column, row)).toPoint()


def _labels(page: StudyPage, place: tuple[int, int]) -> NDArray[np.uint8]:
    labels = page.desk.overlays.labels
    assert labels is not None
    return labels[place].copy()


def test_that_a_drag_is_shown_as_it_goes_and_becomes_one_step_that_undo_takes_back(
    desktop: Desktop, qtbot: QtBot, reviewed: StudyPage, stamp: Stamp
) -> None:
    cine, review, place = reviewed.cine, reviewed.desk.review, (4, 0)
    before, cells = _labels(reviewed, place), reviewed.numbers.cells
    edv = cells["lv.edv_ml"].text()
    start, end = _at(cine, 10.5, 20.5, place), _at(cine, 100.5, 130.5, place)
    qtbot.mousePress(cine, LEFT, pos=start)
    move_held(cine, start, end, LEFT)
    assert (_labels(reviewed, place)[20:90, 30:120] == Label.LV).all()
    qtbot.waitUntil(lambda: cells["lv.edv_ml"].text() != edv)  # the numbers follow the drag
    assert review.history is not None
    assert review.history.undo_name is None  # and nothing is decided yet
    assert not review.not_exported
    assert reviewed.hint.text() == "Let go to keep it"
    qtbot.mouseRelease(cine, LEFT, pos=end)
    assert review.not_exported
    assert reviewed.desk.cursor.slice == 4
    qtbot.keyClick(desktop.window, Qt.Key.Key_Z, CTRL)
    assert np.array_equal(_labels(reviewed, place), before)
    assert cells["lv.edv_ml"].text() == edv
    assert review.history.undo_name is None


def test_that_a_gesture_that_ends_in_nothing_leaves_everything_as_it_was(
    qtbot: QtBot, reviewed: StudyPage, stamp: Stamp
) -> None:
    cine, place = reviewed.cine, (4, 0)
    before = _labels(reviewed, place)
    start, end = _at(cine, 10, 20, place), _at(cine, 60, 60, place)
    qtbot.mousePress(cine, LEFT, pos=start)
    move_held(cine, start, end, LEFT)
    assert not np.array_equal(_labels(reviewed, place), before)
    qtbot.mouseRelease(cine, LEFT, SHIFT, end)
    assert np.array_equal(_labels(reviewed, place), before)
    assert not reviewed.desk.review.not_exported


def test_that_a_tool_sees_the_mouse_between_pixels_with_the_keys_that_are_held(
    qtbot: QtBot, reviewed: StudyPage, stamp: Stamp
) -> None:
    cine, study = reviewed.cine, reviewed.desk.reading.study
    assert study is not None
    cine.viewport.zoom_by(9.0, about=QPointF(150, 120), area=QRectF(cine.rect()))
    point = QPoint(173, 141)
    exact = cine.to_screen().inverted()[0].map(QPointF(point))
    qtbot.mousePress(cine, LEFT, CTRL, point)
    qtbot.mouseRelease(cine, LEFT, SHIFT, point)
    (seen,) = stamp.seen
    assert (seen.column, seen.row) == pytest.approx((exact.x(), exact.y()))
    assert seen.row != int(seen.row)
    assert (seen.place, seen.control, seen.shift) == ((4, 0), True, False)
    row_mm, _ = study.stack.geometry.pixel_spacing_mm
    assert seen.view_px_per_mm * row_mm == pytest.approx(cine.to_screen().m22())


def test_that_wheel_and_keys_are_the_tools_only_while_it_is_chosen(
    desktop: Desktop, qtbot: QtBot, reviewed: StudyPage, stamp: Stamp
) -> None:
    cine, cursor = reviewed.cine, reviewed.desk.cursor
    cine.setFocus()
    cursor.go(to_phase=3)
    turn_wheel(cine, QPointF(100, 100), -120)
    qtbot.keyClick(cine, Qt.Key.Key_D)
    assert (cursor.slice, cursor.phase) == (4, 3)
    assert (stamp.turned, stamp.pressed) == (-1.0, ["D"])
    turn_wheel(cine, QPointF(100, 100), 480, CTRL)
    assert cine.viewport.zoom > 1.5  # as ever
    qtbot.keyClick(cine, Qt.Key.Key_Right)
    assert cursor.phase == 4  # no key of the tool's
    reviewed.toolbox.choose(None)
    turn_wheel(cine, QPointF(100, 100), -120)
    qtbot.keyClick(cine, Qt.Key.Key_D)
    assert cursor.slice == 5
    assert cursor.phase == reviewed.desk.review.phase_of(next(iter(reviewed.desk.review.moments_at(cursor.phase))))
    assert stamp.pressed == ["D"]


def test_that_a_key_of_a_tool_makes_a_step(qtbot: QtBot, reviewed: StudyPage, stamp: Stamp) -> None:
    reviewed.cine.setFocus()
    qtbot.keyClick(reviewed.cine, Qt.Key.Key_Return)
    assert (_labels(reviewed, (0, 0)) == Label.LV).all()
    assert reviewed.desk.review.not_exported


def test_that_window_and_pan_stay_in_the_hand_beside_a_tool(qtbot: QtBot, reviewed: StudyPage, stamp: Stamp) -> None:
    cine, level = reviewed.cine, reviewed.desk.level.window
    start, end = QPoint(150, 150), QPoint(210, 190)
    qtbot.mousePress(cine, RIGHT, pos=start)
    move_held(cine, start, end, RIGHT)
    qtbot.mouseRelease(cine, RIGHT, pos=end)
    assert reviewed.desk.level.window.width > level.width
    cine.zoom_by(4.0)
    under = cine.to_screen().inverted()[0].map(QPointF(start))
    qtbot.mousePress(cine, MIDDLE, pos=start)
    move_held(cine, start, end, MIDDLE)
    qtbot.mouseRelease(cine, MIDDLE, pos=end)
    moved = cine.to_screen().inverted()[0].map(QPointF(end))
    assert (moved - under).manhattanLength() < 1e-6  # the pixel that was pressed is under the mouse
    assert stamp.seen == []


def test_that_a_tool_paints_under_the_mouse_and_has_its_own_cursor(
    qtbot: QtBot, reviewed: StudyPage, stamp: Stamp
) -> None:
    cine = reviewed.cine
    assert cine.cursor().shape() is Qt.CursorShape.CrossCursor
    assert reviewed.hint.text() == "Drag to fill"
    qtbot.mouseMove(cine, QPoint(10, 10))
    qtbot.mouseMove(cine, QPoint(120, 90))
    qtbot.waitUntil(lambda: stamp.over is not None)
    assert cine.grab().toImage().pixelColor(120, 90).name() == INK
    reviewed.toolbox.choose(None)
    assert cine.cursor().shape() is Qt.CursorShape.ArrowCursor
    assert "Click a cell" in reviewed.hint.text()


def test_that_the_hint_speaks_of_nothing_that_is_not_on_the_screen(desktop: Desktop, reviewed: StudyPage) -> None:
    told = {}
    for layout in "125":
        desktop.settings.change("layout", layout)
        told[layout] = ("Click a cell" in reviewed.hint.text(), "curves" in reviewed.hint.text())
    assert told == {"1": (True, True), "2": (True, False), "5": (False, False)}
    assert "Drag" in reviewed.hint.text()


def test_that_a_tool_works_on_the_tile_that_was_pressed_in_the_grid(
    desktop: Desktop, qtbot: QtBot, reviewed: StudyPage, stamp: Stamp
) -> None:
    qtbot.keyClick(desktop.window, Qt.Key.Key_3)
    grid, place = reviewed.grid, (6, 0)
    others = _labels(reviewed, (1, 0))
    start = grid.tile_rect(6).center().toPoint()
    end = grid.tile_rect(1).center().toPoint()
    qtbot.mousePress(grid, LEFT, pos=start)
    move_held(grid, start, end, LEFT)
    qtbot.mouseRelease(grid, LEFT, pos=end)
    assert {seen.place for seen in stamp.seen} == {place}
    assert set(np.unique(_labels(reviewed, place))) == {0, Label.LV}
    assert np.array_equal(_labels(reviewed, (1, 0)), others)


def test_that_another_tool_or_none_drops_what_was_begun(qtbot: QtBot, reviewed: StudyPage, stamp: Stamp) -> None:
    cine, place = reviewed.cine, (4, 0)
    before, dropped = _labels(reviewed, place), stamp.dropped
    start, end = _at(cine, 10, 20, place), _at(cine, 60, 60, place)
    qtbot.mousePress(cine, LEFT, pos=start)
    move_held(cine, start, end, LEFT)
    reviewed.toolbox.choose(None)
    assert stamp.dropped == dropped + 1
    assert np.array_equal(_labels(reviewed, place), before)
    qtbot.mouseRelease(cine, LEFT, pos=end)
    assert not reviewed.desk.review.not_exported


def test_that_only_frames_that_were_redrawn_are_traced_anew(reviewed: StudyPage) -> None:
    overlays, review = reviewed.desk.overlays, reviewed.desk.review
    there = {place: overlays.at(place) for place in ((4, 0), (4, 1))}
    assert review.present is not None
    review.edit(redraw_one(Gesture.DELETE, (4, 0), np.zeros_like(_labels(reviewed, (4, 0)))))
    now = {place: overlays.at(place) for place in there}
    kept = {place: now[place].paths is one.paths for place, one in there.items()}  # type: ignore[union-attr]
    assert kept == {(4, 0): False, (4, 1): True}


def test_that_every_command_has_a_text_and_a_function_of_its_own() -> None:
    commands = [command for menu in MENUS for command in menu.commands]
    names = [command.entry.name for command in commands]
    assert len(set(names)) == len(names)
    assert all(command.run.__doc__ and command.entry.text for command in commands)
