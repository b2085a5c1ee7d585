"""`Sheet`: a dialog over the window that holds one thing to read, scrolls where the window is smaller, and goes."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QScrollArea, QVBoxLayout, QWidget

from cinecor.ui.look.texts import tr


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

    def add_close(self) -> QDialogButtonBox:
        """Lay a row with a button that closes below the content, and return it."""
        buttons = QDialogButtonBox()
        buttons.addButton(tr("Close"), QDialogButtonBox.ButtonRole.RejectRole)
        buttons.rejected.connect(self.reject)
        self.column.addWidget(buttons)
        return buttons
