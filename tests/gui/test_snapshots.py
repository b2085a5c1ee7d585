"""The main views look as kept in tests/gui/snapshots: fixed size, bundled font, the phantom's true outlines."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from cinecor.app.settings import Settings
from cinecor.inference.outline.segmentation import Segmentation
from cinecor.measure.moment import Moment
from cinecor.review import Body, FrameState, SetBody, ToggleSlice
from cinecor.scene.cells import Cell
from cinecor.scene.level_window import preset
from cinecor.ui.look.failure import Failure
from cinecor.ui.look.grey_image import grey_image
from cinecor.ui.look.texts import use_language
from cinecor.ui.look.theme import DARK, apply_theme, body_font, load_font
from cinecor.ui.panels.banner import Banner
from cinecor.ui.panels.control_bar import ControlBar
from cinecor.ui.panels.drop_area import DropArea
from cinecor.ui.panels.numbers_view import NumbersView
from cinecor.ui.panels.review_list import ReviewList
from cinecor.ui.panels.series_card import SeriesCard
from cinecor.ui.views.bullseye_view import BullseyeView
from cinecor.ui.views.cine_view import CineView
from cinecor.ui.views.curve_view import CurveView
from cinecor.ui.views.grid_view import GridView
from cinecor.ui.views.long_axis_view import LongAxisView
from cinecor.ui.views.matrix_legend import MatrixLegend
from cinecor.ui.views.matrix_view import MatrixView
from cinecor.ui.window.desktop import Desktop
from cinecor.ui.window.study_page import StudyPage
from cinecor_phantom import make_phantom

from . import snapshot
from .conftest import SMALL
from .snapshot import check_snapshot


@pytest.fixture(autouse=True)
def _dressed(qapp: QApplication) -> None:
    """Whatever ran before, nothing included: fonts, colours and language as the program has them."""
    use_language("en")
    qapp.setFont(body_font(load_font()))
    apply_theme(qapp, DARK)


@pytest.fixture(scope="session")
def true_segmentation(phantom_segmentation: Segmentation) -> Segmentation:
    """The phantom's own labels: the model's differ in single pixels from processor to processor."""
    labels = make_phantom(acquisition=SMALL, pictures=False).labels.astype(np.uint8)
    confidence = np.ones(labels.shape[:2], dtype=np.float32)
    confidence[6, 3:6] = 0.5
    return replace(phantom_segmentation, labels=labels, confidence=confidence, notes=(), doubts=())


@pytest.fixture
def page(opened: StudyPage, true_segmentation: Segmentation, settings: Settings) -> StudyPage:
    """The phantom with its true outlines, one slice left out at ED, and a body."""
    opened.desk.review.adopt(true_segmentation)
    opened.desk.review.edit(ToggleSlice(1, Moment.ED))
    opened.desk.review.edit(SetBody(Body(60.0, 175.0, 74.0)))
    opened.desk.cursor.go(to_slice=3, to_phase=2)
    return opened


def _view(qtbot: QtBot, widget: QWidget, width: int, height: int) -> QWidget:
    qtbot.addWidget(widget)
    widget.resize(width, height)
    widget.show()
    qtbot.wait(20)
    focused = QApplication.focusWidget()
    if focused is not None:
        focused.clearFocus()  # a caret blinks
    return widget


def _matrix(page: StudyPage) -> MatrixView:
    desk = page.desk
    return MatrixView(desk.reading, desk.review, desk.overlays, cursor=desk.cursor, theme=DARK)


def _curves(page: StudyPage) -> CurveView:
    desk = page.desk
    return CurveView(desk.reading, desk.review, desk.overlays, cursor=desk.cursor, theme=DARK)


def _controls(page: StudyPage) -> ControlBar:
    return ControlBar(page.desk.reading, page.desk.cursor, page.player, settings=page.desk.settings, theme=DARK)


def test_that_the_cine_view_looks_as_kept(qtbot: QtBot, page: StudyPage, settings: Settings) -> None:
    settings.change("overlay", "both")
    check_snapshot(_view(qtbot, CineView(page.desk, page.toolbox, page.regional, theme=DARK), 380, 320), "cine")


@pytest.mark.parametrize("by", ["slices", "phases"])
def test_that_the_grid_looks_as_kept(qtbot: QtBot, page: StudyPage, settings: Settings, by: str) -> None:
    settings.change("grid", by)
    check_snapshot(_view(qtbot, GridView(page.desk, page.toolbox, DARK), 400, 240), f"grid-{by}")


def test_that_the_matrix_looks_as_kept(qtbot: QtBot, page: StudyPage) -> None:
    check_snapshot(_view(qtbot, _matrix(page), 420, 190), "matrix")


def test_that_the_legend_looks_as_kept(qtbot: QtBot) -> None:
    legend = MatrixLegend(DARK)
    legend.show_entries((*Cell, *FrameState))
    check_snapshot(_view(qtbot, legend, 700, 20), "legend")


def test_that_a_changed_view_is_told_with_pictures_of_it(
    qtbot: QtBot, page: StudyPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CINECOR_RENEW_SNAPSHOTS", raising=False)
    monkeypatch.setattr(snapshot, "BUILD", tmp_path / "build")
    page.desk.review.edit(ToggleSlice(5, Moment.ES))
    with pytest.raises(AssertionError, match="make snapshots"):
        check_snapshot(_view(qtbot, _matrix(page), 420, 190), "matrix")
    assert {path.name for path in (tmp_path / "build").iterdir()} == {"matrix-actual.png", "matrix-difference.png"}


def test_that_the_curves_look_as_kept(qtbot: QtBot, page: StudyPage) -> None:
    check_snapshot(_view(qtbot, _curves(page), 420, 200), "curves")


def test_that_the_long_axis_cut_looks_as_kept(qtbot: QtBot, page: StudyPage) -> None:
    check_snapshot(_view(qtbot, LongAxisView(page.desk, DARK), 300, 300), "long-axis")


def test_that_the_numbers_look_as_kept(qtbot: QtBot, page: StudyPage) -> None:
    check_snapshot(_view(qtbot, NumbersView(page.desk, DARK), 352, 620), "numbers")


def test_that_the_controls_look_as_kept(qtbot: QtBot, page: StudyPage) -> None:
    check_snapshot(_view(qtbot, _controls(page), 860, 44), "controls")


def test_that_the_banner_looks_as_kept(qtbot: QtBot, page: StudyPage) -> None:
    banner = Banner(page.desk, DARK)
    banner.show_status("In review · 2 open", open_doubts=2, difference="", exported=False)
    check_snapshot(_view(qtbot, banner, 1200, 40), "banner")


def test_that_a_card_looks_as_kept(qtbot: QtBot, page: StudyPage) -> None:
    card = SeriesCard("Short axis", "8 slices × 10 phases · 15.0 mm", uid="", why="", theme=DARK)
    card.setChecked(True)
    assert page.desk.reading.study is not None
    frame = page.desk.reading.study.stack.pixels[4, 0]
    card.show_picture(QPixmap.fromImage(grey_image(frame, preset("auto", frame))))
    check_snapshot(_view(qtbot, card, 180, card.heightForWidth(180)), "card")


def test_that_the_bulls_eye_looks_as_kept(qtbot: QtBot, page: StudyPage) -> None:
    page.regional.watch(True)
    page.regional.point(8)
    bullseye = BullseyeView(page.regional, page.desk.cursor, DARK, book=lambda: page.numbers.book)
    check_snapshot(_view(qtbot, bullseye, 520, 320), "bullseye")


def test_that_the_review_list_looks_as_kept(qtbot: QtBot, page: StudyPage) -> None:
    page.desk.doubts.go_to(page.desk.doubts.doubts[0])
    check_snapshot(_view(qtbot, ReviewList(page.desk, DARK), 310, 620), "review-list")


def test_that_the_area_for_a_drop_looks_as_kept(qtbot: QtBot, desktop: Desktop) -> None:
    area = DropArea(DARK, desktop.window)
    area.show_over(QRect(0, 0, 420, 160))
    check_snapshot(area, "drop-area")


def test_that_a_message_looks_as_kept(qtbot: QtBot, page: StudyPage) -> None:
    page.messages.show_failure(Failure("Results cannot be written: the disk is full; free some space.", "Traceback"))
    qtbot.wait(20)
    check_snapshot(page.messages, "message")


def test_that_a_small_light_french_window_looks_as_kept(
    desktop: Desktop, qtbot: QtBot, page: StudyPage, settings: Settings
) -> None:
    before = desktop.window
    settings.change("language", "fr")
    settings.change("theme", "light")
    qtbot.waitUntil(lambda: desktop.window is not before)

    def keeps_its_size() -> bool:  # a window that is new fits itself into the screen, which is a small one here
        desktop.window.resize(1024, 700)
        qtbot.wait(100)
        return bool(desktop.window.size() == QSize(1024, 700))

    qtbot.waitUntil(keeps_its_size)
    check_snapshot(desktop.window, "window-fr-light")
