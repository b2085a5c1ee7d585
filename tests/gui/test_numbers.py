"""The numbers: rates, intervals, conventions, doubts, columns that stay, and their copy."""

import ast
from dataclasses import replace
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from cinecor.app.settings import Settings
from cinecor.inference.outline.segmentation import Label, Segmentation
from cinecor.measure import ef_interval
from cinecor.measure.moment import Moment
from cinecor.measure.rates import rates
from cinecor.measure.ventricle import Ventricle
from cinecor.review import Body, SetBody, ToggleSlice, ef_ranges
from cinecor.ui.look.theme import DARK
from cinecor.ui.panels.ef_head import NO_INTERVAL
from cinecor.ui.panels.finding_row import FindingRow
from cinecor.ui.panels.numbers_view import NumbersView
from cinecor.ui.panels.one_line import OneLine
from cinecor.ui.sheets.numbers_sheet import NumbersSheet
from cinecor.ui.study.difference import difference_text
from cinecor.ui.window.desktop import Desktop
from cinecor.ui.window.study_page import StudyPage

from .conftest import page_when

LEFT, CTRL = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier


def test_that_rates_stand_with_the_numbers_and_their_unit(reviewed: StudyPage) -> None:
    measures, study = reviewed.desk.review.result, reviewed.desk.reading.study
    assert measures is not None
    assert study is not None
    for side in ("lv", "rv"):
        found = rates(getattr(measures.curves, f"{side}_ml"), study.stack.phase_times_ms)
        assert found is not None
        assert reviewed.numbers.cells[f"{side}.ejection_ml_s"].text().rstrip("?") == f"{found.ejection_ml_s:.0f}"
        assert reviewed.numbers.cells[f"{side}.filling_ml_s"].text().rstrip("?") == f"{found.filling_ml_s:.0f}"
    texts = [label.text() for label in reviewed.numbers.findChildren(QLabel)]
    assert [texts.count(unit) for unit in ("mL", "%", "L/min", "g", "mL/s")] == [6, 2, 2, 1, 2]


def test_that_the_lv_ef_has_its_interval_until_a_reader_changes_what_counts(
    qtbot: QtBot, reviewed: StudyPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    head, review = reviewed.numbers.heads[Ventricle.LV], reviewed.desk.review
    assert head.interval.text() == "no interval: spacing"
    assert "slices lie 15.0\N{NO-BREAK SPACE}mm apart" in head.interval.toolTip()
    monkeypatch.setattr(ef_interval, "LARGEST_SLICE_SPACING_MM", 15.0)
    review.edit(SetBody(Body(60.0, 170.0, 70.0)))
    assert review.result is not None
    found = review.result.ef_ranges[Ventricle.LV]
    assert found is not None
    assert head.interval.text() == f"{found.low_percent:.0f}–{found.high_percent:.0f} in 9 of 10"
    assert "model error only" in head.interval.toolTip()
    assert f"calibrated on {found.constants.calibrated} patients" in head.interval.toolTip()
    right = reviewed.numbers.heads[Ventricle.RV].interval
    assert right.text() == "no interval"  # too few patients for one
    assert "the model does not tell" in right.toolTip()
    review.edit(ToggleSlice(3, Moment.ED))
    qtbot.waitUntil(lambda: head.interval.text() == "no interval: left out")
    assert "slices were left out" in head.interval.toolTip()


def test_that_conventions_and_sources_stand_behind_the_i(desktop: Desktop, qtbot: QtBot, reviewed: StudyPage) -> None:
    qtbot.mouseClick(reviewed.numbers.about, LEFT)
    sheet = next(one for one in desktop.window.findChildren(NumbersSheet) if one.isVisible())
    told = " ".join(label.text() for label in sheet.findChildren(QLabel)).replace("\N{NO-BREAK SPACE}", " ")
    assert all(word in told for word in ("1.05 g/mL", "Papillary", "Mosteller", "infundibulum", "Petersen"))
    assert "Chosen among" in told
    assert "ED, slice" in told  # what each slice at base and apex decides
    assert "without it the LV EF would be" in told
    sheet.reject()


def test_that_the_numbers_go_to_the_clipboard_with_doubts_and_notice(
    desktop: Desktop, qtbot: QtBot, reviewed: StudyPage
) -> None:
    reviewed.desk.review.edit(SetBody(Body(290.0, 170.0, 70.0)))  # the rate puts the output in doubt
    qtbot.keyClick(desktop.window, Qt.Key.Key_C, CTRL)
    lines = QApplication.clipboard().text().split("\n")
    cells = {line.split("\t")[0]: line.split("\t") for line in lines if "\t" in line}
    result = reviewed.desk.review.result
    assert result is not None
    lv = result.measurements.lv
    assert lv.edv_ml is not None
    assert lv.ef_percent is not None
    assert cells["LV EDV"][1:3] == [f"{lv.edv_ml:.0f}", "mL"]
    assert cells["LV EF"][1].rstrip("?") == f"{lv.ef_percent:.1f}"
    assert "age" in cells["LV EF"][5]  # Petersen 2017 has no limits for who may be of any
    assert cells["LV CO"][1].endswith("?")
    assert any(line.startswith("? ") for line in lines)
    assert any("outflow tract" in line for line in lines)
    assert lines[-1].startswith("Research use only")


def test_that_a_stack_of_one_phase_shows_its_volumes(
    desktop: Desktop, qtbot: QtBot, settings: Settings, tmp_path: Path, phantom_segmentation: Segmentation
) -> None:
    settings.change("auto_segment", False)
    image = nib.nifti1.Nifti1Image(np.tile(np.arange(64, dtype=np.float32), (64, 5, 1)).swapaxes(1, 2), np.eye(4) * 2)
    nib.save(image, tmp_path / "one.nii.gz")
    desktop.open(tmp_path / "one.nii.gz")
    page = page_when(desktop, qtbot, lambda desk: desk.reading.study is not None and not desk.operations.busy)
    assert page.desk.reading.study is not None
    stack = page.desk.reading.study.stack
    labels = np.zeros(stack.pixels.shape, np.uint8)
    labels[1:4, :, 20:40, 20:40] = Label.MYO
    labels[1:4, :, 25:35, 25:35] = Label.LV
    page.desk.review.adopt(
        replace(
            phantom_segmentation, labels=labels, confidence=np.ones(labels.shape[:2], np.float32), uncertain_px=None
        )
    )
    numbers = page.numbers
    assert numbers.heads[Ventricle.LV].name.text() == "LV volume"
    assert numbers.cells["lv.ef_percent"].text().rstrip("?") == f"{3 * 100 * 2**3 / 1000:.0f}"
    assert numbers.cells["rv.ef_percent"].text() == "–"
    assert f"Myocardium at the only phase: {3 * 300 * 2**3 / 1000:.0f} mL" in numbers.moments.text()


def test_that_a_doubtful_number_is_marked_and_says_why(desktop: Desktop, qtbot: QtBot, reviewed: StudyPage) -> None:
    measures = reviewed.desk.review.result
    assert measures is not None
    ed, es = measures.moments.ed, measures.moments.es
    assert ed is not None
    assert es is not None
    reviewed.desk.cursor.go(to_phase=es)
    qtbot.keyClick(desktop.window, Qt.Key.Key_D, CTRL)  # ED where the ventricle is smallest …
    reviewed.desk.cursor.go(to_phase=ed)
    qtbot.keyClick(desktop.window, Qt.Key.Key_E, CTRL)
    cell = reviewed.numbers.cells["lv.edv_ml"]
    assert cell.text().endswith("?")
    assert "The LV is not smaller at ES" in cell.toolTip()
    rows = reviewed.numbers.review_list.findChildren(FindingRow)
    assert any(row.findChild(QLabel).text() == "?" and "not smaller at ES" in row.sentence for row in rows)
    assert reviewed.numbers.cells["lv.mass_g"].text().endswith("?")
    assert reviewed.numbers.moments.text() == f"ED: phase {es + 1} · ES: phase {ed + 1} · set by hand"
    assert "set by hand" in reviewed.numbers.moments.toolTip()
    qtbot.keyClick(desktop.window, Qt.Key.Key_Z, CTRL)
    qtbot.keyClick(desktop.window, Qt.Key.Key_Z, CTRL)
    assert "not smaller at ES" not in cell.toolTip()


def test_that_marks_of_doubt_push_no_number_over_the_edge(
    qtbot: QtBot, opened: StudyPage, phantom_segmentation: Segmentation
) -> None:
    numbers = NumbersView(opened.desk, DARK)
    qtbot.addWidget(numbers)
    numbers.resize(200, 600)
    numbers.show()
    before = numbers.minimumWidth()
    opened.desk.review.adopt(phantom_segmentation)
    opened.desk.review.edit(ToggleSlice(1, Moment.ED))
    assert numbers.cells["lv.ef_percent"].text().endswith("?")
    assert numbers.minimumWidth() >= before
    bar = numbers.verticalScrollBar().sizeHint().width()
    assert numbers.widget().minimumSizeHint().width() <= numbers.minimumWidth() - bar


def test_that_every_reason_why_an_ef_has_no_interval_is_told_in_few_words() -> None:
    sources = [Path(str(module.__file__)).read_text() for module in (ef_interval, ef_ranges)]
    codes = {
        node.args[0].value
        for source in sources
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Message"
        if isinstance(node.args[0], ast.Constant)
    }
    assert codes - {"ef_interval"} == set(NO_INTERVAL)
    assert len(set(NO_INTERVAL.values())) == len(NO_INTERVAL)


def test_that_values_per_body_surface_come_with_height_and_weight_in_the_same_columns(
    qtbot: QtBot, reviewed: StudyPage
) -> None:
    cell = reviewed.numbers.cells["lv.edv_ml.indexed"]
    place = cell.geometry().right()
    assert cell.text() == "–"
    assert cell.toolTip() == "Needs height and weight."
    for name, text in (("height_cm", "170"), ("weight_kg", "70")):
        field = reviewed.numbers.body.fields[name]
        field.setFocus()
        field.selectAll()
        qtbot.keyClicks(field, text)
        qtbot.keyClick(field, Qt.Key.Key_Return)
    assert cell.text() != "–"
    assert cell.geometry().right() == place


def test_that_missing_peak_rates_say_that_a_slice_left_out_at_one_moment_is_why(
    qtbot: QtBot, reviewed: StudyPage
) -> None:
    rate = reviewed.numbers.cells["lv.ejection_ml_s"]
    assert rate.text() != "–"
    place = reviewed.numbers.cells["lv.edv_ml.change"].geometry()
    reviewed.desk.review.edit(ToggleSlice(3, Moment.ED))
    assert rate.text() == "–"
    assert "left out at ED or ES alone" in rate.toolTip()
    note, beside = reviewed.numbers.table.no_rates[Ventricle.LV], reviewed.numbers.cells["lv.edv_ml.change"]
    assert note.isVisible(), "the reason is seen where the number would be"
    assert note.text() == "no rates: left out"
    assert note.fontMetrics().horizontalAdvance(note.text()) <= note.width()
    assert note.toolTip() == rate.toolTip().splitlines()[-1]
    assert not rate.isVisible()
    qtbot.wait(50)
    assert abs(beside.x() - place.x()) <= 1, "the columns stay, but for the pixel that a wider number may take"
    assert abs(beside.geometry().right() - place.right()) <= 1
    reviewed.desk.review.edit(ToggleSlice(3, Moment.ES))
    assert rate.text() != "–"
    assert rate.isVisible()
    assert not note.isVisible()
    assert "alone" not in rate.toolTip()


def _in_french(desktop: Desktop, qtbot: QtBot, settings: Settings) -> StudyPage:
    before = desktop.window
    settings.change("language", "fr")
    qtbot.waitUntil(lambda: desktop.window is not before)
    page = desktop.window.page
    assert page is not None
    return page


def test_that_french_numbers_have_a_comma_and_engine_sentences_are_french(
    desktop: Desktop, qtbot: QtBot, reviewed: StudyPage, settings: Settings
) -> None:
    page = _in_french(desktop, qtbot, settings)
    assert page.desk.review.result is not None
    ef = page.desk.review.result.measurements.lv.ef_percent
    assert ef is not None
    assert page.numbers.cells["lv.ef_percent"].text().rstrip("?") == f"{ef:.1f}".replace(".", ",")
    assert page.numbers.moments.toolTip().startswith("La TD est la phase")

    def told() -> bool:  # as soon as the new window has found its sizes
        qtbot.mouseMove(page.matrix, QPoint(1, 1))  # a mouse that is there already does not move
        qtbot.mouseMove(page.matrix, page.matrix.choice_rect(3, Moment.ED).center().toPoint())
        return "Sans elle" in page.hint.text()

    qtbot.waitUntil(told)
    assert "," in page.hint.text()


def test_that_the_outflow_tract_is_named_beside_the_rv_and_not_at_the_head_of_the_changes(
    reviewed: StudyPage,
) -> None:
    table = reviewed.numbers.table
    reviewed.desk.review.edit(ToggleSlice(3, Moment.ED))
    changes = [one for one in table.findChildren(QLabel) if one.text() == "Δ"]
    assert len(changes) == 2
    note = next(one for one in table.findChildren(OneLine) if one.text() == "(no RVOT)")
    right = next(one for one in table.findChildren(QLabel) if one.text() == "RV")
    assert note.y() == pytest.approx(right.y(), abs=6)
    assert right.geometry().right() < note.x()
    assert note.geometry().right() < table.cells["rv.edv_ml.indexed"].x()
    assert "infundibulum" in note.toolTip()


def test_that_french_names_a_number_before_its_ventricle(
    desktop: Desktop, qtbot: QtBot, reviewed: StudyPage, settings: Settings
) -> None:
    page = _in_french(desktop, qtbot, settings)
    page.desk.review.edit(ToggleSlice(3, Moment.ED))
    assert page.numbers.heads[Ventricle.LV].name.text() == "FE VG"
    assert "FE VG −" in difference_text(page.desk)
    assert "VTD VG −" in difference_text(page.desk)
    assert "VG FE" not in difference_text(page.desk) + page.numbers.text()
