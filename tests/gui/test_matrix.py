"""The cells of slice × phase: each state looks its own, and the legend names it."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from cinecor.inference.outline.segmentation import Segmentation
from cinecor.measure.moment import Moment
from cinecor.review import FrameState
from cinecor.scene.cells import Cell
from cinecor.ui.look.texts import use_language
from cinecor.ui.look.theme import DARK
from cinecor.ui.views.matrix_legend import MatrixLegend
from cinecor.ui.window.study_page import StudyPage

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
