"""Start the desktop as `cinecor` does, and keep telling where its views lie and what they show, for a hand to aim at.

    python tests/by_hand/telling_desktop.py PLACES.json [PATH…]

Places are pixels of the screen; nothing is done to the program but looking at it.
"""

import json
import sys
import traceback
from pathlib import Path
from typing import Any

from PySide6.QtCore import QPoint, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QDialog,
    QFileDialog,
    QLabel,
    QLineEdit,
    QListWidget,
    QMenu,
    QPlainTextEdit,
    QToolTip,
)
from telling_page import page_places
from telling_places import area_of, on_screen

from cinecor.cli.main import main
from cinecor.ui.panels.drop_area import DropArea
from cinecor.ui.window.window import Window
from cinecor.ui.worklist.worklist_view import WorklistView

_EVERY_MS = 200


def _places() -> dict[str, Any]:
    windows = [one for one in QApplication.topLevelWidgets() if isinstance(one, Window) and one.isVisible()]
    if not windows:
        return {}
    window = windows[-1]
    focused, active = QApplication.focusWidget(), QApplication.activeWindow()
    told = {
        "title": window.windowTitle(),
        "window": area_of(window),
        "maximised": window.isMaximized(),
        "full_screen": window.isFullScreen(),
        "theme": window.theme.name,
        "tabs": window.workspace.count(),
        "tab": window.workspace.currentIndex(),
        "message_of_window": window.messages.text.text() if window.messages.isVisible() else "",
        "dismiss_of_window": on_screen(window.messages.dismiss, window.messages.dismiss.rect().center()),
        "dropping": any(one.isVisible() for one in window.findChildren(DropArea)),
        "focus": "" if focused is None else type(focused).__name__,
        "active": "" if active is None else type(active).__name__,  # what keys go to
        "tooltip": QToolTip.text() if QToolTip.isVisible() else "",
        "notice": window.strip.notice.text() if window.strip.notice.isVisible() else "",
        "sheets": [
            _sheet(one) for one in QApplication.topLevelWidgets() if isinstance(one, QDialog) and one.isVisible()
        ],
        "menu": _menu(),
        "clipboard": _clipboard(),
    }
    if window.page is not None:
        return told | page_places(window.page)
    if window.home.worklist.table.isVisible():
        told |= _worklist(window.home.worklist)
    told["welcome"] = window.home.welcome.isVisible()
    return told


def _worklist(worklist: WorklistView) -> dict[str, Any]:
    table, header, search = worklist.table, worklist.table.horizontalHeader(), worklist.search
    middle = header.rect().center().y()
    told: dict[str, Any] = {
        "worklist": [worklist.model.row(at).source for at in range(worklist.model.rowCount())],
        "search": on_screen(search, search.rect().center()),
        "headings": [
            on_screen(header.viewport(), QPoint(header.sectionViewportPosition(at) + 20, middle))
            for at in range(header.count())
        ],
    }
    if told["worklist"]:
        told["first_row"] = on_screen(table.viewport(), table.visualRect(worklist.model.index(0, 0)).center())
    return told


def _sheet(dialog: QDialog) -> dict[str, Any]:
    told: dict[str, Any] = {
        "kind": type(dialog).__name__,
        "title": dialog.windowTitle(),
        "area": area_of(dialog),
        "buttons": {
            one.text().replace("&", ""): on_screen(one, one.rect().center())
            for one in dialog.findChildren(QAbstractButton)
            if one.isVisible() and one.text()
        },
        "fields": {
            one.accessibleName(): on_screen(one, one.rect().center())
            for one in dialog.findChildren(QLineEdit)
            if one.isVisible()
        },
        "typed": [one.text() for one in dialog.findChildren(QLineEdit) if one.isVisible()],
        "words": {
            one.accessibleName(): {"text": one.toPlainText(), "at": on_screen(one, one.rect().center())}
            for one in dialog.findChildren(QPlainTextEdit)
            if one.isVisible()
        },
        "texts": [one.text() for one in dialog.findChildren(QLabel) if one.isVisible()],
        "rows": [
            rows.item(at).text() for rows in dialog.findChildren(QListWidget) for at in range(min(rows.count(), 40))
        ],
    }
    if isinstance(dialog, QFileDialog):
        told["directory"] = dialog.directory().absolutePath()
    return told


def _menu() -> list[dict[str, Any]] | None:
    menu = QApplication.activePopupWidget()
    if not isinstance(menu, QMenu):
        return None
    return [
        {
            "text": action.text(),
            "enabled": action.isEnabled(),
            "at": on_screen(menu, menu.actionGeometry(action).center()),
        }
        for action in menu.actions()
        if not action.isSeparator()
    ]


def _clipboard() -> dict[str, Any]:
    held = QGuiApplication.clipboard().mimeData()
    return {"image": held.hasImage(), "text": held.text()[:400] if held.hasText() else ""}


def _tell(path: Path) -> None:
    beside = path.with_suffix(".new")
    try:
        told = _places()
    except Exception:  # noqa: BLE001  the program runs on; whoever reads this stops
        told = {"untold": traceback.format_exc(limit=-2)}
    beside.write_text(json.dumps(told), encoding="utf-8")
    beside.replace(path)


def _start(path: Path, arguments: list[str]) -> int:
    run = QApplication.exec

    def telling(*_: object) -> int:
        timer = QTimer()
        timer.timeout.connect(lambda: _tell(path))
        timer.start(_EVERY_MS)
        return int(run())

    QApplication.exec = telling  # type: ignore[assignment,method-assign]
    return main(arguments)


if __name__ == "__main__":
    sys.exit(_start(Path(sys.argv[1]), sys.argv[2:]))
