"""`ComparisonSheet`: another reading of the same study beside the reader's own, frame by frame."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHeaderView, QLabel, QTableWidget, QTableWidgetItem, QWidget

from cinecor.app.other_reading import Comparison
from cinecor.inference.outline.segmentation import Label
from cinecor.measure.ventricle import Ventricle
from cinecor.ui.look.names import structure_name
from cinecor.ui.look.texts import number_text, said, tr, tr_counted
from cinecor.ui.sheets.sheet import Sheet

_STRUCTURES = (Label.LV, Label.MYO, Label.RV)


class ComparisonSheet(Sheet):
    """Ejection fractions first, then the frames that differ, the most different on top; a row leads to its frame.

    It stays beside the window, so that the images can be looked at.
    """

    frame_wanted = Signal(int, int)  # slice and phase

    def __init__(self, comparison: Comparison, name: str, parent: QWidget) -> None:
        super().__init__(tr("Comparison with {name}", name=name), parent)
        self.setModal(False)
        self._frames = comparison.frames
        for side in Ventricle:
            by = comparison.ef_change[side]
            if by is None:
                continue
            change = f"{number_text(by, 1, signed=True)} {tr('points')}"
            text = tr("{ventricle} EF, yours less theirs: {change}", ventricle=said(side.message), change=change)
            self.column.addWidget(QLabel(text))
        equal = tr_counted("{n} frame is drawn alike.", "{n} frames are drawn alike.", n=comparison.frames_equal)
        self.column.addWidget(QLabel(equal))
        heads = [tr("Slice"), tr("Phase")]
        heads += [f"{structure_name(label)} Dice" for label in _STRUCTURES]
        heads += [f"{structure_name(label)} mL" for label in _STRUCTURES]
        self.table = QTableWidget(len(comparison.frames), len(heads))
        self.table.setHorizontalHeaderLabels(heads)
        self.table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        self.table.setAccessibleName(tr("Frames that differ"))
        self.table.verticalHeader().setVisible(False)
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        for row, frame in enumerate(comparison.frames):
            texts = [str(frame.slice + 1), str(frame.phase + 1)]  # from 1, as everywhere that a person reads
            texts += ["–" if (value := frame.dice[label]) is None else number_text(value, 3) for label in _STRUCTURES]
            texts += [
                "–" if (by := frame.change_ml[label]) is None else number_text(by, 2, signed=True)
                for label in _STRUCTURES
            ]
            for column, one in enumerate(texts):
                item = QTableWidgetItem(one)
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                self.table.setItem(row, column, item)
        self.table.currentCellChanged.connect(self._go)
        self.column.addWidget(self.table)
        self.add_close()
        self.resize(760, 520)

    def _go(self, row: int, *_: int) -> None:
        if 0 <= row < len(self._frames):
            self.frame_wanted.emit(self._frames[row].slice, self._frames[row].phase)
