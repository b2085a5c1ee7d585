"""Saving: results as `cinecor segment` writes them, pictures, animations, curves; a full disk is told."""

import csv
import json
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from cinecor.measure.conventions import NOTICE
from cinecor.review import Moment
from cinecor.ui.desktop import Desktop
from cinecor.ui.study_page import StudyPage

from .conftest import LONG_MS


def _wait(qtbot: QtBot, page: StudyPage) -> str:
    qtbot.waitUntil(page.messages.isVisible, timeout=LONG_MS)
    return page.messages.text.text()


def test_that_results_are_saved_as_the_command_line_does_with_the_doctors_choices(
    desktop: Desktop, qtbot: QtBot, reviewed: StudyPage, tmp_path: Path
) -> None:
    import nibabel

    out = tmp_path / "out"
    place = reviewed.matrix.choice_rect(3, Moment.ED).center().toPoint()
    qtbot.mouseClick(reviewed.matrix, Qt.MouseButton.LeftButton, pos=place)
    desktop.window.saving.ask_folder = lambda _: out
    qtbot.keyClick(desktop.window, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    assert str(out) in _wait(qtbot, reviewed)
    folder = next(out.iterdir())
    document = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    assert reviewed.desk.measures is not None
    found = reviewed.desk.measures.measurements
    assert document["lv"]["edv_ml"] == pytest.approx(found.lv.edv_ml, abs=1e-3)
    assert document["volumes_ml"]["lv"][found.ed_phase] == document["lv"]["edv_ml"]
    assert any(finding["code"] == "reader_choice" for finding in document["quality"]["findings"])
    labels = np.asarray(nibabel.load(folder / "segmentation.nii.gz").dataobj)  # type: ignore[attr-defined]
    assert not labels[:, :, 3, found.ed_phase].any()
    assert labels[:, :, 3].any()


def test_that_a_picture_shows_the_views_and_the_notice(
    desktop: Desktop, qtbot: QtBot, reviewed: StudyPage, tmp_path: Path
) -> None:
    path = tmp_path / "view.png"
    desktop.window.saving.ask_file = lambda *_: path
    qtbot.keyClick(desktop.window, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    _wait(qtbot, reviewed)
    image = QImage(str(path))
    assert image.width() == 2 * reviewed.views.width()
    assert image.height() > 2 * reviewed.views.height()
    footer = {image.pixelColor(x, image.height() - 26).name() for x in range(20, 500)}
    assert len(footer) > 2  # there is writing


def test_that_an_animation_holds_every_phase_at_the_hearts_speed(
    desktop: Desktop, qtbot: QtBot, reviewed: StudyPage, tmp_path: Path
) -> None:
    path = tmp_path / "cine.gif"
    desktop.window.saving.ask_file = lambda *_: path
    reviewed.desk.cursor.go(to_phase=4)
    desktop.window.actions_by_name["save_animation"].trigger()
    _wait(qtbot, reviewed)
    with Image.open(path) as gif:
        times = []
        for number in range(gif.n_frames):
            gif.seek(number)
            times.append(gif.info["duration"])
    assert len(times) == 10
    assert sum(times) == pytest.approx(reviewed.player.timeline().cycle_ms, abs=10)
    assert reviewed.desk.cursor.phase == 4


def test_that_curves_are_saved_as_a_table_and_as_a_picture(
    desktop: Desktop, qtbot: QtBot, reviewed: StudyPage, tmp_path: Path
) -> None:
    for name in ("curves.csv", "curves.png"):
        desktop.window.saving.ask_file = lambda *_, name=name: tmp_path / name
        reviewed.messages.hide()
        desktop.window.actions_by_name["save_curves"].trigger()
        _wait(qtbot, reviewed)
    lines = (tmp_path / "curves.csv").read_text().splitlines()
    assert NOTICE in lines[0]
    rows = list(csv.DictReader(lines[1:]))
    assert reviewed.desk.measures is not None
    assert [float(row["lv_ml"]) for row in rows] == pytest.approx(
        reviewed.desk.measures.curves.lv_ml.tolist(), abs=0.01
    )
    assert QImage(str(tmp_path / "curves.png")).width() == 2 * reviewed.curves.width()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is full")
def test_that_a_full_disk_is_told_and_nothing_half_written_stays(
    desktop: Desktop, qtbot: QtBot, reviewed: StudyPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        with Path("/dev/full").open("wb", buffering=0) as device:
            device.write(b"x")  # the system's own "no space left on device"

    out = tmp_path / "out"
    monkeypatch.setattr(os, "fsync", full)
    desktop.window.saving.ask_folder = lambda _: out
    qtbot.keyClick(desktop.window, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    text = _wait(qtbot, reviewed)
    assert "No space left" in text
    monkeypatch.undo()
    assert not list(out.rglob("results.json"))
    qtbot.keyClick(reviewed.cine, Qt.Key.Key_Right)
    assert reviewed.desk.cursor.phase == 1


def test_that_nothing_is_saved_before_the_outlines_are_there(desktop: Desktop, qtbot: QtBot, opened: StudyPage) -> None:
    qtbot.keyClick(desktop.window, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    assert "nothing to save yet" in _wait(qtbot, opened)
    qtbot.mouseClick(opened.messages.dismiss, Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
    assert not opened.messages.isVisible()
