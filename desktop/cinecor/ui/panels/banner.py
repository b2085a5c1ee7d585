"""`Banner`: whose heart is shown, when and where it was scanned, and how far its reading has come."""

from PySide6.QtCore import QSize, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QWidget

from cinecor.app.patient_card import PatientCard
from cinecor.measure.reference.table import Sex
from cinecor.ui.look.labels import heading, quiet_label
from cinecor.ui.look.texts import number_text, tr, tr_as
from cinecor.ui.look.theme import Theme
from cinecor.ui.panels.one_line import OneLine
from cinecor.ui.study.study_desk import StudyDesk

_HEIGHT = 40
_PILL = 24


class _Fact(OneLine):
    """As wide as its text where there is room; without a text it is not there."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("quiet", True)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def show_text(self, text: str) -> None:
        """Show a text."""
        self.setText(text)
        self.setVisible(bool(text))
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance(self.text()) + 2, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(1, super().sizeHint().height())


class Banner(QFrame):
    """One line above the images; where it is narrow, the facts give way and the name and the status stay."""

    def __init__(self, desk: StudyDesk, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.setProperty("banner", True)
        self.setFixedHeight(_HEIGHT)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 12, 0)
        row.setSpacing(20)
        self.name = heading("")
        row.addWidget(self.name)
        self.person, self.scan, self.body = _Fact(), _Fact(), _Fact()
        for label in (self.person, self.scan, self.body):
            row.addWidget(label)
        row.addStretch(1)
        self.exported = quiet_label()
        self.exported.setWordWrap(False)
        row.addWidget(self.exported)
        self.status = QLabel()
        self.status.setFixedHeight(_PILL)
        row.addWidget(self.status)
        self._theme = theme
        self.show_status("", open_doubts=0, difference="", exported=True)
        for told in (desk.reading.series_found, desk.reading.opened, desk.review.changed):
            told.connect(self.refresh)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Show what is known of patient and scan."""
        reading, review = self._desk.reading, self._desk.review.present
        shown = self._desk.settings.flag("show_patient")
        card = PatientCard() if reading.study is None else reading.study.card
        body = card.body(None) if review is None else review.body
        self.name.setText(self._desk.name)
        age = "" if body.age_years is None else tr("{age} y", age=f"{body.age_years:.0f}")
        sex = {Sex.FEMALE: tr_as("sex", "F"), Sex.MALE: tr_as("sex", "M"), None: ""}[body.sex]
        told_id = f"ID {card.id}" if shown and card.id and card.id != card.name else ""
        self.person.show_text(_joined(told_id, " ".join(part for part in (sex, age) if part)))
        field = "" if card.field_tesla is None else f"{number_text(card.field_tesla, 1)} T"
        self.scan.show_text(_joined(card.study_date, " ".join(part for part in (card.scanner, field) if part)))
        rate = "" if body.heart_rate_bpm is None else f"{number_text(body.heart_rate_bpm)}/min"
        surface = body.surface_m2
        area = "" if surface is None else tr("BSA {surface} m²", surface=number_text(surface, 2))
        self.body.show_text(_joined(rate, area))

    def show_status(self, text: str, *, open_doubts: int, difference: str, exported: bool) -> None:
        """Say who answers for the numbers, and whether they were exported so; doubts that are open stand out."""
        self.status.setVisible(bool(text))
        self.status.setText(text)
        self.status.setToolTip(difference)
        colour = self._theme.doubt if open_doubts else self._theme.cell_line
        style = f"border: 1px solid {colour}; border-radius: 11px; padding: 0 10px;"
        if style != self.status.styleSheet():  # the same one again costs as much as another
            self.status.setStyleSheet(style)
        self.exported.setText("" if exported or not text else tr("Not exported"))


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)
