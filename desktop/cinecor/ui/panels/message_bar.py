"""`MessageBar`: an error as one sentence above the images, its details behind a button; the work goes on."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from cinecor.ui.look.failure import Failure
from cinecor.ui.look.icons import icon
from cinecor.ui.look.texts import tr
from cinecor.ui.look.theme import Theme


class MessageBar(QFrame):
    """Hidden until there is something to say."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("message", True)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 8, 8)
        self.text = QLabel()
        self.text.setWordWrap(True)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        row.addWidget(self.text, 1)
        self.offer = QPushButton()
        self.offer.clicked.connect(self._take_offer)
        row.addWidget(self.offer)
        self.details = QPushButton(tr("Details"))
        self.details.clicked.connect(self._show_details)
        row.addWidget(self.details)
        self.dismiss = QToolButton()
        self.dismiss.setProperty("flat", True)
        self.dismiss.setIcon(icon("close", theme.text))
        self.dismiss.setToolTip(tr("Dismiss"))
        self.dismiss.clicked.connect(self.hide)
        row.addWidget(self.dismiss)
        self._failure: Failure | None = None
        self._offered: Callable[[], object] | None = None
        self.hide()

    def show_failure(self, failure: Failure) -> None:
        """Say what went wrong."""
        self._failure = failure
        self.text.setText(failure.sentence)
        self.details.setVisible(bool(failure.details))
        self._offered = None
        self.offer.hide()
        self.show()

    def show_text(self, sentence: str) -> None:
        """Say something that is no failure."""
        self.show_failure(Failure(sentence, ""))

    def show_offer(self, sentence: str, label: str, taken: Callable[[], object]) -> None:
        """Say something, with a button that does what it offers."""
        self.show_text(sentence)
        self._offered = taken
        self.offer.setText(label)
        self.offer.show()

    def _take_offer(self) -> None:
        offered = self._offered
        self.hide()
        if offered is not None:
            offered()

    def _show_details(self) -> None:
        if self._failure is None:
            return
        dialog = QDialog(self.window())
        dialog.setWindowTitle(tr("Details"))
        dialog.resize(760, 420)
        column = QVBoxLayout(dialog)
        text = QPlainTextEdit(f"{self._failure.sentence}\n\n{self._failure.details}")
        text.setReadOnly(True)
        column.addWidget(text)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.button(QDialogButtonBox.StandardButton.Close).setText(tr("Close"))
        buttons.rejected.connect(dialog.reject)
        column.addWidget(buttons)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()
