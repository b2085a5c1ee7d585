"""Labels in the voices of the window: quiet words beside the numbers, and headings."""

from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QLabel


def quiet_label(text: str = "") -> QLabel:
    """Return a label in the colour of secondary text, which wraps."""
    label = QLabel(text)
    label.setWordWrap(True)
    label.setProperty("quiet", True)
    return label


def colour_text(label: QLabel, colour: str) -> None:
    """Give a label's text a colour (#rrggbb); a style sheet of its own would cost each label a millisecond."""
    palette, now = label.palette(), QColor(colour)
    if palette.color(QPalette.ColorRole.WindowText) != now:
        palette.setColor(QPalette.ColorRole.WindowText, now)
        label.setPalette(palette)


def heading(text: str) -> QLabel:
    """Return a label in the weight of headings."""
    label = QLabel(text)
    label.setProperty("heading", True)
    return label
