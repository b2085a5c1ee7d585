"""What the doctor decides: slices that count, ED and ES, body; numbers follow at once, and everything can be undone."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QAction, QContextMenuEvent
from PySide6.QtWidgets import QApplication, QDoubleSpinBox, QMenu
from pytestqt.qtbot import QtBot

from cinecor.app.review_session import ReviewSession
from cinecor.inference.outline.segmentation import Label, Segmentation
from cinecor.measure.findings.finding import Severity
from cinecor.measure.moment import Moment
from cinecor.measure.reference.table import Sex
from cinecor.report.composition import compose_results
from cinecor.review import (
    Body,
    DropSlice,
    Gesture,
    History,
    SetBody,
    SetPhase,
    ToggleSlice,
    redraw_one,
    review_result,
)
from cinecor.review.ledger import Person
from cinecor.scene.cells import Cell
from cinecor.ui.look.theme import theme_named
from cinecor.ui.panels.finding_row import FindingRow
from cinecor.ui.study.review_model import ReviewModel
from cinecor.ui.window.desktop import Desktop
from cinecor.ui.window.study_page import StudyPage

from .mouse import move_held

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def _edv(page: StudyPage) -> float:
    assert page.desk.review.result is not None
    value = page.desk.review.result.measurements.lv.edv_ml
    assert value is not None
    return value


def _middle(page: StudyPage, index: int, moment: Moment) -> QPoint:
    return page.matrix.choice_rect(index, moment).center().toPoint()


def test_that_a_click_on_a_cell_goes_there(qtbot: QtBot, reviewed: StudyPage) -> None:
    qtbot.mouseClick(reviewed.matrix, Qt.MouseButton.LeftButton, pos=reviewed.matrix.cell_rect(2, 7).center().toPoint())
    assert (reviewed.desk.cursor.slice, reviewed.desk.cursor.phase) == (2, 7)


def test_that_a_slice_taken_out_at_ed_lowers_edv_by_what_it_adds_and_the_change_is_told(
    qtbot: QtBot, reviewed: StudyPage
) -> None:
    assert reviewed.desk.review.result is not None
    found = reviewed.desk.review.result
    ed = found.moments.ed
    assert ed is not None
    before, adds = _edv(reviewed), float(found.curves.lv_slices_ml[3, ed])
    qtbot.mouseClick(reviewed.matrix, Qt.MouseButton.LeftButton, pos=_middle(reviewed, 3, Moment.ED))
    assert _edv(reviewed) == pytest.approx(before - adds)
    assert reviewed.numbers.cells["lv.edv_ml"].text().rstrip("?") == f"{before - adds:.0f}"
    assert reviewed.numbers.cells["lv.edv_ml.change"].text() == f"−{adds:.1f}"
    assert reviewed.desk.overlays.cells()[3, ed] == Cell.EXCLUDED


def test_that_what_is_decided_is_told_as_a_change_against_the_model_and_nothing_else_moves(reviewed: StudyPage) -> None:
    before, cell, form = _edv(reviewed), reviewed.numbers.cells["lv.edv_ml.change"], reviewed.numbers.body
    place = form.pos()
    assert cell.text() == ""
    reviewed.desk.review.edit(DropSlice(3))
    assert cell.text() == f"−{before - _edv(reviewed):.1f}"
    reviewed.desk.review.edit(ToggleSlice(4, Moment.ED))
    assert cell.text() == f"−{before - _edv(reviewed):.1f}"
    assert "against the model" in reviewed.numbers.cells["lv.edv_ml.change"].toolTip().lower()
    assert form.pos() == place


def test_that_the_curves_say_what_counts_where_a_slice_does_not(reviewed: StudyPage) -> None:
    before = _edv(reviewed)
    reviewed.desk.review.edit(ToggleSlice(3, Moment.ED))
    result = reviewed.desk.review.result
    assert result is not None
    assert result.moments.ed is not None
    told = reviewed.curves.told(result.moments.ed)
    assert f"LV  {before:.1f} mL · ED {_edv(reviewed):.1f} mL" in told


def test_that_the_volume_that_chose_ed_is_told_as_one_of_every_slice(reviewed: StudyPage) -> None:
    assert "left out" not in reviewed.numbers.moments.toolTip()
    reviewed.desk.review.edit(ToggleSlice(3, Moment.ED))
    assert "the slices left out at ED or ES were counted too" in reviewed.numbers.moments.toolTip()


def test_that_the_readers_choices_stand_below_what_is_graver(reviewed: StudyPage) -> None:
    reviewed.desk.review.edit(SetBody(Body(heart_rate_bpm=290.0)))  # a doubtful finding
    reviewed.desk.review.edit(DropSlice(3))
    assert reviewed.desk.review.result is not None
    told = [finding.severity for finding in reviewed.desk.review.result.quality.findings]
    assert told[0] is Severity.DOUBTFUL
    assert told == sorted(told, key=["doubtful", "warning", "info"].index)
    assert "slice_dropped" in {finding.code for finding in reviewed.desk.review.result.quality.findings}


def test_that_the_curves_show_the_number_where_it_is_not_the_curves_own(reviewed: StudyPage) -> None:
    assert reviewed.curves.counted == {}
    reviewed.desk.review.edit(ToggleSlice(3, Moment.ED))
    result = reviewed.desk.review.result
    assert result is not None
    assert set(reviewed.curves.counted) == {(Label.LV, Moment.ED), (Label.RV, Moment.ED)}
    assert reviewed.curves.counted[Label.LV, Moment.ED] == result.measurements.lv.edv_ml
    reviewed.desk.review.undo()
    assert reviewed.curves.counted == {}


def test_that_a_slice_left_out_at_one_moment_is_no_jump_of_the_curve(qtbot: QtBot, reviewed: StudyPage) -> None:
    assert reviewed.desk.review.result is not None
    before = {finding.code for finding in reviewed.desk.review.result.quality.findings}
    qtbot.mouseClick(reviewed.matrix, Qt.MouseButton.LeftButton, pos=_middle(reviewed, 3, Moment.ED))
    quality = reviewed.desk.review.result.quality
    new = {finding.code for finding in quality.findings} - before
    assert not new & {"volume_jump", "myocardium_changes"}
    assert "left_out_at_ed" in new
    assert quality.counted_slices.lv.ed is not None
    assert 3 not in quality.counted_slices.lv.ed


def test_that_the_matrix_says_before_the_click_what_it_would_change(qtbot: QtBot, reviewed: StudyPage) -> None:
    assert reviewed.desk.review.result is not None
    lv = reviewed.desk.review.result.measurements.lv
    qtbot.mouseMove(reviewed.matrix, _middle(reviewed, 3, Moment.ED))
    qtbot.waitUntil(lambda: "Without it" in reviewed.hint.text())
    told = reviewed.hint.text()
    qtbot.mouseClick(reviewed.matrix, Qt.MouseButton.LeftButton, pos=_middle(reviewed, 3, Moment.ED))
    after = reviewed.desk.review.result.measurements.lv
    assert lv.ef_percent is not None
    assert after.ef_percent is not None
    points = f"{after.ef_percent - lv.ef_percent:+.1f}".replace("-", "−")
    assert f"LVEF {points} points" in told


def test_that_a_dropped_slice_is_neither_taken_out_nor_in_by_its_box_or_key_and_the_reader_is_told_why(
    desktop: Desktop, qtbot: QtBot, reviewed: StudyPage
) -> None:
    start, matrix = _edv(reviewed), reviewed.matrix
    reviewed.desk.cursor.go(to_slice=3)
    qtbot.keyClick(desktop.window, Qt.Key.Key_X, SHIFT)
    assert reviewed.desk.review.present is not None
    assert reviewed.desk.review.present.dropped == {3}
    for moment, key in ((Moment.ED, Qt.Key.Key_D), (Moment.ES, Qt.Key.Key_S)):
        qtbot.mouseMove(matrix, QPoint(1, 1))  # a mouse that is there already does not move
        qtbot.mouseMove(matrix, _middle(reviewed, 3, moment))
        qtbot.waitUntil(lambda: "Slice 4 is dropped" in reviewed.hint.text())
        qtbot.mouseClick(matrix, Qt.MouseButton.LeftButton, pos=_middle(reviewed, 3, moment))
        assert "Slice 4 is dropped" in reviewed.hint.text()
        reviewed.messages.hide()
        qtbot.keyClick(desktop.window, key, SHIFT)
        assert "Slice 4 is dropped" in reviewed.messages.text.text()
        assert reviewed.messages.isVisible()
        assert reviewed.desk.review.present.excluded == frozenset()
    qtbot.keyClick(desktop.window, Qt.Key.Key_X, SHIFT)
    assert _edv(reviewed) == pytest.approx(start)
    qtbot.keyClick(desktop.window, Qt.Key.Key_D, SHIFT)
    assert reviewed.desk.review.present.excluded == {(3, Moment.ED)}


def test_that_undo_and_redo_walk_through_every_kind_of_change(
    desktop: Desktop, qtbot: QtBot, reviewed: StudyPage
) -> None:
    start = _edv(reviewed)
    qtbot.keyClick(desktop.window, Qt.Key.Key_D, SHIFT)  # slice 4 out at ED
    without = _edv(reviewed)
    assert without < start
    reviewed.desk.cursor.go(to_phase=3)
    qtbot.keyClick(desktop.window, Qt.Key.Key_D, CTRL)  # ED is phase 3
    assert reviewed.desk.review.result is not None
    assert reviewed.desk.review.result.moments.ed == 3
    qtbot.keyClick(desktop.window, Qt.Key.Key_X, SHIFT)  # drop the slice
    assert reviewed.desk.review.present is not None
    assert reviewed.desk.review.present.dropped == {4}
    for _ in range(2):
        qtbot.keyClick(desktop.window, Qt.Key.Key_Z, CTRL)
    assert _edv(reviewed) == pytest.approx(without)
    assert "slice choice" in desktop.window.actions_by_name["undo"].text()
    qtbot.keyClick(desktop.window, Qt.Key.Key_Z, CTRL)
    assert _edv(reviewed) == pytest.approx(start)
    assert not desktop.window.actions_by_name["undo"].isEnabled()
    for _ in range(3):
        qtbot.keyClick(desktop.window, Qt.Key.Key_Y, CTRL)
    assert reviewed.desk.review.present.dropped == {4}


def test_that_es_dragged_in_the_curves_moves_the_image_and_then_the_numbers(qtbot: QtBot, reviewed: StudyPage) -> None:
    curves, line = reviewed.curves, reviewed.curves.moments[Moment.ES]
    box = curves.getPlotItem().vb

    def at(phase: float) -> QPoint:
        height = box.viewRect().center().y()
        return curves.mapFromScene(box.mapViewToScene(QPointF(phase, height)))

    assert reviewed.desk.review.result is not None
    es = reviewed.desk.review.result.moments.es
    assert es is not None
    view = curves.viewport()
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=at(es))
    move_held(view, at(es), at(es + 2), Qt.MouseButton.LeftButton, steps=1)  # pyqtgraph skips moves that come too fast
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=at(es + 2))
    qtbot.waitUntil(lambda: reviewed.desk.review.result.moments.es == es + 2)  # type: ignore[union-attr]
    assert reviewed.desk.cursor.phase == es + 2
    assert line.value() == es + 2


def test_that_a_line_that_is_dragged_stands_at_the_phase_that_is_read_out_and_will_be_set(
    qtbot: QtBot, reviewed: StudyPage
) -> None:
    curves, line = reviewed.curves, reviewed.curves.moments[Moment.ES]
    box, view = curves.getPlotItem().vb, curves.viewport()

    def at(phase: float) -> QPoint:
        return curves.mapFromScene(box.mapViewToScene(QPointF(phase, box.viewRect().center().y())))

    es = line.phase
    grip, end = at(es), at(es + 1.45)
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=grip)
    for _ in range(2):  # the first only begins the drag
        qtbot.wait(30)  # pyqtgraph skips moves that come too fast
        move_held(view, grip, end, Qt.MouseButton.LeftButton, steps=1)
    assert line.value() == es + 1
    assert curves.readout.startswith(f"Phase {es + 2} ")  # people count from 1
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=end)
    assert reviewed.desk.review.result is not None
    assert reviewed.desk.review.result.moments.es == es + 1
    assert curves.readout == ""


def test_that_height_and_weight_give_indexed_values_by_mosteller(qtbot: QtBot, reviewed: StudyPage) -> None:
    for name, text in (("height_cm", "180"), ("weight_kg", "80")):
        _type(qtbot, reviewed.numbers.body.fields[name], text)
    surface = np.sqrt(180 * 80 / 3600)
    assert reviewed.numbers.body.surface.text() == f"{surface:.2f} m²"
    assert reviewed.numbers.cells["lv.edv_ml.indexed"].text().rstrip("?") == f"{_edv(reviewed) / surface:.1f}"


@pytest.mark.parametrize(("name", "text"), [("height_cm", "500"), ("heart_rate_bpm", "10"), ("weight_kg", "500")])
def test_that_what_no_person_has_is_marked_and_not_taken(
    qtbot: QtBot, reviewed: StudyPage, name: str, text: str
) -> None:
    assert reviewed.desk.review.present is not None
    field, before = reviewed.numbers.body.fields[name], getattr(reviewed.desk.review.present.body, name)
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, text)
    assert field.styleSheet() == f"color: {theme_named(reviewed.desk.settings.text('theme')).refused};"
    assert text in field.text()
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert getattr(reviewed.desk.review.present.body, name) == before
    assert "From" in field.toolTip()


def test_that_a_height_may_be_typed_in_metres(qtbot: QtBot, reviewed: StudyPage) -> None:
    _type(qtbot, reviewed.numbers.body.fields["height_cm"], "1.80")
    assert reviewed.desk.review.present is not None
    assert reviewed.desk.review.present.body.height_cm == pytest.approx(180)


def test_that_an_unusual_body_surface_is_found(reviewed: StudyPage) -> None:
    assert reviewed.desk.review.result is not None
    for weight_kg, odd in ((18.0, True), (70.0, False)):
        reviewed.desk.review.edit(SetBody(Body(70.0, 50.0 if odd else 170.0, weight_kg)))
        codes = {finding.code for finding in reviewed.desk.review.result.quality.findings}
        assert ("odd_body_surface" in codes) == odd


def test_that_a_doubt_marks_the_value_per_surface_as_well(reviewed: StudyPage) -> None:
    reviewed.desk.review.edit(SetBody(Body(290.0, 170.0, 70.0)))  # the rate puts the output in doubt
    cells = reviewed.numbers.cells
    assert cells["lv.co_l_min.indexed"].text().endswith("?")
    assert cells["lv.co_l_min.indexed"].toolTip() == cells["lv.co_l_min"].toolTip() != ""


def test_that_es_that_a_correction_moves_is_told_with_where_it_was(reviewed: StudyPage) -> None:
    review, told = reviewed.desk.review, reviewed.messages
    assert review.result is not None
    assert review.present is not None
    labels = review.present.labels
    assert labels is not None
    before = review.phase_of(Moment.ES)
    assert before is not None
    ed = review.phase_of(Moment.ED)
    place = (labels.shape[0] // 2, before)
    told.hide()
    review.edit(redraw_one(Gesture.BRUSH, place, labels[place[0], ed]))  # as large as at ED
    now = review.phase_of(Moment.ES)
    assert now is not None
    assert now != before
    moved = f"ES is phase {now + 1} now, no longer phase {before + 1}: the LV volume is smallest there."
    assert told.text.text() == moved
    assert told.isVisible()
    review.undo()
    assert told.text.text().startswith(f"ES is phase {before + 1} now")
    told.hide()
    review.edit(SetPhase(Moment.ES, now))  # asked for: nothing to tell
    review.edit(redraw_one(Gesture.BRUSH, place, labels[place[0], ed]))  # what is set stays
    assert not told.isVisible()


def test_that_es_which_leaves_the_frame_that_the_reader_redrew_is_kept_there_by_a_click(
    reviewed: StudyPage, qtbot: QtBot
) -> None:
    review, told = reviewed.desk.review, reviewed.messages
    assert review.present is not None
    labels, before, ed = review.present.labels, review.phase_of(Moment.ES), review.phase_of(Moment.ED)
    assert labels is not None
    assert before is not None
    place = (labels.shape[0] // 2, before)
    drawn = redraw_one(Gesture.BRUSH, place, labels[place[0], ed])
    review.edit(drawn)
    now = review.phase_of(Moment.ES)
    assert now != before
    assert told.waits
    assert told.offer.text() == f"Keep ES at phase {before + 1}"
    qtbot.mouseClick(told.offer, Qt.MouseButton.LeftButton)
    assert review.phase_of(Moment.ES) == before
    assert not told.isVisible()
    review.undo()
    assert review.phase_of(Moment.ES) == now

    review.undo()
    assert review.phase_of(Moment.ES) == before
    review.edit(drawn)
    assert told.offer.isVisible()
    told.add_text("And something else.")  # it is the same offer all the same
    review.undo()  # ES is there again
    assert review.phase_of(Moment.ES) == before
    assert not told.offer.isVisible()

    assert now is not None
    other = (place[0], now)
    review.edit(redraw_one(Gesture.BRUSH, other, np.zeros_like(labels[other])))
    assert review.phase_of(Moment.ES) == other[1], "a phase of which nobody has drawn a frame is left"
    assert told.isVisible()
    assert not told.offer.isVisible()


def test_that_ed_and_es_go_back_to_the_curve_in_one_step(desktop: Desktop, reviewed: StudyPage) -> None:
    review = reviewed.desk.review
    assert review.result is not None
    chosen = review.result.moments
    for moment in Moment:
        review.edit(SetPhase(moment, 4))
    desktop.window.actions_by_name["reset_moments"].trigger()
    assert review.result.moments == chosen
    desktop.window.actions_by_name["undo"].trigger()
    assert [review.phase_of(moment) for moment in Moment] == [4, 4]


def test_that_ed_and_es_on_one_phase_are_both_named(reviewed: StudyPage) -> None:
    for moment in Moment:
        reviewed.desk.review.edit(SetPhase(moment, 4))
    assert reviewed.desk.review.moments_at(4) == (Moment.ED, Moment.ES)
    assert reviewed.desk.review.moments_at(5) == ()


def test_that_the_heart_rate_can_be_corrected_and_the_output_follows(qtbot: QtBot, reviewed: StudyPage) -> None:
    _type(qtbot, reviewed.numbers.body.fields["heart_rate_bpm"], "100")
    assert reviewed.desk.review.result is not None
    lv = reviewed.desk.review.result.measurements.lv
    assert lv.sv_ml is not None
    assert lv.co_l_min == pytest.approx(lv.sv_ml / 10)
    assert reviewed.numbers.cells["lv.co_l_min"].text().rstrip("?") == f"{lv.sv_ml / 10:.1f}"


def test_that_what_is_typed_of_the_person_leaves_a_heart_rate_that_was_read_as_it_was_read(
    qtbot: QtBot, reviewed: StudyPage
) -> None:
    review, body = reviewed.desk.review, reviewed.numbers.body
    first = review.history.first if review.history is not None else None
    assert first is not None
    history = History(replace(first, stack=replace(first.stack, heart_rate_bpm=71.6), body=Body(71.6)))
    review.take(ReviewSession(history, kept=None, person=Person("", "", "")))
    rate = body.fields["heart_rate_bpm"]
    assert rate.value() == 72.0  # shown without a fraction
    for name, text in (("height_cm", "180"), ("weight_kg", "80"), ("age_years", "63")):
        _type(qtbot, body.fields[name], text)
    body.sex.setCurrentIndex(1)
    body.sex.activated.emit(1)
    assert review.present is not None
    assert review.present.body == Body(71.6, 180.0, 80.0, Sex.FEMALE, 63)
    assert _rate_of(review) == ("automatic", 71.6)
    _type(qtbot, rate, "73")
    assert _rate_of(review) == ("reader", 73.0)
    _type(qtbot, rate, "72")  # as the study says, as far as it is shown
    assert _rate_of(review) == ("automatic", 71.6)


def _rate_of(review: ReviewModel) -> tuple[str, float | None]:
    assert review.present is not None
    result = review_result(review.present)
    assert result is not None
    results = compose_results(review.present, result, input_path=Path("study"))
    return results.choices.heart_rate, results.stack.heart_rate_bpm


def test_that_a_redrawn_frame_is_a_layer_and_the_ai_result_stays(qtbot: QtBot, reviewed: StudyPage) -> None:
    desk = reviewed.desk
    assert desk.review.present is not None
    assert desk.review.present.segmentation is not None
    ai = desk.review.present.segmentation.labels.copy()
    empty = np.zeros(ai.shape[2:], dtype=np.uint8)
    desk.review.edit(redraw_one(Gesture.DELETE, (3, 0), empty))
    assert desk.overlays.labels is not None
    assert not desk.overlays.labels[3, 0].any()
    assert np.array_equal(desk.review.present.segmentation.labels, ai)
    desk.review.undo()
    assert np.array_equal(desk.overlays.labels, ai)


def test_that_views_follow_a_click_in_the_grid_and_in_the_long_axis_cut(
    desktop: Desktop, qtbot: QtBot, reviewed: StudyPage
) -> None:
    qtbot.mouseClick(
        reviewed.long_axis, Qt.MouseButton.LeftButton, pos=reviewed.long_axis.band_rect(1).center().toPoint()
    )
    assert reviewed.desk.cursor.slice == 1
    qtbot.keyClick(desktop.window, Qt.Key.Key_3)
    qtbot.mouseClick(reviewed.grid, Qt.MouseButton.LeftButton, pos=reviewed.grid.tile_rect(6).center().toPoint())
    assert reviewed.desk.cursor.slice == 6
    qtbot.keyClick(desktop.window, Qt.Key.Key_G)  # phases of the slice
    assert len(reviewed.grid.places()) == 10
    qtbot.mouseClick(reviewed.grid, Qt.MouseButton.LeftButton, pos=reviewed.grid.tile_rect(8).center().toPoint())
    assert (reviewed.desk.cursor.slice, reviewed.desk.cursor.phase) == (6, 8)


def _type(qtbot: QtBot, field: QDoubleSpinBox, text: str) -> None:
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, text)
    qtbot.keyClick(field, Qt.Key.Key_Return)


@pytest.mark.qt_log_ignore("does not support")  # an invisible screen grabs no keys
def test_that_no_choice_is_offered_of_a_slice_in_which_nothing_is_outlined(
    desktop: Desktop, qtbot: QtBot, reviewed: StudyPage, phantom_segmentation: Segmentation
) -> None:
    labels = phantom_segmentation.labels.copy()
    labels[5] = 0
    desk, matrix = reviewed.desk, reviewed.matrix
    desk.review.adopt(replace(phantom_segmentation, labels=labels))
    before = desk.review.decided
    desk.cursor.go(to_slice=5)
    for key in (Qt.Key.Key_X, Qt.Key.Key_D, Qt.Key.Key_S):
        reviewed.messages.hide()
        qtbot.keyClick(desktop.window, key, SHIFT)
        assert "Nothing is outlined in slice 6" in reviewed.messages.text.text()
        assert reviewed.messages.isVisible()
    qtbot.mouseMove(matrix, QPoint(1, 1))
    qtbot.mouseMove(matrix, _middle(reviewed, 5, Moment.ED))
    qtbot.waitUntil(lambda: "Nothing is outlined in slice 6 at ED" in reviewed.hint.text())
    qtbot.mouseClick(matrix, Qt.MouseButton.LeftButton, pos=_middle(reviewed, 5, Moment.ED))
    assert desk.review.decided is before
    drop = desktop.window.actions_by_name["drop_slice"]
    for index, offered in ((5, False), (3, True)):
        assert (drop in _offered(desktop, reviewed, index)) is offered


def _offered(desktop: Desktop, page: StudyPage, index: int) -> list[QAction]:
    """Return what the right button offers on a slice of the matrix."""
    place = page.matrix.cell_rect(index, 4).center().toPoint()
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, page.matrix.mapToGlobal(place))
    QApplication.sendEvent(page.matrix, event)
    menu = next(one for one in desktop.window.findChildren(QMenu) if one.isVisible())
    offered = menu.actions()
    menu.close()
    return offered


@pytest.mark.qt_log_ignore("does not support")  # an invisible screen grabs no keys
def test_that_a_dropped_slice_can_be_restored_by_the_right_button_also_where_nothing_is_outlined(
    desktop: Desktop, reviewed: StudyPage, phantom_segmentation: Segmentation
) -> None:
    labels = phantom_segmentation.labels.copy()
    review, actions = reviewed.desk.review, desktop.window.actions_by_name
    labels[5] = 0
    review.adopt(replace(phantom_segmentation, labels=labels))
    review.edit(DropSlice(5))
    assert review.present is not None
    assert review.present.dropped == {5}
    offered = _offered(desktop, reviewed, 5)
    assert actions["toggle_slice_ed"] not in offered
    next(one for one in offered if one is actions["drop_slice"]).trigger()
    assert review.present.dropped == frozenset()
    assert actions["drop_slice"] not in _offered(desktop, reviewed, 5), "now there is nothing to leave out"


@pytest.mark.qt_log_ignore("does not support")  # an invisible screen grabs no keys
def test_that_what_is_empty_at_one_moment_is_offered_at_the_other(
    desktop: Desktop, reviewed: StudyPage, phantom_segmentation: Segmentation
) -> None:
    review, actions = reviewed.desk.review, desktop.window.actions_by_name
    es = review.phase_of(Moment.ES)
    assert es is not None
    labels = phantom_segmentation.labels.copy()
    labels[5, es] = 0
    review.adopt(replace(phantom_segmentation, labels=labels))
    assert review.phase_of(Moment.ES) == es
    offered = _offered(desktop, reviewed, 5)
    assert actions["toggle_slice_ed"] in offered
    assert actions["drop_slice"] in offered
    assert actions["toggle_slice_es"] not in offered


def test_that_a_slice_left_out_at_ed_alone_is_told_with_what_is_missing_and_where_it_counts(
    qtbot: QtBot, reviewed: StudyPage
) -> None:
    result = reviewed.desk.review.result
    assert result is not None
    ed, es = result.moments.ed, result.moments.es
    held = result.curves.lv_slices_ml[3]
    qtbot.mouseClick(reviewed.matrix, Qt.MouseButton.LeftButton, pos=_middle(reviewed, 3, Moment.ED))
    row = next(one for one in reviewed.numbers.findChildren(FindingRow) if "Left out at ED alone" in one.sentence)
    assert "slice 4" in row.sentence
    assert f"LV {held[ed]:.1f}\N{NO-BREAK SPACE}mL" in row.sentence
    assert "counted at ES" in row.sentence
    assert f"LV {held[es]:.1f}\N{NO-BREAK SPACE}mL" in row.sentence
    (finding,) = (
        one
        for one in reviewed.desk.review.result.quality.findings
        if one.code == "left_out_at_ed"  # type: ignore[union-attr]
    )
    assert finding.severity is Severity.WARNING
    qtbot.mouseClick(reviewed.matrix, Qt.MouseButton.LeftButton, pos=_middle(reviewed, 3, Moment.ES))
    told = {one.code: one for one in reviewed.desk.review.result.quality.findings}  # type: ignore[union-attr]
    assert told["left_out_at_both"].severity is Severity.INFO
