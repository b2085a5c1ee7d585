"""Studies that were opened before: as they were left, without the model; one window writes, others look."""

import shutil
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pydicom
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cinecor.app.known_study import OpenedReview, open_review
from cinecor.app.settings import Settings
from cinecor.inference.outline.segmentation import Segmentation
from cinecor.review import DropSlice
from cinecor.review.store.worklist import Status
from cinecor.ui.study import keeping
from cinecor.ui.study.outlining import Outlining
from cinecor.ui.window.desktop import Desktop
from cinecor.ui.window.study_page import StudyPage
from cinecor_phantom import make_phantom, write_dicom

from .conftest import LONG_MS, SMALL, page_when

CTRL = Qt.KeyboardModifier.ControlModifier


def _ready(desk: object) -> bool:
    return desk.reading.study is not None and not desk.operations.busy  # type: ignore[attr-defined]


def _reopened(desktop: Desktop, qtbot: QtBot, path: Path) -> StudyPage:
    qtbot.keyClick(desktop.window, Qt.Key.Key_W, CTRL)
    assert desktop.window.page is None
    qtbot.waitUntil(lambda: not desktop.leaving)
    desktop.open(path)
    return page_when(desktop, qtbot, _ready)


def test_that_a_study_opens_as_it_was_left_without_the_model(
    desktop: Desktop, qtbot: QtBot, reviewed: StudyPage
) -> None:
    desk = reviewed.desk
    desk.review.edit(DropSlice(3))
    desk.review.edit(DropSlice(4))
    desk.review.undo()
    desk.cursor.go(to_slice=2, to_phase=6)
    numbers = desk.review.result
    desktop.settings.change("auto_segment", True)  # the model would be asked for a study without outlines
    page = _reopened(desktop, qtbot, desk.path)
    found = page.desk.review
    assert page.desk.outlining.running_on is None
    assert found.result is not None
    assert numbers is not None
    assert found.result.measurements.lv == numbers.measurements.lv
    assert found.present is not None
    assert found.present.dropped == {3}
    assert (page.desk.cursor.slice, page.desk.cursor.phase) == (2, 6)
    assert page.desk.overlays.labels is not None
    found.redo()
    assert found.present.dropped == {3, 4}


def test_that_outlines_are_not_missed_before_the_store_was_asked(
    desktop: Desktop, qtbot: QtBot, reviewed: StudyPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering = threading.Event()

    def open_later(*known: Any, **named: Any) -> OpenedReview:
        assert answering.wait(LONG_MS / 1000)
        return open_review(*known, **named)

    monkeypatch.setattr(keeping, "open_review", open_later)
    path = reviewed.desk.path
    qtbot.keyClick(desktop.window, Qt.Key.Key_W, CTRL)
    qtbot.waitUntil(lambda: not desktop.leaving)
    try:
        desktop.open(path)
        page = page_when(desktop, qtbot, lambda desk: desk.reading.study is not None and desk.keeping.looking)
        assert page.numbers.state.isVisible()
        assert page.numbers.state.text() == "Looking for kept outlines…"
    finally:
        answering.set()
    page_when(desktop, qtbot, _ready)
    assert page.desk.review.result is not None
    assert not page.numbers.state.isVisible()


def test_that_closing_a_kept_study_asks_nothing(desktop: Desktop, qtbot: QtBot, reviewed: StudyPage) -> None:
    reviewed.desk.review.edit(DropSlice(3))
    assert reviewed.desk.review.not_exported
    assert not reviewed.desk.review.unkept
    qtbot.keyClick(desktop.window, Qt.Key.Key_W, CTRL)
    assert desktop.window.page is None


def test_that_another_window_reads_only_and_says_so(
    desktop: Desktop, qtbot: QtBot, qapp: QApplication, reviewed: StudyPage, tmp_path: Path
) -> None:
    threads = threading.active_count()
    other = Desktop(qapp, Settings(), store_folder=tmp_path / "store")
    other.window.show()
    other.settings.change("auto_segment", False)
    other.open(reviewed.desk.path)
    page = page_when(other, qtbot, _ready)
    assert page.desk.review.locked
    assert "another window" in page.messages.text.text()
    assert page.desk.review.result is not None
    page.messages.hide()  # a message goes; what holds stays to be seen
    assert "read only" in page.banner.status.text()
    assert "read only" not in reviewed.banner.status.text()
    assert not page.desk.review.edit(DropSlice(2))
    assert page.desk.review.present is not None
    assert page.desk.review.present.dropped == frozenset()
    page.desk.review.preview(DropSlice(2))
    assert page.desk.review.present.dropped == frozenset()
    assert not reviewed.desk.review.locked
    assert reviewed.desk.review.edit(DropSlice(1))
    assert other.close()
    other.window.deleteLater()
    other.deleteLater()
    qtbot.waitUntil(lambda: threading.active_count() <= threads)  # the other window may be keeping its edit


def test_that_choices_survive_another_order_of_phases_and_back(
    desktop: Desktop, qtbot: QtBot, reviewed: StudyPage
) -> None:
    desk = reviewed.desk
    desk.review.edit(DropSlice(3))
    desk.reading.reorder("InstanceNumber")
    qtbot.waitUntil(lambda: _ready(desk) and desk.reading.phase_order == "InstanceNumber")
    desk.reading.reorder(None)
    qtbot.waitUntil(lambda: _ready(desk) and desk.reading.phase_order is None)
    assert desk.review.present is not None
    assert desk.review.present.dropped == {3}
    assert desk.review.present.segmentation is not None
    assert not desk.review.locked


def test_that_choices_survive_another_series_and_back(
    desktop: Desktop, qtbot: QtBot, phantom_study: Path, phantom_segmentation: Segmentation, tmp_path: Path
) -> None:
    disc = tmp_path / "disc"
    shutil.copytree(phantom_study, disc / "one")
    (disc / "two").mkdir()
    others = write_dicom(make_phantom(acquisition=replace(SMALL, slices=9)), disc / "two" / "study", style="ge")
    mine, other = (
        str(pydicom.dcmread(path, stop_before_pixels=True).SeriesInstanceUID)
        for path in (next(phantom_study.rglob("*.dcm")), others[0])
    )
    desktop.open(disc)
    desk = page_when(desktop, qtbot, _ready).desk

    def take(uid: str) -> None:
        desk.reading.take(uid)
        qtbot.waitUntil(lambda: _ready(desk) and uid in desk.reading.study.stack.series_uids, timeout=LONG_MS)  # type: ignore[union-attr]

    take(mine)
    desk.review.adopt(phantom_segmentation)
    desk.review.edit(DropSlice(3))
    take(other)
    assert desk.review.present is not None
    assert desk.review.present.segmentation is None
    assert desk.review.present.dropped == frozenset()
    take(mine)
    assert desk.review.present.dropped == {3}
    assert desk.review.present.segmentation is not None


def test_that_moved_files_are_told(desktop: Desktop, qtbot: QtBot, phantom_study: Path, tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    shutil.copytree(phantom_study, here)
    desktop.open(here)
    page_when(desktop, qtbot, _ready)
    here.rename(there)
    page = _reopened(desktop, qtbot, there)
    assert "was opened from" in page.messages.text.text()


def test_that_missing_files_are_told(desktop: Desktop, qtbot: QtBot, phantom_study: Path, tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    shutil.copytree(phantom_study, whole)
    desktop.open(whole)
    page = page_when(desktop, qtbot, _ready)
    study = page.desk.reading.study
    assert study is not None
    assert study.stack.frames is not None
    for frame in study.stack.frames[-1]:
        assert frame is not None
        (whole / frame.path).unlink()
    page = _reopened(desktop, qtbot, whole)
    assert "are missing now" in page.messages.text.text()


def test_that_outlines_of_another_model_are_offered_to_be_made_again(
    desktop: Desktop, qtbot: QtBot, reviewed: StudyPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[bool] = []
    monkeypatch.setattr("cinecor.ui.study.keeping.active_model", lambda *_: "another")
    monkeypatch.setattr(Outlining, "start", lambda _: started.append(True))
    page = _reopened(desktop, qtbot, reviewed.desk.path)
    qtbot.waitUntil(page.messages.offer.isVisible, timeout=LONG_MS)
    assert "another model" in page.messages.text.text()
    page.messages.offer.click()
    assert started == [True]


def test_that_outlines_made_again_go_beside_what_was_worked_on(
    reviewed: StudyPage, phantom_segmentation: Segmentation, qtbot: QtBot, desktop: Desktop
) -> None:
    review, session = reviewed.desk.review, reviewed.desk.review.session
    assert session is not None
    review.edit(DropSlice(3))
    first = session.result_in_use
    assert not review.adopt(phantom_segmentation)
    assert review.present is not None
    assert review.present.dropped == {3}
    assert len(session.results) == 2
    other = desktop.window.actions_by_name["other_outlines"]
    desktop.window._actions.refresh()
    other.trigger()
    assert review.present.dropped == frozenset()
    assert session.result_in_use != first
    other.trigger()
    assert review.present.dropped == {3}


def test_that_nothing_is_kept_where_that_is_switched_off(
    qtbot: QtBot, settings: Settings, qapp: QApplication, phantom_study: Path, tmp_path: Path
) -> None:
    settings.change("keep_studies", False)
    desktop = Desktop(qapp, settings, store_folder=tmp_path / "none")
    desktop.window.show()
    desktop.open(phantom_study)
    page = page_when(desktop, qtbot, _ready)
    page.desk.review.edit(DropSlice(3))
    assert page.desk.review.unkept
    assert desktop.close()
    assert not (tmp_path / "none").exists()
    desktop.window.deleteLater()
    desktop.deleteLater()


@pytest.mark.parametrize("done", [False, True])
def test_that_the_worklist_knows_how_far_a_study_came(
    desktop: Desktop, opened: StudyPage, phantom_segmentation: Segmentation, done: bool
) -> None:
    assert desktop.store is not None
    assert desktop.store.worklist()[0].status is Status.NEW
    opened.desk.review.adopt(phantom_segmentation)
    if done:
        opened.desk.review.edit(DropSlice(3))
    opened.desk.keeping.keep_now()
    (row,) = desktop.store.worklist()
    assert row.status is (Status.IN_REVIEW if done else Status.OUTLINED)
    assert row.lv_ef_percent is not None
    assert opened.desk.review.result is not None
    assert row.lv_ef_percent == pytest.approx(opened.desk.review.result.measurements.lv.ef_percent)
    assert desktop.store.thumbnail(row)
