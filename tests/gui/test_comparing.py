"""Other readings beside the reader's own: the model's and another reader's, in the images and in numbers."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from cinecor.app.other_reading import Whose
from cinecor.app.save_study import save_study
from cinecor.inference.outline.segmentation import Label, Segmentation
from cinecor.measure.ventricle import Ventricle
from cinecor.review import DropSlice, Gesture, History, Review, redraw_one
from cinecor.review.tools.push import push
from cinecor.ui.look.reading_art import COLOURS
from cinecor.ui.sheets.comparison_sheet import ComparisonSheet
from cinecor.ui.views.image_view import ImageView
from cinecor.ui.window.desktop import Desktop
from cinecor.ui.window.study_page import StudyPage

from .conftest import LONG_MS, page_when

LEFT = Qt.MouseButton.LeftButton
PLACE = (3, 2)


def _pushed(review: Review) -> Review:
    """The review with one frame pushed out, as another reader would have it."""
    labels = review.labels
    assert labels is not None
    frame = labels[PLACE]
    row, column = np.argwhere(frame == Label.LV).mean(axis=0)
    right = float(np.argwhere(frame == Label.LV)[:, 1].max())
    drag = [(column, row), (right - 1, row), (right + 2, row)]
    moved = push(frame, drag, radius_mm=8.0, pixel_spacing_mm=review.stack.geometry.pixel_spacing_mm)
    history = History(review)
    history.apply(redraw_one(Gesture.PUSH, PLACE, moved))
    return history.present


def _results(page: StudyPage, folder: Path) -> Path:
    review = page.desk.review.decided
    assert review is not None
    return save_study(_pushed(review), input_path=page.desk.path, out_dir=folder).folder.path


def _pixels_of(view: ImageView, colour: str) -> int:
    """How many pixels of a view's picture have about a colour."""
    image = QImage(500, 400, QImage.Format.Format_RGB32)
    image.fill(0)
    painter = QPainter(image)
    view.paint_on(painter, QRectF(image.rect()))
    painter.end()
    values = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4)[..., :3].astype(int)
    wanted = np.array([int(colour[at : at + 2], 16) for at in (5, 3, 1)])  # blue first
    return int((np.abs(values - wanted).max(axis=2) < 40).sum())


def test_that_the_models_outlines_lie_beside_the_readers_with_what_differs(
    desktop: Desktop, reviewed: StudyPage, qtbot: QtBot
) -> None:
    desk, bar = reviewed.desk, reviewed.comparison
    assert not bar.isVisible()
    desk.cursor.go(to_slice=PLACE[0], to_phase=PLACE[1])
    reviewed.cine.zoom_to_heart()
    before = _pixels_of(reviewed.cine, COLOURS[Whose.MODEL])
    qtbot.keyClick(reviewed.cine, Qt.Key.Key_Q)
    assert bar.isVisible()
    assert "LV 1.000, MYO 1.000, RV 1.000" in bar.texts[Whose.MODEL].text()
    assert desk.comparing.ef_change(Whose.MODEL) == {Ventricle.LV: 0.0, Ventricle.RV: 0.0}
    assert _pixels_of(reviewed.cine, COLOURS[Whose.MODEL]) > before + 50
    assert desk.review.decided is not None
    other = _pushed(desk.review.decided).corrections.frames[PLACE]
    assert desk.review.edit(redraw_one(Gesture.PUSH, PLACE, other))
    difference = desk.comparing.difference_at(Whose.MODEL, PLACE)
    assert difference is not None
    assert difference.dice[Label.LV] is not None
    assert difference.dice[Label.LV] < 1
    assert difference.change_ml[Label.LV] > 0  # mine less theirs, as Δ beside the numbers
    assert "yours less theirs: mL LV +" in bar.texts[Whose.MODEL].text()
    assert "LV 1.000" not in bar.texts[Whose.MODEL].text()
    desk.cursor.go(to_slice=PLACE[0], to_phase=PLACE[1] + 1)
    assert "LV 1.000" in bar.texts[Whose.MODEL].text()
    qtbot.keyClick(reviewed.cine, Qt.Key.Key_Q)
    assert not bar.isVisible()


def test_that_another_readers_results_lie_over_the_images_and_lead_to_what_differs(
    desktop: Desktop, reviewed: StudyPage, qtbot: QtBot, tmp_path: Path
) -> None:
    desk, window = reviewed.desk, desktop.window
    results = _results(reviewed, tmp_path)
    window.opening.choose_folder = lambda _: results
    window.actions_by_name["compare_results"].trigger()
    qtbot.waitUntil(lambda: desk.comparing.shows(Whose.OTHER), timeout=LONG_MS)
    assert reviewed.comparison.isVisible()
    button = next(
        one for one in reviewed.comparison.findChildren(QPushButton) if one.isVisible() and "frames" in one.text()
    )
    qtbot.mouseClick(button, LEFT)
    sheet = next(one for one in window.findChildren(ComparisonSheet) if one.isVisible())
    assert sheet.table.rowCount() == 1
    assert sheet.table.item(0, 0).text() == str(PLACE[0] + 1)
    desk.cursor.go(to_slice=0, to_phase=0)
    before = _pixels_of(reviewed.cine, COLOURS[Whose.OTHER])
    sheet.table.setCurrentCell(0, 2)
    assert (desk.cursor.slice, desk.cursor.phase) == PLACE
    assert _pixels_of(reviewed.cine, COLOURS[Whose.OTHER]) != before
    desktop.settings.change("layout", "3")  # the tiles show them too
    assert _pixels_of(reviewed.grid, COLOURS[Whose.OTHER]) > 50
    sheet.reject()

    assert desk.review.edit(DropSlice(PLACE[0]))  # then all of theirs is more than mine
    difference = desk.comparing.difference_at(Whose.OTHER, PLACE)
    assert difference is not None
    assert difference.dice[Label.LV] == 0
    leave = next(one for one in reviewed.comparison.findChildren(QToolButton) if one.isVisible())
    qtbot.mouseClick(leave, LEFT)
    assert not reviewed.comparison.isVisible()


def test_that_a_folder_of_results_opens_its_study_and_is_its_review(
    desktop: Desktop, reviewed: StudyPage, qtbot: QtBot, tmp_path: Path
) -> None:
    results = _results(reviewed, tmp_path)
    path = reviewed.desk.path
    qtbot.keyClick(desktop.window, Qt.Key.Key_W, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: not desktop.leaving)
    assert desktop.store is not None
    desktop.store.forget_all()
    desktop.window.opening.choose_folder = lambda _: path  # results name no place
    desktop.open(results)
    qtbot.waitUntil(lambda: desktop.window.page is not None, timeout=LONG_MS)
    page = page_when(desktop, qtbot, lambda desk: desk.review.result is not None and not desk.operations.busy)
    assert page.desk.path == path
    assert page.desk.review.present is not None
    assert set(page.desk.review.present.corrections.frames) == {PLACE}
    assert page.desk.comparing.readings == {}


SCRIPT = """
import sys, time
from pathlib import Path
from PySide6.QtWidgets import QApplication, QFileDialog
import cinecor.cli.open
from cinecor.cli.main import main
from cinecor.ui.window import desktop
from cinecor.ui.window.window import Window

def follow(*_):
    end = time.monotonic() + 240
    (window,) = [one for one in QApplication.topLevelWidgets() if isinstance(one, Window)]
    while window.page is None or window.page.desk.review.result is None:
        assert time.monotonic() < end, "nothing happened"
        QApplication.processEvents()
        time.sleep(0.002)
    review = window.page.desk.review.decided
    print(sorted(review.corrections.frames), review.segmentation.model.id)
    return 0

cinecor.cli.open.has_display = lambda: True  # Qt's invisible screen
desktop.require_display = lambda: None
QApplication.exec = follow
QFileDialog.getExistingDirectory = lambda *_: sys.argv[2]  # where the study is
sys.exit(main(["open", sys.argv[1]]))
"""


def test_that_results_named_on_the_command_line_are_a_review_again(
    reviewed: StudyPage, phantom_segmentation: Segmentation, tmp_path: Path
) -> None:
    results = _results(reviewed, tmp_path)
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(SCRIPT), str(results), str(reviewed.desk.path)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "CINECOR_HOME": str(tmp_path / "another-home")},
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.strip() == f"{[PLACE]} {phantom_segmentation.model.id}"
