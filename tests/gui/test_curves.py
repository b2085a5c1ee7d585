"""The curves of volumes: values beside the mouse, phases by a click, and an axis that can be read."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cinecor.inference.outline.segmentation import Label
from cinecor.ui.views.curve_view import CurveView
from cinecor.ui.window.study_page import StudyPage

from .snapshot import rgb

LEFT, CTRL = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier


def _at_phase(page: StudyPage, phase: float) -> QPoint:
    box = page.curves.getPlotItem().vb
    return page.curves.mapFromScene(box.mapViewToScene(QPointF(phase, box.viewRect().center().y())))


def test_that_the_values_of_a_phase_stand_beside_the_mouse(qtbot: QtBot, reviewed: StudyPage) -> None:
    measures, study = reviewed.desk.review.result, reviewed.desk.reading.study
    assert measures is not None
    assert study is not None
    assert study.stack.phase_times_ms is not None
    assert reviewed.curves.readout == ""
    for phase in (7, 2):  # on either side of the middle, and pyqtgraph skips moves that come too fast
        qtbot.wait(30)
        qtbot.mouseMove(reviewed.curves.viewport(), _at_phase(reviewed, phase))
        qtbot.waitUntil(lambda phase=phase: reviewed.curves.readout.startswith(f"Phase {phase + 1} "))
        assert f"{study.stack.phase_times_ms[phase]:.0f} ms" in reviewed.curves.readout
        for name, curve in (("LV", "lv_ml"), ("RV", "rv_ml"), ("MYO", "myo_ml")):
            assert f"{name}  {getattr(measures.curves, curve)[phase]:.1f} mL" in reviewed.curves.readout


@pytest.mark.parametrize("height", [140, 300, 600])
def test_that_the_names_of_ed_and_es_stand_above_the_curves(qtbot: QtBot, reviewed: StudyPage, height: int) -> None:
    curves, box = reviewed.curves, reviewed.curves.getPlotItem().vb
    curves.setFixedHeight(height)
    qtbot.waitUntil(lambda: curves.height() == height)
    for moment, line in curves.moments.items():
        name = line.label.mapRectToScene(line.label.boundingRect())
        phase = line.phase
        for label in (Label.LV, Label.RV, Label.MYO):
            point = box.mapViewToScene(QPointF(phase, curves.volumes_ml(label)[phase]))
            assert point.y() - 2 > name.bottom(), f"{moment} lies over {label.name}"


def test_that_a_click_on_the_curves_goes_to_the_phase(qtbot: QtBot, reviewed: StudyPage) -> None:
    qtbot.mouseClick(reviewed.curves.viewport(), LEFT, pos=_at_phase(reviewed, 6))
    assert reviewed.desk.cursor.phase == 6


def test_that_no_tick_names_a_phase_that_is_not_there(reviewed: StudyPage) -> None:
    axis = reviewed.curves.getPlotItem().getAxis("bottom")
    for low, high, width in ((-0.4, 11.5, 300), (-0.4, 11.5, 2000)):
        ticks = {value for _, values in axis.tickValues(low, high, width) for value in values}
        assert ticks <= set(range(10))
        assert {0, 5} <= ticks


def test_that_the_axis_of_volumes_has_a_whole_name_at_any_height(qtbot: QtBot, reviewed: StudyPage) -> None:
    curves, axis = reviewed.curves, reviewed.curves.getPlotItem().getAxis("left")
    for height, name in ((400, "Volume (mL)"), (110, "mL"), (400, "Volume (mL)")):
        curves.setFixedHeight(height)
        qtbot.waitUntil(lambda height=height: curves.height() == height)
        qtbot.waitUntil(lambda name=name: axis.labelText == name)
        along = axis.label.mapRectToScene(axis.label.boundingRect())
        assert along.height() <= curves.getPlotItem().vb.height() + 12  # of the room below the plot


def test_that_curves_are_twice_as_many_dots_wide_on_a_screen_at_200_percent(
    reviewed: StudyPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    curves, coloured = reviewed.curves, []
    reviewed.first_painting.finish()
    for ratio in (1.0, 2.0):
        monkeypatch.setattr(CurveView, "devicePixelRatioF", lambda _, ratio=ratio: ratio)
        QApplication.sendEvent(curves, QEvent(QEvent.Type.DevicePixelRatioChange))
        dots = rgb(curves.grab().toImage()).astype(np.float64)
        coloured.append((dots.max(axis=2) - dots.min(axis=2)).sum())
    assert coloured[1] > 1.15 * coloured[0]  # names and points are in colour too, and keep their size
