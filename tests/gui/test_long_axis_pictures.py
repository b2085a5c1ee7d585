"""What is written and drawn over long-axis cines, and over the short axis about them."""

from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QFontMetricsF, QImage, QPainter
from pytestqt.qtbot import QtBot

from cinecor.inference.outline.segmentation import Segmentation
from cinecor.measure.moment import Moment
from cinecor.review import SetValveLine
from cinecor.review.valve.line import Valve, ValveView, valve_line
from cinecor.scene.crossing import SliceCut
from cinecor.scene.picture_turn import AS_TAKEN, PictureTurn
from cinecor.study.image_plane import plane_of
from cinecor.ui.look.theme import DARK
from cinecor.ui.views import slice_line_art, written
from cinecor.ui.views.long_axis_cine_view import LongAxisCineView
from cinecor.ui.window.desktop import Desktop
from cinecor_phantom import make_phantom, write_dicom
from cinecor_phantom.planted import Planted
from cinecor_phantom.planted_truth import annulus_mm

from .conftest import LONG_MS, SMALL, page_when
from .snapshot import check_snapshot


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
    assert view.slices.notes(3, 0)[0] == "4"


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
    assert view.slices.notes(shifted, 0)[1].endswith("mm")
    assert view.slices.notes(shifted + 1, 0)[1] == ""
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
    notes: list[tuple[QRectF, str]] = []
    monkeypatch.setattr(slice_line_art, "shaded_text", lambda _, box, *told, **__: notes.append((QRectF(box), told[1])))
    for side, turn in ((400, AS_TAKEN), (160, AS_TAKEN), (120, AS_TAKEN), (160, PictureTurn(1, mirrored=True))):
        notes.clear()
        view.show_turned(turn)
        image = QImage(side, side, QImage.Format.Format_RGB32)
        painter = QPainter(image)
        view.paint_on(painter, QRectF(0, 0, side, side))
        painter.end()
        assert "5" in [text for _, text in notes], "the current slice's number is always there"
        assert len(notes) == 8 or side < 400
        for (one, _), (other, _) in combinations(notes, 2):
            assert not one.intersects(other)
        name = QFontMetricsF(view.font()).boundingRect(view.name).translated(8, 6 + QFontMetricsF(view.font()).ascent())
        assert not any(box.intersects(name) for box, _ in notes)
        assert all(QRectF(0, 0, side, side).contains(box) for box, _ in notes)


def test_that_a_picture_of_another_moment_tells_what_is_so_there_and_nothing_of_the_mouse(
    desktop: Desktop, qtbot: QtBot, with_long_axis: Path, phantom_segmentation: Segmentation
) -> None:
    desktop.open(with_long_axis)
    page = page_when(desktop, qtbot, lambda desk: len(desk.long_axis.cines) == 3)
    desk, view = page.desk, page.beside.cines[0]
    phantom = make_phantom(acquisition=SMALL, planted=Planted(valves=True), pictures=False)
    desk.review.adopt(replace(phantom_segmentation, labels=phantom.labels))
    cine, plane = desk.long_axis.cines[0], desk.long_axis.planes[0]
    ends = plane.to_px(annulus_mm(phantom)["mitral"]["4CH"].reshape(-1, 3)).reshape(-1, 2, 2)
    line = valve_line(ends, plane, drawn=(0, 4), sure=np.ones(len(ends), np.bool_), chambers=4)
    desk.review.edit(SetValveLine(ValveView(cine.entry.uid, Valve.MITRAL), line))
    qtbot.waitUntil(lambda: not desk.operations.busy and desk.review.result is not None, timeout=LONG_MS)
    ed = desk.review.phase_of(Moment.ED)
    assert ed is not None
    assert "MV" in "".join(view.slices.notes(index, ed)[0] for index in range(view.slices.count))
    assert "MV" not in "".join(view.slices.notes(index, ed + 2)[0] for index in range(view.slices.count))

    def painted() -> QImage:
        image = QImage(300, 300, QImage.Format.Format_RGB32)
        painter = QPainter(image)
        view.paint_on(painter, QRectF(0, 0, 300, 300), at=(3, ed))
        painter.end()
        return image

    desk.cursor.go(to_slice=3, to_phase=ed)
    there = painted()
    desk.cursor.go(to_slice=1, to_phase=ed + 2)
    desk.crosshair.point(plane.to_mm(np.array([[60.0, 60.0]]))[0])
    assert painted() == there


def test_that_the_planes_of_long_axis_views_are_named_in_the_short_axis_and_strong_under_the_mouse(
    desktop: Desktop, qtbot: QtBot, with_long_axis: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desktop.open(with_long_axis)
    page = page_when(desktop, qtbot, lambda desk: len(desk.long_axis.cines) == 3)
    cine, index = page.cine, page.desk.cursor.slice
    texts: list[str] = []
    monkeypatch.setattr(written, "shaded_text", lambda *told, **_: texts.append(told[3]))
    cine.grab()
    assert {"4-chamber", "2-chamber", "3-chamber"} <= set(texts)
    assert [line.strong for line in cine.crossings(index)] == [False, False, False]
    view = page.beside.cines[1]
    qtbot.mouseMove(view, view.rect().center())
    assert [line.strong for line in cine.crossings(index)] == [False, True, False]
    assert "2-chamber" in page.hint.text()
    assert not any(line.strong for line in cine.crossings(index, pointed=False))


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
