"""`KeySheet`: every key and mouse move on one sheet (F1)."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from cinecor.ui.look.texts import tr
from cinecor.ui.sheets.scrolled_sheet import scrolled
from cinecor.ui.window.actions import ACTIONS, MENUS, MOUSE


class KeySheet(QDialog):
    """Made of the table of actions; three columns."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("action.key_sheet").removesuffix("…"))
        content = QWidget()
        columns = QHBoxLayout(content)
        columns.setSpacing(36)
        groups: list[tuple[str, list[tuple[str, str]]]] = []
        for menu in MENUS:
            rows = [
                (_keys(entry.keys), tr(f"action.{entry.name}").removesuffix("…"))
                for entry in ACTIONS
                if entry.menu == menu and entry.keys
            ]
            groups.append((tr(f"menu.{menu}"), rows))
        groups.append((tr("mouse.title"), [(tr(f"mouse.{name}.how"), tr(f"mouse.{name}")) for name in MOUSE]))
        for members in (groups[0:2] + groups[5:6], groups[2:3] + groups[4:5] + groups[6:7], groups[3:4]):
            columns.addLayout(_column(members))
        scrolled(self, content)
        self.resize(min(1160, parent.width() - 20), min(800, parent.height() - 20))


def _column(groups: list[tuple[str, list[tuple[str, str]]]]) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setSpacing(8)
    for title, rows in groups:
        head = QLabel(title)
        head.setProperty("heading", True)
        column.addWidget(head)
        grid = QGridLayout()
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(4)
        for number, (keys, text) in enumerate(rows):
            what = QLabel(keys)
            what.setProperty("quiet", True)
            grid.addWidget(what, number, 0, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
            label = QLabel(text)
            label.setWordWrap(True)
            grid.addWidget(label, number, 1)
        grid.setColumnStretch(1, 1)
        column.addLayout(grid)
        column.addSpacing(8)
    column.addStretch()
    return column


def _keys(keys: tuple[str, ...]) -> str:
    return ", ".join(QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText) for key in keys)
