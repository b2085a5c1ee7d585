"""The desktop on an invisible screen, with real studies, real clicks and keys; nothing may be left running."""

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from once import Once
from pytestqt.qtbot import QtBot

pytest.importorskip("PySide6.QtWidgets", reason="Qt cannot be loaded here", exc_type=ImportError)

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog

from cinecor.app.settings import Settings
from cinecor.inference.device.model_session import open_model
from cinecor.inference.outline.pipeline import segment
from cinecor.inference.outline.segmentation import Segmentation
from cinecor.study import open_input
from cinecor.ui.study.study_desk import StudyDesk
from cinecor.ui.window.application import make_application
from cinecor.ui.window.desktop import Desktop
from cinecor.ui.window.study_page import StudyPage
from cinecor_phantom import Acquisition, make_phantom, write_dicom
from cinecor_phantom.planted import Planted
from cinecor_resources import bundled_model

from .leftovers import leftovers, set_aside

SMALL = Acquisition(slices=8, phases=10, rows=128, columns=144, pixel_spacing_mm=2.0, slice_gap_mm=7.0)
LONG_MS = 120_000  # a machine that does other work besides may be ten times slower


@pytest.fixture(scope="session")
def qapp() -> QApplication:
    """The application, set up as the program sets it up."""
    return make_application(["cinecor-tests"])


@pytest.fixture(autouse=True)
def _no_dialog_of_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a test fail in which the program asks for a file and nobody answers: it would wait for ever."""

    def asked(*said: object) -> None:
        pytest.fail(f"nobody answers {said}")

    for name in ("exec", "getExistingDirectory", "getOpenFileName", "getSaveFileName"):
        monkeypatch.setattr(QFileDialog, name, asked)


@pytest.fixture(scope="session")
def phantom_study(once: Once) -> Path:
    """A small beating heart as a Siemens scanner writes it: 8 slices of 10 phases."""

    def write(folder: Path) -> None:
        write_dicom(make_phantom(acquisition=SMALL), folder / "étude", style="siemens")

    return once("phantom", write) / "étude"


@pytest.fixture(scope="session")
def other_study(once: Once) -> Path:
    """Another patient's study, as a GE scanner writes it: one that is open already has one tab."""

    def write(folder: Path) -> None:
        write_dicom(make_phantom(acquisition=SMALL, seed=1), folder / "other", style="ge")

    return once("another", write) / "other"


@pytest.fixture(scope="session")
def with_long_axis(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small beating heart with its valves, and long-axis cines beside the stack."""
    folder = tmp_path_factory.mktemp("long") / "study"
    write_dicom(make_phantom(acquisition=SMALL, planted=Planted(valves=True)), folder, distractors=True)
    return folder


@pytest.fixture(scope="session")
def phantom_segmentation(phantom_study: Path) -> Segmentation:
    """What the bundled model makes of the phantom."""
    stack, _ = open_input(phantom_study)
    return segment(stack, open_model(bundled_model(), device="cpu"))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings in a folder of their own; nothing is segmented unless a test asks for it."""
    own = Settings(tmp_path / "config" / "settings.json")
    own.change("auto_segment", False)
    own.change("language", "en")
    return own


@pytest.fixture
def desktop(qtbot: QtBot, qapp: QApplication, settings: Settings, tmp_path: Path) -> Iterator[Desktop]:
    """The desktop with its window shown; closed afterwards, with every thread and timer."""
    set_aside()
    threads = set(threading.enumerate())
    running = Desktop(qapp, settings, store_folder=tmp_path / "store")
    running.window.setWindowState(Qt.WindowState.WindowNoState)  # the invisible screen is a small one
    running.window.resize(1440, 900)
    running.window.show()
    qtbot.waitExposed(running.window)
    yield running
    assert running.close(), "a thread did not end"
    running.window.deleteLater()
    running.deleteLater()
    del running
    left = leftovers(threads)
    assert not left, f"left behind: {left}"


@pytest.fixture
def opened(desktop: Desktop, qtbot: QtBot, phantom_study: Path) -> StudyPage:
    """The phantom, open and not yet segmented."""
    desktop.open(phantom_study)
    return page_when(desktop, qtbot, lambda desk: desk.reading.study is not None and not desk.operations.busy)


@pytest.fixture
def reviewed(opened: StudyPage, phantom_segmentation: Segmentation) -> StudyPage:
    """The phantom, open, with the model's outlines."""
    opened.desk.review.adopt(phantom_segmentation)
    opened.first_look.finish()
    return opened


def page_when(desktop: Desktop, qtbot: QtBot, ready: Callable[[StudyDesk], bool]) -> StudyPage:
    """Wait until the study in front is `ready`, and give its page."""
    page = desktop.window.page
    assert page is not None
    qtbot.waitUntil(lambda: ready(page.desk), timeout=LONG_MS)
    return page
