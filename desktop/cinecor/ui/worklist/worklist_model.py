"""`WorklistModel`: the rows of the worklist as a table shows them."""

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor, QPixmap

from cinecor.app.settings import Settings
from cinecor.measure.ventricle import Ventricle
from cinecor.review.store.study_store import StudyStore
from cinecor.review.store.worklist import Status, WorklistRow
from cinecor.ui.look.names import status_name
from cinecor.ui.look.texts import N_, number_text, said, tr, tr_counted, with_colon
from cinecor.ui.look.theme import Theme

_UNKNOWN: Final = "–"
_STATUS_ORDER: Final = (Status.IN_REVIEW, Status.OUTLINED, Status.NEW, Status.SIGNED)
"""What asks for work first, first."""
PICTURE_PX: Final = 40

Index = QModelIndex | QPersistentModelIndex
_ROOT: Final = QModelIndex()


@dataclass(frozen=True, slots=True)
class _Column:
    heading: str  # English; said by `tr`
    text: Callable[[WorklistRow], str]
    order: Callable[[WorklistRow], Any]
    number: bool = False  # right-aligned
    quiet: bool = False


class WorklistModel(QAbstractTableModel):
    """Studies as they were read from the store, sorted here; names are hidden where the setting says so."""

    def __init__(self, settings: Settings, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings, self._theme = settings, theme
        self._store: StudyStore | None = None
        self._rows: list[WorklistRow] = []
        self._pictures: dict[int, QPixmap | None] = {}
        self._sorted = (len(COLUMNS) - 1, Qt.SortOrder.DescendingOrder)

    def show(self, rows: Sequence[WorklistRow], store: StudyStore) -> None:
        """Show these studies."""
        self.beginResetModel()
        self._store, self._rows, self._pictures = store, list(rows), {}
        self._sort()
        self.endResetModel()

    def row(self, at: int) -> WorklistRow:
        """Return the study of a row."""
        return self._rows[at]

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return tr(COLUMNS[section].heading)
        return _alignment(COLUMNS[section]) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row, column = self._rows[index.row()], COLUMNS[index.column()]
        said_by_role: dict[int, Callable[[], Any]] = {
            Qt.ItemDataRole.DisplayRole: lambda: self._patient(row) if index.column() == 0 else column.text(row),
            Qt.ItemDataRole.TextAlignmentRole: lambda: _alignment(column),
            Qt.ItemDataRole.DecorationRole: lambda: self._picture(row) if index.column() == 0 else None,
            Qt.ItemDataRole.ToolTipRole: lambda: self._tip(row, column),
            Qt.ItemDataRole.ForegroundRole: lambda: QColor(self._theme.quiet if column.quiet else self._theme.text),
        }
        return said_by_role[role]() if role in said_by_role else None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column; what is unknown there comes last either way."""
        self._sorted = (column, order)
        self.layoutAboutToBeChanged.emit()
        self._sort()
        self.layoutChanged.emit()

    def _sort(self) -> None:
        column, order = self._sorted
        by = COLUMNS[column].order
        known = [row for row in self._rows if by(row) not in (None, "")]
        unknown = [row for row in self._rows if by(row) in (None, "")]
        known.sort(key=by, reverse=order is Qt.SortOrder.DescendingOrder)
        self._rows = known + unknown

    def _patient(self, row: WorklistRow) -> str:
        if not self._settings.flag("show_patient"):
            return tr("Name hidden")
        told = dict.fromkeys(part for part in (row.patient_name, row.patient_id) if part)  # some sites write both alike
        return "\n".join(told) or tr("No name")

    def _tip(self, row: WorklistRow, column: _Column) -> str | None:
        if column.text is _worst and row.worst_message is not None:
            return said(row.worst_message)
        # A path may name the patient.
        return row.source if self._settings.flag("show_patient") else None

    def _picture(self, row: WorklistRow) -> QPixmap | None:
        if row.id not in self._pictures:
            content = None if self._store is None or row.id < 0 else self._store.thumbnail(row)
            picture = QPixmap(PICTURE_PX, PICTURE_PX)
            picture.fill(QColor(self._theme.raised))
            loaded = QPixmap()
            if content is not None and loaded.loadFromData(content):
                keep, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
                picture = loaded.scaled(PICTURE_PX, PICTURE_PX, keep, smooth)
            self._pictures[row.id] = picture
        return self._pictures[row.id]


def ef_text(row: WorklistRow, ventricle: Ventricle) -> str:
    """Return an ejection fraction, with a `?` where it is in doubt; empty where it is unknown."""
    value = row.lv_ef_percent if ventricle is Ventricle.LV else row.rv_ef_percent
    mark = "?" if f"{ventricle.value}.ef_percent" in row.doubtful else ""
    return "" if value is None else f"{number_text(value)}{mark}\N{NO-BREAK SPACE}%"


def _ef(ventricle: Ventricle, row: WorklistRow) -> str:
    return ef_text(row, ventricle) or _UNKNOWN


def _worst(row: WorklistRow) -> str:
    if not row.open_findings:
        return _UNKNOWN
    number = tr_counted("{n} open", "{n} open", n=row.open_findings)
    return number if row.worst_message is None else with_colon(number, said(row.worst_message))


def _when(row: WorklistRow) -> str:
    return datetime.datetime.fromtimestamp(row.touched).strftime("%Y-%m-%d %H:%M")


def _status(row: WorklistRow) -> str:
    name = status_name(row.status)
    return name if row.version == 1 else tr("{status}, version {version}", status=name, version=row.version)


def _alignment(column: _Column) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column.number else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


COLUMNS: Final = (
    _Column(N_("Patient"), lambda row: row.patient_name, lambda row: (row.patient_name or row.patient_id).casefold()),
    _Column(N_("Study date"), lambda row: row.study_date or _UNKNOWN, lambda row: row.study_date),
    _Column(N_("LV EF"), partial(_ef, Ventricle.LV), lambda row: row.lv_ef_percent, number=True),
    _Column(N_("RV EF"), partial(_ef, Ventricle.RV), lambda row: row.rv_ef_percent, number=True),
    _Column(N_("Status"), _status, lambda row: _STATUS_ORDER.index(row.status)),
    _Column(N_("Open findings"), _worst, lambda row: row.open_findings or None, quiet=True),
    _Column(N_("Model"), lambda row: row.model or _UNKNOWN, lambda row: row.model, quiet=True),
    _Column(N_("Last touched"), _when, lambda row: row.touched, quiet=True),
)
