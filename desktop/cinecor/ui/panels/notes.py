"""Notes: which device runs the model and why, what this program is, and the licences of its parts."""

from importlib.metadata import version

from PySide6.QtCore import Qt, qVersion
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QMessageBox, QPlainTextEdit, QVBoxLayout, QWidget

from cinecor.app.licences import notices_file
from cinecor.app.segment_study import RunningOn
from cinecor.app.settings import Settings
from cinecor.ui.look.engine_text import engine_text
from cinecor.ui.look.texts import tr
from cinecor.ui.panels.status_strip import device_name


def show_device(parent: QWidget, running_on: RunningOn | None, settings: Settings) -> None:
    """Say what runs, what was asked for, and why the two differ."""
    if running_on is None:
        text = tr("device.none")
    else:
        text = tr(
            "device.runs",
            provider=device_name(running_on),
            precision=running_on.precision,
            model=running_on.model,
            wanted=tr(f"setting.device.{settings.text('device')}"),
        )
        why = running_on.fallback or running_on.reason
        text = f"{text}\n\n{engine_text(str(why))}"
    _note(parent, tr("action.device"), text)


def show_about(parent: QWidget) -> None:
    """Say the version, the licence and the notice."""
    text = tr("about.text", version=version("cinecor"), qt=qVersion(), notice=tr("notice"))
    _note(parent, tr("action.about"), text)


def show_licences(parent: QWidget) -> None:
    """Show every licence text; from source, say where they are."""
    file = notices_file()
    if file is None:
        _note(parent, tr("action.licences"), tr("licences.source"))
        return
    dialog = QDialog(parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle(tr("action.licences").removesuffix("…"))
    dialog.resize(860, 560)
    text = QPlainTextEdit(file.read_text(encoding="utf-8", errors="replace"))
    text.setReadOnly(True)
    buttons = QDialogButtonBox()
    buttons.addButton(tr("button.close"), QDialogButtonBox.ButtonRole.RejectRole)
    buttons.rejected.connect(dialog.reject)
    column = QVBoxLayout(dialog)
    column.addWidget(text)
    column.addWidget(buttons)
    dialog.open()


def _note(parent: QWidget, title: str, text: str) -> None:
    box = QMessageBox(QMessageBox.Icon.NoIcon, title.removesuffix("…"), text, parent=parent)
    box.addButton(tr("button.close"), QMessageBox.ButtonRole.RejectRole)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.open()
