"""Windows too small for everything: texts are whole all the same."""

from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLabel, QWidget
from pytestqt.qtbot import QtBot

from cinecor.ui.panels.one_line import OneLine
from cinecor.ui.window.desktop import Desktop
from cinecor.ui.window.study_page import LAYOUTS, StudyPage


def test_that_nothing_lies_over_its_neighbour_when_the_window_has_just_got_another_width(
    desktop: Desktop, reviewed: StudyPage
) -> None:
    for width in (1440, 1700, 1440, 1000, 1700):
        desktop.window.resize(width, 900)
        shown = [part for part in (reviewed.panel, reviewed.correction) if part.isVisible()]
        row = [*shown, reviewed.views]
        edges = [(part.mapTo(reviewed, QPoint(0, 0)).x(), part.width()) for part in row]
        for (left, wide), (following, _) in pairwise(edges):
            assert left + wide <= following, "before any further event"
        assert all(part.width() >= part.minimumSizeHint().width() for part in shown)


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("size", [(1024, 700), (900, 520)])
def test_that_no_text_is_cut_off_in_a_small_window(
    desktop: Desktop, qtbot: QtBot, reviewed: StudyPage, language: str, size: tuple[int, int]
) -> None:
    settings = desktop.settings
    if language == "fr":
        before = desktop.window
        settings.change("language", language)
        qtbot.waitUntil(lambda: desktop.window is not before)
    page = desktop.window.page
    assert page is not None
    desktop.window.resize(*size)
    for layout in LAYOUTS:
        settings.change("layout", layout)

        def whole() -> None:
            assert _cut(desktop.window) == []

        qtbot.waitUntil(whole)


def _cut(window: QWidget) -> list[str]:
    """Return the texts that have less room than they need."""
    cut = []
    for kind in (QLabel, QAbstractButton, QComboBox):
        for one in window.findChildren(kind):
            if not one.isVisible() or not one.width() or isinstance(one, OneLine):
                continue
            wraps = isinstance(one, QLabel) and one.wordWrap()
            low = one.heightForWidth(one.width()) > one.height() + 1 if wraps else False
            if low or (not wraps and one.sizeHint().width() > one.width() + 1):
                text = one.currentText() if isinstance(one, QComboBox) else one.text()
                cut.append(text or type(one).__name__)
    return cut
