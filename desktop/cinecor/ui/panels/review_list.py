"""`ReviewList`: what is doubtful, worst first, a line each; the one in question has its sentence and its answers."""

from typing import Final

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from cinecor.app.doubts import Doubt, place_of
from cinecor.measure.findings.finding import Finding, Severity
from cinecor.message import Message
from cinecor.review import Answer
from cinecor.ui.look.labels import heading, quiet_label
from cinecor.ui.look.names import answer_name
from cinecor.ui.look.texts import said, tr, tr_counted
from cinecor.ui.look.theme import Theme
from cinecor.ui.panels.finding_row import FindingRow
from cinecor.ui.study.study_desk import StudyDesk

KEYS: Final = {Answer.ACCEPTED: "F5", Answer.CORRECTED: "F6", Answer.DROPPED: "F7"}
"""The keys that answer the doubt in question; they are commands of the menu Review."""


class ReviewList(QWidget):
    """Its head tells how many are open; the one that is being looked at has its sentence and its answers below it."""

    answering = Signal(Doubt, Answer)
    shown = Signal()  # the view went to a doubt: the keys are for the image

    def __init__(self, desk: StudyDesk, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk, self._theme = desk, theme
        self._opened: Message | None = None  # the remark whose sentence is shown whole
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        self.head = heading("")
        column.addWidget(self.head)
        self._rows = QVBoxLayout()
        self._rows.setSpacing(1)
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
            self._rows.addWidget(self._remark_row(one))
        if not self._desk.doubts.doubts and not remarks:
            self._rows.addWidget(quiet_label(tr("Nothing stands out.")))

    def _doubt_row(self, doubt: Doubt) -> FindingRow:
        here = doubt == self._desk.doubts.current
        sentence = said(doubt.message)
        if here and doubt.expected_ml:
            off = tr("Expected error of both cavities there: about {ml} mL.", ml=doubt.expected_ml)
            sentence = f"{sentence} {off}"
        if doubt.answer is not None:
            sign, colour, sentence = "✓", self._theme.quiet, f"{sentence} ({answer_name(doubt.answer)})"
        elif doubt.severity is Severity.DOUBTFUL:
            sign, colour = "?", self._theme.doubt
        else:
            sign, colour = "!", self._theme.text
        row = FindingRow(
            sign,
            sentence,
            colour=colour,
            slices=doubt.slices,
            expected_ml=doubt.expected_ml,
            opened=here,
            link=tr("show"),
        )
        row.wanted.connect(lambda: self._show(doubt))
        if here:
            row.setObjectName("current-doubt")
            row.setStyleSheet(f"#current-doubt {{ border-left: 3px solid {self._theme.text}; }}")
            if not self._desk.review.locked:
                row.add_below(self._answers(doubt))
        return row

    def _remark_row(self, remark: Finding) -> FindingRow:
        opened = remark.message == self._opened
        placed = bool(remark.slices or remark.phases)
        link = tr("show") if placed else tr("less") if opened else tr("more")
        row = FindingRow(
            "·", said(remark.message), colour=self._theme.quiet, slices=remark.slices, opened=opened, link=link
        )
        row.wanted.connect(lambda: self._open(remark))
        return row

    def _answers(self, doubt: Doubt) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setSpacing(4)
        for answer, key in KEYS.items():
            if answer is doubt.answer or (answer is not Answer.ACCEPTED and not doubt.slices):
                continue
            button = QPushButton(answer_name(answer, asking=True))
            button.setToolTip(key)
            button.clicked.connect(lambda _=False, one=answer: self.answering.emit(doubt, one))
            line.addWidget(button)
        line.addStretch()
        return line

    def _show(self, doubt: Doubt) -> None:
        self._opened = None
        self._desk.doubts.go_to(doubt)
        self.shown.emit()

    def _open(self, remark: Finding) -> None:
        """Show a remark's whole sentence, and go to where it is; a second time it closes."""
        self._opened = None if self._opened == remark.message else remark.message
        if self._opened is not None and (remark.slices or remark.phases):
            index, phase = place_of(remark)
            self._desk.cursor.go(to_slice=index, to_phase=phase)
            self.shown.emit()
        QTimer.singleShot(0, self, self.refresh)  # the row that was clicked is still at work


def open_text(desk: StudyDesk) -> str:
    """Say how many doubts are open."""
    left = len(desk.doubts.open)
    if not left:
        return tr("Review: nothing open")
    return tr_counted("Review: {n} open", "Review: {n} open", n=left)
