"""A study that holds our own SEG offers it: one click, and the review is there as it was exported, in two layers."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from cinecor.app.export_options import ExportOptions, Form
from cinecor.app.export_review import export_review
from cinecor.app.open_study import open_study
from cinecor.inference.outline.segmentation import Label, Segmentation
from cinecor.review import Review
from cinecor.review.redraw import Gesture, redraw_one
from cinecor.ui.window.desktop import Desktop
from cinecor.ui.window.study_page import StudyPage

from .conftest import LONG_MS, page_when


@pytest.fixture(scope="session")
def taken_along(
    phantom_study: Path, phantom_segmentation: Segmentation, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Review]:
    """The study with SEG of a corrected review in its folder, and that review."""
    folder = tmp_path_factory.mktemp("taken along") / "study"
    shutil.copytree(phantom_study, folder)
    study = open_study(phantom_study, on_series=lambda _: None)
    labels = phantom_segmentation.labels
    place = tuple(np.argwhere((labels == Label.LV).any(axis=(2, 3)))[0].tolist())
    frame = labels[place].copy()
    frame[frame == Label.LV] = Label.MYO
    review = Review(study.stack, study.audit, phantom_segmentation)
    review = redraw_one(Gesture.BRUSH, place, frame).apply(review)
    export_review(review, study, out_dir=folder, options=ExportOptions(frozenset({Form.SEG})))
    study.close()
    return folder, review


def open_page(desktop: Desktop, qtbot: QtBot, folder: Path) -> StudyPage:
    desktop.open(folder)
    return page_when(desktop, qtbot, lambda desk: desk.reading.study is not None and not desk.operations.busy)


def test_that_the_offer_opens_the_review_as_it_was_exported(
    desktop: Desktop, qtbot: QtBot, taken_along: tuple[Path, Review]
) -> None:
    folder, review = taken_along
    page = open_page(desktop, qtbot, folder)
    qtbot.waitUntil(page.messages.offer.isVisible, timeout=LONG_MS)
    assert "final" in page.messages.text.text()
    assert page.desk.review.decided.segmentation is None  # type: ignore[union-attr]
    qtbot.mouseClick(page.messages.offer, Qt.MouseButton.LeftButton)
    now = page.desk.review.decided
    assert now is not None
    assert now.segmentation is not None
    assert review.segmentation is not None
    assert (now.segmentation.labels == review.segmentation.labels).all()
    assert (now.labels == review.labels).all()
    assert not page.messages.isVisible()
    page.desk.review.undo()
    assert (page.desk.review.decided.labels == review.segmentation.labels).all()  # type: ignore[union-attr]


def test_that_work_that_was_begun_is_not_laid_under(
    desktop: Desktop, qtbot: QtBot, taken_along: tuple[Path, Review], phantom_segmentation: Segmentation
) -> None:
    page = open_page(desktop, qtbot, taken_along[0])
    qtbot.waitUntil(page.messages.offer.isVisible, timeout=LONG_MS)
    page.desk.review.adopt(phantom_segmentation)
    place = next(iter(taken_along[1].corrections.frames))
    frame = phantom_segmentation.labels[place].copy()
    frame[:] = 0
    assert page.desk.review.edit(redraw_one(Gesture.DELETE, place, frame))
    qtbot.mouseClick(page.messages.offer, Qt.MouseButton.LeftButton)
    assert "kept beside" in page.messages.text.text()
    assert (page.desk.review.decided.labels[place] == 0).all()  # type: ignore[union-attr,index]


def test_that_a_study_without_seg_offers_nothing(opened: StudyPage) -> None:
    assert not opened.messages.offer.isVisible()
    assert not opened.desk.outlines_found.any
