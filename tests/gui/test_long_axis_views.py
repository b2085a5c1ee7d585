"""Long-axis cines beside the short axis: in step with it, with its slices' lines, and never in its place."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QLineF, QPoint, QPointF, QRectF, Qt
from PySide6.QtWidgets import QToolButton, QWidget
from pytestqt.qtbot import QtBot

from cinecor.inference.outline.segmentation import Segmentation
from cinecor.review.valve.line import Valve
from cinecor.ui.window.desktop import Desktop
from cinecor_phantom import make_phantom
from cinecor_phantom.long_axis import long_axis_planes, middle_of_heart_mm
from cinecor_phantom.patient import base_centre_mm, heart_axes
from cinecor_phantom.phantom import Beating
from cinecor_phantom.planted import Planted
from cinecor_phantom.planted_truth import annulus_mm

from .conftest import SMALL, page_when
from .long_axis_study import take_again
from .mouse import move_held, turn_wheel


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


def test_that_every_long_axis_cine_can_be_seen_the_usual_views_first(
    desktop: Desktop, qtbot: QtBot, with_long_axis: Path, tmp_path: Path
) -> None:
    study = tmp_path / "study"
    shutil.copytree(with_long_axis, study)
    take_again(study, 2, description="cine_trufi_retro 2CH", number=1)
    take_again(study, 3, description="cine_trufi_retro RVOT", number=99)
    desktop.open(study)
    page = page_when(desktop, qtbot, lambda desk: len(desk.long_axis.cines) == 5)
    views = page.beside.cines
    assert [view.name for view in views] == ["4-chamber", "2-chamber", "3-chamber", "RVOT", "2-chamber"]
    assert [view.isVisible() for view in views] == [True, True, True, False, False]
    assert not views[0].hasFocus()

    cards = {card.text(): card for card in page.panel.cards}
    qtbot.mouseClick(cards["4-chamber"], Qt.MouseButton.LeftButton)
    assert views[0].hasFocus(), "in sight already: it is framed"
    qtbot.mouseClick(cards["RVOT"], Qt.MouseButton.LeftButton)
    assert [view.isVisible() for view in views] == [True, True, False, True, False]
    assert views[3].hasFocus()
    assert views[3].height() > 100
    assert page.cine.isVisible()
    qtbot.mouseClick(cards["3-chamber"], Qt.MouseButton.LeftButton)
    assert [view.isVisible() for view in views] == [True, True, True, False, False]
    for expected in (*views, page.cine):
        qtbot.keyClick(desktop.window, Qt.Key.Key_L, Qt.KeyboardModifier.ShiftModifier)
        assert page.images.main is expected
        assert expected.isVisible()
        assert sum(view.isVisible() for view in views) == 3, "one large and two beside the short axis"
    qtbot.keyClick(desktop.window, Qt.Key.Key_T, Qt.KeyboardModifier.ShiftModifier)
    assert page.images.main is views[0], "two and three chambers do not show the tricuspid valve"
    assert [view.may_show(Valve.TRICUSPID) for view in views] == [True, False, False, True, False]
    assert [view.may_show(Valve.MITRAL) for view in views] == [True, True, True, False, True]


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


def test_that_a_long_axis_view_opens_with_the_whole_heart_in_it_and_little_else(
    desktop: Desktop, qtbot: QtBot, with_long_axis: Path, phantom_segmentation: Segmentation
) -> None:
    desktop.open(with_long_axis)
    page = page_when(desktop, qtbot, lambda desk: len(desk.long_axis.cines) == 3)
    phantom = make_phantom(acquisition=SMALL, planted=Planted(valves=True), pictures=False)
    page.desk.review.adopt(replace(phantom_segmentation, labels=phantom.labels))
    x, _, z = heart_axes()
    apex, roof = (base_centre_mm() + depth * z for depth in (Beating.of_phantom(phantom).moments[0].epi.apex_mm, -50.0))
    rings = annulus_mm(phantom)
    qtbot.wait(50)  # until everything has found its size
    for large in (False, True):
        for view, plane, name in zip(page.beside.cines, page.desk.long_axis.planes, ("4CH", "2CH", "3CH"), strict=True):
            if large:
                view.enlarging.emit()
                qtbot.wait(50)
            seen, to_screen = QRectF(view.rect()), view.to_screen(QRectF(view.rect()))
            places = [
                apex,
                roof,
                *(rings[valve][name][phase] for valve in rings if name in rings[valve] for phase in (0, 4)),
            ]
            if name == "4CH":
                places.append(roof - 44.0 * x)  # of the right atrium
            shown = [to_screen.map(QPointF(*at)) for at in plane.to_px(np.vstack(places)).tolist()]
            assert all(seen.adjusted(8, 8, -8, -8).contains(at) for at in shown), f"{name}, large: {large}"
            length = QLineF(shown[0], shown[1]).length()
            assert length > 0.55 * min(view.width(), view.height()), "and no more around it than that"


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
        for crossing, plane in zip(page.cine.crossings(page.desk.cursor.slice), truth, strict=True):
            line = crossing.ends_px
            middle = middle_of_heart_mm() + (0.0 if plane is not truth[0] else -12.0) * heart_axes()[0]
            middle = middle + ((position - middle) @ z) * z
            along = (line[1] - line[0]) / np.linalg.norm(line[1] - line[0])
            for away_mm in (-40.0, 0.0, 40.0):
                from_corner = middle + away_mm * plane.column_axis - position
                x, y = (from_corner @ axis / SMALL.pixel_spacing_mm + 0.5
                        for axis in (phantom.geometry.column_axis, phantom.geometry.row_axis))  # fmt: skip
                off = along[0] * (y - line[0, 1]) - along[1] * (x - line[0, 0])
                assert abs(off) < 0.5
