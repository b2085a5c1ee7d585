"""`BodyForm`: heart rate, height and weight, read from the study or typed."""

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QDoubleSpinBox, QGridLayout, QLabel, QWidget

from cinecor.review import Body, SetBody
from cinecor.ui.desk import StudyDesk
from cinecor.ui.texts import number_text, tr

# Name, smallest and largest value that a person may have, decimals, unit.
_FIELDS = (
    ("heart_rate_bpm", 20.0, 300.0, 0, "/min"),
    ("height_cm", 40.0, 250.0, 0, "cm"),
    ("weight_kg", 1.0, 350.0, 1, "kg"),
)


class BodyForm(QWidget):
    """Three fields and the body surface that follows from them; an empty field is one that is not known."""

    def __init__(self, desk: StudyDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(5)
        self.fields: dict[str, QDoubleSpinBox] = {}
        for row, (name, low, high, decimals, unit) in enumerate(_FIELDS):
            label = QLabel(tr(f"body.{name}"))
            field = QDoubleSpinBox()
            field.setRange(low - 1, high)
            field.setSpecialValueText("–")
            field.setDecimals(decimals)
            field.setSuffix(f" {unit}")
            field.setValue(low - 1)
            field.setKeyboardTracking(False)
            field.setAlignment(Qt.AlignmentFlag.AlignRight)
            field.setAccessibleName(tr(f"body.{name}"))
            field.valueChanged.connect(self._typed)
            label.setBuddy(field)
            grid.addWidget(label, row, 0)
            grid.addWidget(field, row, 1)
            self.fields[name] = field
        self.surface = QLabel()
        self.surface.setProperty("quiet", True)
        grid.addWidget(QLabel(tr("body.surface")), len(_FIELDS), 0)
        grid.addWidget(self.surface, len(_FIELDS), 1, Qt.AlignmentFlag.AlignRight)
        grid.setColumnStretch(0, 1)
        desk.opened.connect(self.refresh)
        desk.review_changed.connect(self.refresh)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Show the facts of the present review."""
        review = self._desk.review
        body = Body() if review is None else review.body
        for name, low, *_ in _FIELDS:
            field, value = self.fields[name], getattr(body, name)
            field.blockSignals(True)  # what comes from the review is no typing
            field.setValue(low - 1 if value is None else value)
            field.blockSignals(False)
        self.surface.setText("–" if body.surface_m2 is None else f"{number_text(body.surface_m2, 2)} m²")
        self.setEnabled(review is not None)

    @Slot()
    def _typed(self) -> None:
        values = {
            name: None if self.fields[name].value() < low else self.fields[name].value() for name, low, *_ in _FIELDS
        }
        self._desk.edit(SetBody(Body(**values)))
