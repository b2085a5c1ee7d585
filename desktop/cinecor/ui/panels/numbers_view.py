"""`NumbersView`: function of both ventricles, the facts it needs from the doctor, and what is to be reviewed."""

from typing import Final

from PySide6.QtCore import QCoreApplication, QEvent, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollArea, QStyle, QToolButton, QVBoxLayout, QWidget

from cinecor.app.reference import reference_book
from cinecor.measure.reference.comparison import ReferenceBook
from cinecor.measure.ventricle import Ventricle
from cinecor.message import Message, sentences
from cinecor.review import Review, ReviewResult
from cinecor.scene.numbers import Numbers, number_rows
from cinecor.ui.look.labels import quiet_label
from cinecor.ui.look.texts import language_in_use, said, tr
from cinecor.ui.look.theme import Theme
from cinecor.ui.look.type import SMALL, set_type
from cinecor.ui.panels.body_form import BodyForm
from cinecor.ui.panels.ef_head import EfHead
from cinecor.ui.panels.numbers_table import NumbersTable
from cinecor.ui.panels.numbers_text import numbers_text
from cinecor.ui.panels.one_line import OneLine
from cinecor.ui.panels.review_list import ReviewList
from cinecor.ui.study.study_desk import StudyDesk

_BESIDE_PX: Final = 6  # above and below what is scrolled to


class NumbersView(QScrollArea):
    """From top to bottom: ejection fractions, table, form, all of fixed heights; then what waits for an answer."""

    about_wanted = Signal()

    def __init__(self, desk: StudyDesk, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._book: ReferenceBook | None = None  # read with the first numbers
        self.numbers: Numbers = {}
        self.setWidgetResizable(True)
        self.setProperty("reached", True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click beside a field must not take the arrow keys
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._content = QFrame()
        self.heads = {side: EfHead(side, theme) for side in Ventricle}
        self.about = QToolButton()
        self.about.setText("i")
        self.about.setProperty("flat", True)
        self.about.setToolTip(tr("How these numbers come about: conventions, ranges and their sources"))
        self.about.setAccessibleName(self.about.toolTip())
        self.about.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.about.clicked.connect(self.about_wanted)
        self.table = NumbersTable(theme)
        self.cells, self.ranges = self.table.cells, dict(self.table.ranges)
        for side, head in self.heads.items():
            self.cells[f"{side}.ef_percent"] = head.value
            self.ranges[f"{side}.ef_percent"] = head.bar
        self.moments = OneLine()
        self.moments.setProperty("quiet", True)
        set_type(self.moments, SMALL)
        self.body = BodyForm(desk.reading, desk.review, theme)
        self.state = quiet_label()
        self.review_list = ReviewList(desk, theme)
        self._assemble()
        desk.reading.opened.connect(self.refresh)
        desk.review.changed.connect(self.refresh)
        desk.valves.changed.connect(self.refresh)
        desk.operations.changed.connect(self._tell_waiting)
        desk.doubts.gone_to.connect(self._show_doubt_soon)
        self.refresh()

    def _assemble(self) -> None:
        self._content.setProperty("panel", True)
        column = QVBoxLayout(self._content)
        column.setContentsMargins(10, 10, 6, 12)
        column.setSpacing(8)
        heads = QHBoxLayout()
        heads.setSpacing(12)
        for head in self.heads.values():
            heads.addWidget(head, 1)
        heads.addWidget(self.about, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(heads)
        column.addWidget(self.table)
        column.addWidget(self.moments)
        column.addWidget(self.body)
        column.addWidget(self.state)
        column.addWidget(self.review_list)
        column.addStretch()
        self.setWidget(self._content)

    def showEvent(self, event: QShowEvent) -> None:
        """Be as wide as every column needs: known once the fonts are."""
        super().showEvent(event)
        self._require_room()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the bar its room whether it is there or not: one that comes with a longer list would move the form."""
        super().resizeEvent(event)
        self._content.setMaximumWidth(self.maximumViewportSize().width() - self._bar_px)

    @property
    def _bar_px(self) -> int:
        """What the bar takes of the width, with what the style leaves beside it."""
        beside = self.style().pixelMetric(QStyle.PixelMetric.PM_ScrollView_ScrollBarSpacing, None, self)
        return self.verticalScrollBar().sizeHint().width() + max(beside, 0)

    def _require_room(self) -> None:
        """Be as wide as the widest numbers so far need: a mark of doubt must not push others over the edge."""
        needed = self._content.minimumSizeHint().width() + self._bar_px + 2 * self.frameWidth()
        self.setMinimumWidth(max(needed, self.minimumWidth()))

    @Slot()
    def _show_doubt_soon(self) -> None:
        """Scroll once the rows lie where they belong. A slot: the desk outlives this view, and so would a lambda."""
        QTimer.singleShot(0, self, self.show_doubt)

    @Slot()
    def show_doubt(self) -> None:
        """Scroll to the doubt in question and its answers: no key may answer what nobody sees."""
        QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest.value)  # else it is where it was before
        row = self.review_list.current_row
        for part in () if row is None else (row, *row.findChildren(QPushButton)):
            self.ensureWidgetVisible(part, 0, _BESIDE_PX)

    @property
    def book(self) -> ReferenceBook:
        """The tables that values are compared with."""
        self._book = self._book or reference_book()
        return self._book

    def reread_ranges(self) -> None:
        """Compare anew: tables or choices are others."""
        self._book = None
        self.refresh()

    def text(self) -> str:
        """Return the numbers as text to paste elsewhere."""
        return numbers_text(self.numbers, self._desk.review.result, book=self.book)

    @Slot()
    def refresh(self) -> None:
        """Show the numbers of the review as it is."""
        review, result = self._desk.review.present, self._desk.review.result
        model = self._desk.review.model_numbers
        book = ReferenceBook(()) if result is None else self.book
        following = self._desk.valves.following
        self.numbers = number_rows(review, result, model=model, book=book, following=following)
        self.table.show_numbers(self.numbers, surface_known=result is not None and result.surface_m2 is not None)
        self.table.show_base(() if result is None else result.fractional)
        for side, head in self.heads.items():
            if result is not None and result.lone_phase:
                volume_ml = float(result.curves.cavity_ml(side)[0])
                head.show_volume(volume_ml, doubts=self.numbers[f"{side}.edv_ml"])
            else:
                interval = None if result is None else result.ef_ranges[side]
                why_none = None if result is None else result.no_ef_range.get(side)
                head.show_row(self.numbers[f"{side}.ef_percent"], interval, why_none=why_none)
        if review is None or result is None:
            self.moments.setText("")
        else:
            self.moments.show_short(_moments_text(review, result), _told(result))
        self._tell_waiting()
        if self.isVisible():
            self._require_room()

    @Slot()
    def _tell_waiting(self) -> None:
        """Say why there are no numbers."""
        self.state.setVisible(self._desk.review.result is None)
        if self._desk.review.result is None:
            self.state.setText(self._why_none())

    def _why_none(self) -> str:
        desk = self._desk
        if desk.outlining.running or (desk.reading.study is None and desk.operations.busy):
            return tr("The numbers come when all outlines are there.")
        if desk.reading.study is None:
            return tr("No study was read, so there is nothing to measure.")
        if desk.keeping.looking:
            return tr("Looking for kept outlines…")
        if desk.overlays.shown is not None and desk.overlays.shown.outlined.any():
            return tr(
                "Stopped: the outlines are incomplete, so there are no numbers. Study → Segment again makes them."
            )
        return tr("No outlines yet. Study → Segment again makes them.")


def _moments_text(review: Review, result: ReviewResult) -> str:
    """Say which phases are ED and ES, short enough for a narrow panel; what cannot be told needs its sentence."""
    if None in result.moments.values():
        return _told(result)
    named = [
        tr("{moment}: phase {phase}", moment=said(moment.message), phase=(phase or 0) + 1)
        for moment, phase in result.moments.items()
    ]
    by_hand = any(phase is not None for phase in review.moments.values())
    return " · ".join([*named, tr("set by hand")] if by_hand else named)


def _told(result: ReviewResult) -> str:
    """Say which phases are ED and ES and why; of one phase, how much muscle there is."""
    told = result.measurements.phase_choice
    if result.lone_phase:
        muscle = Message("lone_myo", "Myocardium at the only phase: {ml:.0f} mL.", ml=float(result.curves.myo_ml[0]))
        told = (muscle, *told)
    return sentences(told, language_in_use())
