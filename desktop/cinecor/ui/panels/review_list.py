"""`ReviewList`: what is doubtful, worst first, each with its answer; remarks below."""

from typing import Final

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from cinecor.app.doubts import Doubt
from cinecor.measure.findings.finding import Severity
from cinecor.message import Message
from cinecor.review import Answer
from cinecor.ui.look.labels import heading, quiet_label
from cinecor.ui.look.names import answer_name
from cinecor.ui.look.texts import said, tr, tr_counted
from cinecor.ui.look.theme import Theme
from cinecor.ui.study.study_desk import StudyDesk

KEYS: Final = {Answer.ACCEPTED: "F5", Answer.CORRECTED: "F6", Answer.DROPPED: "F7"}
"""The keys that answer the doubt in question; they are commands of the menu Review."""


class ReviewList(QWidget):
    """Its head tells how many are open; the one that is being looked at has its answers below it."""

    answering = Signal(Answer)
    shown = Signal()  # the view went to a doubt: the keys are for the image

    def __init__(self, desk: StudyDesk, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk, self._theme = desk, theme
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        self.head = heading("")
        column.addWidget(self.head)
        self._rows = QVBoxLayout()
        self._rows.setSpacing(6)
        column.addLayout(self._rows)
        desk.doubts.changed.connect(self.refresh)
        desk.keeping.found.connect(self.refresh)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Show the doubts of the review as it is."""
        while (item := self._rows.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()  # the layout shows it later otherwise, as a window of its own
                widget.setParent(None)  # gone at once; deleted when the event loop comes round
                widget.deleteLater()
        result = self._desk.review.result
        self.head.setVisible(result is not None)
        if result is None:
            return
        self.head.setText(open_text(self._desk))
        for doubt in self._desk.doubts.doubts:
            self._rows.addWidget(self._doubt_row(doubt))
        remarks = self._desk.doubts.remarks
        for one in remarks:
            row = self._row(self._label("·", one.message, self._theme.quiet), one.slices, one.phases)
            self._rows.addWidget(row)
        if not self._desk.doubts.doubts and not remarks:
            self._rows.addWidget(quiet_label(tr("Nothing stands out.")))

    def _doubt_row(self, doubt: Doubt) -> QWidget:
        here = doubt == self._desk.doubts.current
        if doubt.answer is not None:
            text = self._label("✓", doubt.message, self._theme.quiet, answer=answer_name(doubt.answer))
        else:
            doubtful = doubt.severity is Severity.DOUBTFUL
            colour = self._theme.doubt if doubtful else self._theme.text
            text = self._label("?" if doubtful else "!", doubt.message, colour)
        row = self._row(text, doubt.slices, doubt.phases, doubt=doubt)
        if not here:
            return row
        framed = QFrame()
        framed.setObjectName("current-doubt")
        framed.setStyleSheet(f"#current-doubt {{ border-left: 3px solid {self._theme.text}; }}")
        column = QVBoxLayout(framed)
        column.setContentsMargins(8, 2, 0, 2)
        column.addWidget(row)
        if not self._desk.review.locked:
            column.addLayout(self._answers(doubt))
        return framed

    def _answers(self, doubt: Doubt) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setSpacing(4)
        for answer, key in KEYS.items():
            if answer is doubt.answer or (answer is not Answer.ACCEPTED and not doubt.slices):
                continue
            button = QPushButton(answer_name(answer, asking=True))
            button.setToolTip(key)
            button.clicked.connect(lambda _=False, one=answer: self.answering.emit(one))
            line.addWidget(button)
        line.addStretch()
        return line

    def _label(self, mark: str, message: Message, colour: str, *, answer: str = "") -> QLabel:
        text = QLabel(f"{mark} {said(message)}" + (f" ({answer})" if answer else ""))
        text.setWordWrap(True)
        text.setStyleSheet(f"color: {colour};")
        return text

    def _row(
        self, text: QLabel, slices: tuple[int, ...], phases: tuple[int, ...], *, doubt: Doubt | None = None
    ) -> QWidget:
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(6)
        line.addWidget(text, 1)
        if doubt is not None or slices or phases:
            show = QToolButton()  # no link in the text: Tab would not leave it again
            show.setText(tr("show"))
            show.setProperty("link", True)
            show.setAccessibleName(f"{tr('show')}: {text.text()}")
            show.clicked.connect(lambda _=False: self._show(doubt, slices, phases))
            line.addWidget(show, 0, Qt.AlignmentFlag.AlignTop)
        return row

    def _show(self, doubt: Doubt | None, slices: tuple[int, ...], phases: tuple[int, ...]) -> None:
        if doubt is not None:
            self._desk.doubts.go_to(doubt)
        else:
            self._desk.cursor.go(to_slice=slices[0] if slices else None, to_phase=phases[0] if phases else None)
        self.shown.emit()


def open_text(desk: StudyDesk) -> str:
    """Say how many doubts are open."""
    left = len(desk.doubts.open)
    if not left:
        return tr("Review: nothing open")
    return tr_counted("Review: {n} open", "Review: {n} open", n=left)
