"""Long-axis cines are read in the background, after the first outlines; one that is not shown is missed aloud."""

import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pydicom
import pytest
from pytestqt.qtbot import QtBot

from cinecor.app.segment_process import SegmentProcess
from cinecor.app.settings import Settings
from cinecor.errors import InputError
from cinecor.message import Message
from cinecor.progress import CancelCheck, stop_if
from cinecor.study.cine_stack import CineStack
from cinecor.ui.study import long_axis, study_desk
from cinecor.ui.window.desktop import Desktop

from .conftest import LONG_MS, page_when
from .long_axis_study import spoil


def _rename(data: pydicom.FileDataset) -> None:
    data.PatientName, data.PatientID = "Roe^Richard", "B2"


def _break_off(data: pydicom.FileDataset) -> None:
    data.PixelData = data.PixelData[:100]


@pytest.mark.parametrize("change", [_rename, _break_off])
def test_that_a_long_axis_cine_that_is_not_shown_is_missed_with_its_reason(
    desktop: Desktop,
    qtbot: QtBot,
    with_long_axis: Path,
    tmp_path: Path,
    change: Callable[[pydicom.FileDataset], None],
) -> None:
    study = tmp_path / "study"
    shutil.copytree(with_long_axis, study)
    spoil(study, 4, change)
    desktop.open(study)
    page = page_when(desktop, qtbot, lambda desk: len(desk.long_axis.cines) == 2 and not desk.operations.busy)
    sentence = page.messages.text.text()
    assert not page.messages.isHidden()
    assert "cannot be shown" in sentence
    assert ("name another patient" in sentence) is (change is _rename)
    cards = [one.toolTip() for one in page.panel.cards if one.text() == "4-chamber"]
    assert len(cards) == (change is _break_off), "another patient's cine has no card"
    assert all("cannot be shown" in told for told in cards)
    for row in page.panel.tree.rows():
        if "-chamber" in row.text(0):
            page.panel.tree.setCurrentItem(row)
            assert ("cannot be shown" in page.panel.why.text()) is ("four-chamber" in row.text(0))
    page.messages.show_offer("These are another model’s.", "Segment again", lambda: None)
    page.desk.long_axis.changed.emit()
    assert page.messages.waits
    assert page.messages.text.text().startswith("These are another model’s.")
    assert "cannot be shown" in page.messages.text.text()


def test_that_work_of_a_study_that_fails_unasked_is_told_on_its_page(
    desktop: Desktop, qtbot: QtBot, with_long_axis: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise InputError(Message("planted", "The drive is gone."))

    monkeypatch.setattr(long_axis, "read_long_axis_cines", broken)
    desktop.open(with_long_axis)
    page = page_when(desktop, qtbot, lambda desk: desk.reading.study is not None)
    qtbot.waitUntil(lambda: not page.messages.isHidden(), timeout=LONG_MS)
    assert page.messages.text.text() == "The drive is gone."
    assert page.messages.goes_in_ms is None, "a failure stays"


def _unanswered(_: SegmentProcess, __: CineStack, *, cancelled: CancelCheck, **___: object) -> None:
    while True:
        stop_if(cancelled)
        time.sleep(0.01)


@pytest.fixture
def silent_model(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model that is asked for outlines by itself, and tells none until it is stopped."""
    monkeypatch.setattr(SegmentProcess, "segment", _unanswered)
    settings.change("auto_segment", True)


@pytest.mark.usefixtures("silent_model")
@pytest.mark.parametrize("told", ["outlines", "stopped"])
def test_that_long_axis_cines_are_read_when_the_first_outlines_are_there_or_none_will_come(
    desktop: Desktop, qtbot: QtBot, with_long_axis: Path, monkeypatch: pytest.MonkeyPatch, told: str
) -> None:
    monkeypatch.setattr(study_desk, "_PATIENCE_MS", LONG_MS)
    desktop.open(with_long_axis)
    desk = page_when(desktop, qtbot, lambda desk: desk.outlining.running).desk
    assert not [one for one in threading.enumerate() if one.name == "cinecor-long_axis"]
    assert desk.long_axis.cines == ()
    if told == "outlines":
        desk.overlays.grown.emit((0,))
    else:
        desk.outlining.stop()
    page_when(desktop, qtbot, lambda desk: len(desk.long_axis.cines) == 3)


@pytest.mark.usefixtures("silent_model")
def test_that_long_axis_cines_do_not_wait_for_a_slow_model(
    desktop: Desktop, qtbot: QtBot, with_long_axis: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(study_desk, "_PATIENCE_MS", 1)
    desktop.open(with_long_axis)
    page = page_when(desktop, qtbot, lambda desk: len(desk.long_axis.cines) == 3)
    assert page.desk.outlining.running
