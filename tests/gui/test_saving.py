"""Saving: results as `cinecor segment` writes them, pictures, animations, curves; a full disk is told."""

import csv
import json
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from cinecor.measure.conventions import NOTICE
from cinecor.measure.moment import Moment
from cinecor.review import Gesture, redraw_one
from cinecor.ui.look.theme import OVERLAY
from cinecor.ui.window.desktop import Desktop
from cinecor.ui.window.study_page import StudyPage

from .conftest import LONG_MS

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


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
    assert reviewed.desk.review.result is not None
    found = reviewed.desk.review.result.measurements
    assert document["lv"]["edv_ml"] == pytest.approx(found.lv.edv_ml, abs=1e-3)
    assert document["volumes_ml"]["lv"][found.moments.ed] == document["lv"]["edv_ml"]
    assert any(finding["code"] == "left_out_at_ed" for finding in document["quality"]["findings"])
    labels = np.asarray(nibabel.load(folder / "segmentation.nii.gz").dataobj)  # type: ignore[attr-defined]
    assert not labels[:, :, 3, found.moments.ed].any()
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
    rows = list(csv.DictReader((tmp_path / "curves.csv").read_text().splitlines()))
    assert {row["notice"] for row in rows} == {NOTICE}
    assert reviewed.desk.review.result is not None
    assert [float(row["lv_ml"]) for row in rows] == pytest.approx(
        reviewed.desk.review.result.curves.lv_ml.tolist(), abs=0.01
    )
    assert QImage(str(tmp_path / "curves.png")).width() == 2 * reviewed.curves.width()


def test_that_curves_are_saved_of_what_is_decided_not_of_a_gesture_that_is_not_at_its_end(
    desktop: Desktop, qtbot: QtBot, reviewed: StudyPage, tmp_path: Path
) -> None:
    review = reviewed.desk.review
    assert review.result is not None
    decided, phase = review.result.curves.lv_ml.tolist(), 2
    frame = np.zeros_like(reviewed.desk.overlays.labels[4, phase])  # type: ignore[index]
    review.preview(redraw_one(Gesture.BRUSH, (4, phase), frame))
    qtbot.waitUntil(lambda: review.result.curves.lv_ml[phase] < decided[phase] - 1, timeout=LONG_MS)  # type: ignore[union-attr]
    desktop.window.saving.ask_file = lambda *_: tmp_path / "curves.csv"
    desktop.window.actions_by_name["save_curves"].trigger()
    _wait(qtbot, reviewed)
    rows = list(csv.DictReader((tmp_path / "curves.csv").read_text().splitlines()))
    assert [float(row["lv_ml"]) for row in rows] == pytest.approx(decided, abs=0.01)
    review.preview(None)


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


def test_that_the_document_says_what_the_reader_chose(
    desktop: Desktop, qtbot: QtBot, reviewed: StudyPage, tmp_path: Path
) -> None:
    desktop.window.saving.ask_folder = lambda _: tmp_path / "out"
    reviewed.desk.cursor.go(to_phase=3)
    for key, held in ((Qt.Key.Key_E, CTRL), (Qt.Key.Key_X, SHIFT), (Qt.Key.Key_S, CTRL)):
        qtbot.keyClick(desktop.window, key, held)
    _wait(qtbot, reviewed)
    document = json.loads((tmp_path / "out" / reviewed.desk.path.name / "results.json").read_text(encoding="utf-8"))
    assert document["choices"] == {
        "ed_phase": "automatic",
        "es_phase": "reader",
        "heart_rate": "automatic",
        "slices_left_out": {"ed": [], "es": [], "all": [4]},
        "frames_redrawn": [],
        "frames_provisional": [],
        "frames_accepted": [],
        "papillary": "cavity",
        "papillary_shifts": {},
        "answers": {},
        "base": "whole",
    }
    assert document["es_phase"] == 3
    assert document["input"] == reviewed.desk.path.name


def test_that_results_of_another_study_of_the_same_input_are_never_replaced(
    desktop: Desktop, qtbot: QtBot, reviewed: StudyPage, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    desktop.window.saving.ask_folder = lambda _: out
    name = reviewed.desk.path.name
    for expected in ((name,), (name,), (name, f"{name}-2")):
        if len(expected) == 2:  # what lies there now belongs to another series
            earlier = out / name / "results.json"
            document = json.loads(earlier.read_text(encoding="utf-8"))
            document["stack"]["series_uids"] = ["1.2.3"]
            earlier.write_text(json.dumps(document), encoding="utf-8")
        reviewed.messages.hide()
        qtbot.keyClick(desktop.window, Qt.Key.Key_S, CTRL)
        assert str(out / expected[-1]) in _wait(qtbot, reviewed)
        assert sorted(path.name for path in out.iterdir()) == sorted(expected)


def test_that_each_structure_keeps_its_colour_in_every_picture_of_the_animation(
    desktop: Desktop, qtbot: QtBot, reviewed: StudyPage, tmp_path: Path
) -> None:
    path = tmp_path / "cine.gif"
    desktop.window.saving.ask_file = lambda *_: path
    desktop.window.actions_by_name["save_animation"].trigger()
    _wait(qtbot, reviewed)
    labels = reviewed.desk.overlays.labels
    assert labels is not None
    with Image.open(path) as gif:
        for phase in range(gif.n_frames):
            gif.seek(phase)
            picture = np.asarray(gif.convert("RGB")).astype(int)
            for label, colour in OVERLAY.items():
                if (labels[reviewed.desk.cursor.slice, phase] == label).any():
                    off = np.abs(picture - QColor(colour).toTuple()[:3]).max(axis=2)
                    assert (off <= 8).sum() > 20, (phase, label)


@pytest.mark.skipif(os.name != "posix", reason="file modes are those of POSIX")
def test_that_pictures_and_curves_can_be_read_by_whom_the_umask_lets(
    desktop: Desktop, qtbot: QtBot, reviewed: StudyPage, tmp_path: Path
) -> None:
    plain = tmp_path / "plain"
    plain.touch()
    for command, name in (("save_picture", "a.png"), ("save_animation", "a.gif"), ("save_curves", "a.csv")):
        desktop.window.saving.ask_file = lambda *_, name=name: tmp_path / name
        reviewed.messages.hide()
        desktop.window.actions_by_name[command].trigger()
        _wait(qtbot, reviewed)
        assert (tmp_path / name).stat().st_mode == plain.stat().st_mode


def test_that_a_message_is_never_in_a_saved_picture(
    desktop: Desktop, qtbot: QtBot, reviewed: StudyPage, tmp_path: Path
) -> None:
    pictures = []
    for name, message in (("a.png", ""), ("b.png", "/home/someone/private")):
        reviewed.messages.hide()
        if message:
            reviewed.messages.show_text(message)
        path = tmp_path / name
        desktop.window.saving.ask_file = lambda *_, path=path: path
        desktop.window.actions_by_name["save_picture"].trigger()
        qtbot.waitUntil(path.exists, timeout=LONG_MS)
        assert not message or reviewed.messages.isVisible()
        pictures.append(path.read_bytes())
    assert pictures[0] == pictures[1]
