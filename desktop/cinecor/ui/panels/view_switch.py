"""`ViewSwitch`: which of two views is in front, where there is no room for both."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QToolButton, QWidget


class ViewSwitch(QWidget):
    """A row of names; one of them is chosen."""

    changed = Signal()

    def __init__(self, names: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 2, 4, 2)
        row.setSpacing(4)
        self._group = QButtonGroup(self)
        for at, name in enumerate(names):
            button = QToolButton()
            button.setText(name)
            button.setCheckable(True)
            button.setChecked(at == 0)
            button.setProperty("tab", True)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            self._group.addButton(button, at)
            row.addWidget(button)
        row.addStretch()
        self._group.idToggled.connect(lambda _, on: self.changed.emit() if on else None)

    @property
    def at(self) -> int:
        """The number of the view that is chosen."""
        return self._group.checkedId()

    def rename(self, *names: str) -> None:
        """Call the views otherwise."""
        for at, name in enumerate(names):
            self._group.button(at).setText(name)

    def choose(self, at: int) -> None:
        """Choose a view."""
        self._group.button(at).setChecked(True)
