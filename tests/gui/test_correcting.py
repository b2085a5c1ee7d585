"""Correcting by mouse and keys: each tool does what its hint says, in one step, and what follows from a correction."""

from itertools import pairwise

import numpy as np
import pytest
from faults import Fault, Planted, plant
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from cinecor.inference.outline.segmentation import Label, ModelIdentity, Runtime, Segmentation
from cinecor.review import DropSlice, FrameState, Gesture, redraw_one
from cinecor.review.borders import Border, broken_rules, region
from cinecor.review.papillary_choice import PapillaryConvention
from cinecor.scene.cells import Cell
from cinecor.ui.study.difference import difference_text
from cinecor.ui.tools.toolbox import ToolName
from cinecor.ui.views.tool_view import ToolView
from cinecor.ui.window.command import Command
from cinecor.ui.window.commands import MENUS
from cinecor.ui.window.desktop import Desktop
from cinecor.ui.window.study_page import StudyPage
from cinecor_phantom import make_phantom

from .conftest import LONG_MS, SMALL
from .mouse import move_held, turn_wheel

LEFT = Qt.MouseButton.LeftButton
CTRL, SHIFT, NOTHING = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.NoModifier,
)
Key = Qt.Key
PLACE = (4, 3)
Point = tuple[float, float]  # x, y in pixels


@pytest.fixture(scope="session")
def truth() -> NDArray[np.uint8]:
    """The phantom's own labels."""
    return make_phantom(acquisition=SMALL, pictures=False).labels.astype(np.uint8)


@pytest.fixture
def page(opened: StudyPage, truth: NDArray[np.uint8]) -> StudyPage:
    """The phantom with true outlines, of which the model is not sure; slice 4, phase 3 as large as the heart allows."""
    _adopt(opened, truth)
    return opened


def _adopt(page: StudyPage, labels: NDArray[np.uint8]) -> None:
    confidence = np.full(labels.shape[:2], 0.9, np.float32)
    model, runtime = ModelIdentity("model", "1", "0" * 64, "int8"), Runtime("cpu", "CPUExecutionProvider")
    page.desk.review.adopt(Segmentation(labels.copy(), confidence, model, runtime, ()))
    page.desk.cursor.go(to_slice=PLACE[0], to_phase=PLACE[1])
    page.cine.zoom_to_heart()
    page.focus_image()


def _screen(page: StudyPage, point: Point) -> QPoint:
    return page.cine.to_screen().map(QPointF(*point)).toPoint()


def _take(qtbot: QtBot, page: StudyPage, key: Qt.Key) -> None:
    qtbot.keyClick(page.window(), key)


def _drag(qtbot: QtBot, page: StudyPage, *points: Point, held: Qt.KeyboardModifier = NOTHING) -> None:
    stops = [_screen(page, point) for point in points]
    qtbot.mousePress(page.cine, LEFT, held, stops[0])
    for start, end in pairwise(stops):
        move_held(page.cine, start, end, LEFT)
    qtbot.mouseRelease(page.cine, LEFT, held, stops[-1])


def _frame(page: StudyPage, place: tuple[int, int] = PLACE) -> NDArray[np.uint8]:
    labels = page.desk.overlays.labels
    assert labels is not None
    return labels[place].copy()


def _states(page: StudyPage) -> dict[tuple[int, int], FrameState]:
    review = page.desk.review.decided
    assert review is not None
    return dict(review.corrections.states)


def _steps(page: StudyPage) -> int:
    history = page.desk.review.history
    assert history is not None
    return len(history.edits)


def _middle(labels: NDArray[np.uint8], border: Border) -> tuple[NDArray[np.float64], float]:
    """The middle (x, y) of what lies within a border, and the radius of a circle as large; in pixels."""
    within = region(labels, border)
    return np.argwhere(within).mean(axis=0)[::-1] + 0.5, float(np.sqrt(within.sum() / np.pi))


def _right(labels: NDArray[np.uint8], border: Border) -> Point:
    """Where the border is rightmost at the height of its middle: away from the RV."""
    (_, y), _ = _middle(labels, border)
    row = region(labels, border)[int(y)]
    return float(np.flatnonzero(row)[-1]) + 1.0, float(y)


# -- the tools


def test_that_push_moves_the_line_that_it_begins_beside_and_no_other(
    qtbot: QtBot, page: StudyPage, truth: NDArray[np.uint8]
) -> None:
    before = truth[PLACE]
    x, y = _right(before, Border.ENDO)
    _take(qtbot, page, Key.Key_P)
    _drag(qtbot, page, (x - 6.0, y), (x - 1.0, y))
    after = _frame(page)
    assert region(after, Border.ENDO).sum() > region(before, Border.ENDO).sum()
    assert not (region(before, Border.ENDO) & ~region(after, Border.ENDO)).any()
    for border in (Border.EPI, Border.RV):
        assert np.array_equal(region(after, border), region(before, border))
    assert _states(page) == {PLACE: FrameState.CORRECTED}
    assert _steps(page) == 1


def test_that_a_wall_that_pushes_the_rv_back_says_so_until_that_is_undone(
    desktop: Desktop, qtbot: QtBot, page: StudyPage, truth: NDArray[np.uint8]
) -> None:
    before = truth[PLACE]
    (_, y), _ = _middle(before, Border.EPI)
    row = region(before, Border.EPI)[int(y)]
    left = float(np.flatnonzero(row)[0])  # where the RV lies
    _take(qtbot, page, Key.Key_P)
    _take(qtbot, page, Key.Key_W)
    _drag(qtbot, page, (left + 5.0, y), (left - 4.0, y))
    after = _frame(page)
    lost_px = int(region(before, Border.RV).sum()) - int(region(after, Border.RV).sum())
    assert lost_px > 0
    geometry = page.desk.reading.study.stack.geometry  # type: ignore[union-attr]
    pixel_ml = float(np.prod(geometry.pixel_spacing_mm)) * float(geometry.slice_extent_mm[PLACE[0]]) / 1000
    assert f"RV gave way: −{lost_px * pixel_ml:.1f} mL here" in page.hint.text()
    qtbot.keyClick(desktop.window, Key.Key_Z, CTRL)
    qtbot.waitUntil(lambda: "gave way" not in page.hint.text())
    qtbot.keyClick(desktop.window, Key.Key_Y, CTRL)
    qtbot.waitUntil(lambda: f"RV gave way: −{lost_px * pixel_ml:.1f} mL here" in page.hint.text())
    page.desk.review.edit(redraw_one(Gesture.DELETE, PLACE, np.zeros_like(after)))
    qtbot.waitUntil(lambda: "gave way" not in page.hint.text())


def test_that_a_held_border_is_pushed_though_another_one_is_nearer(
    qtbot: QtBot, page: StudyPage, truth: NDArray[np.uint8]
) -> None:
    before = truth[PLACE]
    x, y = _right(before, Border.ENDO)
    _take(qtbot, page, Key.Key_P)
    _take(qtbot, page, Key.Key_W)
    _drag(qtbot, page, (x - 1.0, y), (x + 9.0, y))
    after = _frame(page)
    assert np.array_equal(region(after, Border.ENDO), region(before, Border.ENDO))
    assert region(after, Border.EPI).sum() > region(before, Border.EPI).sum()
    _take(qtbot, page, Key.Key_W)
    assert page.toolbox.canvas.held is None


def test_that_wheel_and_brackets_change_the_disc_while_it_is_in_the_hand_and_slices_otherwise(
    qtbot: QtBot, page: StudyPage
) -> None:
    canvas, cursor = page.toolbox.canvas, page.desk.cursor
    usual = canvas.radius_mm
    _take(qtbot, page, Key.Key_P)
    turn_wheel(page.cine, QPointF(100, 100), 120)
    assert canvas.radius_mm > usual
    turn_wheel(page.cine, QPointF(100, 100), -12)  # a trackpad: part of a step
    assert 1.0 < canvas.radius_mm / usual < 1.12
    qtbot.keyClick(page.cine, Key.Key_BracketLeft)
    qtbot.keyClick(page.cine, Key.Key_BracketLeft)
    assert canvas.radius_mm < usual
    assert cursor.slice == PLACE[0]
    for _ in range(200):
        canvas.resize(1)
    assert canvas.radius_mm == 40.0  # and no larger
    qtbot.keyClick(page.cine, Key.Key_Escape)
    assert page.toolbox.chosen is None
    turn_wheel(page.cine, QPointF(100, 100), -120)
    assert cursor.slice == PLACE[0] + 1


def test_that_the_line_follows_the_disc_between_pixels_while_it_is_dragged(
    qtbot: QtBot, page: StudyPage, truth: NDArray[np.uint8]
) -> None:
    x, y = _right(truth[PLACE], Border.ENDO)
    _take(qtbot, page, Key.Key_P)
    start = _screen(page, (x - 6.0, y))
    qtbot.mousePress(page.cine, LEFT, pos=start)
    reach, steps = [], 24
    for step in range(1, steps):
        here, there = start + QPoint(step - 1, 0), start + QPoint(step, 0)
        move_held(page.cine, here, there, LEFT, steps=1)
        overlay = page.desk.overlays.at(PLACE)
        assert overlay is not None
        reach.append(max(path.boundingRect().right() for label, path in overlay.paths.items() if label == 3))
    moved = np.diff(reach[-8:])
    assert (moved > 0).all()  # with each pixel of the screen, which is less than one of the image
    assert moved.max() < 0.9
    qtbot.mouseRelease(page.cine, LEFT, pos=start + QPoint(steps, 0))


class _Painted(QObject):
    """How often each of some widgets was painted."""

    def __init__(self, *widgets: QWidget) -> None:
        super().__init__()
        self.times = dict.fromkeys(widgets, 0)
        for widget in widgets:
            widget.installEventFilter(self)

    def at_rest(self, qtbot: QtBot) -> dict[QWidget, int]:
        """The times when nothing more is to be painted."""
        before: dict[QWidget, int] = {}
        while before != self.times:
            before = dict(self.times)
            qtbot.wait(400)  # findings are made when the hand rests
        return before

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802  Qt's name
        if event.type() is QEvent.Type.Paint and isinstance(watched, QWidget):
            self.times[watched] += 1
        return False


def test_that_the_line_that_is_dragged_is_painted_first_and_what_counts_where_it_is_shown(
    qtbot: QtBot, page: StudyPage
) -> None:
    cine, others = page.cine, (page.long_axis, page.matrix)
    painted = _Painted(cine, *others)
    assert page.desk.review.decided is not None
    frame = page.desk.review.decided.labels[2, 3].copy()  # type: ignore[index]
    frame[frame == Label.LV] = Label.MYO
    page.desk.cursor.go(to_slice=2, to_phase=3)
    before = painted.at_rest(qtbot)
    page.desk.review.preview(redraw_one(Gesture.PUSH, (2, 3), frame))
    cine.repaint()
    assert painted.times[cine] == before[cine] + 1
    assert [painted.times[one] - before[one] for one in others] == [0, 0]
    qtbot.waitUntil(lambda: all(painted.times[one] > before[one] for one in others), timeout=LONG_MS)
    page.desk.review.preview(None)
    before = painted.at_rest(qtbot)
    assert page.desk.review.edit(DropSlice(2))  # no line moves: it is dashed now
    qtbot.waitUntil(lambda: painted.times[cine] > before[cine], timeout=LONG_MS)


def test_that_a_stroke_replaces_the_arc_between_its_ends(
    qtbot: QtBot, page: StudyPage, truth: NDArray[np.uint8]
) -> None:
    before = truth[PLACE]
    middle, radius = _middle(before, Border.ENDO)
    ends = [(middle[0] + side * 0.6 * radius, middle[1] + 0.8 * radius) for side in (-1, 1)]
    _take(qtbot, page, Key.Key_R)
    _drag(qtbot, page, ends[0], (float(middle[0]), middle[1] + 0.5 * radius), ends[1])
    lost = region(before, Border.ENDO) & ~region(_frame(page), Border.ENDO)
    assert lost.any()
    assert np.argwhere(lost)[:, 0].min() > middle[1] + 0.4 * radius  # nothing beyond the stroke
    assert not (region(_frame(page), Border.ENDO) & ~region(before, Border.ENDO)).sum() > 12


def test_that_a_stroke_that_meets_no_line_changes_nothing_and_says_so(
    qtbot: QtBot, page: StudyPage, truth: NDArray[np.uint8]
) -> None:
    (x, y), radius = _middle(truth[PLACE], Border.ENDO)
    _take(qtbot, page, Key.Key_R)
    _drag(qtbot, page, (x, y - radius), (x, y))
    assert _steps(page) == 0
    assert "nothing was changed" in page.hint.text()


@pytest.mark.parametrize("tool", [Key.Key_P, Key.Key_R, Key.Key_J])
def test_that_a_tool_for_lines_says_so_where_there_is_no_line(
    qtbot: QtBot, opened: StudyPage, truth: NDArray[np.uint8], tool: Qt.Key
) -> None:
    labels = truth.copy()
    labels[PLACE] = 0
    _adopt(opened, labels)
    _take(qtbot, opened, tool)
    _drag(qtbot, opened, (40.0, 40.0), (44.0, 40.0))
    assert "Nothing is outlined in this frame" in opened.hint.text()
    assert _steps(opened) == 0
    _take(qtbot, opened, Key.Key_V)
    _drag(qtbot, opened, (40.0, 40.0), (44.0, 40.0))
    assert "no line of the RV" in opened.hint.text()


def test_that_clicks_draw_what_is_missing_cavity_first_and_enter_closes(
    qtbot: QtBot, opened: StudyPage, truth: NDArray[np.uint8]
) -> None:
    spoiled = truth.copy()
    spoiled[PLACE] = 0
    _adopt(opened, spoiled)
    page = opened
    _take(qtbot, page, Key.Key_N)
    for border, key in ((Border.ENDO, Key.Key_Return), (Border.EPI, Key.Key_Enter)):
        middle, radius = _middle(truth[PLACE], border)
        for turn in np.arange(6) * np.pi / 3:
            at = (middle[0] + radius * np.cos(turn), middle[1] + radius * np.sin(turn))
            qtbot.mouseClick(page.cine, LEFT, pos=_screen(page, at))
        qtbot.mouseClick(page.cine, LEFT, pos=_screen(page, (2.0, 2.0)))
        qtbot.keyClick(page.cine, Key.Key_Backspace)  # that one was a slip
        assert _steps(page) == (border is Border.EPI)
        qtbot.keyClick(page.cine, key)
        there, here = region(truth[PLACE], border), region(_frame(page), border)
        assert 2 * (there & here).sum() / (there.sum() + here.sum()) > 0.95
    assert _steps(page) == 2
    assert broken_rules(_frame(page)) == ()
    assert "RV" in page.hint.text()  # what is missing still


def test_that_a_shorter_hint_does_not_move_the_image_under_the_hand(
    qtbot: QtBot, qapp: QApplication, page: StudyPage, truth: NDArray[np.uint8]
) -> None:
    def settled() -> tuple[bool, int]:
        for _ in range(5):  # views within splitters within the page
            qapp.processEvents()
        return page.hint.fontMetrics().horizontalAdvance(page.hint.text()) > page.hint.width(), page.cine.height()

    page.window().resize(820, 780)
    settled()
    _take(qtbot, page, Key.Key_N)
    two_lines, high = settled()
    assert two_lines
    qtbot.mouseClick(page.cine, LEFT, NOTHING, _screen(page, _right(truth[PLACE], Border.ENDO)))
    two_lines, still = settled()
    assert not two_lines
    assert still == high


def test_that_a_double_click_closes_an_outline_and_two_points_close_nothing(
    qtbot: QtBot, page: StudyPage, truth: NDArray[np.uint8]
) -> None:
    middle, radius = _middle(truth[PLACE], Border.ENDO)
    _take(qtbot, page, Key.Key_N)
    _take(qtbot, page, Key.Key_C)
    points = [(middle[0] + 0.6 * radius * np.cos(t), middle[1] + 0.6 * radius * np.sin(t)) for t in (0, 1.5, 3, 4.5)]
    for point in points[:2]:
        qtbot.mouseClick(page.cine, LEFT, pos=_screen(page, point))
    qtbot.keyClick(page.cine, Key.Key_Return)
    assert _steps(page) == 0
    for point in points[2:]:
        qtbot.mouseClick(page.cine, LEFT, pos=_screen(page, point))
    qtbot.mouseDClick(page.cine, LEFT, SHIFT, _screen(page, points[3]))  # as drawn: there is no edge in the blood
    area = region(_frame(page), Border.ENDO).sum()
    assert area == pytest.approx(np.pi * (0.6 * radius) ** 2, rel=0.15)
    assert page.cine.viewport.zoom > 1.0  # the double click was the tool's


def test_that_a_handle_takes_its_neighbours_along(qtbot: QtBot, page: StudyPage, truth: NDArray[np.uint8]) -> None:
    before = truth[PLACE]
    x, y = _right(before, Border.EPI)
    _take(qtbot, page, Key.Key_J)
    _drag(qtbot, page, (x, y), (x + 4.0, y))
    gained = region(_frame(page), Border.EPI) & ~region(before, Border.EPI)
    assert gained.sum() > 8
    assert np.ptp(np.argwhere(gained)[:, 0]) < 2.2 * _middle(before, Border.EPI)[1]
    assert np.array_equal(region(_frame(page), Border.ENDO), region(before, Border.ENDO))


def test_that_the_brush_paints_and_with_ctrl_erases_and_the_eraser_the_other_way_round(
    qtbot: QtBot, page: StudyPage, truth: NDArray[np.uint8]
) -> None:
    before = truth[PLACE]
    x, y = _right(before, Border.ENDO)
    sizes = [region(before, Border.ENDO).sum()]
    _take(qtbot, page, Key.Key_C)  # else the muscle is painted where the cavity was erased
    for key, held in ((Key.Key_B, NOTHING), (Key.Key_E, NOTHING), (Key.Key_E, CTRL), (Key.Key_B, CTRL)):
        page.toolbox.choose(None)
        _take(qtbot, page, key)
        _drag(qtbot, page, (x - 2.0, y), (x - 1.0, y), held=held)
        sizes.append(region(_frame(page), Border.ENDO).sum())
    assert np.sign(np.diff(sizes)).tolist() == [1, -1, 1, -1]
    assert _steps(page) == 4


def test_that_escape_takes_back_what_is_half_done_and_then_lays_the_tool_down(
    qtbot: QtBot, page: StudyPage, truth: NDArray[np.uint8]
) -> None:
    x, y = _right(truth[PLACE], Border.ENDO)
    _take(qtbot, page, Key.Key_P)
    start, end = _screen(page, (x - 6.0, y)), _screen(page, (x, y))
    qtbot.mousePress(page.cine, LEFT, pos=start)
    move_held(page.cine, start, end, LEFT)
    assert not np.array_equal(_frame(page), truth[PLACE])
    qtbot.keyClick(page.cine, Key.Key_Escape)
    assert np.array_equal(_frame(page), truth[PLACE])
    qtbot.mouseRelease(page.cine, LEFT, pos=end)
    assert _steps(page) == 0
    assert page.toolbox.name is ToolName.PUSH
    qtbot.keyClick(page.cine, Key.Key_Escape)
    assert page.toolbox.chosen is None


def test_that_tools_work_on_the_tile_that_is_pressed_and_the_cursor_goes_there(
    desktop: Desktop, qtbot: QtBot, page: StudyPage, truth: NDArray[np.uint8]
) -> None:
    qtbot.keyClick(desktop.window, Key.Key_3)
    _take(qtbot, page, Key.Key_P)
    grid, place = page.grid, (2, PLACE[1])
    x, y = _right(truth[place], Border.ENDO)

    def at(view: ToolView, point: Point) -> QPoint:
        found = view.frame_at(QPointF(view.rect().center()), place)
        assert found is not None
        return found[1].map(QPointF(*point)).toPoint()

    start, end = at(grid, (x - 6.0, y)), at(grid, (x - 1.0, y))
    qtbot.mousePress(grid, LEFT, pos=start)
    move_held(grid, start, end, LEFT)
    qtbot.mouseRelease(grid, LEFT, pos=end)
    assert list(_states(page)) == [place]
    assert (page.desk.cursor.slice, page.desk.cursor.phase) == place


def test_that_every_button_of_the_bar_takes_its_tool_and_lays_it_down_again(qtbot: QtBot, page: StudyPage) -> None:
    for name, button in page.correction.tools.items():
        qtbot.mouseClick(button, LEFT)
        assert page.toolbox.name is name
        assert button.isChecked()
        assert page.hint.text() == page.toolbox.tools[name].hint != ""
        qtbot.mouseClick(button, LEFT)
        assert page.toolbox.chosen is None
        assert not button.isChecked()


def test_that_nothing_can_be_drawn_before_there_are_outlines(qtbot: QtBot, opened: StudyPage) -> None:
    _take(qtbot, opened, Key.Key_P)
    assert opened.toolbox.chosen is None
    assert {name.measures for name, button in opened.correction.tools.items() if button.isEnabled()} == {True}


def test_that_no_two_commands_have_one_key() -> None:
    entries = [command.entry for menu in MENUS for command in menu.commands]
    keys = [key for entry in entries for key in entry.keys]
    assert len(keys) == len(set(keys))
    assert all(isinstance(command, Command) or command.when is not None for menu in MENUS for command in menu.commands)


# -- without a tool, and what follows from a correction


def test_that_delete_takes_the_held_structure_or_all_and_onward_stops_where_it_returns(
    qtbot: QtBot, opened: StudyPage, truth: NDArray[np.uint8]
) -> None:
    gone = truth.copy()
    gone[PLACE[0], 5:7] = 0
    _adopt(opened, gone)
    page = opened
    _take(qtbot, page, Key.Key_V)
    qtbot.keyClick(page.cine, Key.Key_Delete)
    assert not region(_frame(page), Border.RV).any()
    assert np.array_equal(region(_frame(page), Border.EPI), region(truth[PLACE], Border.EPI))
    _take(qtbot, page, Key.Key_V)
    qtbot.keyClick(page.cine, Key.Key_Delete, SHIFT)
    assert sorted(_states(page)) == [(PLACE[0], 3), (PLACE[0], 4)]
    assert not _frame(page, (PLACE[0], 4)).any()
    assert _frame(page, (PLACE[0], 7)).any()  # there it had come back by itself
    assert _steps(page) == 2


def _spoil(page: StudyPage, truth: NDArray[np.uint8], fault: Fault) -> Planted:
    """Give the model a fault in all phases of a slice."""
    spacing = (SMALL.pixel_spacing_mm, SMALL.pixel_spacing_mm)
    spoiled = truth.copy()
    planted = [plant(frame, fault, pixel_spacing_mm=spacing, turn=0.0) for frame in truth[PLACE[0]]]
    spoiled[PLACE[0]] = [one.frame for one in planted]
    _adopt(page, spoiled)
    return planted[PLACE[1]]


def _mend(qtbot: QtBot, page: StudyPage, planted: Planted) -> None:
    x, y = planted.centre
    _take(qtbot, page, Key.Key_P)
    _take(qtbot, page, Key.Key_W)
    page.toolbox.canvas.radius_mm = 6.0
    _drag(qtbot, page, (x + 12.0, y - 4.0), (x + 3.4, y - 4.0), (x + 3.4, y + 4.0))
    page.toolbox.choose(None)


def test_that_a_change_is_carried_to_phases_with_the_same_fault_until_somebody_has_looked(
    qtbot: QtBot, opened: StudyPage, truth: NDArray[np.uint8]
) -> None:
    page = opened
    planted = _spoil(page, truth, Fault.BULGE)
    _mend(qtbot, page, planted)
    fault = region(planted.frame, Border.EPI).sum() - region(truth[PLACE], Border.EPI).sum()
    left = region(_frame(page), Border.EPI).sum() - region(truth[PLACE], Border.EPI).sum()
    assert left < 0.6 * fault
    spoiled = {place: _frame(page, place) for place in ((PLACE[0], 2), (PLACE[0], 4))}
    _take(qtbot, page, Key.Key_K)
    qtbot.waitUntil(lambda: not page.desk.carrying.running, timeout=LONG_MS)
    states = _states(page)
    carried = {place for place, state in states.items() if state is FrameState.PROVISIONAL}
    assert {(PLACE[0], 2), (PLACE[0], 4)} <= carried
    assert states[PLACE] is FrameState.CORRECTED
    for place, before in spoiled.items():
        assert region(_frame(page, place), Border.EPI).sum() < region(before, Border.EPI).sum()
        assert np.array_equal(region(_frame(page, place), Border.ENDO), region(before, Border.ENDO))
    assert _steps(page) == 2  # the push, and the carrying as a whole
    assert "Carried to slice 5, phases 1 to " in page.messages.text.text()
    left = page.correction.left
    assert str(len(carried)) in left.text()
    qtbot.waitUntil(lambda: left.width() >= left.sizeHint().width())
    qtbot.keyClick(page.cine, Key.Key_Return)  # the corrected frame needs no looking at: on to the next
    here = (page.desk.cursor.slice, page.desk.cursor.phase)
    assert here in carried
    qtbot.keyClick(page.cine, Key.Key_Return)
    assert _states(page)[here] is FrameState.ACCEPTED
    qtbot.keyClick(page.cine, Key.Key_Return, SHIFT)
    assert FrameState.PROVISIONAL not in _states(page).values()
    assert page.correction.left.text() == ""
    told = difference_text(page.desk)  # looked at since: carried all the same
    assert told.startswith(f"Against the model: 1 frame redrawn, {len(carried)} carried or filled")


def test_that_undo_and_redo_show_what_they_change(
    desktop: Desktop, qtbot: QtBot, page: StudyPage, truth: NDArray[np.uint8]
) -> None:
    x, y = _right(truth[PLACE], Border.ENDO)
    _take(qtbot, page, Key.Key_P)
    _drag(qtbot, page, (x - 6.0, y), (x - 1.0, y))
    drawn, cursor = _frame(page), page.desk.cursor
    cursor.go(to_slice=1, to_phase=8)
    qtbot.keyClick(desktop.window, Key.Key_Z, CTRL)
    assert (cursor.slice, cursor.phase) == PLACE
    assert np.array_equal(_frame(page), truth[PLACE])
    cursor.go(to_slice=6, to_phase=0)
    qtbot.keyClick(desktop.window, Key.Key_Y, CTRL)
    assert (cursor.slice, cursor.phase) == PLACE
    assert np.array_equal(_frame(page), drawn)


def test_that_carrying_asks_for_a_correction_and_filling_for_two(qtbot: QtBot, page: StudyPage) -> None:
    for key, told in ((Key.Key_K, "Correct this frame first"), (Key.Key_U, "on both sides")):
        _take(qtbot, page, key)
        assert told in page.messages.text.text()
    assert _states(page) == {}


def test_that_filling_draws_the_phases_between_two_that_were_settled(
    qtbot: QtBot, opened: StudyPage, truth: NDArray[np.uint8]
) -> None:
    spoiled = truth.copy()
    spoiled[PLACE[0], 3:5] = truth[PLACE[0], 9]  # of another moment of the cycle
    spoiled[PLACE[0], 4][region(spoiled[PLACE[0], 4], Border.RV)] = 0
    _adopt(opened, spoiled)
    page, cursor = opened, opened.desk.cursor
    for phase in (2, 5):
        cursor.go(to_phase=phase)
        qtbot.keyClick(page.cine, Key.Key_Return)
    cursor.go(to_phase=3)
    _take(qtbot, page, Key.Key_U)
    qtbot.waitUntil(lambda: not page.desk.carrying.running, timeout=LONG_MS)
    for phase in (3, 4):
        place = (PLACE[0], phase)
        assert _states(page)[place] is FrameState.PROVISIONAL
        for border in Border:
            ends = sorted(int(region(truth[PLACE[0], end], border).sum()) for end in (2, 5))
            assert ends[0] <= region(_frame(page, place), border).sum() <= ends[1]


def test_that_the_models_outlines_come_back_for_a_structure_a_frame_a_slice_and_all(
    desktop: Desktop, qtbot: QtBot, page: StudyPage, truth: NDArray[np.uint8]
) -> None:
    cursor = page.desk.cursor
    for index, phase in ((4, 3), (4, 4), (2, 3)):
        cursor.go(to_slice=index, to_phase=phase)
        qtbot.keyClick(page.cine, Key.Key_Delete)
    cursor.go(to_slice=4, to_phase=3)
    _take(qtbot, page, Key.Key_V)
    qtbot.keyClick(desktop.window, Key.Key_Backspace, CTRL)
    assert np.array_equal(region(_frame(page), Border.RV), region(truth[PLACE], Border.RV))
    assert not region(_frame(page), Border.EPI).any()
    _take(qtbot, page, Key.Key_V)
    qtbot.keyClick(desktop.window, Key.Key_Backspace, CTRL)
    assert np.array_equal(_frame(page), truth[PLACE])
    assert sorted(_states(page)) == [(2, 3), (4, 4)]
    qtbot.keyClick(desktop.window, Key.Key_Backspace, CTRL | SHIFT)
    assert sorted(_states(page)) == [(2, 3)]
    desktop.window.actions_by_name["model_everywhere"].trigger()
    assert _states(page) == {}
    assert np.array_equal(page.desk.overlays.labels, truth)


def test_that_papillary_muscles_count_as_the_reader_chooses_and_the_threshold_is_dragged(
    qtbot: QtBot, page: StudyPage, truth: NDArray[np.uint8]
) -> None:
    review, middle = page.desk.review, _middle(truth[PLACE], Border.ENDO)[0]

    def mass_g() -> float:
        assert review.result is not None
        mass = review.result.measurements.lv.mass_g
        assert mass is not None
        return mass

    as_cavity = mass_g()
    _take(qtbot, page, Key.Key_M)
    qtbot.mouseMove(page.cine, _screen(page, (middle[0], middle[1])))
    qtbot.keyClick(page.window(), Key.Key_M, SHIFT)
    assert review.decided is not None
    assert review.decided.papillaries.convention is PapillaryConvention.MASS
    as_mass = mass_g()
    assert as_mass > as_cavity
    assert "cm²" in page.hint.text()
    _drag(qtbot, page, (middle[0], middle[1]), (middle[0], middle[1] - 12.0))  # upwards: more of it is muscle
    assert review.decided.papillaries.shift(PLACE[0]) > 0
    assert mass_g() >= as_mass
    qtbot.keyClick(page.cine, Key.Key_0)
    assert review.decided.papillaries.shift(PLACE[0]) == 0
    assert mass_g() == as_mass
    assert np.array_equal(_frame(page), truth[PLACE])  # the outlines stay


def test_that_the_matrix_says_what_a_person_did_about_a_frame(
    qtbot: QtBot, page: StudyPage, truth: NDArray[np.uint8]
) -> None:
    told: list[str] = []
    page.matrix.hinted.connect(told.append)
    page.desk.cursor.go(to_slice=0, to_phase=0)  # whose frames lie over no cell that is looked at
    before = page.matrix.grab().toImage()
    page.desk.cursor.go(to_slice=PLACE[0], to_phase=PLACE[1])
    qtbot.keyClick(page.cine, Key.Key_Delete)
    page.desk.cursor.go(to_phase=6)
    qtbot.keyClick(page.cine, Key.Key_Return)
    page.desk.cursor.go(to_slice=0, to_phase=0)
    for phase, word in ((PLACE[1], "corrected"), (6, "accepted"), (8, "")):
        at = page.matrix.cell_rect(PLACE[0], phase).center().toPoint()
        qtbot.mouseMove(page.matrix, at)
        qtbot.waitUntil(lambda phase=phase: f"phase {phase + 1}:" in told[-1] if told else False)
        assert word in told[-1]
    after = page.matrix.grab().toImage()
    for phase, changed in ((PLACE[1], True), (6, True), (8, False)):
        cell = page.matrix.cell_rect(PLACE[0], phase).toRect()
        assert (before.copy(cell) != after.copy(cell)) is changed
    cells = page.desk.overlays.cells()
    assert cells is not None
    assert cells[PLACE[0], 6] == Cell.SEGMENTED
