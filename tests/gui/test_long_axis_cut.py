"""The cut through the stack of a study without long-axis cines: its line, its bands, its outlines."""

from dataclasses import replace
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from pytestqt.qtbot import QtBot

from cinecor.inference.outline.segmentation import Label, Segmentation
from cinecor.ui.look.theme import OVERLAY
from cinecor.ui.tools.gestures import WHEEL_STEP
from cinecor.ui.window.desktop import Desktop
from cinecor.ui.window.study_page import StudyPage
from cinecor_phantom import make_phantom

from .conftest import SMALL, page_when
from .mouse import move_held, turn_wheel
from .snapshot import colours_of

LEFT, CTRL = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier


def test_that_the_cut_of_a_study_without_long_axis_cines_shows_its_line_which_turns_it(
    qtbot: QtBot, reviewed: StudyPage
) -> None:
    page, desk = reviewed, reviewed.desk
    assert page.beside.cut.isVisibleTo(page)
    line = page.cine.crossings(page.desk.cursor.slice)[0].ends_px
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
    assert page.cine.crossings(page.desk.cursor.slice) == [], "where no cut is seen its line means nothing"


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

    matrix = page.matrix
    assert matrix.cell_rect(base, 0).bottom() <= matrix.cell_rect(apex, 0).top()
    qtbot.mouseClick(matrix, Qt.MouseButton.LeftButton, pos=matrix.cell_rect(apex, 3).center().toPoint())
    assert (page.desk.cursor.slice, page.desk.cursor.phase) == (apex, 3)
    for key, wanted in (
        (Qt.Key.Key_Home, base),
        (Qt.Key.Key_Down, base + way),
        (Qt.Key.Key_End, apex),
        (Qt.Key.Key_Up, apex - way),
    ):
        qtbot.keyClick(page.cine, key)
        assert page.desk.cursor.slice == wanted
    turn_wheel(page.cine, QPointF(page.cine.rect().center()), -WHEEL_STEP)  # towards the user
    assert page.desk.cursor.slice == apex, "the wheel goes on towards the apex"
    start, far = page.cine.rect().center(), QPoint(0, -60)
    qtbot.mousePress(page.cine, LEFT, pos=start)
    move_held(page.cine, start, start + far, LEFT)
    qtbot.mouseRelease(page.cine, LEFT, pos=start + far)
    assert page.desk.cursor.slice == apex - 2 * way, "and a drag upwards towards the base"
    desktop.settings.change("grid", "slices")
    assert [index for index, _ in page.grid.places()] == list(range(8))[::way]


def test_that_the_cut_shows_outlines_of_the_structures_that_are_chosen(qtbot: QtBot, reviewed: StudyPage) -> None:
    shown = colours_of(reviewed.long_axis)
    assert {colour for colour in OVERLAY.values() if colour in shown} == set(OVERLAY.values())
    qtbot.mouseClick(reviewed.controls.structures[Label.RV], LEFT)
    assert OVERLAY[Label.RV] not in colours_of(reviewed.long_axis)
    qtbot.keyClick(reviewed.cine, Qt.Key.Key_O)
    assert not set(OVERLAY.values()) & colours_of(reviewed.long_axis)


def test_that_the_cut_turns_by_key_and_bands_are_as_high_as_slices(qtbot: QtBot, reviewed: StudyPage) -> None:
    before = reviewed.long_axis.angle_degrees
    qtbot.keyClick(reviewed.cine, Qt.Key.Key_T)
    assert (reviewed.long_axis.angle_degrees - before) % 180 == pytest.approx(10)
    assert reviewed.desk.reading.study is not None
    extents = reviewed.desk.reading.study.stack.geometry.slice_extent_mm
    heights = np.array([reviewed.long_axis.band_rect(index).height() for index in range(8)])
    assert heights / heights.sum() == pytest.approx(extents / extents.sum())
