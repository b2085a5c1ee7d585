"""The cells of slice × phase: each state looks its own, and the legend names it."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from pytestqt.qtbot import QtBot

from cinecor.inference.outline.segmentation import Segmentation
from cinecor.measure.moment import Moment
from cinecor.review import FrameState
from cinecor.scene.cells import Cell
from cinecor.ui.look.texts import use_language
from cinecor.ui.look.theme import DARK
from cinecor.ui.views.matrix_legend import MatrixLegend
from cinecor.ui.window.study_page import StudyPage

from .mouse import move_held
from .snapshot import colours_of

LEFT, CTRL = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier


def test_that_each_state_of_a_cell_has_its_own_look(
    qtbot: QtBot, reviewed: StudyPage, phantom_segmentation: Segmentation
) -> None:
    unsure = np.ones_like(phantom_segmentation.confidence)
    unsure[4, 6] = 0.1
    reviewed.desk.review.adopt(replace(phantom_segmentation, confidence=unsure))
    qtbot.mouseClick(reviewed.matrix, LEFT, pos=reviewed.matrix.choice_rect(3, Moment.ED).center().toPoint())
    cells = reviewed.desk.overlays.cells()
    assert reviewed.desk.review.result is not None
    ed = reviewed.desk.review.result.moments.ed
    assert (cells[4, 6], cells[3, ed]) == (Cell.DOUBTFUL, Cell.EXCLUDED)
    reviewed.desk.cursor.go(to_slice=7, to_phase=9)

    def looks(index: int, phase: int) -> set[str]:
        return colours_of(reviewed.matrix, reviewed.matrix.cell_rect(index, phase).adjusted(2, 2, -2, -2).toRect())

    assert DARK.doubt in looks(4, 6)
    assert looks(4, 5) == {DARK.cell_segmented}
    assert {DARK.panel, DARK.cell_line} <= looks(3, int(ed or 0))


def test_that_a_drag_over_the_strip_goes_where_the_mouse_is(qtbot: QtBot, reviewed: StudyPage) -> None:
    matrix, cursor = reviewed.matrix, reviewed.desk.cursor
    start, end = (matrix.cell_rect(index, phase).center().toPoint() for index, phase in ((2, 1), (5, 4)))
    qtbot.mousePress(matrix, LEFT, pos=start)
    assert (cursor.slice, cursor.phase) == (2, 1)
    move_held(matrix, start, start + QPoint(1, 0), LEFT, steps=1)
    assert (cursor.slice, cursor.phase) == (2, 1), "a hand that shakes stays in its row"
    went = []
    cursor.slice_moved.connect(lambda: went.append(cursor.slice))
    move_held(matrix, start, end, LEFT, steps=30)
    qtbot.mouseRelease(matrix, LEFT, pos=end)
    assert went == [3, 4, 5]
    assert cursor.phase == 4


def test_that_where_rows_are_too_low_for_numbers_the_heading_tells_the_current_slices(
    qtbot: QtBot, reviewed: StudyPage
) -> None:
    matrix, desk = reviewed.matrix, reviewed.desk
    result = desk.review.result
    assert result is not None
    assert result.moments.ed is not None
    assert {matrix.choice_head(moment) for moment in Moment} == {"ED (mL)", "ES (mL)"}  # each row has its own numbers
    matrix.setFixedHeight(matrix.minimumHeight())
    qtbot.waitUntil(lambda: matrix.choice_rect(0, Moment.ED).height() < 8)
    heads = []
    for index in (3, 4):
        desk.cursor.go(to_slice=index)
        held = result.curves.lv_slices_ml[index, result.moments.ed]
        assert matrix.choice_head(Moment.ED) == f"ED {held:.1f}"
        right = matrix.choice_rect(0, Moment.ED)
        above = QRect(round(right.left()) - 8, 0, round(right.width()) + 16, round(right.top()))
        heads.append(matrix.grab(above).toImage())
    assert heads[0] != heads[1], "the heading is painted anew with the slice"


@pytest.mark.parametrize("language", ["en", "fr"])
def test_that_the_legend_names_every_state_at_any_width(qtbot: QtBot, language: str) -> None:
    use_language(language)
    legend = MatrixLegend(DARK)
    qtbot.addWidget(legend)
    legend.show_entries((*Cell, *FrameState))
    for width in (160, 260, 380, 900):
        places = legend.places(width)
        assert max(place.right() for place in places.values()) <= width
        assert len(legend.toolTip().splitlines()) == len(Cell) + len(FrameState)  # what has no room is there
    assert set(legend.places(2000)) == {*Cell, *FrameState}
    use_language("en")
