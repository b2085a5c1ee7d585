"""`BodyForm`: heart rate, height, weight, age and sex, read from the study or typed."""

from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QFocusEvent, QValidator
from PySide6.QtWidgets import QDoubleSpinBox, QGridLayout, QLabel, QWidget

from cinecor.measure.reference.table import OLDEST, Sex
from cinecor.review import Body, SetBody
from cinecor.ui.look.choice_box import ChoiceBox
from cinecor.ui.look.texts import N_, number_text, tr
from cinecor.ui.look.theme import Theme
from cinecor.ui.look.type import SMALL, set_type
from cinecor.ui.panels.one_line import OneLine
from cinecor.ui.study.reading import Reading
from cinecor.ui.study.review_model import ReviewModel

# Field of `Body`, what it is called, smallest and largest value that a person may have, decimals, unit.
_FIELDS = (
    ("heart_rate_bpm", N_("Heart rate"), 20.0, 300.0, 0, "/min"),
    ("height_cm", N_("Height"), 40.0, 250.0, 0, "cm"),
    ("weight_kg", N_("Weight"), 1.0, 350.0, 1, "kg"),
    ("age_years", N_("Age"), 0.0, float(OLDEST), 0, N_("years")),
)
_SEXES = ((None, "–"), (Sex.FEMALE, N_("female")), (Sex.MALE, N_("male")))


_COLUMNS = 3
_METRES = (0.4, 2.5)  # a height in this range was typed in metres


class BodyField(QDoubleSpinBox):
    """A number that a person may have; whatever is typed stays as it was typed until it is taken or refused.

    The field of the toolkit drops the digit that leaves its range, and makes 50 cm of 500 without a word.
    """

    def __init__(self, low: float, high: float, *, decimals: int, unit: str, theme: Theme) -> None:
        super().__init__()
        self.lowest, self._high, self._unit, self._theme = low, high, unit, theme
        self.setRange(low - 1, high)
        self.setSpecialValueText("–")
        self.setDecimals(decimals)
        self.setSuffix(f" {unit}")
        self.setValue(low - 1)
        self.setKeyboardTracking(False)
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setButtonSymbols(QDoubleSpinBox.ButtonSymbols.NoButtons)
        self.limits = tr(
            "From {low} to {high} {unit}; what is typed in red is not taken.",
            low=f"{low:g}",
            high=f"{high:g}",
            unit=unit,
        )
        self.setToolTip(self.limits)
        self.lineEdit().textEdited.connect(self._judge)

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        """Let any number be typed; `fixup` decides once it is finished."""
        typed = self._typed(text)
        if typed is None:
            return super().validate(text, position)
        taken = self.lowest <= self._in_unit(typed) <= self._high
        return (QValidator.State.Acceptable if taken else QValidator.State.Intermediate, text, position)

    def valueFromText(self, text: str) -> float:
        """Read what was typed, a height in metres too."""
        typed = self._typed(text)
        return super().valueFromText(text) if typed is None else self._in_unit(typed)

    def shown(self, value: float) -> float:
        """Return what the field makes of a value: so many decimals, halves up as the toolkit has it."""
        return float(Decimal(value).quantize(Decimal(1).scaleb(-self.decimals()), ROUND_HALF_UP))

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the mark away with what was refused: the value before stands there again."""
        super().focusOutEvent(event)
        self.setStyleSheet("")

    def _judge(self, text: str) -> None:
        """Mark what will not be taken while it is typed."""
        typed = self._typed(text)
        refused = typed is not None and not self.lowest <= self._in_unit(typed) <= self._high
        self.setStyleSheet(f"color: {self._theme.refused};" if refused else "")

    def _in_unit(self, typed: float) -> float:
        return 100.0 * typed if self._unit == "cm" and _METRES[0] <= typed <= _METRES[1] else typed

    def _typed(self, text: str) -> float | None:
        try:
            return float(text.replace(self._unit, "").replace(",", ".").strip())
        except ValueError:
            return None


class BodyForm(QWidget):
    """Fields and the body surface that follows from them, two rows of three; an empty field is not known."""

    def __init__(self, reading: Reading, review: ReviewModel, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._review = review
        self.fields: dict[str, BodyField] = {}
        for name, called, low, high, decimals, unit in _FIELDS:
            field = BodyField(low, high, decimals=decimals, unit=tr(unit), theme=theme)
            field.setAccessibleName(tr(called))
            field.valueChanged.connect(partial(self._typed, name))
            self.fields[name] = field
        self.sex = ChoiceBox()
        self.sex.setAccessibleName(tr("Sex"))
        for _, called in _SEXES:
            self.sex.addItem(tr(called))
        self.sex.activated.connect(lambda chosen: self._edit("sex", _SEXES[chosen][0]))
        self.surface = QLabel()
        self.surface.setToolTip(tr("Body surface area by Mosteller, from height and weight"))
        self.surface.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(1)
        parts: list[tuple[str, QWidget]] = [(tr(called), self.fields[name]) for name, called, *_ in _FIELDS]
        parts += [(tr("Sex"), self.sex), (tr("BSA"), self.surface)]
        for place, (called, widget) in enumerate(parts):
            row, column = divmod(place, _COLUMNS)
            label = OneLine(called)
            label.setProperty("quiet", True)
            label.setBuddy(widget)
            set_type(label, SMALL)
            widget.setFixedHeight(self.sex.sizeHint().height())
            grid.addWidget(label, 2 * row, column)
            grid.addWidget(widget, 2 * row + 1, column)
            grid.setColumnStretch(column, 1)
        reading.opened.connect(self.refresh)
        review.changed.connect(self.refresh)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Show the facts of the present review."""
        review = self._review.present
        body = Body() if review is None else review.body
        for name, _, low, *_ in _FIELDS:
            field, value = self.fields[name], getattr(body, name)
            field.blockSignals(True)  # what comes from the review is no typing
            field.setValue(low - 1 if value is None else value)
            field.blockSignals(False)
        self.sex.setCurrentIndex([sex for sex, _ in _SEXES].index(body.sex))
        self.surface.setText("–" if body.surface_m2 is None else f"{number_text(body.surface_m2, 2)} m²")
        self.setEnabled(review is not None)

    def _typed(self, name: str, number: float) -> None:
        """Take what one field says; the others show what is known rounded, and nobody typed that."""
        known = getattr(self._read, name)
        if number < self.fields[name].lowest:
            self._edit(name, None)
        elif known is not None and self.fields[name].shown(known) == number:
            self._edit(name, known)  # typed back to what the study says
        else:
            self._edit(name, int(number) if name == "age_years" else number)

    def _edit(self, name: str, value: Any) -> None:
        present = self._review.present
        body = Body() if present is None else present.body
        self._review.edit(SetBody(replace(body, **{name: value})))

    @property
    def _read(self) -> Body:
        """What the study itself says."""
        history = self._review.history
        return Body() if history is None else history.first.body
