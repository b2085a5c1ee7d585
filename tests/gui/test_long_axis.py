"""Long-axis cines beside the short axis: in step with it, with its slices' lines, and never in its place."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF, Qt
from pytestqt.qtbot import QtBot

from cinecor.ui.window.desktop import Desktop
from cinecor_phantom import make_phantom, write_dicom
from cinecor_phantom.planted import Planted
from cinecor_phantom.planted_truth import annulus_mm

from .conftest import SMALL, page_when


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
