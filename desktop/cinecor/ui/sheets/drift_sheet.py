"""`DriftSheet`: how readers corrected the model, month by month, and whether another round of training is worth it."""

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHeaderView, QLabel, QTableWidget, QTableWidgetItem, QWidget

from cinecor.app.drift import Drift, MonthOfReadings
from cinecor.ui.look.texts import N_, number_text, said, tr
from cinecor.ui.sheets.sheet import Sheet

_HEADS: Final = (N_("Month"), N_("Signed"), N_("Corrected"), N_("LV EF moved by"), N_("Confidence"))
_NOT_ASKED: Final = "–"


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
                "Corrected: readings signed with outlines that are not the model’s. LV EF moved by: final less the "
                "model’s, the median of those that differ, without sign; signatures of earlier versions do not tell "
                "it, and where the model found none it is unknown. Confidence: the model’s own, mean of all frames "
                "with a heart. It is a rule of thumb: a new model must still pass its gates."
            )
        )
        told.setWordWrap(True)
        told.setProperty("quiet", True)
        self.column.addWidget(told)
        self.add_close()
        self.resize(620, 420)


def _texts(month: MonthOfReadings) -> tuple[str, ...]:
    sure = month.confidence
    return (
        month.month,
        str(month.signed),
        f"{number_text(100 * month.share_corrected)}\N{NO-BREAK SPACE}%",
        _moved_text(month),
        _NOT_ASKED if sure is None else number_text(sure, 2),
    )


def _moved_text(month: MonthOfReadings) -> str:
    if month.ef_change_points is None:
        return tr("unknown")
    points = f"{number_text(month.ef_change_points, 1)} {tr('points')}"
    if month.ef_known == month.signed:
        return points
    return tr("{points} ({known} of {signed})", points=points, known=month.ef_known, signed=month.signed)
