"""The export sheet: what can be chosen, and that what is chosen is written."""

import subprocess
import sys
import threading
from pathlib import Path

import nibabel
import numpy as np
import pydicom
import pypdfium2
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from cinecor.app import export_study
from cinecor.app.export_options import ExportOptions, Form
from cinecor.app.export_review import export_review
from cinecor.app.other_reading import Whose
from cinecor.app.settings import Settings
from cinecor.inference.outline.segmentation import Label
from cinecor.report.earlier_reading import EarlierReading
from cinecor.report.nifti import stack_affine
from cinecor.report.results import ModelFacts
from cinecor.review import Moment, ToggleSlice
from cinecor.review.redraw import Gesture, redraw_one
from cinecor.ui.sheets.export_sheet import ExportSheet
from cinecor.ui.sheets.incoming_sheet import IncomingSheet, Use
from cinecor.ui.window.desktop import Desktop
from cinecor.ui.window.study_page import StudyPage

from .conftest import LONG_MS, page_when


def test_that_the_sheet_writes_what_is_chosen(
    desktop: Desktop, qtbot: QtBot, reviewed: StudyPage, tmp_path: Path
) -> None:
    desktop.window.saving.ask_folder = lambda _: tmp_path / "out"
    modifiers = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(desktop.window, Qt.Key.Key_S, modifiers)
    qtbot.waitUntil(lambda: bool(desktop.window.findChildren(ExportSheet)))
    sheet = desktop.window.findChildren(ExportSheet)[0]
    assert {form for form, box in sheet.forms.items() if box.isChecked()} == {Form.PDF, Form.SEG, Form.SR}
    sheet.forms[Form.SEG].setChecked(False)
    sheet.anonymous.setChecked(True)
    sheet.pseudonym.setText("CASE-3")
    qtbot.mouseClick(sheet.go, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(reviewed.messages.isVisible, timeout=LONG_MS)
    folder = tmp_path / "out" / "CASE-3"
    assert str(folder) in reviewed.messages.text.text()
    assert {path.name for path in folder.iterdir()} == {"report.pdf", "report.dcm", "sr-ai.dcm"}
    assert pydicom.dcmread(folder / "sr-ai.dcm").PatientID == "CASE-3"
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["CASE-3"]  # nothing is left of the way there


def test_that_an_export_tells_what_it_is_doing_and_can_be_stopped(
    desktop: Desktop, qtbot: QtBot, reviewed: StudyPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    window, saving = desktop.window, desktop.window.saving
    cut: list[str] = []

    def look() -> None:
        told.append(window.strip.stage.text())
        if window.strip.stage.isVisible() and window.strip.stage.width() < window.strip.stage.sizeHint().width():
            cut.append(window.strip.stage.text())

    saving.operations.changed.connect(look)
    saving.ask_folder = lambda _: tmp_path / "out"
    options = ExportOptions(frozenset({Form.PDF, Form.SEG, Form.CSV}))

    saving.export(reviewed, options)
    qtbot.waitUntil(lambda: not saving.operations.busy, timeout=LONG_MS)
    for stage in ("Counting what is exported", "Tables", "Report", "Outlines as DICOM SEG"):
        assert any(stage in text for text in told), f"{stage} is not among {told}"
    assert any("/ 10" in text for text in told), "of a phase's object it is told which"
    assert not cut
    assert not window.strip.stop.isVisible()
    (written,) = (tmp_path / "out").iterdir()

    going_on, write = threading.Event(), export_study.write_through

    def slowly(path: Path, content: bytes) -> None:
        assert going_on.wait(LONG_MS / 1000)
        write(path, content)

    monkeypatch.setattr(export_study, "write_through", slowly)
    saving.export(reviewed, options)
    qtbot.waitUntil(lambda: "Exporting" in window.strip.stage.text(), timeout=LONG_MS)
    reviewed.desk.cursor.go(to_slice=2)  # the window is alive meanwhile
    reviewed.messages.hide()
    qtbot.mouseClick(window.strip.stop, Qt.MouseButton.LeftButton)
    going_on.set()
    qtbot.waitUntil(lambda: not saving.operations.busy, timeout=LONG_MS)
    assert "nothing was written" in reviewed.messages.text.text()
    assert list((tmp_path / "out").iterdir()) == [written]


def test_that_an_impression_of_several_lines_is_written_and_kept_with_the_study(
    desktop: Desktop, qtbot: QtBot, reviewed: StudyPage, phantom_study: Path, tmp_path: Path
) -> None:
    lines = ("Dilated left ventricle.", "No scar; follow-up in a year.")

    def sheet() -> ExportSheet:
        desktop.window.actions_by_name["export"].trigger()
        qtbot.waitUntil(lambda: any(one.isVisible() for one in desktop.window.findChildren(ExportSheet)))
        return next(one for one in desktop.window.findChildren(ExportSheet) if one.isVisible())

    desktop.window.saving.ask_folder = lambda _: tmp_path / "out"
    reviewed.desk.review.edit(ToggleSlice(7, Moment.ES))  # somebody has decided something: there is a final SR
    first = sheet()
    qtbot.keyClicks(first.impression, lines[0])
    qtbot.keyClick(first.impression, Qt.Key.Key_Return)
    qtbot.keyClicks(first.impression, lines[1])
    assert first.isVisible(), "Enter begins a line and exports nothing"
    first.forms[Form.SEG].setChecked(False)
    qtbot.mouseClick(first.go, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: any(tmp_path.glob("out/*/sr-final.dcm")), timeout=LONG_MS)
    (folder,) = (tmp_path / "out").iterdir()
    page = pypdfium2.PdfDocument(folder / "report.pdf")[0].get_textpage().get_text_range().splitlines()
    assert [line for line in page if line in lines] == list(lines)
    said = {item.ConceptNameCodeSequence[0].CodeMeaning: item.get("TextValue")
            for item in pydicom.dcmread(folder / "sr-final.dcm").ContentSequence}  # fmt: skip
    assert said["Impression"].splitlines() == list(lines)

    second = sheet()
    assert second.impression.toPlainText() == "\n".join(lines)
    second.impression.setPlainText("Half a sen")
    second.reject()
    qtbot.waitUntil(lambda: not desktop.window.saving.operations.busy, timeout=LONG_MS)
    desktop.window.actions_by_name["close_study"].trigger()
    desktop.open(phantom_study)
    page_when(desktop, qtbot, lambda desk: desk.review.result is not None and not desk.operations.busy)
    again = sheet()
    assert again.impression.toPlainText() == "Half a sen", "what is half written is kept, too"
    again.reject()


def test_that_a_nifti_study_offers_no_dicom(desktop: Desktop, qtbot: QtBot) -> None:
    sheet = ExportSheet(desktop.window, dicom=False, settings=Settings())
    qtbot.addWidget(sheet)
    assert not any(sheet.forms[form].isEnabled() for form in (Form.SEG, Form.SR, Form.CAPTURE, Form.IMAGES))
    assert sheet.options.forms == {Form.PDF}
    sheet.forms[Form.PDF].setChecked(False)
    assert not sheet.go.isEnabled()


def test_that_images_are_offered_without_identity_alone(desktop: Desktop, qtbot: QtBot) -> None:
    sheet = ExportSheet(desktop.window, dicom=True, settings=Settings())
    qtbot.addWidget(sheet)
    images = sheet.forms[Form.IMAGES]
    assert not images.isEnabled()
    sheet.anonymous.setChecked(True)
    images.setChecked(True)
    assert Form.IMAGES in sheet.options.forms
    sheet.anonymous.setChecked(False)
    assert Form.IMAGES not in sheet.options.forms
    assert sheet.options.anonymity is None


def test_that_what_may_name_the_patient_is_not_asked_for_without_identity(desktop: Desktop, qtbot: QtBot) -> None:
    sheet = ExportSheet(desktop.window, dicom=True, settings=Settings(fixed={"logo": "/etc/logo.png"}))
    qtbot.addWidget(sheet)
    assert sheet.department.isEnabled()
    assert sheet.impression.isEnabled()
    sheet.anonymous.setChecked(True)
    assert not any(line.isEnabled() for line in (sheet.department, sheet.logo, sheet.impression))
    sheet.anonymous.setChecked(False)
    assert sheet.department.isEnabled()
    assert not sheet.logo.isEnabled()  # a policy fixes it


def test_that_whose_a_report_is_is_remembered_and_a_policy_holds(desktop: Desktop, qtbot: QtBot) -> None:
    settings = Settings(fixed={"logo": "/etc/logo.png"})
    sheet = ExportSheet(desktop.window, dicom=True, settings=settings)
    qtbot.addWidget(sheet)
    qtbot.keyClicks(sheet.department, "Heart Centre")
    sheet.department.editingFinished.emit()
    assert settings.text("department") == "Heart Centre"
    assert not sheet.logo.isEnabled()
    assert sheet.options.report.logo == Path("/etc/logo.png")
    again = ExportSheet(desktop.window, dicom=True, settings=settings)
    qtbot.addWidget(again)
    assert again.options.report.department == "Heart Centre"


def test_that_earlier_studies_are_compared_with_unless_identity_goes(desktop: Desktop, qtbot: QtBot) -> None:
    model = ModelFacts(id="m", version="1", sha256="ab" * 32, precision="int8")
    earlier = (EarlierReading("2024-05-06", {"lv.ef_percent": 50.0}, "cavity", model, by_reader=False),)
    sheet = ExportSheet(desktop.window, dicom=True, settings=Settings(), earlier=earlier)
    qtbot.addWidget(sheet)
    assert sheet.options.report.kept == earlier
    assert not sheet.compare.isHidden()
    assert ExportSheet(desktop.window, dicom=True, settings=Settings()).compare.isHidden()  # nothing to compare with
    sheet.anonymous.setChecked(True)
    assert sheet.options.report.kept == ()
    sheet.anonymous.setChecked(False)
    sheet.compare.setChecked(False)
    assert sheet.options.report.kept == ()
    alone = ExportSheet(desktop.window, dicom=True, settings=Settings())
    qtbot.addWidget(alone)
    assert not alone.compare.isEnabled()


def test_that_outlines_of_others_become_one_step_that_can_be_undone(
    desktop: Desktop, qtbot: QtBot, reviewed: StudyPage, tmp_path: Path
) -> None:
    options = ExportOptions(frozenset({Form.SEG}))
    session, study = reviewed.desk.review.session, reviewed.desk.reading.study
    assert session is not None
    assert study is not None
    before = session.review.labels
    assert before is not None
    folder = export_review(session.review, study, out_dir=tmp_path, options=options).folder
    place = tuple(np.argwhere((before == Label.LV).any(axis=(2, 3)))[0].tolist())
    frame = before[place].copy()
    frame[frame == Label.LV] = Label.MYO
    assert reviewed.desk.review.edit(redraw_one(Gesture.DELETE, place, frame))
    sheet = incoming_sheet(desktop, "take_over_outlines", folder)
    assert sheet.uses[Use.CORRECT].isChecked()
    qtbot.mouseClick(sheet.go, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "taken over" in reviewed.messages.text.text(), timeout=LONG_MS)
    assert (session.review.labels == before).all()
    reviewed.desk.review.undo()
    assert (session.review.labels[place] == frame).all()
    sheet = incoming_sheet(desktop, "take_over_outlines", tmp_path / "nothing here")
    qtbot.mouseClick(sheet.go, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "no outlines to read" in sheet.told.text(), timeout=LONG_MS)
    sheet.reject()


def incoming_sheet(desktop: Desktop, command: str, path: Path) -> IncomingSheet:
    """The sheet that a command opens, with a place chosen in it."""
    desktop.window.actions_by_name[command].trigger()
    sheet = next(one for one in desktop.window.findChildren(IncomingSheet) if one.isVisible())
    sheet.ask_folder = sheet.ask_file = lambda: path
    next(one for one in sheet.findChildren(QPushButton) if one.text() == "File…").click()
    return sheet


def test_that_a_label_map_is_compared_once_its_values_and_phase_are_told(
    desktop: Desktop, qtbot: QtBot, reviewed: StudyPage, tmp_path: Path
) -> None:
    desk = reviewed.desk
    review = desk.review.decided
    assert review is not None
    assert review.labels is not None
    phase = 4
    labels = review.labels[:, phase].copy()
    rows = np.nonzero((labels == Label.LV).any(axis=(0, 2)))[0]
    labels[:, rows[: len(rows) // 2]] = 0  # half of the cavity is missing
    path = tmp_path / "theirs.nii.gz"
    voxels = np.array([0, 0, 0, 5], np.uint8)[labels].transpose(2, 1, 0)
    nibabel.save(nibabel.Nifti1Image(np.ascontiguousarray(voxels), stack_affine(review.stack.geometry)), path)
    desk.cursor.go(to_slice=3, to_phase=phase)
    sheet = incoming_sheet(desktop, "compare_outlines", path)
    assert not sheet.unsaid.isVisible()
    qtbot.mouseClick(sheet.go, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(sheet.unsaid.isVisible, timeout=LONG_MS)
    assert set(sheet.structures) == {5}
    assert sheet.phase.value() == phase + 1  # the one that is shown is proposed
    assert not sheet.go.isEnabled()
    sheet.structures[5].setCurrentIndex(sheet.structures[5].findData(Label.LV))
    qtbot.mouseClick(sheet.go, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: desk.comparing.shows(Whose.OTHER), timeout=LONG_MS)
    difference = desk.comparing.difference_at(Whose.OTHER, (3, phase))
    assert difference is not None
    assert difference.dice[Label.LV] is not None
    assert difference.dice[Label.LV] < 0.9
    assert difference.dice[Label.RV] is None
    assert difference.change_ml[Label.RV] is None
    assert set(desk.comparing.paths_at((3, phase))[Whose.OTHER]) == {Label.LV}
    assert "EF" not in reviewed.comparison.texts[Whose.OTHER].text()
    desk.cursor.go(to_slice=3, to_phase=phase + 1)
    assert "Nothing drawn" in reviewed.comparison.texts[Whose.OTHER].text()
    comparison = desk.comparing.all_frames(Whose.OTHER)
    assert comparison is not None
    assert {frame.phase for frame in comparison.frames} == {phase}
    assert len(comparison.frames) + comparison.frames_equal == review.stack.slices
    assert not review.corrections.frames  # compared, and nothing taken over


def test_that_everything_that_could_not_be_used_is_listed(
    desktop: Desktop, qtbot: QtBot, reviewed: StudyPage, tmp_path: Path
) -> None:
    contours = tmp_path / "contours"
    contours.mkdir()
    for number in range(901, 908):
        np.savetxt(contours / f"IM-0001-0{number}-icontour-manual.txt", [[1, 1], [9, 1], [5, 9]])
    sheet = incoming_sheet(desktop, "take_over_outlines", contours)
    qtbot.mouseClick(sheet.go, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(sheet.left_out.isVisible, timeout=LONG_MS)
    assert sheet.left_out.count() == 7
    assert "None of these outlines fits" in sheet.told.text()
    assert sheet.go.isEnabled()
    sheet.reject()
    assert reviewed.desk.review.present is not None
    assert not reviewed.desk.review.present.corrections.frames


def test_that_the_window_comes_up_before_what_makes_reports_and_objects_is_loaded() -> None:
    asked = "import sys, cinecor.ui.window.desktop; print(*{name.split('.')[0] for name in sys.modules})"
    told = subprocess.run([sys.executable, "-c", asked], check=True, capture_output=True, text=True).stdout.split()
    assert "PySide6" in told  # else the test would see nothing
    assert not {"reportlab", "highdicom", "pydicom", "nibabel"} & set(told)
