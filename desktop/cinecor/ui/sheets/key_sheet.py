"""`KeySheet`: every key and mouse move on one sheet (F1)."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from cinecor.ui.look.labels import heading
from cinecor.ui.look.texts import N_, tr
from cinecor.ui.sheets.sheet import Sheet

Group = tuple[str, Sequence[tuple[str, str]]]
"""A title, and rows of a key or gesture and what it does; all in the language in use."""

MOUSE = (
    (N_("Drag"), N_("Scrub: phases across, slices up and down")),
    (N_("Right drag"), N_("Window and level")),
    (N_("Middle or Shift drag"), N_("Move the zoomed image")),
    (N_("Wheel"), N_("Slice (phase in the grid)")),
    (N_("Ctrl + wheel"), N_("Zoom about the pointer")),
    (N_("Double click"), N_("Whole image")),
    (N_("Click in the matrix"), N_("Go to a frame")),
    (N_("Click under ED or ES"), N_("Count a slice, or not")),
    (N_("Drag the line in the curves"), N_("Move ED or ES")),
    (N_("Drag A or I on the slice"), N_("Move an insertion point (bull’s-eye shown)")),
    (N_("Double click on a long-axis cine"), N_("Large, in the short axis’ place, or back")),
    (N_("Wheel on the long axis"), N_("Turn the cut")),
)
"""What the mouse does, while no tool is chosen."""

WITH_TOOL = (
    (N_("Drag, click, double click"), N_("The tool’s; right, middle and Shift drag as ever")),
    (N_("Wheel, [ and ]"), N_("Size of the disc; with the other tools the wheel is as ever")),
    (N_("Ctrl + drag"), N_("Brush erases, eraser paints")),
    (N_("Enter, Backspace"), N_("New outline: close it (with Shift as drawn), take a point back")),
    (N_("0"), N_("Papillary muscles: automatic threshold")),
    (N_("Esc"), N_("Take back what is half done, then lay the tool down")),
)
"""What belongs to a tool while it is chosen, and to nothing else; all other keys stay as they are."""


class KeySheet(Sheet):
    """Columns: groups fill them from above, in the columns that `places` names."""

    def __init__(self, groups: Sequence[Group], *, places: Sequence[Sequence[int]], parent: QWidget) -> None:
        super().__init__(tr("Keys and mouse…"), parent)
        content = QWidget()
        columns = QHBoxLayout(content)
        columns.setSpacing(36)
        for members in places:
            columns.addLayout(_column([groups[number] for number in members]))
        self.lay(content)
        self.resize(min(1420, parent.width() - 20), min(800, parent.height() - 20))


def _column(groups: Sequence[Group]) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setSpacing(8)
    for title, rows in groups:
        column.addWidget(heading(title))
        grid = QGridLayout()
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(4)
        for number, (keys, text) in enumerate(rows):
            what = QLabel(keys)
            what.setProperty("quiet", True)
            grid.addWidget(what, number, 0, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
            label = QLabel(text)
            label.setWordWrap(True)
            grid.addWidget(label, number, 1)
        grid.setColumnStretch(1, 1)
        column.addLayout(grid)
        column.addSpacing(8)
    column.addStretch()
    return column
