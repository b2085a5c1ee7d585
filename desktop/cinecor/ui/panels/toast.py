"""`Toast`: one sentence that floats over the lower rim of what it is about, moves nothing, and goes by itself."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QEnterEvent, QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from cinecor.ui.look.failure import Failure
from cinecor.ui.look.icons import icon
from cinecor.ui.look.texts import tr
from cinecor.ui.look.theme import Theme

_SHOWN_MS: Final = 6000
_A_LETTER_MS: Final = 55  # what is longer than the usual sentence takes longer to read
_WIDEST: Final = 720
_ABOVE_RIM: Final = 16


class Toast(QFrame):
    """Hidden until there is something to say; a failure and an offer stay, for something is to be done."""

    def __init__(self, theme: Theme, over: QWidget) -> None:
        super().__init__(over)
        self._over = over
        self.setProperty("message", True)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 8, 8)
        self.text = QLabel()
        self.text.setWordWrap(True)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.text.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        row.addWidget(self.text, 1)
        self.offer = QPushButton()
        self.offer.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.offer.clicked.connect(self._take_offer)
        row.addWidget(self.offer)
        self.details = QPushButton(tr("Details"))
        self.details.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.details.clicked.connect(self._show_details)
        row.addWidget(self.details)
        self.dismiss = QToolButton()
        self.dismiss.setProperty("flat", True)
        self.dismiss.setIcon(icon("close", theme.text))
        self.dismiss.setToolTip(tr("Dismiss"))
        self.dismiss.setAccessibleName(tr("Dismiss"))
        self.dismiss.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.dismiss.clicked.connect(self.hide)
        row.addWidget(self.dismiss)
        self._failure: Failure | None = None
        self._offered: Callable[[], object] | None = None
        self._going = QTimer(self)
        self._going.setSingleShot(True)
        self._going.timeout.connect(self.hide)
        over.installEventFilter(self)
        self.hide()

    @property
    def goes_in_ms(self) -> int | None:
        """How long it will be shown; None while it stays until it is dismissed."""
        return self._going.remainingTime() if self._going.isActive() else None

    @property
    def waits(self) -> bool:
        """Whether something is shown that waits for an answer: no passing remark may take its place."""
        return self.isVisible() and self._for_answer

    def offers(self, taken: Callable[[], object]) -> bool:
        """Return whether the button that is shown does this, whatever was said besides."""
        return self.waits and self._offered is taken

    @property
    def _for_answer(self) -> bool:
        return self._offered is not None or (self._failure is not None and bool(self._failure.details))

    def show_failure(self, failure: Failure) -> None:
        """Say what went wrong."""
        self._failure = failure
        self.text.setText(failure.sentence)
        self.details.setVisible(bool(failure.details))
        self._offered = None
        self.offer.hide()
        self._place()
        self.show()
        self.raise_()
        self._wait()

    def show_text(self, sentence: str) -> None:
        """Say something that is no failure."""
        self.show_failure(Failure(sentence, ""))

    def add_text(self, sentence: str) -> None:
        """Say something besides what is shown, which stays with its buttons."""
        if self.isHidden() or self._failure is None:
            self.show_text(sentence)
            return
        self._failure = replace(self._failure, sentence=f"{self._failure.sentence}\n{sentence}")
        self.text.setText(self._failure.sentence)
        self._place()
        self._wait()

    def _wait(self) -> None:
        """Go after a while, unless there is something to be done about it."""
        self._going.stop()
        if self._failure is not None and not self._for_answer and self.isVisible():
            self._going.start(max(_SHOWN_MS, _A_LETTER_MS * len(self._failure.sentence)))

    def _place(self) -> None:
        """Lie over the lower rim, in the middle, as high as the sentence needs."""
        room = self._over.rect()
        beside = (
            sum(one.sizeHint().width() + 6 for one in (self.offer, self.details, self.dismiss) if one.isVisibleTo(self))
            + 28
        )
        letters = self.text.fontMetrics().horizontalAdvance(self.text.text()) + 8
        wide = min(letters, _WIDEST, room.width() - 2 * _ABOVE_RIM - beside)
        high = max(self.text.heightForWidth(wide), self.dismiss.sizeHint().height()) + 20
        self.resize(wide + beside, high)
        self.move(room.center().x() - self.width() // 2, room.bottom() - high - _ABOVE_RIM)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._over and event.type() is QEvent.Type.Resize and self.isVisible():
            self._place()
        return False

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._place()
        self._wait()  # its study has come to the front again

    def hideEvent(self, event: QHideEvent) -> None:
        self._going.stop()
        super().hideEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        self._going.stop()  # it is being read
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._wait()
        super().leaveEvent(event)

    def show_offer(self, sentence: str, label: str, taken: Callable[[], object]) -> None:
        """Say something, with a button that does what it offers; it waits for an answer."""
        self.show_text(sentence)
        self._offered = taken
        self.offer.setText(label)
        self.offer.show()
        self._place()
        self._wait()

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
