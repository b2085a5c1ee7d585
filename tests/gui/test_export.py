"""The export sheet: what can be chosen, and that what is chosen is written."""

from pathlib import Path

import numpy as np
import pydicom
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from cinecor.app.export_options import ExportOptions, Form
from cinecor.app.export_review import export_review
from cinecor.app.settings import Settings
from cinecor.inference.outline.segmentation import Label
from cinecor.report.earlier_reading import EarlierReading
from cinecor.report.results import ModelFacts
from cinecor.review.redraw import Gesture, redraw_one
from cinecor.ui.sheets.export_sheet import ExportSheet
from cinecor.ui.window.desktop import Desktop
from cinecor.ui.window.study_page import StudyPage

from .conftest import LONG_MS


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
    desktop.window.taking_over.ask = lambda: folder
    desktop.window.taking_over.outlines(reviewed)
    qtbot.waitUntil(lambda: "taken over" in reviewed.messages.text.text(), timeout=LONG_MS)
    assert (session.review.labels == before).all()
    reviewed.desk.review.undo()
    assert (session.review.labels[place] == frame).all()
    desktop.window.taking_over.ask = lambda: tmp_path / "nothing here"
    desktop.window.taking_over.outlines(reviewed)
    qtbot.waitUntil(lambda: "no outlines to read" in reviewed.messages.text.text(), timeout=LONG_MS)
