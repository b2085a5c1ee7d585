"""The desktop on real studies: opened, segmented by itself, looked through in every layout."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from cinecor.app.settings import Settings
from cinecor.ui.window.desktop import Desktop
from cinecor.ui.window.study_page import LAYOUTS

from .conftest import page_when

pytestmark = pytest.mark.real


@pytest.mark.parametrize("name", ["ge", "siemens"])
def test_that_a_real_study_opens_segments_and_shows_in_every_layout(
    desktop: Desktop, qtbot: QtBot, settings: Settings, request: pytest.FixtureRequest, name: str
) -> None:
    study: Path = request.getfixturevalue({"ge": "sunnybrook", "siemens": "siemens"}[name])
    settings.change("auto_segment", True)
    desktop.open(study / "SCD0000101" if name == "ge" else study)
    page = page_when(desktop, qtbot, lambda desk: desk.review.result is not None and not desk.operations.busy)
    assert page.desk.review.result is not None
    lv = page.desk.review.result.measurements.lv
    assert lv.edv_ml is not None
    assert page.numbers.cells["lv.edv_ml"].text().rstrip("?") == f"{lv.edv_ml:.0f}"
    kinds = [row.text(0) for row in page.panel.tree.rows()]
    assert any("short-axis cine" in kind for kind in kinds)
    if name == "siemens":
        for view in ("two-chamber cine", "four-chamber cine", "long-axis cine"):
            assert any(view in kind for kind in kinds)
    for layout in LAYOUTS:
        qtbot.keyClick(page.cine, Qt.Key(ord(layout)))
        qtbot.keyClick(page.cine, Qt.Key.Key_Right)
        assert not page.grab().isNull()
