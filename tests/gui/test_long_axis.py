"""Long-axis cines beside the short axis: in step with it, with its slices' lines, and never in its place."""

import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pydicom
import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QImage, QPainter
from PySide6.QtWidgets import QToolButton, QWidget
from pytestqt.qtbot import QtBot

from cinecor.app.segment_process import SegmentProcess
from cinecor.app.settings import Settings
from cinecor.errors import InputError
from cinecor.inference.outline.segmentation import Segmentation
from cinecor.measure.ventricle import Ventricle
from cinecor.message import Message
from cinecor.progress import CancelCheck, stop_if
from cinecor.review import BaseRule, SetValveLine
from cinecor.review.valve.line import Valve, ValveView, valve_line
from cinecor.review.valve.tracking import TrackedLine
from cinecor.scene.crossing import SliceCut
from cinecor.scene.picture_turn import AS_TAKEN, PictureTurn
from cinecor.study.cine_stack import CineStack
from cinecor.study.image_plane import plane_of
from cinecor.study.series.long_axis_name import chambers_named
from cinecor.ui.look.theme import DARK
from cinecor.ui.panels.one_line import OneLine
from cinecor.ui.study import long_axis, long_axis_valves, study_desk
from cinecor.ui.views import slice_line_art
from cinecor.ui.views.long_axis_cine_view import LongAxisCineView
from cinecor.ui.window.desktop import Desktop
from cinecor.ui.window.study_page import StudyPage
from cinecor_phantom import make_phantom, write_dicom
from cinecor_phantom.long_axis import long_axis_planes, middle_of_heart_mm
from cinecor_phantom.patient import heart_axes
from cinecor_phantom.planted import Planted
from cinecor_phantom.planted_truth import annulus_mm

from .conftest import LONG_MS, SMALL, page_when
from .mouse import move_held, turn_wheel
from .snapshot import check_snapshot


@pytest.fixture(scope="module")
def with_long_axis(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("long") / "study"
    write_dicom(make_phantom(acquisition=SMALL, planted=Planted(valves=True)), folder, distractors=True)
    return folder


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
        line = view.lines_px[wanted]
        assert line is not None
        middle = view.to_screen(QRectF(view.rect())).map(QPointF(*line.mean(axis=0).tolist()))
        qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=middle.toPoint())
        assert page.desk.cursor.slice == wanted
    used = stack.series_uids
    for row in page.panel.tree.rows():
        if "four-chamber" in row.text(0):
            page.panel.tree.itemActivated.emit(row, 0)
    assert page.desk.reading.study.stack.series_uids == used  # type: ignore[union-attr]


def _spoil(study: Path, chambers: int, spoil: Callable[[pydicom.FileDataset], None]) -> None:
    """Change every file of one long-axis cine."""
    for file in (one for one in study.rglob("*") if one.is_file()):
        data = pydicom.dcmread(file, force=True)
        if chambers_named(data.get("SeriesDescription")) == chambers:
            spoil(data)
            data.save_as(file)


def _rename(data: pydicom.FileDataset) -> None:
    data.PatientName, data.PatientID = "Roe^Richard", "B2"


def _break_off(data: pydicom.FileDataset) -> None:
    data.PixelData = data.PixelData[:100]


@pytest.mark.parametrize("spoil", [_rename, _break_off])
def test_that_a_long_axis_cine_that_is_not_shown_is_missed_with_its_reason(
    desktop: Desktop,
    qtbot: QtBot,
    with_long_axis: Path,
    tmp_path: Path,
    spoil: Callable[[pydicom.FileDataset], None],
) -> None:
    study = tmp_path / "study"
    shutil.copytree(with_long_axis, study)
    _spoil(study, 4, spoil)
    desktop.open(study)
    page = page_when(desktop, qtbot, lambda desk: len(desk.long_axis.cines) == 2 and not desk.operations.busy)
    sentence = page.messages.text.text()
    assert not page.messages.isHidden()
    assert "cannot be shown" in sentence
    assert ("name another patient" in sentence) is (spoil is _rename)
    cards = [one.toolTip() for one in page.panel.cards if one.text() == "4-chamber"]
    assert len(cards) == (spoil is _break_off), "another patient's cine has no card"
    assert all("cannot be shown" in told for told in cards)
    for row in page.panel.tree.rows():
        if "-chamber" in row.text(0):
            page.panel.tree.setCurrentItem(row)
            assert ("cannot be shown" in page.panel.why.text()) is ("four-chamber" in row.text(0))
    page.messages.show_offer("These are another model’s.", "Segment again", lambda: None)
    page.desk.long_axis.changed.emit()
    assert page.messages.waits
    assert page.messages.text.text().startswith("These are another model’s.")
    assert "cannot be shown" in page.messages.text.text()


def test_that_work_of_a_study_that_fails_unasked_is_told_on_its_page(
    desktop: Desktop, qtbot: QtBot, with_long_axis: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise InputError(Message("planted", "The drive is gone."))

    monkeypatch.setattr(long_axis, "read_long_axis_cines", broken)
    desktop.open(with_long_axis)
    page = page_when(desktop, qtbot, lambda desk: desk.reading.study is not None)
    qtbot.waitUntil(lambda: not page.messages.isHidden(), timeout=LONG_MS)
    assert page.messages.text.text() == "The drive is gone."
    assert page.messages.goes_in_ms is None, "a failure stays"


def test_that_a_valve_that_cannot_be_followed_is_told_and_waits_no_longer(
    desktop: Desktop, qtbot: QtBot, with_long_axis: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ValueError("planted")

    desktop.open(with_long_axis)
    page = page_when(desktop, qtbot, lambda desk: len(desk.long_axis.cines) == 3 and not desk.operations.busy)
    monkeypatch.setattr(long_axis_valves, "track_line", broken)
    page.desk.valves.choose(Valve.MITRAL)
    _drag(qtbot, page.beside.cines[0], np.array([[30.0, 30.0], [50.0, 40.0]]))
    qtbot.waitUntil(lambda: not page.desk.operations.busy, timeout=LONG_MS)
    assert page.beside.cines[0].valve_lines() == ()
    assert page.messages.waits
    assert not page.desk.review.decided.valves  # type: ignore[union-attr]


def test_that_the_planes_lie_where_the_phantoms_rings_are(desktop: Desktop, qtbot: QtBot, with_long_axis: Path) -> None:
    desktop.open(with_long_axis)
    page = page_when(desktop, qtbot, lambda desk: len(desk.long_axis.cines) == 3)
    truth = annulus_mm(make_phantom(acquisition=SMALL, planted=Planted(valves=True), pictures=False))
    for view, plane in zip(("4CH", "2CH", "3CH"), page.desk.long_axis.planes, strict=True):
        assert np.abs(plane.distance_mm(truth["mitral"][view].reshape(-1, 3))).max() < 0.01


def _drag(qtbot: QtBot, view: LongAxisCineView, ends_px: np.ndarray) -> None:
    """Drag from one point of the cine's image to the other, with events."""
    to_screen = view.to_screen(QRectF(view.rect()))
    start, end = (to_screen.map(QPointF(*point)).toPoint() for point in ends_px.tolist())
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(view, (start + end) / 2)
    qtbot.mouseMove(view, end)
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=end)


def test_that_a_valve_drawn_once_is_followed_counted_undone_and_kept(
    desktop: Desktop, qtbot: QtBot, with_long_axis: Path
) -> None:
    desktop.open(with_long_axis)
    page = page_when(desktop, qtbot, lambda desk: len(desk.long_axis.cines) == 3)
    desk, view = page.desk, page.beside.cines[0]
    truth = annulus_mm(make_phantom(acquisition=SMALL, planted=Planted(valves=True), pictures=False))["mitral"]["4CH"]
    plane = desk.long_axis.planes[0]
    desk.cursor.go(to_phase=0, to_slice=5)
    desktop.window.actions_by_name["mitral_line"].trigger()
    assert desk.valves.drawing is Valve.MITRAL
    _drag(qtbot, view, plane.to_px(truth[0]))
    assert desk.cursor.slice == 5, "a drag that draws must not go to a slice"
    qtbot.waitUntil(lambda: bool(desk.review.decided.valves), timeout=LONG_MS)  # type: ignore[union-attr]
    (line,) = desk.review.decided.valves.values()  # type: ignore[union-attr]
    assert line.drawn == (0,)
    assert line.chambers == 4
    assert desk.valves.drawing is None

    # At ES it is dragged by one end: that phase is drawn too, and stays where it was put.
    desk.cursor.go(to_phase=4)
    (shown,) = view.valve_lines()
    _drag(qtbot, view, np.stack([shown.ends_px[0], plane.to_px(truth[4])[0]]))
    qtbot.waitUntil(lambda: len(next(iter(desk.review.decided.valves.values())).drawn) == 2, timeout=LONG_MS)  # type: ignore[union-attr]
    (line,) = desk.review.decided.valves.values()  # type: ignore[union-attr]
    assert line.drawn == (0, 4)
    pixel_mm = 2.0 * 2.0  # a mouse goes by whole pixels of the screen
    assert np.linalg.norm(line.points_mm[4, 0] - truth[4, 0]) < pixel_mm

    before = page.desk.review.decided
    desk.review.undo()
    assert next(iter(desk.review.decided.valves.values())).drawn == (0,)  # type: ignore[union-attr]
    desk.review.undo()
    assert not desk.review.decided.valves  # type: ignore[union-attr]
    assert view.valve_lines() == ()
    desk.review.redo()
    desk.review.redo()
    assert desk.review.decided.valves == before.valves  # type: ignore[union-attr]


def test_that_the_mitral_valve_is_not_asked_for_in_the_view_of_the_right_outflow(
    desktop: Desktop, qtbot: QtBot, with_long_axis: Path, tmp_path: Path
) -> None:
    study = tmp_path / "study"
    shutil.copytree(with_long_axis, study)
    _spoil(study, 3, lambda data: setattr(data, "SeriesDescription", "cine_trufi_retro RVOT"))
    desktop.open(study)
    page = page_when(desktop, qtbot, lambda desk: len(desk.long_axis.cines) == 3)
    views = {view.name: view for view in page.beside.cines}
    assert set(views) == {"4-chamber", "2-chamber", "RVOT"}
    valves, outflow = page.desk.valves, views["RVOT"]
    desktop.window.actions_by_name["mitral_line"].trigger()
    assert page.images.large is views["4-chamber"]
    assert "mitral" in page.hint.text()
    _drag(qtbot, outflow, np.array([[30.0, 30.0], [50.0, 40.0]]))
    assert valves.drawing is Valve.MITRAL  # still to be drawn, elsewhere
    assert outflow.valve_lines() == ()
    valves.choose(Valve.TRICUSPID)
    assert "tricuspid" in page.hint.text()
    assert "TV" in outflow.toolTip()


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
        for line, position in zip(view.lines_px, phantom.geometry.positions_mm, strict=True):
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


def test_that_a_key_says_why_no_valve_can_be_drawn_where_no_long_axis_cine_is(
    desktop: Desktop, qtbot: QtBot, reviewed: StudyPage
) -> None:
    assert not reviewed.desk.long_axis.cines
    for key, name in ((Qt.Key.Key_V, "mitral_line"), (Qt.Key.Key_T, "tricuspid_line")):
        assert not desktop.window.actions_by_name[name].isEnabled()
        reviewed.messages.hide()
        qtbot.keyClick(reviewed.cine, key, Qt.KeyboardModifier.ShiftModifier)
        assert reviewed.messages.isVisible()
        assert "long-axis cine" in reviewed.messages.text.text()
        assert reviewed.desk.valves.drawing is None
    reviewed.messages.show_offer("These are another model’s.", "Segment again", lambda: None)
    qtbot.keyClick(reviewed.cine, Qt.Key.Key_V, Qt.KeyboardModifier.ShiftModifier)
    assert reviewed.messages.text.text() == "These are another model’s."


def test_that_the_cut_of_a_study_without_long_axis_cines_shows_its_line_which_turns_it(
    qtbot: QtBot, reviewed: StudyPage
) -> None:
    page, desk = reviewed, reviewed.desk
    assert page.beside.cut.isVisibleTo(page)
    (line,) = page.cine.crossings_px(page.desk.cursor.slice)
    plane = desk.cut.plane()
    assert plane is not None
    centre = plane.centres_px[desk.cursor.slice][::-1] + 0.5
    assert np.abs(line.mean(axis=0) - centre).max() < 0.51
    to_screen = page.cine.to_screen()
    on_line = centre + 0.3 * (line[1] - line[0])
    wanted = centre + 30.0 * np.array([np.cos(1.9), np.sin(1.9)])
    start, end = (to_screen.map(QPointF(*point)).toPoint() for point in (on_line.tolist(), wanted.tolist()))
    before = (desk.cursor.slice, desk.cursor.phase)
    qtbot.mousePress(page.cine, Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(page.cine, (start + end) / 2)
    qtbot.mouseMove(page.cine, end)
    qtbot.mouseRelease(page.cine, Qt.MouseButton.LeftButton, pos=end)
    assert desk.cut.angle_degrees == pytest.approx(np.rad2deg(1.9), abs=1.5)
    assert (desk.cursor.slice, desk.cursor.phase) == before, "the drag turned the cut and scrubbed nothing"
    page.beside.hide()
    assert page.cine.crossings_px(page.desk.cursor.slice) == [], "where no cut is seen its line means nothing"


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


def test_that_a_valve_is_asked_for_in_a_large_view_until_escape_brings_the_short_axis_back(
    desktop: Desktop, qtbot: QtBot, with_long_axis: Path
) -> None:
    desktop.open(with_long_axis)
    page = page_when(desktop, qtbot, lambda desk: len(desk.long_axis.cines) == 3)
    qtbot.keyClick(desktop.window, Qt.Key.Key_T, Qt.KeyboardModifier.ShiftModifier)
    assert page.desk.valves.drawing is Valve.TRICUSPID
    assert page.images.main is page.beside.cines[0], "the tricuspid valve is seen in the 4-chamber view"
    assert "tricuspid" in page.hint.text()
    qtbot.keyClick(page.images.main, Qt.Key.Key_Escape)
    assert page.desk.valves.drawing is None
    assert "tricuspid" not in page.hint.text()
    qtbot.keyClick(page.images.main, Qt.Key.Key_Escape)
    assert page.images.main is page.cine
    for expected in (*page.beside.cines, page.cine):
        qtbot.keyClick(desktop.window, Qt.Key.Key_L, Qt.KeyboardModifier.ShiftModifier)
        assert page.images.main is expected


def test_that_an_excursion_is_awaited_while_its_valve_is_followed(
    desktop: Desktop, qtbot: QtBot, with_long_axis: Path, phantom_segmentation: Segmentation,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    desktop.open(with_long_axis)
    page = page_when(desktop, qtbot, lambda desk: len(desk.long_axis.cines) == 3)
    desk, cell = page.desk, page.numbers.cells["lv.mapse_mm"]
    phantom = make_phantom(acquisition=SMALL, planted=Planted(valves=True), pictures=False)
    desk.review.adopt(replace(phantom_segmentation, labels=phantom.labels))
    cine, plane = desk.long_axis.cines[0], desk.long_axis.planes[0]
    ends = plane.to_px(annulus_mm(phantom)["mitral"]["4CH"].reshape(-1, 3)).reshape(-1, 2, 2)
    going_on, track = threading.Event(), long_axis_valves.track_line

    def slowly(*given: Any, **named: Any) -> TrackedLine:
        assert going_on.wait(LONG_MS / 1000)
        return track(*given, **named)

    monkeypatch.setattr(long_axis_valves, "track_line", slowly)
    result = desk.review.result
    assert result is not None
    for phase in (result.moments.ed, result.moments.es):
        assert phase is not None
        going_on.clear()
        desk.valves.draw(cine, Valve.MITRAL, phase, ends[phase])
        assert cell.text() == "…"
        assert "being followed" in cell.toolTip()
        assert "being followed" in page.hint.text()
        assert page.numbers.cells["rv.tapse_mm"].text() == "–"
        going_on.set()
        qtbot.waitUntil(lambda: not desk.valves.following, timeout=LONG_MS)
    assert float(cell.text().rstrip("?")) > 0

    going_on.clear()
    before = cell.text()
    desk.valves.draw(cine, Valve.MITRAL, 2, ends[2])
    assert cell.text() == "…"
    desk.operations.cancel()
    going_on.set()
    qtbot.waitUntil(lambda: not desk.operations.busy, timeout=LONG_MS)
    assert cell.text() == before, "what was stopped leaves the number that was there"


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
    assert view.notes(3)[0] == "4"


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
    assert view.notes(shifted)[1].endswith("mm")
    assert view.notes(shifted + 1)[1] == ""
    plane = desk.long_axis.planes[0]
    cut = SliceCut(plane_of(desk.reading.study.stack, shifted), plane)  # type: ignore[union-attr]
    true = cut.runs(phantom.labels[shifted, 0])
    wanted = (true[0].ends_px[0], true[-1].ends_px[1])
    for step, end in zip(view.steps_px(shifted, 0), wanted, strict=True):
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


def test_that_the_fractional_base_is_chosen_named_and_undone_in_the_window(
    desktop: Desktop, qtbot: QtBot, with_long_axis: Path, phantom_segmentation: Segmentation
) -> None:
    desktop.open(with_long_axis)
    page = page_when(desktop, qtbot, lambda desk: len(desk.long_axis.cines) == 3)
    desk, action = page.desk, desktop.window.actions_by_name["fractional_base"]
    phantom = make_phantom(acquisition=SMALL, planted=Planted(valves=True), pictures=False)
    desk.review.adopt(replace(phantom_segmentation, labels=phantom.labels))
    assert not action.isEnabled(), "no line tells what would count"
    cine, plane = desk.long_axis.cines[0], desk.long_axis.planes[0]
    ends = plane.to_px(annulus_mm(phantom)["mitral"]["4CH"].reshape(-1, 3)).reshape(-1, 2, 2)
    line = valve_line(ends, plane, drawn=(0,), sure=np.ones(len(ends), bool), chambers=4)
    desk.review.edit(SetValveLine(ValveView(cine.entry.uid, Valve.MITRAL), line))
    whole = desk.review.result.curves.lv_ml  # type: ignore[union-attr]
    action.trigger()
    qtbot.waitUntil(lambda: desk.review.result.fractional == (Ventricle.LV,), timeout=LONG_MS)  # type: ignore[union-attr]
    assert not np.allclose(desk.review.result.curves.lv_ml, whole)  # type: ignore[union-attr]
    notes = [label.text() for label in page.numbers.table.findChildren(OneLine)]
    assert notes.count("fractional base") == 1
    assert "Fractional base of the LV" in page.numbers.text()
    desk.review.undo()
    qtbot.waitUntil(lambda: desk.review.result.fractional == (), timeout=LONG_MS)  # type: ignore[union-attr]
    assert "Fractional" not in page.numbers.text()
    desk.review.undo()

    desktop.settings.change("fractional_base", True)  # for every study whose valves are drawn from now on
    desk.valves.draw(cine, Valve.MITRAL, 0, ends[0])
    qtbot.waitUntil(lambda: desk.review.decided.base is BaseRule.FRACTIONAL, timeout=LONG_MS)  # type: ignore[union-attr]
    desk.review.undo()
    assert not desk.review.decided.valves, "what one drag brought goes in one step"  # type: ignore[union-attr]
    assert desk.review.decided.base is BaseRule.WHOLE  # type: ignore[union-attr]
    desk.review.redo()
    assert desk.review.decided.base is BaseRule.FRACTIONAL  # type: ignore[union-attr]

    desk.review.edit(SetValveLine(ValveView(cine.entry.uid, Valve.TRICUSPID), line))
    desktop.window.actions_by_name["no_valve_lines"].trigger()
    assert not desk.review.decided.valves  # type: ignore[union-attr]
    desk.review.undo()
    assert len(desk.review.decided.valves) == 2  # type: ignore[union-attr]


@pytest.mark.parametrize("apex_first", [False, True])
def test_that_a_nifti_stack_is_cut_with_its_base_on_top_whichever_slice_comes_first(
    desktop: Desktop, qtbot: QtBot, tmp_path: Path, phantom_segmentation: Segmentation, apex_first: bool
) -> None:
    phantom = make_phantom(acquisition=SMALL)
    way = -1 if apex_first else 1
    array = phantom.pixels[::way].transpose(3, 2, 0, 1).astype(np.float32)
    nib.save(nib.Nifti1Image(array, np.diag([2.0, 2.0, 15.0, 1.0])), tmp_path / "heart.nii.gz")
    desktop.open(tmp_path / "heart.nii.gz")
    page = page_when(desktop, qtbot, lambda desk: desk.reading.study is not None and not desk.operations.busy)
    assert page.desk.cut.base_is_last is None, "nothing tells before there are outlines"
    page.desk.review.adopt(replace(phantom_segmentation, labels=phantom.labels[::way]))
    assert page.desk.cut.base_is_last is apex_first
    cut, last = page.beside.cut, page.desk.cursor.last_slice
    base, apex = (last, 0) if apex_first else (0, last)
    assert cut.band_rect(base).bottom() < cut.band_rect(apex).top()
    qtbot.mouseClick(cut, Qt.MouseButton.LeftButton, pos=cut.band_rect(base).center().toPoint())
    assert page.desk.cursor.slice == base


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
    view = LongAxisCineView(desk, cine, plane, DARK)
    qtbot.addWidget(view)
    view.resize(340, 340)
    view.show()
    qtbot.wait(20)
    check_snapshot(view, "long-axis-cine")


def _unanswered(_: SegmentProcess, __: CineStack, *, cancelled: CancelCheck, **___: object) -> None:
    while True:
        stop_if(cancelled)
        time.sleep(0.01)


@pytest.fixture
def silent_model(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model that is asked for outlines by itself, and tells none until it is stopped."""
    monkeypatch.setattr(SegmentProcess, "segment", _unanswered)
    settings.change("auto_segment", True)


@pytest.mark.usefixtures("silent_model")
@pytest.mark.parametrize("told", ["outlines", "stopped"])
def test_that_long_axis_cines_are_read_when_the_first_outlines_are_there_or_none_will_come(
    desktop: Desktop, qtbot: QtBot, with_long_axis: Path, monkeypatch: pytest.MonkeyPatch, told: str
) -> None:
    monkeypatch.setattr(study_desk, "_PATIENCE_MS", LONG_MS)
    desktop.open(with_long_axis)
    desk = page_when(desktop, qtbot, lambda desk: desk.outlining.running).desk
    assert not [one for one in threading.enumerate() if one.name == "cinecor-long_axis"]
    assert desk.long_axis.cines == ()
    if told == "outlines":
        desk.overlays.grown.emit((0,))
    else:
        desk.outlining.stop()
    page_when(desktop, qtbot, lambda desk: len(desk.long_axis.cines) == 3)


@pytest.mark.usefixtures("silent_model")
def test_that_long_axis_cines_do_not_wait_for_a_slow_model(
    desktop: Desktop, qtbot: QtBot, with_long_axis: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(study_desk, "_PATIENCE_MS", 1)
    desktop.open(with_long_axis)
    page = page_when(desktop, qtbot, lambda desk: len(desk.long_axis.cines) == 3)
    assert page.desk.outlining.running
