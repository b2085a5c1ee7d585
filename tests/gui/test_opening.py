"""Opening studies: every way in, what is told on the way, and what happens when it fails."""

import gzip
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QLabel, QTreeWidget
from pytestqt.qtbot import QtBot

from cinecor.inference.outline.segmentation import Segmentation
from cinecor.review import Body, SetBody
from cinecor.scene.cells import Cell
from cinecor.study import open_input
from cinecor.ui.panels.drop_area import DropArea
from cinecor.ui.sheets.audit_sheet import AuditSheet
from cinecor.ui.window.desktop import Desktop
from cinecor.ui.window.study_page import StudyPage
from cinecor_phantom import make_phantom

from .conftest import LONG_MS, SMALL, page_when


def _read(desktop: Desktop, qtbot: QtBot) -> StudyPage:
    return page_when(desktop, qtbot, lambda desk: desk.reading.study is not None and not desk.operations.busy)


def test_that_the_button_opens_the_folder_that_is_chosen(desktop: Desktop, qtbot: QtBot, phantom_study: Path) -> None:
    desktop.window.opening.choose_folder = lambda _: phantom_study
    qtbot.mouseClick(desktop.window.home.welcome.folder, Qt.MouseButton.LeftButton)
    page = _read(desktop, qtbot)
    assert page.desk.reading.study is not None
    assert page.desk.reading.study.stack.pixels.shape == (8, 10, 128, 144)


def test_that_a_key_opens_a_folder(desktop: Desktop, qtbot: QtBot, phantom_study: Path) -> None:
    desktop.window.opening.choose_folder = lambda _: phantom_study
    qtbot.keyClick(desktop.window, Qt.Key.Key_O, Qt.KeyboardModifier.ControlModifier)
    assert _read(desktop, qtbot).desk.path == phantom_study


def _drop(desktop: Desktop, *paths: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    how = (Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(desktop.window, QDragEnterEvent(QPoint(300, 300), *how))
    QApplication.sendEvent(desktop.window, QDropEvent(QPointF(300, 300), *how))


def _zipped(study: Path, archive: Path) -> Path:
    with zipfile.ZipFile(archive, "w") as packed:
        for file in sorted(path for path in study.rglob("*") if path.is_file()):
            packed.write(file, file.relative_to(study))
    return archive


def test_that_a_folder_and_a_zip_dropped_together_open_in_a_tab_each(
    desktop: Desktop, qtbot: QtBot, phantom_study: Path, other_study: Path, tmp_path: Path
) -> None:
    paths = phantom_study, _zipped(other_study, tmp_path / "study.zip")
    _drop(desktop, *paths)
    for at, path in enumerate(paths):
        desktop.window.workspace.setCurrentIndex(at)
        page = _read(desktop, qtbot)
        assert page.desk.path == path
        assert page.desk.reading.study is not None
        assert page.desk.reading.study.stack.slices == 8


@pytest.mark.parametrize("phases", [1, 10], ids=["3D", "4D"])
def test_that_a_nifti_file_opens_with_its_slices_in_the_panel(
    desktop: Desktop, qtbot: QtBot, phantom_study: Path, tmp_path: Path, phases: int
) -> None:
    import nibabel as nib

    stack, _ = open_input(phantom_study)
    pixels = stack.pixels[:, :phases].transpose(3, 2, 0, 1)  # (x, y, slice, phase)
    path = tmp_path / "patient1.nii.gz"
    nib.save(nib.Nifti1Image(pixels[..., 0] if phases == 1 else pixels, np.diag([2.0, 2.0, 15.0, 1.0])), path)  # type: ignore[attr-defined]
    desktop.window.opening.choose_file = lambda _: path
    qtbot.mouseClick(desktop.window.home.welcome.file, Qt.MouseButton.LeftButton)
    page = _read(desktop, qtbot)
    assert page.desk.reading.study is not None
    assert page.desk.reading.study.stack.pixels.shape == (8, phases, 128, 144)
    card = page.panel.cards[0]
    phases_told = "1 phase" if phases == 1 else f"{phases} phases"
    assert (card.text(), card.facts) == ("Short axis", f"8 slices × {phases_told} · 15.0\N{NO-BREAK SPACE}mm")
    assert not page.panel.order_menu.isEnabled()  # a NIfTI file has its own order


@pytest.mark.parametrize("apex_first", [False, True])
def test_that_the_cut_through_a_nifti_has_its_base_on_top_whatever_slice_comes_first(
    desktop: Desktop, qtbot: QtBot, phantom_study: Path, phantom_segmentation: Segmentation, tmp_path: Path,
    *, apex_first: bool,
) -> None:  # fmt: skip
    import nibabel as nib

    order = slice(None, None, -1) if apex_first else slice(None)
    stack, _ = open_input(phantom_study)
    path = tmp_path / "patient1.nii.gz"
    pixels = stack.pixels[order].transpose(3, 2, 0, 1)
    nib.save(nib.Nifti1Image(np.ascontiguousarray(pixels), np.diag([2.0, 2.0, 15.0, 1.0])), path)  # type: ignore[attr-defined]
    desktop.open(path)
    page = _read(desktop, qtbot)
    assert page.desk.cut.base_is_last is None  # nothing tells it yet
    labels, confidence = phantom_segmentation.labels[order], phantom_segmentation.confidence[order]
    page.desk.review.adopt(replace(phantom_segmentation, labels=labels, confidence=confidence))
    assert page.desk.cut.base_is_last is apex_first
    tops = [page.long_axis.band_rect(index).top() for index in range(8)]
    assert tops == sorted(tops, reverse=apex_first)


SCRIPT = """
import sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from cinecor.cli import main as cli, open as opening
from cinecor.ui.window import desktop
opening.has_display = lambda: True
desktop.require_display = lambda: None
def look():
    window = next(one for one in QApplication.topLevelWidgets() if type(one).__name__ == "Window")
    desks = [page.desk for page in window.workspace.pages]
    desks = [desk for desk in desks if desk.reading.study is not None and not desk.operations.busy]
    if len(desks) == 2:
        print([desk.path.name for desk in desks])
        window.close()
    else:
        QTimer.singleShot(50, look)
made = desktop.make_application
desktop.make_application = lambda arguments: (made(arguments), QTimer.singleShot(0, look))[0]
sys.exit(cli.main(sys.argv[1:]))
"""


def test_that_paths_on_the_command_line_open_in_the_desktop(
    phantom_study: Path, other_study: Path, tmp_path: Path
) -> None:
    archive = _zipped(other_study, tmp_path / "study.zip")
    command = [sys.executable, "-c", SCRIPT, str(phantom_study), str(archive)]
    own = {**os.environ, "CINECOR_HOME": str(tmp_path / "home")}
    run = subprocess.run(command, capture_output=True, text=True, check=False, env=own, timeout=LONG_MS / 1000)
    assert run.returncode == 0, run.stderr
    assert run.stdout.strip() == str([phantom_study.name, "study.zip"])


def test_that_a_study_that_is_open_comes_to_the_front_instead_of_opening_twice(
    desktop: Desktop, opened: StudyPage, phantom_study: Path
) -> None:
    desktop.open(phantom_study)
    assert desktop.window.workspace.count() == 1


def test_that_a_study_opened_by_a_relative_path_is_not_opened_again_by_its_whole_path(
    desktop: Desktop, qtbot: QtBot, phantom_study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(phantom_study.parent)
    desktop.open(Path(phantom_study.name))  # as `cinecor ./study` does
    _read(desktop, qtbot)
    desktop.window.opening.choose_folder = lambda _: phantom_study
    qtbot.keyClick(desktop.window, Qt.Key.Key_O, Qt.KeyboardModifier.ControlModifier)
    assert desktop.window.workspace.count() == 1


def test_that_a_copy_of_a_study_that_is_open_brings_its_tab_to_the_front_and_says_so(
    desktop: Desktop, qtbot: QtBot, opened: StudyPage, phantom_study: Path, tmp_path: Path
) -> None:
    desktop.open(_zipped(phantom_study, tmp_path / "copy.zip"))
    qtbot.waitUntil(lambda: desktop.window.workspace.count() == 1, timeout=LONG_MS)
    assert desktop.window.page is opened
    assert "copy.zip" in opened.messages.text.text()


def _other_pixel(image: pydicom.Dataset) -> None:
    image.PixelData = image.PixelData[:-2] + bytes(byte ^ 1 for byte in image.PixelData[-2:])


def _other_patient(image: pydicom.Dataset) -> None:
    image.PatientName, image.PatientID = "Somebody^Else", "another"


@pytest.mark.parametrize("change", [_other_pixel, _other_patient])
def test_that_equal_uids_with_other_pictures_or_of_another_patient_are_another_study(
    desktop: Desktop, qtbot: QtBot, opened: StudyPage, phantom_study: Path, tmp_path: Path,
    *, change: Callable[[pydicom.Dataset], None],
) -> None:  # fmt: skip
    copy = tmp_path / "copy"
    shutil.copytree(phantom_study, copy)
    for path in copy.rglob("*.dcm"):
        image = pydicom.dcmread(path)
        change(image)
        image.save_as(path)
    desktop.open(copy)
    page = _read(desktop, qtbot)
    qtbot.wait(50)  # a tab too many would be gone by then
    assert page is not opened
    assert desktop.window.workspace.count() == 2


def test_that_an_input_that_fails_beside_an_open_study_leaves_that_one_in_front(
    desktop: Desktop, qtbot: QtBot, opened: StudyPage, tmp_path: Path
) -> None:
    desktop.open(tmp_path / "nowhere")
    qtbot.waitUntil(opened.messages.isVisible, timeout=LONG_MS)
    assert "nowhere" in opened.messages.text.text()
    assert desktop.window.page is opened
    assert desktop.window.workspace.count() == 1


def test_that_the_next_study_is_looked_for_beside_the_last_however_that_was_opened(
    desktop: Desktop, opened: StudyPage, phantom_study: Path
) -> None:
    assert Path(desktop.settings.state["folder"]) == phantom_study.parent


def test_that_the_window_shows_where_a_dragged_study_would_land(desktop: Desktop, phantom_study: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(phantom_study))])
    how = (Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    area = desktop.window.findChild(DropArea)
    assert area is not None
    QApplication.sendEvent(desktop.window, QDragEnterEvent(QPoint(300, 300), *how))
    assert area.isVisible()
    assert area.size() == desktop.window.size()
    QApplication.sendEvent(desktop.window, QDragLeaveEvent())
    assert not area.isVisible()


def test_that_the_progress_of_reading_is_not_shown_for_outlining(
    desktop: Desktop, qtbot: QtBot, opened: StudyPage
) -> None:
    desk, strip = opened.desk, desktop.window.strip
    shown: list[tuple[int, str]] = []

    def look() -> None:
        if desk.outlining.running and not shown:
            shown.append((strip.bar.maximum(), strip.stage.text()))

    desk.operations.changed.connect(look)  # after the strip, which shows it first
    desk.settings.change("auto_segment", True)
    opened.panel.orders["InstanceNumber"].trigger()
    qtbot.waitUntil(lambda: bool(shown), timeout=LONG_MS)
    assert shown == [(0, "Working…")]
    qtbot.keyClick(desktop.window, Qt.Key.Key_Escape)


def test_that_recent_studies_are_offered_and_open_by_a_click(
    desktop: Desktop, qtbot: QtBot, opened: StudyPage, phantom_study: Path
) -> None:
    qtbot.keyClick(desktop.window, Qt.Key.Key_W, Qt.KeyboardModifier.ControlModifier)
    assert desktop.window.page is None
    rows = desktop.window.home.welcome.recent_box.findChildren(type(desktop.window.home.welcome.folder))
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
    with qtbot.waitSignal(opened.desk.reading.opened, timeout=LONG_MS):
        opened.panel.orders["InstanceNumber"].trigger()
    assert opened.desk.reading.study is not None
    assert opened.desk.reading.study.audit.phase_order_tag == "InstanceNumber"


def test_that_the_audit_names_missing_frames_and_every_file_left_out_under_its_reason(
    desktop: Desktop, qtbot: QtBot, phantom_study: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "gaps"
    shutil.copytree(phantom_study, copy)
    study, _ = open_input(copy)
    assert study.files is not None
    for place in ((2, 3), (2, 4), (5, 9)):
        (copy / str(study.files[place[0]][place[1]])).unlink()
    for number in range(3):
        (copy / f"letter{number}.txt").write_text("no image")
    desktop.open(copy)
    page = _read(desktop, qtbot)
    page.panel.audit.trigger()
    sheet = desktop.window.findChild(AuditSheet)
    assert sheet is not None
    text = "\n".join(label.text() for label in sheet.findChildren(QLabel))
    assert "3 of 80 frames (8 slices × 10 phases) are missing" in text
    assert "Missing from slice 3: phases 4 and 5 of 10" in text
    assert "80 files given: 77 used, 3 left out" in text
    tree = sheet.findChild(QTreeWidget)
    row = tree.topLevelItem(0)
    assert row is not None
    assert row.text(0) == "3 × not a DICOM file"
    assert [row.child(at).text(0) for at in range(3)] == [f"letter{number}.txt" for number in range(3)]
    sheet.close()


def _missing(_: Path) -> None:
    """Leave nothing there."""


def _text(path: Path) -> None:
    path.write_text("a letter, no image")


def _broken_zip(path: Path) -> None:
    path.write_bytes(b"PK\x03\x04 and nothing that follows")


def _broken_nifti(path: Path) -> None:
    path.write_bytes(gzip.compress(bytes(200)))


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("nothing", _missing),
        ("empty", Path.mkdir),
        ("letter.txt", _text),
        ("study.zip", _broken_zip),
        ("heart.nii.gz", _broken_nifti),
    ],
)
def test_that_an_input_that_holds_no_study_is_told_in_a_sentence(
    desktop: Desktop, qtbot: QtBot, tmp_path: Path, name: str, make: Callable[[Path], None]
) -> None:
    path = tmp_path / name
    make(path)
    desktop.open(path)
    told = desktop.window.messages
    qtbot.waitUntil(told.isVisible, timeout=LONG_MS)
    assert told.text.text().count("\n") == 0
    assert told.details.isVisible()
    assert told.goes_in_ms is None  # something is to be done about it
    assert desktop.window.workspace.count() == 0  # no tab for nothing


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
    assert page.desk.reading.study is not None
    assert not page.desk.reading.study.audit.complete[3, 4]
    assert page.desk.overlays.cells()[3, 4] == Cell.MISSING


def test_that_a_study_whose_drive_vanishes_is_told_and_the_window_lives_on(
    desktop: Desktop, qtbot: QtBot, phantom_study: Path, other_study: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "stick"
    shutil.copytree(phantom_study, copy)
    desktop.open(copy)
    page = _read(desktop, qtbot)
    shutil.rmtree(copy)
    page.panel.orders["InstanceNumber"].trigger()
    qtbot.waitUntil(page.messages.isVisible, timeout=LONG_MS)
    qtbot.waitUntil(lambda: not page.desk.operations.busy, timeout=LONG_MS)
    assert page.desk.reading.study is not None  # what was read stays on the screen
    desktop.open(other_study)
    assert _read(desktop, qtbot).desk.reading.study is not None


def test_that_what_was_dragged_over_the_window_opens_though_nothing_of_it_is_left_at_the_drop(
    desktop: Desktop, phantom_study: Path
) -> None:
    data, nothing = QMimeData(), QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(phantom_study))])
    copy, left, held = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    wanted: list[Path] = []
    desktop.window.opening.wanted.disconnect()
    desktop.window.opening.wanted.connect(wanted.append)
    for leaves in (True, False):
        QApplication.sendEvent(desktop.window, QDragEnterEvent(QPoint(300, 300), copy, data, left, held))
        if leaves:
            QApplication.sendEvent(desktop.window, QDragLeaveEvent())
        QApplication.sendEvent(desktop.window, QDropEvent(QPointF(300, 300), copy, nothing, left, held))
        assert wanted == ([] if leaves else [phantom_study])


def test_that_what_is_dropped_is_copied_never_moved(desktop: Desktop, phantom_study: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(phantom_study))])
    actions = Qt.DropAction.MoveAction | Qt.DropAction.CopyAction
    event = QDropEvent(QPointF(5, 5), actions, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier)
    event.setDropAction(Qt.DropAction.MoveAction)
    wanted: list[Path] = []
    desktop.window.opening.wanted.connect(wanted.append)
    desktop.window.dropEvent(event)
    assert event.isAccepted()
    assert event.dropAction() is Qt.DropAction.CopyAction
    assert wanted == [phantom_study]


def test_that_a_start_does_not_wait_for_what_only_drawing_and_exporting_need() -> None:
    asked = (
        "import sys, cinecor.ui.window.desktop\n"
        "print([one for one in ('scipy.ndimage', 'scipy.interpolate', 'highdicom', 'reportlab') if one in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", asked], check=True, capture_output=True, text=True).stdout == "[]\n"


def test_that_what_is_known_of_the_synthetic_study_is_told_beside_its_first_numbers(
    desktop: Desktop, qtbot: QtBot, phantom_segmentation: Segmentation, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = make_phantom(acquisition=SMALL)
    monkeypatch.setattr("cinecor.app.demo.make_phantom", lambda: small)
    desktop.window.actions_by_name["open_demo"].trigger()
    qtbot.waitUntil(lambda: desktop.window.page is not None, timeout=LONG_MS)
    page = _read(desktop, qtbot)
    assert "Known by construction" not in page.messages.text.text()
    page.desk.review.adopt(phantom_segmentation)
    assert page.messages.isVisible()
    told = page.messages.text.text().replace("\N{NO-BREAK SPACE}", " ")
    assert f"mass {small.truth.lv_mass_g:.0f} g" in told
    assert f"LV EDV {small.truth.lv_edv_ml:.0f} mL" in told
    page.messages.hide()
    page.desk.review.edit(SetBody(Body(70.0)))
    assert not page.messages.isVisible(), "once is enough"
