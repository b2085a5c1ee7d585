"""`scrolled`: the content of a sheet in an area that scrolls where the window is smaller."""

from PySide6.QtWidgets import QDialog, QScrollArea, QVBoxLayout, QWidget


def scrolled(sheet: QDialog, content: QWidget) -> QVBoxLayout:
    """Lay `content` into a dialog, and give the dialog's column for what comes below it."""
    area = QScrollArea()
    area.setWidget(content)
    area.setWidgetResizable(True)
    area.setFrameShape(QScrollArea.Shape.NoFrame)
    column = QVBoxLayout(sheet)
    column.addWidget(area)
    return column
