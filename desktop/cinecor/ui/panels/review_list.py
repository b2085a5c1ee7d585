"""`ReviewList`: what is doubtful, worst first, two lines each at most; the one in question has sentence and answers."""

from dataclasses import dataclass
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
_AT_ONCE: Final = 12
"""Letters of a template before its slices that are no more than "At {moment} " or "Without "."""


class ReviewList(QWidget):
    """Its head tells how many are open; the one that is being looked at has its sentence and its answers below it."""

    answering = Signal(Doubt, Answer)
    shown = Signal()  # the view went to a doubt: the keys are for the image

    def __init__(self, desk: StudyDesk, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk, self._theme = desk, theme
        self._opened: Message | None = None  # the remark whose sentence is shown whole
        self._shown: list[tuple[_Told, QWidget]] = []
        column = self._whole = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        self.head = heading("")
        column.addWidget(self.head)
        self._rows = QVBoxLayout()
        self._rows.setSpacing(1)
        column.addLayout(self._rows)
        column.addStretch()  # until the panel has followed, a shorter list leaves room below, not between its rows
        desk.doubts.changed.connect(self.refresh)
        desk.keeping.found.connect(self.refresh)
        desk.valves.changed.connect(self.refresh)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Show the doubts of the review as it is; a row that says the same stays, so that the list is never blank."""
        known = self._desk.review.result is not None
        self.head.setVisible(known)
        self.head.setText(open_text(self._desk) if known else "")
        before, self._shown = self._shown, []
        # A row that is shown would lay the whole window out anew, and the next one again.
        self._whole.setEnabled(False)
        for place, told in enumerate(self._told() if known else ()):
            row = next((row for one, row in before if one == told), None) or self._row(told)
            before = [(one, other) for one, other in before if other is not row]
            self._rows.insertWidget(place, row)
            row.show()  # now: the layout would do it with a later event
            self._shown.append((told, row))
        for _, row in before:
            self._rows.removeWidget(row)
            row.hide()
            row.setParent(None)  # gone at once; deleted when the event loop comes round
            row.deleteLater()
        self._whole.setEnabled(True)
        self._rows.activate()

    @property
    def current_row(self) -> FindingRow | None:
        """The row of the doubt in question, with its answers."""
        rows = (row for told, row in self._shown if isinstance(told.about, Doubt) and told.opened)
        return next((row for row in rows if isinstance(row, FindingRow)), None)

    def _told(self) -> list["_Told"]:
        """Return what every row is about, and what else it shows, from top to bottom."""
        doubts, remarks = self._desk.doubts.doubts, self._desk.doubts.remarks
        current, locked = self._desk.doubts.current, self._desk.review.locked
        rows = [
            _Told(
                one,
                opened=one == current,
                locked=locked,
                droppable=one == current and self._desk.doubts.why_not_dropped(one) is None,
                awaited=self._awaited(one.message),
            )
            for one in doubts
        ]
        rows += [_Told(one, opened=one.message == self._opened, awaited=self._awaited(one.message)) for one in remarks]
        return rows or [_Told(None)]

    def _awaited(self, message: Message) -> bool:
        """Return whether a sentence is about a valve's line that is just being followed anew: it may hold no longer."""
        return any(message.values.get("valve") == valve.message for valve in self._desk.valves.following)

    def _row(self, told: "_Told") -> QWidget:
        match told.about:
            case None:
                return quiet_label(tr("Nothing stands out."))
            case Finding():
                return self._remark_row(told.about, opened=told.opened)
            case _:
                return self._doubt_row(told.about, told)

    def _doubt_row(self, doubt: Doubt, told: "_Told") -> FindingRow:
        here = told.opened
        sentence = said(doubt.message)
        if here and doubt.at_stake_ml and not doubt.tells_ml:
            off = tr("Expected error of both cavities there: about {ml} mL.", ml=doubt.at_stake_ml)
            sentence = f"{sentence} {off}"
        if self._awaited(doubt.message):
            sign, colour, sentence = "…", self._theme.quiet, _awaited_text(sentence)
        elif doubt.answer is not None:
            sign, colour, sentence = "✓", self._theme.quiet, f"{sentence} ({answer_name(doubt.answer)})"
        elif doubt.severity is Severity.DOUBTFUL:
            sign, colour = "?", self._theme.doubt
        else:
            sign, colour = "!", self._theme.text
        row = FindingRow(
            sign,
            sentence,
            colour=colour,
            slices=() if _begins_with_place(doubt.message) else doubt.slices,
            at_stake_ml=None if doubt.tells_ml and _begins_with_place(doubt.message) else doubt.at_stake_ml,
            opened=here,
            link=tr("show"),
        )
        row.wanted.connect(lambda: self._show(doubt))
        if here:
            row.setObjectName("current-doubt")
            row.setStyleSheet(f"#current-doubt {{ border-left: 3px solid {self._theme.text}; }}")
            if not told.locked:
                row.add_below(self._answers(doubt, droppable=told.droppable))
        return row

    def _remark_row(self, remark: Finding, *, opened: bool) -> FindingRow:
        placed = bool(remark.slices or remark.phases)
        link = tr("show") if placed else tr("less") if opened else tr("more")
        sentence = said(remark.message)
        row = FindingRow(
            "·",
            _awaited_text(sentence) if self._awaited(remark.message) else sentence,
            colour=self._theme.quiet,
            slices=() if _begins_with_place(remark.message) else remark.slices,
            opened=opened,
            link=link,
        )
        row.wanted.connect(lambda: self._open(remark))
        return row

    def _answers(self, doubt: Doubt, *, droppable: bool) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setSpacing(4)
        possible = {
            Answer.ACCEPTED: True,
            Answer.CORRECTED: bool(doubt.slices),
            Answer.DROPPED: droppable,
        }
        for answer, key in KEYS.items():
            if answer is doubt.answer or not possible[answer]:
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


@dataclass(frozen=True, slots=True)
class _Told:
    """What a row is about, and how it is shown."""

    about: Doubt | Finding | None  # a remark is a finding; None: nothing stands out
    opened: bool = False
    locked: bool = False
    droppable: bool = False  # only of the doubt in question, whose answers stand below it
    awaited: bool = False  # the line that it is about is being followed anew


def _begins_with_place(message: Message) -> bool:
    """Return whether a sentence names its slices at once, so that they need not be told before it."""
    return any(0 <= message.template.find(place) <= _AT_ONCE for place in ("{slices}", "{frames}"))


def _awaited_text(sentence: str) -> str:
    return tr("{sentence} (The line is being followed anew.)", sentence=sentence)


def open_text(desk: StudyDesk) -> str:
    """Say how many doubts are open."""
    left = len(desk.doubts.open)
    if not left:
        return tr("Review: nothing open")
    return tr_counted("Review: {n} open", "Review: {n} open", n=left)
