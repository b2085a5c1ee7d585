"""`CommandPalette`: every action by a few letters of its name, or of another word for it (Ctrl+K)."""

import unicodedata
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QPoint, QSize, Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence, QPainter
from PySide6.QtWidgets import (
    QDialog,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from cinecor.ui.look.texts import tr

_ACTION, _KEYS = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1


class CommandPalette(QDialog):
    """Type, choose with the arrow keys, Return runs it."""

    def __init__(self, actions: Sequence[tuple[str, QAction, str]], parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Dialog | Qt.WindowType.FramelessWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._actions = actions
        self._chosen: QAction | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 10, 10, 10)
        self.line = QLineEdit()
        self.line.setPlaceholderText(tr("Type a command"))
        self.line.setAccessibleName(tr("Type a command"))
        self.line.textChanged.connect(self._filter)
        self.line.installEventFilter(self)
        column.addWidget(self.line)
        self.list = QListWidget()
        self.list.setItemDelegate(_WithKeys(self.list))
        self.list.setUniformItemSizes(True)
        self.list.itemClicked.connect(lambda _: self._run())
        column.addWidget(self.list)
        self.resize(min(620, parent.width() - 40), 380)
        top = parent.mapToGlobal(QPoint(parent.width() // 2, 70))
        self.move(top.x() - self.width() // 2, top.y())
        self._filter("")
        self.line.setFocus()

    def _filter(self, text: str) -> None:
        words = _plain(text).split()
        self.list.clear()
        for menu, action, also in self._actions:
            name = tr("{name}: {what}", name=menu, what=action.text())
            known = _plain(f"{name} {also}")
            if action.isEnabled() and all(word in known for word in words):
                keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
                item = QListWidgetItem(name)
                item.setData(_ACTION, action)
                item.setData(_KEYS, keys)
                self.list.addItem(item)
        if not self.list.count():
            waiting = any(all(word in _plain(f"{menu} {action.text()} {also}") for word in words)
                          for menu, action, also in self._actions)  # fmt: skip
            self._tell(tr("This cannot be done now") if waiting else tr("No command is called so"))
        self.list.setCurrentRow(0)

    def _tell(self, text: str) -> None:
        """Say in the list why it is empty."""
        nothing = QListWidgetItem(text)
        nothing.setFlags(Qt.ItemFlag.NoItemFlags)
        self.list.addItem(nothing)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            key = event.key()
            if key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
                step = 1 if key == Qt.Key.Key_Down else -1
                self.list.setCurrentRow(min(max(self.list.currentRow() + step, 0), self.list.count() - 1))
                return True
            if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._run()
                return True
        return super().eventFilter(watched, event)

    def _run(self) -> None:
        item = self.list.currentItem()
        action = item.data(_ACTION) if item is not None else None
        self.close()
        if action is not None:
            action.trigger()


class _WithKeys(QStyledItemDelegate):
    """Writes an action's key at the right of its line."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return super().sizeHint(option, index) + QSize(0, 8)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().paint(painter, option, index)
        chosen = QStyle.StateFlag.State_Selected in option.state
        palette = option.palette
        painter.setPen((palette.highlightedText() if chosen else palette.placeholderText()).color())
        place = option.rect.adjusted(0, 0, -10, 0)
        painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, index.data(_KEYS) or "")


def _plain(text: str) -> str:
    """Return it in lower case without accents, so that "etude" finds "Étude"."""
    decomposed = unicodedata.normalize("NFD", text.lower())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))
