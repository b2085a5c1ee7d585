"""Notes: which device runs the model and why, what this program is, and the licences of its parts."""

import sys
from importlib.metadata import version
from pathlib import Path

from PySide6.QtCore import Qt, qVersion
from PySide6.QtWidgets import QMessageBox, QPlainTextEdit, QWidget

from cinecor.app.segment_study import RunningOn
from cinecor.app.settings import Settings
from cinecor.ui.look.names import choice_name, device_name, notice
from cinecor.ui.look.texts import said, tr
from cinecor.ui.sheets.sheet import Sheet


def show_device(parent: QWidget, running_on: RunningOn | None, settings: Settings) -> None:
    """Say what runs, what was asked for, and why the two differ."""
    if running_on is None:
        text = tr("No model has run yet.")
    else:
        text = tr(
            "{model} ({precision}) runs on {provider}; asked for: {wanted}.",
            provider=device_name(running_on),
            precision=running_on.precision,
            model=running_on.model,
            wanted=choice_name("device", settings.text("device")),
        )
        why = running_on.fallback or running_on.reason
        text = f"{text}\n\n{said(why)}"
    _note(parent, tr("Device…"), text)


def show_about(parent: QWidget) -> None:
    """Say the version, the licence and the notice."""
    text = tr(
        "Cinecor {version}\n"
        "Ventricular volumes from cardiac MRI cine studies, offline.\n"
        "Program: Apache-2.0. Bundled model: CC BY-NC-SA 4.0, like the ACDC data it was "
        "trained on. Font: Inter, SIL OFL 1.1. Qt {qt}: LGPL 3, shared libraries that you "
        "may replace (Help → Licences).\n\n{notice}",
        version=version("cinecor"),
        qt=qVersion(),
        notice=notice(),
    )
    _note(parent, tr("About Cinecor…"), text)


def show_licences(parent: QWidget) -> None:
    """Show every licence text; from source, say where they are."""
    file = _notices_file()
    title = tr("Licences…")
    if file is None:
        _note(
            parent,
            title,
            tr(
                "From source, the licence of each library lies beside it in Python’s site-packages; the installed "
                "program shows them all here.\n\nQt is used under the LGPL 3 as shared libraries that you may "
                "replace; see docs/install.md."
            ),
        )
        return
    sheet = Sheet(title, parent)
    sheet.resize(860, 560)
    text = QPlainTextEdit(file.read_text(encoding="utf-8", errors="replace"))
    text.setReadOnly(True)
    sheet.column.addWidget(text)
    sheet.add_close()
    sheet.open()


def _notices_file() -> Path | None:
    """Return the file with every licence text, beside the installed program; None when this runs from source."""
    if not getattr(sys, "frozen", False):
        return None
    file = Path(sys.executable).resolve().with_name("THIRD-PARTY-NOTICES.txt")
    return file if file.is_file() else None


def _note(parent: QWidget, title: str, text: str) -> None:
    box = QMessageBox(QMessageBox.Icon.NoIcon, title.removesuffix("…"), text, parent=parent)
    box.addButton(tr("Close"), QMessageBox.ButtonRole.RejectRole)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.open()
