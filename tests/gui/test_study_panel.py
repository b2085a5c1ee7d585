"""The study panel: patients, studies, series and slices, and every way to read the input otherwise."""

import logging
import shutil
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtWidgets import QMenu, QMessageBox, QTreeWidgetItem
from pytestqt.qtbot import QtBot

from cinecor.app.settings import Settings
from cinecor.scene.picture_turn import AS_TAKEN
from cinecor.ui.window.desktop import Desktop
from cinecor.ui.window.study_page import StudyPage
from cinecor_phantom import Acquisition, make_phantom, write_dicom

from .conftest import LONG_MS, page_when

LEFT = Qt.MouseButton.LeftButton
_AREA = QRectF(0, 0, 300, 200)


@pytest.fixture(scope="module")
def two_patients(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two studies of Ada, one of them with long-axis cines, and one of Bea."""
    folder = tmp_path_factory.mktemp("several") / "archive"
    small = Acquisition(slices=5, phases=8, rows=64, columns=72, pixel_spacing_mm=4.0, slice_gap_mm=14.0)
    for seed, (name, date) in enumerate((("Test^Ada", "20240105"), ("Test^Ada", "20250303"), ("Test^Bea", "20230707"))):
        study = folder / f"case{seed}"
        write_dicom(make_phantom(acquisition=small, seed=seed), study, style="ge", distractors=seed == 1)
        for file in sorted(path for path in study.rglob("*") if path.is_file()):
            header = pydicom.dcmread(file)
            header.PatientName, header.PatientID, header.StudyDate = name, name[5:].upper(), date
            header.save_as(file)
    return folder


@pytest.fixture
def archive(desktop: Desktop, qtbot: QtBot, two_patients: Path) -> StudyPage:
    """The folder of several studies, open."""
    desktop.open(two_patients)
    return page_when(desktop, qtbot, lambda desk: desk.reading.study is not None and not desk.operations.busy)


def _row(page: StudyPage, text: str) -> QTreeWidgetItem:
    return next(item for item in page.panel.tree.rows() if text in item.text(0))


def _middle(page: StudyPage, item: QTreeWidgetItem) -> QPoint:
    page.panel.tree.scrollToItem(item)
    return page.panel.tree.visualItemRect(item).center()


def _click(qtbot: QtBot, page: StudyPage, item: QTreeWidgetItem) -> None:
    qtbot.mouseClick(page.panel.tree.viewport(), LEFT, pos=_middle(page, item))


def _tree(page: StudyPage) -> dict[str, list[str]]:
    """Studies by patient."""
    tree = page.panel.tree
    tops = [tree.topLevelItem(at) for at in range(tree.topLevelItemCount())]
    return {top.text(0): [top.child(at).text(0) for at in range(top.childCount())] for top in tops if top is not None}


def test_that_the_tree_holds_patients_with_their_studies_and_series(archive: StudyPage) -> None:
    tree = _tree(archive)
    assert list(tree) == ["Test Ada", "Test Bea"]
    assert [text[:10] for text in tree["Test Ada"]] == ["2024-01-05", "2025-03-03"]
    assert [text[:10] for text in tree["Test Bea"]] == ["2023-07-07"]
    assert _row(archive, "four-chamber cine").parent().text(0).startswith("2025-03-03")
    assert "four-chamber view" in _row(archive, "four-chamber cine").toolTip(0)
    assert _row(archive, "two-chamber cine")
    assert not _row(archive, "short-axis cine").icon(0).isNull()


def test_that_any_study_of_the_input_opens_and_the_head_names_its_patient(qtbot: QtBot, archive: StudyPage) -> None:
    for text, patient in (("2023-07-07", "Test Bea"), ("2024-01-05", "Test Ada"), ("2025-03-03", "Test Ada")):
        assert archive.desk.reading.study is not None
        before = archive.desk.reading.study
        if before.card.study_date == text:
            continue
        _click(qtbot, archive, _row(archive, text))
        assert archive.panel.use.text() == "Open this study"
        with qtbot.waitSignal(archive.desk.reading.opened, timeout=LONG_MS):
            archive.panel.use.trigger()
        assert archive.desk.reading.study is not before
        assert archive.banner.name.text() == patient
        assert text in archive.banner.scan.text()


def test_that_a_long_axis_cine_never_takes_the_place_of_the_short_axis(qtbot: QtBot, archive: StudyPage) -> None:
    row = _row(archive, "four-chamber cine")
    row.parent().setExpanded(True)
    _click(qtbot, archive, row)
    assert "names the four-chamber view" in archive.panel.why.text(), "that of another study is not shown"
    _click(qtbot, archive, _row(archive, "2025-03-03"))
    archive.panel.use.trigger()
    qtbot.waitUntil(lambda: bool(archive.desk.long_axis.cines) and not archive.desk.operations.busy, timeout=LONG_MS)
    row = _row(archive, "four-chamber cine")
    row.parent().setExpanded(True)
    before = archive.desk.reading.study
    _click(qtbot, archive, row)
    assert archive.panel.why.text() == "Shown beside the short axis"
    qtbot.mouseDClick(archive.panel.tree.viewport(), LEFT, pos=_middle(archive, row))
    assert not archive.desk.operations.busy
    assert archive.desk.reading.study is before


def test_that_a_double_click_takes_another_series_and_says_why_it_is_what_it_is(
    qtbot: QtBot, archive: StudyPage
) -> None:
    row = _row(archive, "2023-07-07").child(0)
    row.parent().setExpanded(True)
    before = archive.desk.reading.study
    _click(qtbot, archive, row)
    assert "from the usual long axis" in archive.panel.why.text()
    with qtbot.waitSignal(archive.desk.reading.opened, timeout=LONG_MS):
        qtbot.mouseDClick(archive.panel.tree.viewport(), LEFT, pos=_middle(archive, row))
    assert archive.desk.reading.study is not before


def test_that_the_stack_and_each_long_axis_cine_have_a_card_and_the_rest_is_counted(
    desktop: Desktop, qtbot: QtBot, two_patients: Path
) -> None:
    desktop.open(two_patients / "case1")
    page = page_when(desktop, qtbot, lambda desk: bool(desk.reading.thumbnails) and not desk.operations.busy)
    desktop.window.resize(1920, 1000)
    cards = {card.text(): card for card in page.panel.cards}
    assert set(cards) == {"Short axis", "4-chamber", "2-chamber", "3-chamber"}
    assert cards["Short axis"].facts == "5 slices × 8 phases · 22.0\N{NO-BREAK SPACE}mm"
    assert cards["4-chamber"].facts == "8 phases"
    assert [card.text() for card in page.panel.cards if card.isChecked()] == ["Short axis"]
    assert page.desk.reading.found is not None
    others = len(page.desk.reading.found.series) - 4
    assert others > 0
    assert page.panel.fold.text() == f"{others} other series"
    assert not page.panel.tree.isVisible()
    qtbot.mouseClick(page.panel.fold, LEFT)
    assert page.panel.tree.isVisible()
    before = page.desk.reading.study
    for send in (qtbot.mouseClick, qtbot.mouseDClick):
        send(cards["4-chamber"], LEFT)
        assert not page.desk.operations.busy
    assert page.desk.reading.study is before
    assert page.beside.isVisible()


def test_that_a_card_that_is_clicked_brings_its_view_to_the_front_where_there_is_room_for_one(
    desktop: Desktop, qtbot: QtBot, two_patients: Path
) -> None:
    desktop.open(two_patients / "case1")
    page = page_when(desktop, qtbot, lambda desk: len(desk.long_axis.cines) == 3)
    desktop.window.resize(1366, 728)
    assert page.panel.compact
    assert (page.cine.isVisible(), page.beside.isVisible()) == (True, False)
    qtbot.mouseClick(page.panel.cards[1], LEFT)
    assert (page.cine.isVisible(), page.beside.isVisible()) == (False, True)
    qtbot.mouseClick(page.panel.cards[0], LEFT)
    assert (page.cine.isVisible(), page.beside.isVisible()) == (True, False)


def test_that_long_axis_views_stay_when_the_window_is_made_anew(
    desktop: Desktop, qtbot: QtBot, settings: Settings, two_patients: Path
) -> None:
    desktop.open(two_patients / "case1")
    opened = page_when(desktop, qtbot, lambda desk: len(desk.long_axis.cines) == 3)
    opened.beside.cines[1].show_turned(AS_TAKEN.turned())
    opened.beside.cines[1].zoom_by(2.0)
    opened.cine.show_turned(AS_TAKEN.flipped())
    opened.cine.zoom_by(3.0, QPointF(20, 30))
    looked_at = [opened.cine.to_screen(), *(view.to_screen(_AREA) for view in opened.beside.cines)]
    before, size = desktop.window, opened.cine.size()
    settings.change("theme", "light")
    qtbot.waitUntil(lambda: desktop.window is not before)
    page = desktop.window.page
    assert page is not None
    assert len(page.beside.cines) == 3
    page.cine.resize(size)
    assert [page.cine.to_screen(), *(view.to_screen(_AREA) for view in page.beside.cines)] == looked_at
    assert all(view.isVisibleTo(page.beside) for view in page.beside.cines)
    assert not page.long_axis.isVisibleTo(page.beside)


@pytest.mark.qt_log_ignore("does not support")  # an invisible screen grabs no keys
def test_that_the_menu_of_a_card_uses_another_stack_but_never_a_long_axis_cine(archive: StudyPage) -> None:
    for uid, may in ((card.uid, False) for card in archive.panel.cards):
        archive.panel._pop_up(archive.panel.mapToGlobal(archive.panel.rect().center()), uid=uid)
        menu = next(one for one in archive.panel.findChildren(QMenu) if one.isVisible())
        action = next(one for one in menu.actions() if one.text() == "Use for analysis")
        assert action.isEnabled() is may
        menu.close()


def test_that_names_are_hidden_on_wish_and_never_logged(
    desktop: Desktop, qtbot: QtBot, settings: Settings, two_patients: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        settings.change("show_patient", False)
        qtbot.wait(1)  # the window is made anew
        desktop.open(two_patients)
        page = page_when(desktop, qtbot, lambda desk: desk.reading.study is not None and not desk.operations.busy)
    assert list(_tree(page)) == ["Patient 1", "Patient 2"]
    banner = [page.banner.name, page.banner.person, page.banner.scan, page.banner.body]
    shown = [*(label.text() for label in banner), *(row.toolTip(0) for row in page.panel.tree.rows())]
    assert not any("Ada" in text or "ADA" in text for text in shown)
    assert "Ada" not in caplog.text


def _as_zip(folder: Path, where: Path) -> Path:
    with zipfile.ZipFile(where / "archive.zip", "w") as packed:
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            packed.write(file, file.relative_to(folder))
    return where / "archive.zip"


def _as_dicomdir(folder: Path, where: Path) -> Path:
    from pydicom.fileset import FileSet

    medium = FileSet()
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        medium.add(file)
    medium.write(where / "medium")
    return where / "medium" / "DICOMDIR"


@pytest.mark.parametrize("packed", [_as_zip, _as_dicomdir])
def test_that_a_medium_with_several_patients_shows_the_same_tree(
    desktop: Desktop, qtbot: QtBot, two_patients: Path, tmp_path: Path, packed: Callable[[Path, Path], Path]
) -> None:
    path = packed(two_patients, tmp_path)
    desktop.window.opening.choose_file = lambda _: path
    qtbot.keyClick(
        desktop.window, Qt.Key.Key_O, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    )
    page = page_when(desktop, qtbot, lambda desk: desk.reading.study is not None and not desk.operations.busy)
    assert {patient: len(studies) for patient, studies in _tree(page).items()} == {"Test Ada": 2, "Test Bea": 1}


def test_that_a_long_scan_shows_the_series_it_has_found_so_far(
    desktop: Desktop, qtbot: QtBot, two_patients: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules["cinecor.study.series.scan"], "_TELL_EVERY_S", 0.0)
    seen: list[tuple[str, int]] = []
    desktop.open(two_patients)
    page = desktop.window.page
    assert page is not None
    page.desk.reading.series_found.connect(lambda: seen.append((page.panel.state.text(), len(page.panel.tree.rows()))))
    page_when(desktop, qtbot, lambda desk: desk.reading.study is not None)
    assert any(text.startswith("So far: 64 of ") and "series" in text and rows > 1 for text, rows in seen)
    assert "So far" not in page.panel.state.text()


def test_that_a_scan_is_stopped_by_escape_told_and_can_be_begun_again(
    desktop: Desktop, qtbot: QtBot, two_patients: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The scan waits where it tells what it found: Escape comes in its middle, whatever the machine's speed."""
    monkeypatch.setattr(sys.modules["cinecor.study.series.scan"], "_TELL_EVERY_S", 0.0)
    desktop.open(two_patients)
    page = desktop.window.page
    assert page is not None

    def press() -> None:
        if not page.desk.reading.study:
            qtbot.keyClick(desktop.window, Qt.Key.Key_Escape)

    page.desk.reading.series_found.connect(press)
    desk = page.desk
    qtbot.waitUntil(lambda: desktop.window.page is None, timeout=LONG_MS)
    assert desk.reading.study is None
    assert "stopped before it was read" in desktop.window.messages.text.text()
    assert desktop.window.messages.isVisible()
    desktop.open(two_patients)
    page_when(desktop, qtbot, lambda desk: desk.reading.study is not None)
    assert desktop.window.workspace.count() == 1


def test_that_a_series_can_be_taken_where_no_short_axis_was_found(
    desktop: Desktop, qtbot: QtBot, two_patients: Path, tmp_path: Path
) -> None:
    only = tmp_path / "long"
    only.mkdir()
    for file in sorted(path for path in (two_patients / "case1").rglob("*") if path.is_file()):
        if "4CH" in str(pydicom.dcmread(file, stop_before_pixels=True).get("SeriesDescription", "")):
            shutil.copy(file, only)
    desktop.open(only)
    page = page_when(desktop, qtbot, lambda desk: not desk.operations.busy)
    qtbot.waitUntil(page.messages.isVisible, timeout=LONG_MS)
    assert "no short-axis cine found" in page.messages.text.text()
    _click(qtbot, page, _row(page, "four-chamber cine"))
    with qtbot.waitSignal(page.desk.reading.opened, timeout=LONG_MS):
        page.panel.use.trigger()
    assert not page.messages.isVisible()


def test_that_choices_are_not_lost_to_another_series_without_a_question(
    desktop: Desktop, qtbot: QtBot, archive: StudyPage
) -> None:
    qtbot.keyClick(archive.cine, Qt.Key.Key_X, Qt.KeyboardModifier.ShiftModifier)
    row = _row(archive, "2023-07-07")
    before = archive.desk.reading.study
    for answer in (QMessageBox.StandardButton.Cancel, QMessageBox.StandardButton.Discard):
        _click(qtbot, archive, row)
        archive.panel.use.trigger()
        box = next(one for one in desktop.window.findChildren(QMessageBox) if one.isVisible())
        qtbot.mouseClick(box.button(answer), LEFT)
        qtbot.waitUntil(lambda: not archive.desk.operations.busy, timeout=LONG_MS)
        if answer is QMessageBox.StandardButton.Cancel:
            assert archive.desk.reading.study is before
            assert archive.desk.review.present is not None
            assert archive.desk.review.present.dropped == {2}
    assert archive.desk.reading.study is not before


def test_that_no_animation_is_made_of_two_patients(
    desktop: Desktop, qtbot: QtBot, archive: StudyPage, tmp_path: Path
) -> None:
    path = tmp_path / "cine.gif"
    desktop.window.saving.ask_file = lambda *_: path
    _click(qtbot, archive, _row(archive, "2023-07-07"))
    archive.panel.use.trigger()
    assert archive.desk.operations.wait(
        LONG_MS / 1000
    )  # read, and shown with the next event: in the middle of the cycle
    with qtbot.waitSignal(archive.desk.reading.opened, timeout=LONG_MS):
        qtbot.keyClick(
            desktop.window, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
        )
    qtbot.waitUntil(archive.messages.isVisible, timeout=LONG_MS)
    assert "animation was not saved" in archive.messages.text.text()
    assert not path.exists()


def _turned(vector: object, about: NDArray[np.float64], degrees: float) -> list[float]:
    """Return a vector turned about an axis."""
    one, angle = np.array(vector, dtype=float), np.radians(degrees)
    along = about * (one @ about)
    turned = along + np.cos(angle) * (one - along) + np.sin(angle) * np.cross(about, one)
    return [round(float(part), 5) for part in turned]


@pytest.mark.parametrize("style", ["ge", "siemens"], ids=["one series", "a series a slice"])
def test_that_a_stack_in_unusual_planes_is_named_so_where_it_is_the_one_in_use(
    desktop: Desktop, qtbot: QtBot, tmp_path: Path, style: str
) -> None:
    turned = tmp_path / "turned"
    small = Acquisition(slices=5, phases=8, rows=64, columns=72, pixel_spacing_mm=4.0, slice_gap_mm=14.0)
    write_dicom(make_phantom(acquisition=small), turned, style=style)
    for file in sorted(path for path in turned.rglob("*") if path.is_file()):
        header = pydicom.dcmread(file)
        axes = np.array(header.ImageOrientationPatient, dtype=float).reshape(2, 3)
        header.ImageOrientationPatient = [part for axis in axes for part in _turned(axis, axes[0], 53.0)]
        header.ImagePositionPatient = _turned(header.ImagePositionPatient, axes[0], 53.0)
        header.save_as(file)
    desktop.open(turned)
    page = page_when(desktop, qtbot, lambda desk: desk.reading.study is not None and not desk.operations.busy)
    assert page.panel.cards[0].text() == "Short axis, unusual planes"
    assert page.panel.cards[0].isChecked()
    assert any("used for analysis, in unusual planes" in row.text(0) for row in page.panel.tree.rows())
