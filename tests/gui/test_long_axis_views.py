"""Long-axis cines beside the short axis: in step with it, with its slices' lines, and never in its place."""

from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QImage, QPainter
from PySide6.QtWidgets import QToolButton, QWidget
from pytestqt.qtbot import QtBot

from cinecor.inference.outline.segmentation import Segmentation
from cinecor.review import SetValveLine
from cinecor.review.valve.line import Valve, ValveView, valve_line
from cinecor.scene.crossing import SliceCut
from cinecor.scene.picture_turn import AS_TAKEN, PictureTurn
from cinecor.study.image_plane import plane_of
from cinecor.ui.look.theme import DARK
from cinecor.ui.views import slice_line_art
from cinecor.ui.views.long_axis_cine_view import LongAxisCineView
from cinecor.ui.window.desktop import Desktop
from cinecor_phantom import make_phantom, write_dicom
from cinecor_phantom.long_axis import long_axis_planes, middle_of_heart_mm
from cinecor_phantom.patient import heart_axes
from cinecor_phantom.planted import Planted
from cinecor_phantom.planted_truth import annulus_mm

from .conftest import LONG_MS, SMALL, page_when
from .mouse import move_held, turn_wheel
from .snapshot import check_snapshot


def test_that_cines_stand_beside_the_stack_and_their_lines_lead_to_slices(
    desktop: Desktop, qtbot: QtBot, with_long_axis: Path
) -> None:
    desktop.open(with_long_axis)
    page = page_when(desktop, qtbot, lambda desk: len(desk.long_axis.cines) == 3)
    assert [view.name for view in page.beside.cines] == ["4-chamber", "2-chamber", "3-chamber"]
    assert not page.beside.cut.isVisibleTo(page)
    view = page.beside.cines[0]
    stack = page.desk.reading.study.stack  # type: ignore[union-attr]
    for wanted in (1, stack.slices - 2):
        line = view.slices.lines_px[wanted]
        assert line is not None
        middle = view.to_screen(QRectF(view.rect())).map(QPointF(*line.mean(axis=0).tolist()))
        qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=middle.toPoint())
        assert page.desk.cursor.slice == wanted
    used = stack.series_uids
    for row in page.panel.tree.rows():
        if "four-chamber" in row.text(0):
            page.panel.tree.itemActivated.emit(row, 0)
    assert page.desk.reading.study.stack.series_uids == used  # type: ignore[union-attr]


def _middle(view: QWidget) -> QPointF:
    return QRectF(view.rect()).center()


def test_that_a_long_axis_view_changes_places_with_the_short_axis_and_is_zoomed_there(
    desktop: Desktop, qtbot: QtBot, with_long_axis: Path
) -> None:
    desktop.open(with_long_axis)
    page = page_when(desktop, qtbot, lambda desk: len(desk.long_axis.cines) == 3)
    desk, view, other = page.desk, *page.beside.cines[:2]
    desk.cursor.go(to_slice=3)
    qtbot.wait(50)  # until everything has found its size
    tile, main = view.size(), page.cine.size()
    qtbot.mouseDClick(view, Qt.MouseButton.LeftButton, pos=QPoint(4, 4))
    assert page.images.main is view
    qtbot.wait(50)  # until everything has found its size
    assert view.size() == main
    assert page.cine.isVisible()
    assert page.cine.size() == tile, "the short axis stands in the tile meanwhile"
    assert view.hasFocus()
    assert "Double-click" in page.hint.text()

    at, before = desk.cursor.slice, view.to_screen(QRectF(view.rect()))
    turn_wheel(view, _middle(view) + QPointF(80, 40), 240, Qt.KeyboardModifier.ControlModifier)
    closer = view.to_screen(QRectF(view.rect()))
    assert closer.m11() == pytest.approx(before.m11() * 1.0015**240)
    held = before.inverted()[0].map(_middle(view) + QPointF(80, 40))
    assert (closer.map(held) - before.map(held)).manhattanLength() < 0.01, "what is under the mouse stays there"
    assert desk.cursor.slice == at, "the wheel with Ctrl changes no slice"
    turn_wheel(view, _middle(view), -120)
    assert desk.cursor.slice == at + 1

    start, end = _middle(view).toPoint(), _middle(view).toPoint() + QPoint(60, 0)
    qtbot.mousePress(view, Qt.MouseButton.MiddleButton, pos=start)
    move_held(view, start, end, Qt.MouseButton.MiddleButton)
    qtbot.mouseRelease(view, Qt.MouseButton.MiddleButton, pos=end)
    moved = view.to_screen(QRectF(view.rect()))
    assert moved.map(held).x() == pytest.approx(closer.map(held).x() + 60, abs=0.5)
    assert desk.cursor.slice == at + 1

    qtbot.mouseDClick(other, Qt.MouseButton.LeftButton, pos=QPoint(4, 4))
    assert page.images.main is other
    assert view.width() < main.width() / 2
    qtbot.mouseDClick(other, Qt.MouseButton.LeftButton, pos=QPoint(4, 4))
    assert page.images.main is page.cine
    qtbot.wait(50)
    assert page.cine.size() == main
    assert view.size() == tile
    desktop.settings.change("layout", "5")
    assert page.cine.isVisible()


def test_that_on_a_narrow_window_the_large_view_is_in_front_and_the_others_behind_it(
    desktop: Desktop, qtbot: QtBot, with_long_axis: Path
) -> None:
    desktop.window.resize(1300, 800)
    desktop.open(with_long_axis)
    page = page_when(desktop, qtbot, lambda desk: len(desk.long_axis.cines) == 3)
    view = page.beside.cines[0]
    qtbot.keyClick(desktop.window, Qt.Key.Key_L, Qt.KeyboardModifier.ShiftModifier)
    names = [button.text() for button in page.switch.findChildren(QToolButton)]
    assert names == ["4-chamber", "Other views"]
    assert view.isVisible()
    assert not page.cine.isVisible()
    page.switch.choose(1)
    assert not view.isVisible()
    assert page.cine.isVisible()
    qtbot.keyClick(page.cine, Qt.Key.Key_Escape)
    assert [button.text() for button in page.switch.findChildren(QToolButton)] == ["Short axis", "Long axis"]
    assert page.cine.isVisible()
    assert not view.isVisible()


def test_that_intersection_lines_lie_where_closed_form_puts_them(
    desktop: Desktop, qtbot: QtBot, with_long_axis: Path
) -> None:
    desktop.open(with_long_axis)
    page = page_when(desktop, qtbot, lambda desk: len(desk.long_axis.cines) == 3)
    phantom = make_phantom(acquisition=SMALL, pictures=False)
    truth = list(long_axis_planes(phantom.acquisition).values())
    z = heart_axes()[2]
    for view, plane in zip(page.beside.cines, truth, strict=True):
        # The apex is down in the image and slices lie across the axis: each line is a row, as deep as its slice.
        for line, position in zip(view.slices.lines_px, phantom.geometry.positions_mm, strict=True):
            assert line is not None
            depth = (position - plane.corner_mm) @ z / plane.spacing_mm + 0.5
            assert np.abs(line[:, 1] - depth).max() < 0.5
    for index, position in enumerate(phantom.geometry.positions_mm):
        page.desk.cursor.go(to_slice=index)
        for line, plane in zip(page.cine.crossings_px(page.desk.cursor.slice), truth, strict=True):
            middle = middle_of_heart_mm() + (0.0 if plane is not truth[0] else -12.0) * heart_axes()[0]
            middle = middle + ((position - middle) @ z) * z
            along = (line[1] - line[0]) / np.linalg.norm(line[1] - line[0])
            for away_mm in (-40.0, 0.0, 40.0):
                from_corner = middle + away_mm * plane.column_axis - position
                x, y = (from_corner @ axis / SMALL.pixel_spacing_mm + 0.5
                        for axis in (phantom.geometry.column_axis, phantom.geometry.row_axis))  # fmt: skip
                off = along[0] * (y - line[0, 1]) - along[1] * (x - line[0, 0])
                assert abs(off) < 0.5


def test_that_a_slice_of_another_breath_hold_is_told_in_the_views(
    desktop: Desktop, qtbot: QtBot, with_long_axis: Path, phantom_segmentation: Segmentation
) -> None:
    desktop.open(with_long_axis)
    page = page_when(desktop, qtbot, lambda desk: len(desk.long_axis.cines) == 3)
    labels = make_phantom(acquisition=SMALL, pictures=False).labels
    page.desk.review.adopt(replace(phantom_segmentation, labels=labels))
    view = page.beside.cines[1]
    uid = page.desk.long_axis.cines[1].entry.uid
    qtbot.waitUntil(lambda: page.desk.steps.offset_mm(uid, 3) is not None, timeout=LONG_MS)
    told = [page.desk.steps.offset_mm(uid, index) for index in range(1, 5)]
    assert all(offset is not None and abs(offset) <= 2.0 for offset in told), "the phantom holds its breath"
    assert view.slices.notes(3)[0] == "4"


def test_that_a_shifted_slice_has_arrows_from_its_outlines_to_where_the_views_show_the_heart(
    desktop: Desktop, qtbot: QtBot, tmp_path: Path, phantom_segmentation: Segmentation
) -> None:
    shifted, columns = 3, 4  # pixels of 2 mm: another breath-hold
    phantom = make_phantom(acquisition=SMALL)
    moved = [array.copy() for array in (phantom.pixels, phantom.labels)]
    for array in moved:
        array[shifted] = np.roll(array[shifted], columns, axis=-1)
    write_dicom(replace(phantom, pixels=moved[0]), tmp_path / "study", distractors=True)
    desktop.open(tmp_path / "study")
    page = page_when(desktop, qtbot, lambda desk: len(desk.long_axis.cines) == 3)
    desk, view = page.desk, page.beside.cines[0]
    desk.review.adopt(replace(phantom_segmentation, labels=moved[1]))
    uid = desk.long_axis.cines[0].entry.uid
    qtbot.waitUntil(lambda: desk.steps.offset_mm(uid, shifted) is not None, timeout=LONG_MS)
    offset = desk.steps.offset_mm(uid, shifted)
    assert offset is not None
    assert abs(offset) == pytest.approx(2.0 * columns, abs=1.5)  # this view lies along the rows of the slices
    assert view.slices.notes(shifted)[1].endswith("mm")
    assert view.slices.notes(shifted + 1)[1] == ""
    plane = desk.long_axis.planes[0]
    cut = SliceCut(plane_of(desk.reading.study.stack, shifted), plane)  # type: ignore[union-attr]
    true = cut.runs(phantom.labels[shifted, 0])
    wanted = (true[0].ends_px[0], true[-1].ends_px[1])
    for step, end in zip(view.slices.steps_px(shifted, 0), wanted, strict=True):
        before, after = (np.linalg.norm((place - end) * plane.pixel_spacing_mm[::-1]) for place in step)
        assert before > 6.0
        assert after < 2.5


def test_that_notes_at_lines_never_lie_over_each_other_however_small_the_view(
    desktop: Desktop, qtbot: QtBot, with_long_axis: Path, phantom_segmentation: Segmentation,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    desktop.open(with_long_axis)
    page = page_when(desktop, qtbot, lambda desk: len(desk.long_axis.cines) == 3)
    desk, view = page.desk, page.beside.cines[0]
    labels = make_phantom(acquisition=SMALL, pictures=False).labels
    desk.review.adopt(replace(phantom_segmentation, labels=labels))
    desk.cursor.go(to_slice=4)
    written: list[tuple[QRectF, str]] = []
    monkeypatch.setattr(
        slice_line_art, "shaded_text", lambda _, box, *told, **__: written.append((QRectF(box), told[1]))
    )
    for side, turn in ((400, AS_TAKEN), (160, AS_TAKEN), (120, AS_TAKEN), (160, PictureTurn(1, mirrored=True))):
        written.clear()
        view.show_turned(turn)
        image = QImage(side, side, QImage.Format.Format_RGB32)
        painter = QPainter(image)
        view.paint_on(painter, QRectF(0, 0, side, side))
        painter.end()
        assert "5" in [text for _, text in written], "the current slice's number is always there"
        assert len(written) == 8 or side < 400
        for (one, _), (other, _) in combinations(written, 2):
            assert not one.intersects(other)
        name = QFontMetricsF(view.font()).boundingRect(view.name).translated(8, 6 + QFontMetricsF(view.font()).ascent())
        assert not any(box.intersects(name) for box, _ in written)
        assert all(QRectF(0, 0, side, side).contains(box) for box, _ in written)


def test_that_a_long_axis_view_with_both_valves_looks_as_kept(
    desktop: Desktop, qtbot: QtBot, with_long_axis: Path, phantom_segmentation: Segmentation
) -> None:
    desktop.open(with_long_axis)
    page = page_when(desktop, qtbot, lambda desk: len(desk.long_axis.cines) == 3)
    desk = page.desk
    phantom = make_phantom(acquisition=SMALL, planted=Planted(valves=True), pictures=False)
    desk.review.adopt(replace(phantom_segmentation, labels=phantom.labels))
    cine, plane = desk.long_axis.cines[0], desk.long_axis.planes[0]
    for valve in Valve:
        ends = plane.to_px(annulus_mm(phantom)[valve.value]["4CH"].reshape(-1, 3)).reshape(-1, 2, 2)
        sure = np.arange(len(ends)) != 4
        line = valve_line(ends, plane, drawn=(0,), sure=sure, chambers=4)
        desk.review.edit(SetValveLine(ValveView(cine.entry.uid, valve), line))
    desk.cursor.go(to_slice=3, to_phase=4)
    qtbot.waitUntil(lambda: not desk.operations.busy, timeout=LONG_MS)  # offsets are written at the lines too
    view = LongAxisCineView(desk, cine, plane, toolbox=page.toolbox, theme=DARK)
    qtbot.addWidget(view)
    view.resize(340, 340)
    view.show()
    qtbot.wait(20)
    check_snapshot(view, "long-axis-cine")
