"""`DriftSheet`: how readers corrected the model, month by month, and whether another round of training is worth it."""

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHeaderView, QLabel, QTableWidget, QTableWidgetItem, QWidget

from cinecor.app.drift import Drift, MonthOfReadings
from cinecor.ui.look.texts import N_, number_text, said, tr
from cinecor.ui.sheets.sheet import Sheet

_HEADS: Final = (N_("Month"), N_("Signed"), N_("Corrected"), N_("LV EF moved by"), N_("Confidence"))
_UNKNOWN: Final = "–"


class DriftSheet(Sheet):
    """What follows from it first, then a row a month, the last one on top."""

    def __init__(self, drift: Drift, parent: QWidget) -> None:
        super().__init__(tr("How the model is corrected"), parent)
        self.verdict = QLabel(said(drift.why))
        self.verdict.setWordWrap(True)
        self.column.addWidget(self.verdict)
        self.table = QTableWidget(len(drift.months), len(_HEADS))
        self.table.setHorizontalHeaderLabels([tr(head) for head in _HEADS])
        self.table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.table.setAccessibleName(tr("Signed readings by month"))
        self.table.verticalHeader().setVisible(False)
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        for row, month in enumerate(reversed(drift.months)):
            for column, text in enumerate(_texts(month)):
                item = QTableWidgetItem(text)
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                self.table.setItem(row, column, item)
        self.column.addWidget(self.table)
        told = QLabel(
            tr(
                "Corrected: readings in which outlines were moved. LV EF moved by: the median of what corrections and "
                "choices made of it, without sign. Confidence: the model's own, mean of all frames with a heart. It is "
                "a rule of thumb: a new model must still pass its gates."
            )
        )
        told.setWordWrap(True)
        told.setProperty("quiet", True)
        self.column.addWidget(told)
        self.add_close()
        self.resize(620, 420)


def _texts(month: MonthOfReadings) -> tuple[str, ...]:
    moved, sure = month.ef_change_points, month.confidence
    return (
        month.month,
        str(month.signed),
        f"{number_text(100 * month.share_corrected)}\N{NO-BREAK SPACE}%",
        _UNKNOWN if moved is None else f"{number_text(moved, 1)} {tr('points')}",
        _UNKNOWN if sure is None else number_text(sure, 2),
    )
