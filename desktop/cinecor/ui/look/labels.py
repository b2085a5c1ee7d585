"""Labels in the voices of the window: quiet words beside the numbers, and headings."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
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


class ElidedLabel(QLabel):
    """One line that is shortened where there is no room for it; the whole of it is under the mouse."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("quiet", True)
        self.setMinimumWidth(1)

    def show_text(self, text: str) -> None:
        """Show a text; none hides the label."""
        self.setText(text)
        self.setToolTip(text)
        self.setVisible(bool(text))

    def minimumSizeHint(self) -> QSize:
        return QSize(1, super().minimumSizeHint().height())

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self.palette().windowText().color())
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
        painter.end()
