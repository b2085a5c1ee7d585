"""`RecentMenu`: the studies that were touched last, by patient, date and EF."""

from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QMenu, QWidget

from cinecor.app.recent import RecentStudies
from cinecor.app.settings import Settings
from cinecor.measure.ventricle import Ventricle
from cinecor.review.store.study_store import StudyStore
from cinecor.review.store.worklist import WorklistRow
from cinecor.ui.look.names import input_name
from cinecor.ui.look.texts import tr
from cinecor.ui.window.opening import Opening
from cinecor.ui.worklist.worklist_model import ef_text

_MOST: Final = 8


class RecentMenu(QMenu):
    """Read anew whenever it is shown; where nothing is kept, the folders that were opened last."""

    def __init__(
        self, recent: RecentStudies, store: StudyStore | None, settings: Settings, opening: Opening, parent: QWidget
    ) -> None:
        super().__init__(tr("Recent studies"), parent)
        self._recent, self._store, self._settings, self._opening = recent, store, settings, opening
        self.aboutToShow.connect(self._fill)

    @Slot()
    def _fill(self) -> None:
        self.clear()
        rows = () if self._store is None else self._store.worklist(limit=_MOST)
        for row in rows:
            action = self.addAction(self._text(row).replace("&", "&&"))
            action.triggered.connect(partial(self._opening.study_wanted.emit, Path(row.source), row.series_uid))
        if not rows:
            for number, path in enumerate(self._recent.paths(), start=1):
                called = input_name(path, number, shown=self._settings.flag("show_patient"))
                self.addAction(called.replace("&", "&&")).triggered.connect(partial(self._opening.wanted.emit, path))
        if self.isEmpty():
            self.addAction(tr("No study was opened yet")).setEnabled(False)

    def _text(self, row: WorklistRow) -> str:
        shown = self._settings.flag("show_patient")
        name = (row.patient_name or row.patient_id or Path(row.source).name) if shown else tr("Name hidden")
        ef = ef_text(row, Ventricle.LV)
        told = tr("LV EF {value}", value=ef) if ef else ""
        return " · ".join(part for part in (name, row.study_date, told) if part)
