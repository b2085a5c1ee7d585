"""`IncomingSheet`: outlines that somebody else drew: where they lie, what is made of them, and what is of no use."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from types import MappingProxyType
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QPushButton,
    QRadioButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from cinecor.inference.outline.segmentation import Label
from cinecor.ui.look.choice_box import ChoiceBox
from cinecor.ui.look.labels import quiet_label
from cinecor.ui.look.names import structure_name
from cinecor.ui.look.texts import tr
from cinecor.ui.sheets.sheet import Sheet

_STRUCTURES: Final = (Label.RV, Label.MYO, Label.LV)
_WIDTH: Final = 560
_FILES: Final = "*.nii *.nii.gz *.nrrd *.cvi42wsx *.dcm *.txt"


class Use(Enum):
    """What is made of others' outlines."""

    COMPARE = 0
    CORRECT = 1


@dataclass(frozen=True, slots=True)
class Incoming:
    """What is asked for: outlines in a place, for a use; a label map with what it leaves unsaid."""

    path: Path
    use: Use
    table: MappingProxyType[int, Label]  # empty: as the file says
    phase: int | None  # from 0; None: as the file says


class IncomingSheet(Sheet):
    """Tells `wanted` what is asked for; who reads it asks back with `ask`, or says with `tell` what came of it."""

    wanted = Signal(Incoming)

    def __init__(
        self, parent: QWidget, *, use: Use, phases: int, phase: int, may_correct: bool, places: dict[str, str]
    ) -> None:
        super().__init__(tr("Outlines of others"), parent)
        self._places = places
        self._path: Path | None = None
        self.ask_folder: Callable[[], Path | None] = self._asked_folder
        self.ask_file: Callable[[], Path | None] = self._asked_file
        self.uses = {
            Use.COMPARE: QRadioButton(tr("Lay them beside mine, to compare")),
            Use.CORRECT: QRadioButton(tr("Take them over as corrections (one step that can be undone)")),
        }
        self.uses[use if may_correct else Use.COMPARE].setChecked(True)
        self.uses[Use.CORRECT].setEnabled(may_correct)
        self.place = QLabel(tr("Nothing chosen yet"))
        self.place.setWordWrap(True)
        self.phase = QSpinBox()
        self.phase.setRange(1, phases)
        self.phase.setValue(phase + 1)  # from 1, as everywhere that a person reads
        self.structures: dict[int, ChoiceBox] = {}
        self._needs_phase = False
        self.unsaid = QGroupBox(tr("What the file does not say"))
        self._form = QFormLayout(self.unsaid)
        self._form.addRow(tr("Phase"), self.phase)
        self.told = QLabel()
        self.told.setWordWrap(True)
        self.left_out = QListWidget()
        self.left_out.setWordWrap(True)
        self.left_out.setAccessibleName(tr("What could not be used"))
        for hidden in (self.unsaid, self.told, self.left_out):
            hidden.hide()
        self._lay_out()
        self.setMinimumWidth(_WIDTH)

    def ask(self, sentence: str, *, values: Sequence[int], needs_phase: bool) -> None:
        """Ask which value of a label map is which structure, and of which phase the map is."""
        self._ask_nothing()
        for value in values:
            box = ChoiceBox()
            box.addItem(tr("none of them"), None)
            for label in _STRUCTURES:
                box.addItem(structure_name(label), label)
            box.setAccessibleName(tr("Value {value}", value=value))
            box.currentIndexChanged.connect(self._follow)
            self._form.insertRow(self._form.rowCount() - 1, tr("Value {value}", value=value), box)
            self.structures[value] = box
        self._needs_phase = needs_phase
        self._form.setRowVisible(self.phase, needs_phase)
        self.unsaid.show()
        self.tell(sentence, ())

    def tell(self, sentence: str, left_out: Sequence[str]) -> None:
        """Say what came of it, with everything that could not be used."""
        self.told.setText(sentence)
        self.told.show()
        self.left_out.clear()
        self.left_out.addItems(list(left_out))
        self.left_out.setVisible(bool(left_out))
        self._follow()
        self.adjustSize()

    def _lay_out(self) -> None:
        kinds = quiet_label(
            tr(
                "DICOM SEG and Sunnybrook contours lie in a folder; a label map (NIfTI, NRRD) or a cvi42 workspace is "
                "one file. They must be drawn on these very images: nothing is moved or resampled."
            )
        )
        self.column.addWidget(kinds)
        row = QHBoxLayout()
        for text, choose in ((tr("Folder…"), self._choose_folder), (tr("File…"), self._choose_file)):
            button = QPushButton(text)
            button.setAutoDefault(False)
            button.clicked.connect(choose)
            row.addWidget(button)
        row.addWidget(self.place, 1)
        self.column.addLayout(row)
        what = QGroupBox(tr("What is made of them"))
        column = QVBoxLayout(what)
        for choice in self.uses.values():
            column.addWidget(choice)
        for part in (what, self.unsaid, self.told, self.left_out):
            self.column.addWidget(part)
        buttons = self.add_close()
        self.go = QPushButton(tr("Read them"))
        self.go.setProperty("primary", True)
        self.go.setDefault(True)
        buttons.addButton(self.go, QDialogButtonBox.ButtonRole.ActionRole)
        self.go.clicked.connect(self._want)
        self._follow()

    def _follow(self) -> None:
        """Let go what can be read: two values may not be one structure, and one must be told."""
        chosen = [box.currentData() for box in self.structures.values() if box.currentData() is not None]
        told = not self.structures or (bool(chosen) and len(chosen) == len(set(chosen)))
        self.go.setEnabled(self._path is not None and told)

    def _want(self) -> None:
        if self._path is None:
            return
        self.go.setEnabled(False)  # until it is known what came of it
        table = {value: box.currentData() for value, box in self.structures.items() if box.currentData() is not None}
        self.wanted.emit(
            Incoming(
                self._path,
                next(use for use, button in self.uses.items() if button.isChecked()),
                MappingProxyType(table),
                self.phase.value() - 1 if self._needs_phase else None,
            )
        )

    def _choose_folder(self) -> None:
        self._take(self.ask_folder())

    def _choose_file(self) -> None:
        self._take(self.ask_file())

    def _take(self, path: Path | None) -> None:
        if path is None:
            return
        self._path = path
        self._places["outlines"] = str(path if path.is_dir() else path.parent)
        self.place.setText(path.name)
        self.place.setToolTip(str(path))
        self._ask_nothing()
        self.told.hide()
        self.left_out.hide()
        self._follow()

    def _ask_nothing(self) -> None:
        """Forget what was asked about another file."""
        for box in self.structures.values():
            self._form.removeRow(box)
        self.structures, self._needs_phase = {}, False
        self.unsaid.hide()

    def _asked_folder(self) -> Path | None:
        chosen = QFileDialog.getExistingDirectory(self, tr("Folder with outlines"), self._places.get("outlines", ""))
        return Path(chosen) if chosen else None

    def _asked_file(self) -> Path | None:
        kinds = tr("Outlines ({endings})", endings=_FILES)
        chosen, _ = QFileDialog.getOpenFileName(self, tr("File with outlines"), self._places.get("outlines", ""), kinds)
        return Path(chosen) if chosen else None
