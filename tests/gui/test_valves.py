"""Lines of valves in long-axis cines: drawn once, followed through the cycle, and what follows from them."""

import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QRectF, Qt
from pytestqt.qtbot import QtBot

from cinecor.inference.outline.segmentation import Segmentation
from cinecor.measure.ventricle import Ventricle
from cinecor.review import BaseRule, SetValveLine
from cinecor.review.valve.line import Valve, ValveView, valve_line
from cinecor.review.valve.tracking import TrackedLine
from cinecor.ui.panels.one_line import OneLine
from cinecor.ui.study import long_axis_valves
from cinecor.ui.window.desktop import Desktop
from cinecor.ui.window.study_page import StudyPage
from cinecor_phantom import make_phantom
from cinecor_phantom.planted import Planted
from cinecor_phantom.planted_truth import annulus_mm

from .conftest import LONG_MS, SMALL, page_when
from .long_axis_study import spoil
from .mouse import drag_line


def test_that_the_planes_lie_where_the_phantoms_rings_are(desktop: Desktop, qtbot: QtBot, with_long_axis: Path) -> None:
    desktop.open(with_long_axis)
    page = page_when(desktop, qtbot, lambda desk: len(desk.long_axis.cines) == 3)
    truth = annulus_mm(make_phantom(acquisition=SMALL, planted=Planted(valves=True), pictures=False))
    for view, plane in zip(("4CH", "2CH", "3CH"), page.desk.long_axis.planes, strict=True):
        assert np.abs(plane.distance_mm(truth["mitral"][view].reshape(-1, 3))).max() < 0.01


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
    drag_line(view, plane.to_px(truth[0]))
    assert desk.cursor.slice == 5, "a drag that draws must not go to a slice"
    qtbot.waitUntil(lambda: bool(desk.review.decided.valves), timeout=LONG_MS)  # type: ignore[union-attr]
    (line,) = desk.review.decided.valves.values()  # type: ignore[union-attr]
    assert line.drawn == (0,)
    assert line.chambers == 4
    assert desk.valves.drawing is None

    # At ES it is dragged by one end: that phase is drawn too, and stays where it was put.
    desk.cursor.go(to_phase=4)
    (shown,) = view.valve_lines()
    drag_line(view, np.stack([shown.ends_px[0], plane.to_px(truth[4])[0]]))
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


def test_that_a_valve_that_cannot_be_followed_is_told_and_waits_no_longer(
    desktop: Desktop, qtbot: QtBot, with_long_axis: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ValueError("planted")

    desktop.open(with_long_axis)
    page = page_when(desktop, qtbot, lambda desk: len(desk.long_axis.cines) == 3 and not desk.operations.busy)
    monkeypatch.setattr(long_axis_valves, "track_line", broken)
    page.desk.valves.choose(Valve.MITRAL)
    drag_line(page.beside.cines[0], np.array([[30.0, 30.0], [50.0, 40.0]]))
    qtbot.waitUntil(lambda: not page.desk.operations.busy, timeout=LONG_MS)
    assert page.beside.cines[0].valve_lines() == ()
    assert page.messages.waits
    assert not page.desk.review.decided.valves  # type: ignore[union-attr]


def test_that_the_mitral_valve_is_not_asked_for_in_the_view_of_the_right_outflow(
    desktop: Desktop, qtbot: QtBot, with_long_axis: Path, tmp_path: Path
) -> None:
    study = tmp_path / "study"
    shutil.copytree(with_long_axis, study)
    spoil(study, 3, lambda data: setattr(data, "SeriesDescription", "cine_trufi_retro RVOT"))
    desktop.open(study)
    page = page_when(desktop, qtbot, lambda desk: len(desk.long_axis.cines) == 3)
    views = {view.name: view for view in page.beside.cines}
    assert set(views) == {"4-chamber", "2-chamber", "RVOT"}
    valves, outflow = page.desk.valves, views["RVOT"]
    desktop.window.actions_by_name["mitral_line"].trigger()
    assert page.images.large is views["4-chamber"]
    assert "mitral" in page.hint.text()
    drag_line(outflow, np.array([[30.0, 30.0], [50.0, 40.0]]))
    assert valves.drawing is Valve.MITRAL  # still to be drawn, elsewhere
    assert outflow.valve_lines() == ()
    valves.choose(Valve.TRICUSPID)
    assert "tricuspid" in page.hint.text()


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
    desk.cursor.go(to_phase=result.moments.ed)
    view = page.beside.cines[0]

    def shares() -> list[str]:
        written = [
            line.number
            for line in view.slices.lines(view.to_screen(QRectF(view.rect())), (desk.cursor.slice, desk.cursor.phase))
        ]
        return [text for text in written if "MV" in text]

    assert shares(), "no share of a slice below the valve is written at its line"

    going_on.clear()
    before = cell.text()
    desk.valves.draw(cine, Valve.MITRAL, 2, ends[2])
    assert cell.text() == "…"
    assert not shares(), "what the line said before it is followed anew holds no longer"
    desk.operations.cancel()
    going_on.set()
    qtbot.waitUntil(lambda: not desk.operations.busy, timeout=LONG_MS)
    assert cell.text() == before, "what was stopped leaves the number that was there"
    assert shares()


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
    before = desk.review.result.measurements.lv  # type: ignore[union-attr]
    action.trigger()
    qtbot.waitUntil(lambda: desk.review.result.fractional == (Ventricle.LV,), timeout=LONG_MS)  # type: ignore[union-attr]
    told, now = page.messages.text.text(), desk.review.result.measurements.lv  # type: ignore[union-attr]
    assert told.startswith("Slices at the base count by their part below the valve now.")
    assert before.edv_ml is not None
    assert now.edv_ml is not None
    assert f"LV EDV {now.edv_ml - before.edv_ml:+.1f} mL".replace("-", "−") in told.replace("\N{NO-BREAK SPACE}", " ")
    action.trigger()
    assert page.messages.text.text().startswith("Slices at the base count whole now.")
    desk.review.undo()
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


def test_that_following_a_valve_tells_where_and_how_far_it_is_and_can_be_stopped(
    desktop: Desktop, qtbot: QtBot, with_long_axis: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desktop.open(with_long_axis)
    page = page_when(desktop, qtbot, lambda desk: len(desk.long_axis.cines) == 3 and not desk.operations.busy)
    desk, strip = page.desk, desktop.window.strip
    cine = desk.long_axis.cines[0]
    going_on, track = threading.Event(), long_axis_valves.track_line

    def slowly(*given: Any, told: Callable[[int], None], **named: Any) -> TrackedLine:
        def halfway(done: int) -> None:
            if done == 5 and not going_on.is_set():
                time.sleep(0.1)  # what comes too soon after the last is not told
                told(done)
                assert going_on.wait(LONG_MS / 1000)
            told(done)

        return track(*given, told=halfway, **named)

    monkeypatch.setattr(long_axis_valves, "track_line", slowly)
    desk.valves.draw(cine, Valve.MITRAL, 0, np.array([[40.0, 60.0], [60.0, 60.0]]))
    qtbot.waitUntil(lambda: "5 / 10" in strip.stage.text(), timeout=LONG_MS)
    assert strip.stage.text().startswith("Following the mitral valve (4-chamber), phase")
    assert strip.bar.maximum() == 10
    qtbot.mouseClick(strip.stop, Qt.MouseButton.LeftButton)
    going_on.set()
    qtbot.waitUntil(lambda: not desk.operations.busy, timeout=LONG_MS)
    assert not desk.valves.following
    assert desk.review.decided is not None
    assert not desk.review.decided.valves
