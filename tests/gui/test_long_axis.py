"""Long-axis cines beside the short axis: in step with it, with its slices' lines, and never in its place."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF, Qt
from pytestqt.qtbot import QtBot

from cinecor.review.valve.line import Valve
from cinecor.ui.views.long_axis_cine_view import LongAxisCineView
from cinecor.ui.window.desktop import Desktop
from cinecor_phantom import make_phantom, write_dicom
from cinecor_phantom.planted import Planted
from cinecor_phantom.planted_truth import annulus_mm

from .conftest import LONG_MS, SMALL, page_when


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
