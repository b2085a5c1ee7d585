"""`StudyPanel`: patients, studies and series, what each series was taken for and why; another may be taken."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from cinecor.study.stack.phase_order import LADDER
from cinecor.ui.look.choice_box import ChoiceBox
from cinecor.ui.look.engine_text import engine_text
from cinecor.ui.look.texts import tr
from cinecor.ui.look.theme import Theme
from cinecor.ui.panels.series_tree import SeriesTree
from cinecor.ui.study.study_desk import StudyDesk


class StudyPanel(QFrame):
    """Whose study is shown, the tree of all that the input holds, and the ways to read it otherwise."""

    audit_wanted = Signal()
    taking = Signal(str)  # series UID
    ordering = Signal(object)  # DICOM keyword; None gives the choice back to the import

    def __init__(self, desk: StudyDesk, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.setProperty("panel", True)
        self.setMinimumWidth(200)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(8)
        self.patient = QLabel()
        self.patient.setProperty("heading", True)
        self.patient.setWordWrap(True)
        column.addWidget(self.patient)
        self.facts = _quiet_label()
        column.addWidget(self.facts)
        self.tree = SeriesTree(desk, theme)
        self.tree.opening.connect(self.taking)
        self.tree.itemSelectionChanged.connect(self._show_why)
        column.addWidget(self.tree, 1)
        self.why = _quiet_label()
        column.addWidget(self.why)
        self.take = QPushButton(tr("panel.take"))
        self.take.clicked.connect(self._take)
        column.addWidget(self.take)
        row = QHBoxLayout()
        row.addWidget(QLabel(tr("panel.order")))
        self.order = ChoiceBox()
        self.order.setAccessibleName(tr("panel.order"))
        self.order.addItem(tr("panel.order_auto"), None)
        for tag in LADDER:
            self.order.addItem(tag, tag)
        self.order.activated.connect(lambda: self.ordering.emit(self.order.currentData()))
        self.order.setSizeAdjustPolicy(ChoiceBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        row.addWidget(self.order, 1)
        column.addLayout(row)
        self.audit = QPushButton(tr("panel.audit"))
        self.audit.clicked.connect(self.audit_wanted)
        column.addWidget(self.audit)
        for widget in (self.take, self.order, self.audit):
            widget.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click must not take the arrow keys from the views
        desk.series_found.connect(self.refresh)
        desk.opened.connect(self.refresh)
        desk.failed.connect(self.show_order)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Show what is known of the study now."""
        desk = self._desk
        card = None if desk.study is None else desk.study.card
        shown = desk.settings.flag("show_patient")
        self.patient.setText((card.name if card is not None and shown else "") or desk.path.name)
        facts = []
        if card is not None and shown:
            facts = [card.id if card.id != card.name else "", card.birth_date, card.sex]
        if card is not None:
            facts += [card.study_date, card.study, card.scanner]
        if desk.found is not None and not desk.found.complete:
            found = desk.found
            facts = [tr("panel.so_far", read=found.files_read, given=found.files_given, series=len(found.series))]
        self.facts.setText(" · ".join(fact for fact in facts if fact))
        self.facts.setVisible(bool(self.facts.text()))
        self.tree.fill()
        self._show_why()
        self.show_order()
        self.order.setEnabled(desk.study is not None and desk.study.index is not None)
        self.audit.setEnabled(desk.study is not None)

    @Slot()
    def show_order(self) -> None:
        """Show the order of phases that is in use."""
        self.order.setCurrentIndex(max(0, self.order.findData(self._desk.phase_order)))

    @Slot()
    def _show_why(self) -> None:
        entry = self.tree.entry
        self.why.setText("" if entry is None else engine_text(entry.why))
        self.why.setVisible(entry is not None)
        self.take.setText(tr("panel.take_study" if self.tree.study_selected else "panel.take"))
        found = self._desk.found
        self.take.setEnabled(self.tree.chosen is not None and found is not None and found.complete)

    @Slot()
    def _take(self) -> None:
        uid = self.tree.chosen
        if uid is not None:
            self.taking.emit(uid)


def _quiet_label() -> QLabel:
    label = QLabel()
    label.setProperty("quiet", True)
    label.setWordWrap(True)
    return label
