"""What the program says of itself: licences of its parts, and settings that a newer version wrote."""

import json
import sys
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QDialog, QMessageBox, QPlainTextEdit
from pytestqt.qtbot import QtBot

from cinecor.app.settings import Settings
from cinecor.ui.window.desktop import Desktop


def test_that_the_installed_program_shows_every_licence_text(
    desktop: Desktop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "THIRD-PARTY-NOTICES.txt").write_text("Qt 6\n  licence: LGPL-3.0-only — é\n", encoding="utf-8")
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "cinecor"))
    desktop.window.actions_by_name["licences"].trigger()
    shown = desktop.window.findChild(QDialog).findChild(QPlainTextEdit)
    assert shown.toPlainText() == "Qt 6\n  licence: LGPL-3.0-only — é\n"
    assert shown.isReadOnly()
    desktop.window.findChild(QDialog).reject()


def test_that_from_source_it_says_where_the_licences_are(desktop: Desktop) -> None:
    for name in ("licences", "about"):
        desktop.window.actions_by_name[name].trigger()
        box = desktop.window.findChild(QMessageBox)
        assert "LGPL 3" in box.text()
        box.reject()
        box.setParent(None)


def test_that_settings_of_a_newer_version_are_told_and_left_as_they_are(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path
) -> None:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"format": 2, "written_by": "9.1", "settings": {"language": "en"}}))
    before = path.read_bytes()
    running = Desktop(qapp, Settings(path), store_folder=tmp_path / "store")
    running.window.show()
    qtbot.waitExposed(running.window)
    assert running.window.messages.isVisible()
    assert "newer Cinecor (9.1)" in running.window.messages.text.text()
    assert running.close()
    assert path.read_bytes() == before
