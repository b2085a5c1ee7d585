"""Opening studies: every way in, what is told on the way, and what happens when it fails."""

import shutil
import zipfile
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from cinecor.inference.segmentation import Segmentation
from cinecor.report.nifti import nifti_bytes
from cinecor.study import open_input
from cinecor.ui.audit_sheet import AuditSheet
from cinecor.ui.desktop import Desktop
from cinecor.ui.study_page import StudyPage

from .conftest import LONG_MS, page_when


def _read(desktop: Desktop, qtbot: QtBot) -> StudyPage:
    return page_when(desktop, qtbot, lambda desk: desk.study is not None and not desk.busy)


def test_that_the_button_opens_the_folder_that_is_chosen(desktop: Desktop, qtbot: QtBot, phantom_study: Path) -> None:
    desktop.window.choose_folder = lambda _: phantom_study
    qtbot.mouseClick(desktop.window.welcome.folder, Qt.MouseButton.LeftButton)
    page = _read(desktop, qtbot)
    assert page.desk.study is not None
    assert page.desk.study.stack.pixels.shape == (8, 10, 128, 144)


def test_that_a_key_opens_a_folder(desktop: Desktop, qtbot: QtBot, phantom_study: Path) -> None:
    desktop.window.choose_folder = lambda _: phantom_study
    qtbot.keyClick(desktop.window, Qt.Key.Key_O, Qt.KeyboardModifier.ControlModifier)
    assert _read(desktop, qtbot).desk.path == phantom_study


def test_that_a_dropped_folder_opens(desktop: Desktop, qtbot: QtBot, phantom_study: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(phantom_study))])
    how = (Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(desktop.window, QDragEnterEvent(QPoint(300, 300), *how))
    QApplication.sendEvent(desktop.window, QDropEvent(QPointF(300, 300), *how))
    assert _read(desktop, qtbot).desk.path == phantom_study


def test_that_a_zip_and_a_nifti_open(
    desktop: Desktop, qtbot: QtBot, phantom_study: Path, phantom_segmentation: Segmentation, tmp_path: Path
) -> None:
    archive = tmp_path / "study.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for file in sorted(phantom_study.rglob("*")):
            if file.is_file():
                packed.write(file, file.relative_to(phantom_study))
    nifti = tmp_path / "labels.nii.gz"
    stack, _ = open_input(phantom_study)
    nifti.write_bytes(nifti_bytes(phantom_segmentation.labels, stack=stack, input_path=phantom_study))
    for path in (archive, nifti):
        desktop.open(path)
        page = _read(desktop, qtbot)
        assert page.desk.study is not None
        assert page.desk.study.stack.slices == 8


def test_that_a_study_that_is_open_comes_to_the_front_instead_of_opening_twice(
    desktop: Desktop, opened: StudyPage, phantom_study: Path
) -> None:
    desktop.open(phantom_study)
    assert desktop.window.tabs.count() == 1


def test_that_recent_studies_are_offered_and_open_by_a_click(
    desktop: Desktop, qtbot: QtBot, opened: StudyPage, phantom_study: Path
) -> None:
    qtbot.keyClick(desktop.window, Qt.Key.Key_W, Qt.KeyboardModifier.ControlModifier)
    assert desktop.window.page is None
    rows = desktop.window.welcome.recent_box.findChildren(type(desktop.window.welcome.folder))
    assert len(rows) == 1
    qtbot.mouseClick(rows[0], Qt.MouseButton.LeftButton)
    assert _read(desktop, qtbot).desk.path == phantom_study


def test_that_the_audit_tells_completeness_spacing_and_order(desktop: Desktop, qtbot: QtBot, opened: StudyPage) -> None:
    qtbot.keyClick(desktop.window, Qt.Key.Key_F3)
    sheet = desktop.window.findChild(AuditSheet)
    assert sheet is not None
    text = "\n".join(label.text() for label in sheet.findChildren(QLabel))
    assert "thickness 8.0 mm + gap 7.0 mm = 15.0 mm" in text
    assert "All 8 slices × 10 phases are there" in text
    assert "TriggerTime" in text
    sheet.close()


def test_that_phases_can_be_ordered_by_another_tag(qtbot: QtBot, opened: StudyPage) -> None:
    box = opened.panel.order
    with qtbot.waitSignal(opened.desk.opened, timeout=LONG_MS):
        box.setCurrentIndex(box.findData("InstanceNumber"))
        box.activated.emit(box.currentIndex())
    assert opened.desk.study is not None
    assert opened.desk.study.audit.phase_order_tag == "InstanceNumber"


@pytest.mark.parametrize("what", ["missing", "empty"])
def test_that_an_input_that_holds_no_study_is_told_in_a_sentence(
    desktop: Desktop, qtbot: QtBot, tmp_path: Path, what: str
) -> None:
    path = tmp_path / "nothing"
    if what == "empty":
        path.mkdir()
    desktop.open(path)
    page = page_when(desktop, qtbot, lambda desk: not desk.busy)
    qtbot.waitUntil(page.messages.isVisible, timeout=LONG_MS)
    assert page.messages.text.text().count("\n") == 0
    assert page.messages.details.isVisible()


def test_that_a_frame_that_breaks_off_is_told_and_the_rest_opens(
    desktop: Desktop, qtbot: QtBot, phantom_study: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "broken"
    shutil.copytree(phantom_study, copy)
    study, _ = open_input(copy)
    assert study.files is not None
    broken = copy / str(study.files[3][4])
    broken.write_bytes(broken.read_bytes()[:-20_000])
    desktop.open(copy)
    page = _read(desktop, qtbot)
    assert page.desk.study is not None
    assert not page.desk.study.audit.complete[3, 4]
    assert page.desk.cells()[3, 4] == 4


def test_that_a_study_whose_drive_vanishes_is_told_and_the_window_lives_on(
    desktop: Desktop, qtbot: QtBot, phantom_study: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "stick"
    shutil.copytree(phantom_study, copy)
    desktop.open(copy)
    page = _read(desktop, qtbot)
    shutil.rmtree(copy)
    page.panel.order.setCurrentIndex(page.panel.order.findData("InstanceNumber"))
    page.panel.order.activated.emit(page.panel.order.currentIndex())
    qtbot.waitUntil(page.messages.isVisible, timeout=LONG_MS)
    qtbot.waitUntil(lambda: not page.desk.busy, timeout=LONG_MS)
    assert page.desk.study is not None  # what was read stays on the screen
    desktop.open(phantom_study)
    assert _read(desktop, qtbot).desk.study is not None
