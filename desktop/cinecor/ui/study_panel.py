"""`StudyPanel`: patient, study and series, what each series was taken for and why; another may be taken."""

import numpy as np
from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QBrush, QColor, QIcon, QPixmap
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from cinecor.app.level_window import preset
from cinecor.study import SeriesEntry
from cinecor.study.phase_order import LADDER
from cinecor.ui.choice_box import ChoiceBox
from cinecor.ui.desk import StudyDesk
from cinecor.ui.engine_text import engine_text
from cinecor.ui.frame_art import grey_image
from cinecor.ui.texts import tr
from cinecor.ui.theme import Theme

_UID = Qt.ItemDataRole.UserRole
_ICON_PX = 40


class StudyPanel(QFrame):
    """A tree with thumbnails; a double click takes a series, the list below orders the phases anew."""

    audit_wanted = Signal()

    def __init__(self, desk: StudyDesk, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk, self._theme = desk, theme
        self.setProperty("panel", True)
        self.setMinimumWidth(200)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(8)
        self.patient = QLabel()
        self.patient.setProperty("heading", True)
        self.patient.setWordWrap(True)
        column.addWidget(self.patient)
        self.facts = QLabel()
        self.facts.setProperty("quiet", True)
        self.facts.setWordWrap(True)
        column.addWidget(self.facts)
        self.tree = QTreeWidget()
        self.tree.setHeaderHidden(True)
        self.tree.setIconSize(QSize(_ICON_PX, _ICON_PX))
        self.tree.setIndentation(10)
        self.tree.setRootIsDecorated(False)
        self.tree.setWordWrap(True)
        self.tree.setAccessibleName(tr("panel.series"))
        self.tree.itemActivated.connect(self._take)
        self.tree.itemSelectionChanged.connect(self._show_why)
        column.addWidget(self.tree, 1)
        self.why = QLabel()
        self.why.setProperty("quiet", True)
        self.why.setWordWrap(True)
        column.addWidget(self.why)
        self.take = QPushButton(tr("panel.take"))
        self.take.clicked.connect(self._take_selected)
        column.addWidget(self.take)
        row = QHBoxLayout()
        row.addWidget(QLabel(tr("panel.order")))
        self.order = ChoiceBox()
        self.order.setAccessibleName(tr("panel.order"))
        self.order.addItem(tr("panel.order_auto"), None)
        for tag in LADDER:
            self.order.addItem(tag, tag)
        self.order.activated.connect(self._reorder)
        self.order.setSizeAdjustPolicy(ChoiceBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        row.addWidget(self.order, 1)
        column.addLayout(row)
        self.audit = QPushButton(tr("panel.audit"))
        self.audit.clicked.connect(self.audit_wanted)
        column.addWidget(self.audit)
        desk.series_found.connect(self.refresh)
        desk.opened.connect(self.refresh)
        desk.thumbnails_read.connect(self.refresh)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Show what is known of the study now."""
        desk = self._desk
        card = None if desk.found is None else desk.found.card
        shown = desk.settings.flag("show_patient")
        name = card.name if card is not None and shown and card.name else ""
        self.patient.setText(name or desk.path.name)
        facts = []
        if card is not None and shown:
            facts = [card.id, card.birth_date, card.sex]
        if card is not None:
            facts += [card.study_date, card.study, card.scanner]
        self.facts.setText(" · ".join(fact for fact in facts if fact))
        self.facts.setVisible(bool(self.facts.text()))
        self._fill_tree()
        dicom = desk.study is not None and desk.study.index is not None
        self.order.setEnabled(dicom)
        self.audit.setEnabled(desk.study is not None)

    def _fill_tree(self) -> None:
        desk = self._desk
        self.tree.clear()
        used = set() if desk.study is None else set(desk.study.stack.series_uids)
        series = () if desk.found is None else desk.found.series
        for entry in sorted(series, key=lambda one: one.uid not in used):
            self._add(entry, used=entry.uid in used)
        if desk.study is not None and desk.study.index is None:
            stack = desk.study.stack
            item = QTreeWidgetItem(self.tree, [f"{desk.path.name}\n{stack.slices} × {stack.phases}"])
            item.setIcon(0, self._picture(""))
            item.setSelected(True)
        self.take.setEnabled(False)
        self._show_why()

    def _add(self, entry: SeriesEntry, *, used: bool) -> None:
        number = "–" if entry.number is None else str(entry.number)
        title = f"{number}  {entry.description or tr('panel.unnamed')}"
        kind = tr(f"series.{entry.kind.name.lower()}")
        item = QTreeWidgetItem(self.tree, [f"{title}\n{kind} · {entry.slices} × {entry.phases}"])
        item.setData(0, _UID, entry.uid)
        item.setIcon(0, self._picture(entry.uid))
        item.setToolTip(0, engine_text(entry.why))
        if used:
            font = item.font(0)
            font.setBold(True)
            item.setFont(0, font)
        else:
            item.setForeground(0, QBrush(QColor(self._theme.quiet)))

    def _picture(self, uid: str) -> QIcon:
        frame = self._desk.thumbnails.get(uid)
        if frame is None:
            blank = QPixmap(_ICON_PX, _ICON_PX)
            blank.fill(QColor(self._theme.raised))
            return QIcon(blank)
        image = grey_image(np.ascontiguousarray(frame), preset("auto", frame))
        return QIcon(QPixmap.fromImage(image))

    def _entry(self) -> SeriesEntry | None:
        items = self.tree.selectedItems()
        uid = items[0].data(0, _UID) if items else None
        found = self._desk.found
        return None if found is None else next((one for one in found.series if one.uid == uid), None)

    @Slot()
    def _show_why(self) -> None:
        entry = self._entry()
        self.why.setText("" if entry is None else engine_text(entry.why))
        self.why.setVisible(entry is not None)
        study = self._desk.study
        used = set() if study is None else set(study.stack.series_uids)
        self.take.setEnabled(entry is not None and study is not None and entry.uid not in used)

    @Slot()
    def _take_selected(self) -> None:
        entry = self._entry()
        if entry is not None:
            self._desk.take(entry.uid)

    @Slot(QTreeWidgetItem)
    def _take(self, _: QTreeWidgetItem) -> None:
        if self.take.isEnabled():
            self._take_selected()

    @Slot()
    def _reorder(self) -> None:
        self._desk.reorder(self.order.currentData())
