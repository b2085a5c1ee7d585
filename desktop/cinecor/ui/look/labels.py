"""Labels in the voices of the window: quiet words beside the numbers, and headings."""

from PySide6.QtWidgets import QLabel


def quiet_label(text: str = "") -> QLabel:
    """Return a label in the colour of secondary text, which wraps."""
    label = QLabel(text)
    label.setWordWrap(True)
    label.setProperty("quiet", True)
    return label


def heading(text: str) -> QLabel:
    """Return a label in the weight of headings."""
    label = QLabel(text)
    label.setProperty("heading", True)
    return label
