"""`SeriesTree`: every patient, study and series that an input holds, each with its picture."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QBrush, QColor, QIcon, QPixmap
from PySide6.QtWidgets import QTreeWidget, QTreeWidgetItem, QWidget

from cinecor.app.found_series import FoundPatient, FoundStudy
from cinecor.app.settings import Settings
from cinecor.scene.level_window import preset
from cinecor.study import SeriesEntry, SeriesKind
from cinecor.ui.look.grey_image import grey_image
from cinecor.ui.look.names import in_unusual_planes, kind_name
from cinecor.ui.look.texts import said, tr, with_colon
from cinecor.ui.look.theme import Theme
from cinecor.ui.study.reading import Reading

_UID = Qt.ItemDataRole.UserRole  # the series that a series' or a study's row opens
_ICON_PX = 40


class SeriesTree(QTreeWidget):
    """A double click or Enter opens a series or a study."""

    opening = Signal(str)  # series UID

    def __init__(self, reading: Reading, *, settings: Settings, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._reading, self._settings, self._theme = reading, settings, theme
        self.setHeaderHidden(True)
        self.setIconSize(QSize(_ICON_PX, _ICON_PX))
        self.setIndentation(10)
        self.setAccessibleName(tr("Series"))
        self.itemActivated.connect(self._activated)
        reading.thumbnails_read.connect(self._show_pictures)

    def fill(self) -> None:
        """Show what is known of the input now."""
        reading = self._reading
        self.clear()
        used = self._used()
        for number, patient in enumerate(() if reading.found is None else reading.found.patients, start=1):
            known = reading.found is not None and reading.found.complete
            above = self._patient(patient, number) if known else None
            for study in patient.studies:
                self._study(study, above, used=used)
        self._show_pictures()

    @property
    def chosen(self) -> str | None:
        """The series that the selected row would open; None where it would change nothing."""
        items = self.selectedItems()
        uid = items[0].data(0, _UID) if items else None
        return uid if uid and uid not in self._used() else None

    @property
    def entry(self) -> SeriesEntry | None:
        """The series of the selected row."""
        items = self.selectedItems()
        uid, found = (items[0].data(0, _UID) if items else None), self._reading.found
        if found is None or not items or items[0].childCount():
            return None
        return next((one for one in found.series if one.uid == uid), None)

    @property
    def study_selected(self) -> bool:
        """Whether the selected row is a study's or a patient's."""
        items = self.selectedItems()
        return bool(items) and items[0].childCount() > 0

    def _used(self) -> set[str]:
        study = self._reading.study
        return set() if study is None else set(study.stack.series_uids)

    def _patient(self, patient: FoundPatient, number: int) -> QTreeWidgetItem:
        card = patient.card
        shown = self._settings.flag("show_patient")
        name = card.name or card.id if shown else ""
        item = self._row(None, name or tr("Patient {number}", number=number))
        if shown:
            item.setToolTip(0, " · ".join(fact for fact in (card.name, card.id, card.birth_date, card.sex) if fact))
        self._strong(item)
        if len(patient.studies) == 1:
            item.setData(0, _UID, patient.studies[0].stack_uid)
        return item

    def _study(self, study: FoundStudy, above: QTreeWidgetItem | None, *, used: set[str]) -> None:
        card = study.card
        title = " · ".join(fact for fact in (card.study_date, card.study) if fact) or tr("Study")
        item = self._row(above, title)
        item.setData(0, _UID, study.stack_uid)
        mine = any(entry.uid in used for entry in study.series)
        item.setToolTip(
            0,
            tr("No short-axis cine was found in this study; take one of its series.")
            if study.stack_uid is None and above is not None
            else title,
        )
        for entry in sorted(study.series, key=lambda one: one.uid not in used):
            self._series(entry, item, used=entry.uid in used)
        item.setExpanded(mine or not used or len(study.series) <= 3)

    def _series(self, entry: SeriesEntry, above: QTreeWidgetItem, *, used: bool) -> None:
        number = "" if entry.number is None else f"{entry.number} · "
        title = entry.description or tr("without name")
        study = self._reading.study
        odd = used and study is not None and in_unusual_planes(entry, slices=study.stack.slices)
        kind = tr("used for analysis, in unusual planes") if odd else kind_name(entry.kind, chambers=entry.chambers)
        item = self._row(above, f"{title}\n{kind}\n{number}{entry.slices} × {entry.phases}")
        item.setData(0, _UID, entry.uid)
        item.setToolTip(0, with_colon(title, said(entry.why)))
        if used:
            self._strong(item)
        else:
            item.setForeground(0, QBrush(QColor(self._theme.quiet)))

    def _row(self, above: QTreeWidgetItem | None, text: str) -> QTreeWidgetItem:
        item = QTreeWidgetItem([text])
        if above is None:
            self.addTopLevelItem(item)
            item.setExpanded(True)
        else:
            above.addChild(item)
        return item

    @staticmethod
    def _strong(item: QTreeWidgetItem) -> None:
        font = item.font(0)
        font.setBold(True)
        item.setFont(0, font)

    @Slot()
    def _show_pictures(self) -> None:
        pictures = self._reading.thumbnails
        blank = QPixmap(_ICON_PX, _ICON_PX)
        blank.fill(QColor(self._theme.raised))
        waiting = QIcon(blank)
        found = self._reading.found
        series = {""} if found is None or not found.series else {entry.uid for entry in found.series}
        for item in self.rows():
            uid = item.data(0, _UID)
            if uid in series and not item.childCount():
                item.setIcon(0, _icon(pictures, uid) or waiting)

    @Slot(QTreeWidgetItem)
    def _activated(self, _: QTreeWidgetItem) -> None:
        uid, entry = self.chosen, self.entry
        if uid is not None and (entry is None or entry.kind is not SeriesKind.LONG_AXIS_CINE):
            self.opening.emit(uid)  # a long-axis cine is shown beside the stack: it never takes its place

    def rows(self) -> list[QTreeWidgetItem]:
        """Return every row, from above to below."""
        found: list[QTreeWidgetItem] = []
        waiting = [self.topLevelItem(at) for at in reversed(range(self.topLevelItemCount()))]
        while waiting:
            item = waiting.pop()
            assert item is not None
            found.append(item)
            waiting += [item.child(at) for at in reversed(range(item.childCount()))]
        return found


def _icon(pictures: Mapping[str, NDArray[np.float32]], uid: str) -> QIcon | None:
    frame = pictures.get(uid)
    if frame is None:
        return None
    return QIcon(QPixmap.fromImage(grey_image(np.ascontiguousarray(frame), preset("auto", frame))))
