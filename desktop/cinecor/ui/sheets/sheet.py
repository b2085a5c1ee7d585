"""`Sheet`: a dialog over the window that holds one thing to read, scrolls where the screen is smaller, and goes."""

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QScrollArea, QVBoxLayout, QWidget

from cinecor.ui.look.texts import tr

_FRAME: Final = 48  # what a window manager may put above and below


class Sheet(QDialog):
    """Deleted when it is closed; a subclass lays its content, and buttons below it."""

    def __init__(self, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title.removesuffix("…"))
        self.column = QVBoxLayout(self)

    def lay(self, content: QWidget) -> None:
        """Lay content in an area that scrolls."""
        area = QScrollArea()
        area.setWidget(content)
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        self.column.addWidget(area)

    def showEvent(self, event: QShowEvent) -> None:
        """Stay within the screen, so that the buttons below can be reached."""
        room = self.screen().availableGeometry()
        self.setMaximumHeight(room.height() - _FRAME)
        super().showEvent(event)
        beyond = self.frameGeometry().bottom() - room.bottom()
        if beyond > 0:
            self.move(self.x(), max(room.top(), self.y() - beyond))

    def add_close(self) -> QDialogButtonBox:
        """Lay a row with a button that closes below the content, and return it."""
        buttons = QDialogButtonBox()
        buttons.addButton(tr("Close"), QDialogButtonBox.ButtonRole.RejectRole)
        buttons.rejected.connect(self.reject)
        self.column.addWidget(buttons)
        return buttons
