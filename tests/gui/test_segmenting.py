"""Segmenting in the background: masks as they come, stopping, failing, several studies; the window never stalls."""

import multiprocessing
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from cinecor.app.settings import Settings
from cinecor.inference.outline.segmentation import Label
from cinecor.measure.moment import Moment
from cinecor.review import DropSlice, ToggleSlice
from cinecor.scene.cells import Cell
from cinecor.ui.study.overlays import Caveat
from cinecor.ui.study.study_desk import StudyDesk
from cinecor.ui.window.desktop import Desktop
from cinecor.ui.window.study_page import StudyPage

from .conftest import LONG_MS, page_when


def test_that_a_study_is_segmented_by_itself_middle_slices_first_and_masks_are_shown_as_they_come(
    desktop: Desktop, qtbot: QtBot, settings: Settings, phantom_study: Path
) -> None:
    settings.change("auto_segment", True)
    desktop.open(phantom_study)
    page = desktop.window.page
    assert page is not None
    seen: list[NDArray[np.bool_]] = []
    beats: list[int] = []
    between: list[int] = []  # beats between one showing of masks and the next

    overlays = page.desk.overlays

    def look(_: tuple[int, ...]) -> None:
        assert overlays.shown is not None
        seen.append(overlays.shown.outlined.copy())
        between.append(len(beats))
        beats.clear()

    overlays.grown.connect(look)
    heartbeat = QTimer()
    heartbeat.timeout.connect(lambda: beats.append(1))
    heartbeat.start(5)
    page = page_when(desktop, qtbot, lambda desk: desk.review.result is not None)
    heartbeat.stop()
    assert len(seen) > 2
    assert seen[0].any()
    assert not seen[0].all()
    middle_only = [one for one in seen if not one[[0, 1, 6, 7]].any()]
    assert middle_only
    assert seen[0][2:6].any()
    assert page.numbers.cells["lv.edv_ml"].text() != "–"
    assert all(between[1:]), "the window lives on between the masks"
    assert desktop.window.strip.device.text().startswith("CPU")


def test_that_the_device_badge_says_why(desktop: Desktop, qtbot: QtBot, opened: StudyPage) -> None:
    opened.desk.outlining.start()
    qtbot.waitUntil(desktop.window.strip.device.isVisible, timeout=LONG_MS)
    opened.desk.operations.cancel()
    qtbot.waitUntil(lambda: not opened.desk.operations.busy, timeout=LONG_MS)
    qtbot.mouseClick(desktop.window.strip.device, Qt.MouseButton.LeftButton)
    note = desktop.window.findChild(QMessageBox)
    assert note is not None
    assert "runs on CPU" in note.text()
    note.close()


def test_that_escape_stops_the_model_and_what_is_there_stays(desktop: Desktop, qtbot: QtBot, opened: StudyPage) -> None:
    desk = opened.desk
    desk.outlining.start()
    qtbot.waitUntil(
        lambda: desk.overlays.shown is not None and bool(desk.overlays.shown.outlined.any()), timeout=LONG_MS
    )
    qtbot.keyClick(desktop.window, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not desk.operations.busy, timeout=LONG_MS)
    assert desk.review.result is None
    assert desk.overlays.shown is not None
    assert desk.overlays.shown.outlined.any()
    assert not desktop.window.strip.stop.isVisible()


def _stopped_in_mid_work(desktop: Desktop, qtbot: QtBot, page: StudyPage) -> StudyPage:
    """Segment until some phases are whole, then press Escape."""
    desk = page.desk
    desk.outlining.start()
    qtbot.waitUntil(
        lambda: desk.overlays.shown is not None and desk.overlays.shown.whole_phases.size >= 2, timeout=LONG_MS
    )
    qtbot.keyClick(desktop.window, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not desk.operations.busy, timeout=LONG_MS)
    return page


def test_that_outlines_which_were_not_finished_look_and_are_called_so(
    desktop: Desktop, qtbot: QtBot, opened: StudyPage
) -> None:
    desk = _stopped_in_mid_work(desktop, qtbot, opened).desk
    assert desk.overlays.shown is not None
    provisional = desk.overlays.shown.outlined & ~desk.overlays.shown.final
    assert provisional.any()
    assert (desk.overlays.cells() == Cell.UNFINISHED).tolist() == provisional.tolist()
    place = tuple(np.argwhere(provisional)[0].tolist())
    overlay = desk.overlays.at(place)  # type: ignore[arg-type]
    assert overlay is not None
    assert overlay.caveat is Caveat.PROVISIONAL
    assert "Stopped" in opened.numbers.state.text()


def test_that_segmenting_again_begins_with_nothing_of_the_run_before(
    desktop: Desktop, qtbot: QtBot, opened: StudyPage
) -> None:
    desk = _stopped_in_mid_work(desktop, qtbot, opened).desk
    shown: list[NDArray[np.float64]] = []
    qtbot.keyClick(desktop.window, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    assert desk.overlays.shown is not None
    assert not desk.overlays.shown.outlined.any()
    assert not np.isfinite(opened.curves.volumes_ml(Label.LV)).any()
    desk.overlays.grown.connect(lambda _: shown.append(opened.curves.volumes_ml(Label.LV).copy()))
    qtbot.waitUntil(lambda: desk.review.result is not None, timeout=LONG_MS)
    assert desk.review.result is not None
    final = desk.review.result.curves.lv_ml
    for volumes in shown:
        known = np.isfinite(volumes)
        np.testing.assert_allclose(volumes[known], final[known])


def test_that_the_model_is_not_started_twice(desktop: Desktop, qtbot: QtBot, opened: StudyPage) -> None:
    desk = opened.desk
    action = desktop.window.actions_by_name["segment"]
    assert action.isEnabled()
    desk.outlining.start()
    assert not action.isEnabled()
    qtbot.waitUntil(
        lambda: desk.overlays.shown is not None and bool(desk.overlays.shown.outlined.any()), timeout=LONG_MS
    )
    before = desk.overlays.shown
    desk.outlining.start()
    assert desk.overlays.shown is before
    qtbot.waitUntil(lambda: desk.review.result is not None and not desk.operations.busy, timeout=LONG_MS)
    assert action.isEnabled()


def test_that_outlines_of_a_slice_that_does_not_count_are_marked(qtbot: QtBot, reviewed: StudyPage) -> None:
    desk = reviewed.desk
    assert desk.review.result is not None
    ed = desk.review.result.moments.ed
    assert ed is not None
    desk.review.edit(ToggleSlice(3, Moment.ED))
    assert _caveat(desk, (3, ed)) is Caveat.NOT_COUNTED
    assert _caveat(desk, (3, ed + 1)) is None
    desk.review.edit(DropSlice(4))
    assert {_caveat(desk, (4, phase)) for phase in range(desk.cursor.phases)} == {Caveat.NOT_COUNTED}
    desk.review.undo()
    desk.review.undo()
    assert _caveat(desk, (3, ed)) is None


def _caveat(desk: StudyDesk, place: tuple[int, int]) -> Caveat | None:
    overlay = desk.overlays.at(place)
    assert overlay is not None
    return overlay.caveat


def test_that_a_second_study_opens_while_the_first_computes(
    desktop: Desktop, qtbot: QtBot, settings: Settings, phantom_study: Path, other_study: Path
) -> None:
    settings.change("auto_segment", True)
    desktop.open(phantom_study)
    first = page_when(desktop, qtbot, lambda desk: desk.reading.study is not None and desk.operations.busy)
    desktop.open(other_study)
    assert first.desk.operations.busy  # what it finds is heard of when events are: not yet
    second = page_when(desktop, qtbot, lambda desk: desk.reading.study is not None)
    qtbot.waitUntil(
        lambda: first.desk.review.result is not None and second.desk.review.result is not None, timeout=LONG_MS
    )
    desktop.window.workspace.close_page(second)
    assert desktop.window.page is first


def test_that_closing_in_mid_work_ends_cleanly(desktop: Desktop, qtbot: QtBot, opened: StudyPage) -> None:
    opened.desk.outlining.start()
    qtbot.waitUntil(
        lambda: opened.desk.overlays.shown is not None and bool(opened.desk.overlays.shown.outlined.any()),
        timeout=LONG_MS,
    )
    qtbot.keyClick(desktop.window, Qt.Key.Key_W, Qt.KeyboardModifier.ControlModifier)
    assert desktop.window.page is None  # at once; the fixture sees that the thread ends


def test_that_the_end_of_the_models_process_is_told_and_the_next_try_succeeds(
    desktop: Desktop, qtbot: QtBot, opened: StudyPage
) -> None:
    desk = opened.desk
    desk.outlining.start()
    qtbot.waitUntil(
        lambda: desk.overlays.shown is not None and bool(desk.overlays.shown.outlined.any()), timeout=LONG_MS
    )
    for child in multiprocessing.active_children():
        child.kill()
    qtbot.waitUntil(opened.messages.isVisible, timeout=LONG_MS)
    assert "segment again" in opened.messages.text.text()
    assert desk.reading.study is not None
    qtbot.waitUntil(lambda: not desk.operations.busy, timeout=LONG_MS)
    desk.outlining.start()
    qtbot.waitUntil(lambda: desk.review.result is not None, timeout=LONG_MS)


@pytest.mark.parametrize("content", [b"no model", None], ids=["damaged", "missing"])
def test_that_a_model_that_fails_is_told_and_the_images_stay(
    desktop: Desktop, qtbot: QtBot, phantom_study: Path, tmp_path: Path, content: bytes | None
) -> None:
    model = tmp_path / "model.onnx"
    if content is not None:
        model.write_bytes(content)
    desktop.model_path = model
    desktop.settings.change("auto_segment", True)
    desktop.open(phantom_study)
    page = page_when(desktop, qtbot, lambda desk: desk.reading.study is not None and not desk.operations.busy)
    qtbot.waitUntil(page.messages.isVisible, timeout=LONG_MS)
    assert "model.onnx" in page.messages.text.text()
    qtbot.keyClick(page.cine, Qt.Key.Key_Right)
    assert page.desk.cursor.phase == 1
