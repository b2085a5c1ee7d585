"""`StudyPanel`: patients, studies and series, what each series was taken for and why; another may be taken."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from cinecor.app.settings import Settings
from cinecor.study import SeriesKind
from cinecor.study.stack.phase_order import LADDER
from cinecor.ui.look.focus import ChoiceBox
from cinecor.ui.look.labels import quiet_label
from cinecor.ui.look.texts import said, tr
from cinecor.ui.look.theme import Theme
from cinecor.ui.panels.series_tree import SeriesTree
from cinecor.ui.study.cursor import Cursor
from cinecor.ui.study.reading import Reading
from cinecor.ui.study.review_model import ReviewModel


class StudyPanel(QFrame):
    """Whose study is shown, the tree of all that the input holds, and the ways to read it otherwise."""

    audit_wanted = Signal()
    taking = Signal(str)  # series UID
    ordering = Signal(str)  # DICOM keyword; empty gives the choice back to the import

    def __init__(
        self,
        reading: Reading,
        review: ReviewModel,
        cursor: Cursor,
        *,
        settings: Settings,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._reading, self._settings = reading, settings
        self.setProperty("panel", True)
        self.setMinimumWidth(200)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(8)
        self.patient = QLabel()
        self.patient.setProperty("heading", True)
        self.patient.setWordWrap(True)
        column.addWidget(self.patient)
        self.facts = quiet_label()
        column.addWidget(self.facts)
        self.tree = SeriesTree(reading, review, cursor, settings=settings, theme=theme)
        self.tree.opening.connect(self.taking)
        self.tree.itemSelectionChanged.connect(self._show_why)
        column.addWidget(self.tree, 1)
        self.why = quiet_label()
        column.addWidget(self.why)
        self.take = QPushButton(tr("Take this series"))
        self.take.clicked.connect(self._take)
        column.addWidget(self.take)
        row = QHBoxLayout()
        row.addWidget(QLabel(tr("Phases by")))
        self.order = ChoiceBox()
        self.order.setAccessibleName(tr("Phases by"))
        self.order.addItem(tr("Automatic"), None)
        for tag in LADDER:
            self.order.addItem(tag, tag)
        self.order.activated.connect(lambda: self.ordering.emit(self.order.currentData() or ""))
        self.order.setSizeAdjustPolicy(ChoiceBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        row.addWidget(self.order, 1)
        column.addLayout(row)
        self.audit = QPushButton(tr("Import audit…"))
        self.audit.clicked.connect(self.audit_wanted)
        column.addWidget(self.audit)
        for widget in (self.take, self.order, self.audit):
            widget.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click must not take the arrow keys from the views
        reading.series_found.connect(self.refresh)
        reading.opened.connect(self.refresh)
        reading.failed.connect(self.show_order)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Show what is known of the study now."""
        reading = self._reading
        card = None if reading.study is None else reading.study.card
        shown = self._settings.flag("show_patient")
        self.patient.setText((card.name if card is not None and shown else "") or reading.path.name)
        facts = []
        if card is not None and shown:
            facts = [card.id if card.id != card.name else "", card.birth_date, card.sex]
        if card is not None:
            facts += [card.study_date, card.study, card.scanner]
        if reading.found is not None and not reading.found.complete:
            found = reading.found
            facts = [
                tr(
                    "So far: {read} of {given} files, {series} series",
                    read=found.files_read,
                    given=found.files_given,
                    series=len(found.series),
                )
            ]
        self.facts.setText(" · ".join(fact for fact in facts if fact))
        self.facts.setVisible(bool(self.facts.text()))
        self.tree.fill()
        self._show_why()
        self.show_order()
        self.order.setEnabled(reading.study is not None and reading.study.index is not None)
        self.audit.setEnabled(reading.study is not None)

    @Slot()
    def show_order(self) -> None:
        """Show the order of phases that is in use."""
        self.order.setCurrentIndex(max(0, self.order.findData(self._reading.phase_order)))

    @Slot()
    def _show_why(self) -> None:
        entry = self.tree.entry
        beside = entry is not None and entry.kind is SeriesKind.LONG_AXIS_CINE and self._reading.study is not None
        self.why.setText("" if entry is None else tr("Shown beside the short axis") if beside else said(entry.why))
        self.why.setVisible(entry is not None)
        self.take.setText(tr("Open this study") if self.tree.study_selected else tr("Take this series"))
        found = self._reading.found
        self.take.setEnabled(self.tree.chosen is not None and found is not None and found.complete and not beside)

    @Slot()
    def _take(self) -> None:
        uid = self.tree.chosen
        if uid is not None:
            self.taking.emit(uid)
