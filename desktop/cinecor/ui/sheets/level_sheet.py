"""`LevelSheet`: width and level of the grey window as numbers to type, shown as they are typed."""

from PySide6.QtWidgets import QDoubleSpinBox, QFormLayout, QLabel, QWidget

from cinecor.scene.level_window import LevelWindow
from cinecor.ui.look.labels import quiet_label
from cinecor.ui.look.texts import tr
from cinecor.ui.sheets.sheet import Sheet
from cinecor.ui.study.level import Level

_MOST = 1e6  # of the greys of any scanner
_LEAST_WIDTH = 1e-3


class LevelSheet(Sheet):
    """Begins with the numbers of what is in view; what is typed holds for every slice alike."""

    def __init__(self, level: Level, now: LevelWindow, *, alone: str, parent: QWidget) -> None:
        """`alone` names the long-axis view whose greys they are; empty: those of the short axis."""
        super().__init__(tr("Window: numbers…"), parent)
        self._level = level
        content = QWidget()
        form = QFormLayout(content)
        self.width_box, self.level_box = _box(_LEAST_WIDTH, now.width), _box(-_MOST, now.level)
        for text, box in ((tr("Width"), self.width_box), (tr("Level"), self.level_box)):
            label = QLabel(text)
            label.setBuddy(box)
            box.setAccessibleName(text)
            box.valueChanged.connect(self._show)
            form.addRow(label, box)
        told = tr("Black is level − width / 2, white level + width / 2; every slice is shown alike.")
        if alone:
            told = tr("Black is level − width / 2, white level + width / 2; in this view alone: {view}.", view=alone)
        form.addRow(quiet_label(told))
        self.column.addWidget(content)
        self.add_close()
        self.width_box.selectAll()

    def _show(self) -> None:
        half, level = self.width_box.value() / 2, self.level_box.value()
        self._level.even_out(())
        self._level.show(LevelWindow(level - half, level + half))


def _box(low: float, value: float) -> QDoubleSpinBox:
    box = QDoubleSpinBox()
    box.setRange(low, _MOST)
    box.setDecimals(0 if abs(value) >= 10 else 3)  # MR greys are whole; those of a NIfTI file may lie between 0 and 1
    box.setValue(value)
    return box
