"""Pictures and movies of the views know nothing of whose heart they show."""

import io
import shutil
from pathlib import Path

import numpy as np
import pydicom
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QPushButton, QTabWidget, QWidget
from pytestqt.qtbot import QtBot

from cinecor.app.settings import Settings
from cinecor.inference.outline.segmentation import Segmentation
from cinecor.review import DropSlice
from cinecor.ui.window.desktop import Desktop
from cinecor.ui.window.study_page import StudyPage

from .conftest import LONG_MS, page_when

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
PLANTED = (b"ZZQSURNAME", b"ZZQ4711", b"19421231", b"ZZQHOSPITAL", b"ZZQFOLDER")


@pytest.fixture(scope="session")
def planted(phantom_study: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The phantom under the name of somebody, as a study of its own."""
    folder = tmp_path_factory.mktemp("planted") / "ZZQFOLDER ZZQSURNAME"
    shutil.copytree(phantom_study, folder)
    for path in folder.rglob("*.dcm"):
        image = pydicom.dcmread(path)
        image.PatientName, image.PatientID, image.PatientBirthDate = "ZZQSURNAME^Given", "ZZQ4711", "19421231"
        image.InstitutionName = image.StudyDescription = image.StationName = "ZZQHOSPITAL"
        image.StudyInstanceUID += ".9"
        image.SeriesInstanceUID += ".9"
        image.SOPInstanceUID += ".9"
        image.save_as(path)
    return folder


def saved(desktop: Desktop, qtbot: QtBot, page: StudyPage, folder: Path) -> dict[str, bytes]:
    """Return picture and movie of the page in front, and how it was proposed to call them."""
    folder.mkdir()
    names: list[str] = []

    def place(_: str, name: str) -> Path:
        names.append(name)
        return folder / f"view{Path(name).suffix}"

    desktop.window.saving.ask_file = place
    for modifiers in (CTRL, CTRL | SHIFT):
        page.messages.hide()
        qtbot.keyClick(desktop.window, Qt.Key.Key_P, modifiers)
        qtbot.waitUntil(page.messages.isVisible, timeout=LONG_MS)
    page.messages.hide()
    return {path.suffix: path.read_bytes() for path in folder.iterdir()} | {"names": " ".join(names).encode()}


@pytest.fixture
def somebody(
    desktop: Desktop, qtbot: QtBot, reviewed: StudyPage, planted: Path, phantom_segmentation: Segmentation
) -> StudyPage:
    """The same heart under somebody's name, in a tab beside the nameless one."""
    desktop.open(planted)
    page = page_when(desktop, qtbot, lambda desk: desk.reading.study is not None and not desk.operations.busy)
    page.desk.review.adopt(phantom_segmentation)
    return page


def test_that_pictures_and_movies_are_the_same_whoever_it_is(
    desktop: Desktop, qtbot: QtBot, reviewed: StudyPage, somebody: StudyPage, tmp_path: Path
) -> None:
    somebodys = saved(desktop, qtbot, somebody, tmp_path / "somebody")
    desktop.window.workspace.bring(0)
    nobodys = saved(desktop, qtbot, reviewed, tmp_path / "nobody")
    assert b"ZZQFOLDER" in somebodys.pop("names")  # as long as names may be shown
    tools = {".png": 2 * reviewed.correction.width(), ".gif": 0}  # of the buttons' column, whose icons are as they are
    for suffix, content in somebodys.items():
        for secret in PLANTED:
            assert secret not in content
        one, other = (np.asarray(Image.open(io.BytesIO(held)).convert("RGB")) for held in (nobodys[suffix], content))
        assert np.array_equal(one[:, tools[suffix] :], other[:, tools[suffix] :]), suffix


def test_that_where_names_are_hidden_no_file_is_called_by_one(desktop: Desktop, qtbot: QtBot, planted: Path) -> None:
    desktop.settings.change("show_patient", False)
    desktop.open(planted)
    page = page_when(desktop, qtbot, lambda desk: desk.reading.study is not None and not desk.operations.busy)
    proposed: list[str] = []
    desktop.window.saving.ask_file = lambda _, name: proposed.append(name)
    desktop.window.saving.picture(page)
    desktop.window.saving.animation(page)
    assert proposed == ["cinecor.png", "cinecor.gif"]


@pytest.fixture
def nothing_kept(settings: Settings) -> None:
    """There is no worklist, and choices are lost with their window; to be asked for before the desktop is."""
    settings.change("keep_studies", False)


def _texts(window: QWidget) -> list[str]:
    """Return whatever can be read in a window and what floats over it, or is told of a control."""
    told = []
    for one in (window, *window.findChildren(QWidget)):
        told += [one.windowTitle(), one.toolTip(), one.accessibleName(), str(one.property("text") or "")]
        told += [action.text() for action in one.actions()]
        if isinstance(one, QTabWidget):
            told += [text for at in range(one.count()) for text in (one.tabText(at), one.tabToolTip(at))]
    return told


@pytest.mark.usefixtures("nothing_kept")
@pytest.mark.parametrize("shown", [True, False])
def test_that_neither_names_nor_paths_are_read_where_names_are_hidden(
    desktop: Desktop, qtbot: QtBot, planted: Path, *, shown: bool
) -> None:
    before = desktop.window
    if not shown:
        desktop.settings.change("show_patient", False)
        qtbot.waitUntil(lambda: desktop.window is not before)
    desktop.open(planted)
    seen = {"being read": _texts(desktop.window)}
    page = page_when(desktop, qtbot, lambda desk: desk.reading.study is not None and not desk.operations.busy)
    window = desktop.window
    seen["open"] = _texts(window)
    assert page.desk.review.edit(DropSlice(3))
    qtbot.keyClick(window, Qt.Key.Key_W, CTRL)
    seen["leaving"] = [question.text() for question in window.findChildren(QMessageBox)]
    window.findChild(QMessageBox).button(QMessageBox.StandardButton.Discard).click()  # type: ignore[union-attr]
    window.recent_menu.aboutToShow.emit()
    rows = window.home.welcome.recent_box.findChildren(QPushButton)
    seen["welcome"] = [text for row in rows for text in (row.text(), row.toolTip())]
    seen["menu"] = [action.text() for action in window.recent_menu.actions()]
    told = {
        where: any(secret.decode() in text for text in texts for secret in PLANTED) for where, texts in seen.items()
    }
    assert told == dict.fromkeys(seen, shown)
    if not shown:
        assert seen["welcome"][0] == seen["menu"][0] == "Name hidden · 1"
        rows[0].click()
        page_when(desktop, qtbot, lambda desk: desk.reading.study is not None and not desk.operations.busy)
