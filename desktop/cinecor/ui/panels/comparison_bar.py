"""`ComparisonBar`: whose other outlines lie over the images, and how they differ in the frame that is shown."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QToolButton, QWidget

from cinecor.app.other_reading import FrameDifference, Whose
from cinecor.inference.outline.segmentation import Label
from cinecor.measure.ventricle import Ventricle
from cinecor.ui.look.icons import icon
from cinecor.ui.look.names import structure_name
from cinecor.ui.look.reading_art import line_sample
from cinecor.ui.look.texts import number_text, said, tr, with_colon
from cinecor.ui.look.theme import Theme
from cinecor.ui.study.comparing import Comparing
from cinecor.ui.study.cursor import Cursor
from cinecor.ui.study.overlays import Place
from cinecor.ui.study.review_model import ReviewModel

_STRUCTURES = (Label.LV, Label.MYO, Label.RV)
_UNKNOWN = "–"


class ComparisonBar(QWidget):
    """A row for each reading above the images; hidden while there is none."""

    frames_wanted = Signal(Whose)  # of all frames that differ

    def __init__(
        self, comparing: Comparing, review: ReviewModel, cursor: Cursor, *, theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._comparing, self._cursor = comparing, cursor
        grid = QGridLayout(self)
        grid.setContentsMargins(10, 2, 8, 4)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(2, 1)
        self.texts: dict[Whose, QLabel] = {}
        self._names: dict[Whose, QLabel] = {}
        self._rows: dict[Whose, tuple[QWidget, ...]] = {}
        for row, whose in enumerate(Whose):
            sample, name, text = QLabel(), QLabel(), QLabel()
            sample.setPixmap(line_sample(whose))
            text.setProperty("quiet", True)
            text.setWordWrap(True)
            text.setToolTip(tr("Dice and mL of the frame that is shown; ejection fractions of the whole study"))
            frames = QPushButton(tr("All frames…"))
            frames.clicked.connect(lambda _=False, whose=whose: self.frames_wanted.emit(whose))
            leave = QToolButton()
            leave.setProperty("flat", True)
            leave.setIcon(icon("close", theme.text))
            leave.setToolTip(tr("Compare no longer"))
            leave.setAccessibleName(tr("Compare no longer"))
            leave.clicked.connect(lambda _=False, whose=whose: comparing.hide(whose))
            parts = (sample, name, text, frames, leave)
            for column, part in enumerate(parts):
                grid.addWidget(part, row, column, Qt.AlignmentFlag.AlignVCenter)
            for button in (frames, leave):
                button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click must not take the keys from the views
            self.texts[whose], self._names[whose], self._rows[whose] = text, name, parts
        for changed in (comparing.changed, review.changed, cursor.moved):
            changed.connect(self.refresh)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Show what differs now."""
        readings = self._comparing.readings
        place = self._cursor.slice, self._cursor.phase
        for whose, parts in self._rows.items():
            reading = readings.get(whose)
            for part in parts:
                part.setVisible(reading is not None)
            if reading is not None:
                self._names[whose].setText(reading.name or tr("The model’s"))
                self.texts[whose].setText(self._text(whose, place))
        self.setVisible(bool(readings))

    def _text(self, whose: Whose, place: Place) -> str:
        """Say how alike the frames are, and what is less or more in the reader's: the sign of Δ beside the numbers."""
        difference = self._comparing.difference_at(whose, place)
        less = [*_volume_texts(difference), *self._ef_texts(whose)]
        signed = [with_colon(tr("yours less theirs"), ", ".join(less))] if less else []
        return " · ".join((*_overlap_texts(difference), *signed)) or tr("Nothing drawn in this frame")

    def _ef_texts(self, whose: Whose) -> tuple[str, ...]:
        by = self._comparing.ef_change(whose)
        if all(change is None for change in by.values()):
            return ()
        told = [f"{said(side.message)} {_signed(by[side], 1)}" for side in Ventricle]
        return (tr("EF {changes} points", changes=", ".join(told)),)


def _overlap_texts(difference: FrameDifference | None) -> tuple[str, ...]:
    if difference is None:
        return ()
    overlaps = [
        f"{structure_name(label)} {_UNKNOWN if (value := difference.dice[label]) is None else number_text(value, 3)}"
        for label in _STRUCTURES
    ]
    return (f"Dice {', '.join(overlaps)}",)


def _volume_texts(difference: FrameDifference | None) -> tuple[str, ...]:
    if difference is None:
        return ()
    volumes = [f"{structure_name(label)} {_signed(difference.change_ml[label], 2)}" for label in _STRUCTURES]
    return (f"mL {', '.join(volumes)}",)


def _signed(value: float | None, decimals: int) -> str:
    return _UNKNOWN if value is None else number_text(value, decimals, signed=True)
