"""`NumbersView`: function of both ventricles, what doubts it, and the facts it needs from the doctor."""

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from cinecor.measure.conventions import conventions
from cinecor.measure.ef_interval import interval_message
from cinecor.measure.quantity import EXCURSIONS, QUANTITIES, RATES, Quantity
from cinecor.measure.ventricle import Ventricle
from cinecor.message import Message, sentences
from cinecor.review import ReviewResult
from cinecor.review.papillary_choice import PapillaryConvention
from cinecor.ui.look.labels import heading, quiet_label
from cinecor.ui.look.texts import language_in_use, number_text, said, tr
from cinecor.ui.look.theme import Theme
from cinecor.ui.panels.body_form import BodyForm
from cinecor.ui.panels.reference_view import ReferenceView
from cinecor.ui.panels.review_list import ReviewList
from cinecor.ui.study.study_desk import StudyDesk

_CONVENTIONS = ("volume", "papillary", "rv", "mass", "surface")
_ROWS = (*QUANTITIES, *RATES, *EXCURSIONS)
_POINTS = Message("points", "points")
_CHANGING = QUANTITIES[:4]  # volumes and ejection fraction: what the choice of slices moves


class NumbersView(QScrollArea):
    """A table of numbers with units, indexed values, doubts with reasons, findings, and conventions."""

    def __init__(self, desk: StudyDesk, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._theme = theme
        self.setWidgetResizable(True)
        self.setProperty("reached", True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click beside a field must not take the arrow keys
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMinimumWidth(300)
        content = QFrame()
        content.setProperty("panel", True)
        column = QVBoxLayout(content)
        column.setContentsMargins(14, 12, 14, 12)
        column.setSpacing(10)
        self._table = QGridLayout()
        self._table.setHorizontalSpacing(10)
        self._table.setVerticalSpacing(5)
        self.cells: dict[str, QLabel] = {}
        self._by_surface: list[QLabel] = []
        self._build_table()
        column.addLayout(self._table)
        self.moments = quiet_label()
        column.addWidget(self.moments)
        self.interval = quiet_label()
        column.addWidget(self.interval)
        self.change = quiet_label()
        column.addWidget(self.change)
        self.reference = ReferenceView(desk.review, theme)
        column.addWidget(self.reference)
        self.body = BodyForm(desk.reading, desk.review)
        column.addWidget(self.body)
        self.review_list = ReviewList(desk, theme)
        column.addWidget(self.review_list)
        column.addWidget(heading(tr("Conventions")))
        self.conventions = {key: quiet_label() for key in _CONVENTIONS}
        for label in self.conventions.values():
            column.addWidget(label)
        column.addStretch()
        self.setWidget(content)
        desk.reading.opened.connect(self.refresh)
        desk.review.changed.connect(self.refresh)
        desk.operations.changed.connect(self._tell_waiting)
        self.refresh()

    def _build_table(self) -> None:
        """Name and unit on the left, then each ventricle with its values per m² where these are known."""
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for column, side, colour in ((2, Ventricle.LV, self._theme.lv), (4, Ventricle.RV, self._theme.rv)):
            head = QLabel(said(side.message))
            head.setStyleSheet(f"color: {colour}; font-weight: 600;")
            self._table.addWidget(head, 0, column, right)
            per = quiet_label("/m²")
            self._by_surface.append(per)
            self._table.addWidget(per, 0, column + 1, right)
            for number, row in enumerate(_ROWS, start=1):
                for offset, kind in ((0, ""), (1, ".indexed")):
                    cell = QLabel("–")
                    cell.setAlignment(right)
                    cell.setProperty("quiet", bool(offset))
                    cell.setMinimumWidth(cell.fontMetrics().horizontalAdvance("000.0"))
                    self.cells[f"{side}.{row.field}{kind}"] = cell
                    self._table.addWidget(cell, number, column + offset)
                    if offset:
                        self._by_surface.append(cell)
        for number, row in enumerate(_ROWS, start=1):
            name = QLabel(said(row.name))
            name.setToolTip(said(row.meaning))
            self._table.addWidget(name, number, 0)
            self._table.addWidget(quiet_label(row.unit), number, 1)
        self._table.setColumnStretch(1, 1)

    # -- content

    @Slot()
    def refresh(self) -> None:
        """Show the numbers of the review as it is."""
        result = self._desk.review.result
        for row in _ROWS:
            for side in Ventricle:
                self._fill(result, side, row)
        for widget in self._by_surface:
            widget.setVisible(result is not None and result.surface_m2 is not None)
        self.moments.setText("" if result is None else _told(result))
        self.moments.setVisible(bool(self.moments.text()))
        self.interval.setText("" if result is None else _intervals(result))
        self.interval.setVisible(bool(self.interval.text()))
        self.change.setText("" if result is None else self._changes(result))
        self.change.setVisible(bool(self.change.text()))
        review = self._desk.review.present
        mass = review is not None and review.papillaries.convention is PapillaryConvention.MASS
        told = conventions(papillary_mass=mass)
        for key, label in self.conventions.items():
            label.setText(said(told[key]))
        self._tell_waiting()

    def _fill(self, result: ReviewResult | None, side: Ventricle, row: Quantity) -> None:
        cell, per = self.cells[f"{side}.{row.field}"], self.cells[f"{side}.{row.field}.indexed"]
        if side not in row.codes:
            cell.setText("")
            per.setText("")
            return
        value = None if result is None else result.value(row, side)
        by = None if result is None else result.indexed(row, side)
        reasons = [] if result is None else [said(finding.message) for finding in result.doubts(row, side)]
        doubted = bool(reasons) and value is not None
        cell.setText("–" if value is None else number_text(value, row.decimals) + ("?" if doubted else ""))
        cell.setStyleSheet(f"color: {self._theme.doubt if doubted else self._theme.text}; font-weight: 600;")
        cell.setToolTip("\n".join(reasons))
        per.setText("" if by is None else number_text(by, row.indexed_decimals) + ("?" if doubted else ""))
        per.setStyleSheet(f"color: {self._theme.doubt};" if doubted else "")
        per.setToolTip("\n".join(reasons))

    def _changes(self, result: ReviewResult) -> str:
        """Say what leaving slices out has changed."""
        if not result.choice_changes:
            return ""
        parts = []
        for side in Ventricle:
            for row in _CHANGING:
                by = result.change(row, side)
                if by is not None:
                    parts.append(
                        Message(
                            "quantity_changed",
                            "{ventricle} {quantity} {by:+.1f} {unit}",
                            ventricle=side.message,
                            quantity=row.name,
                            by=by,
                            unit=_POINTS if row.unit == "%" else row.unit,
                        )
                    )
        return tr("The choice of slices changes {changes}.", changes=tuple(parts)) if parts else ""

    @Slot()
    def _tell_waiting(self) -> None:
        if self._desk.review.result is None:
            self.change.setText(self._why_none())
            self.change.setVisible(True)

    def _why_none(self) -> str:
        """Say why there are no numbers."""
        desk = self._desk
        if desk.outlining.running or (desk.reading.study is None and desk.operations.busy):
            return tr("The numbers come when all outlines are there.")
        if desk.reading.study is None:
            return tr("No study was read, so there is nothing to measure.")
        if desk.overlays.shown is not None and desk.overlays.shown.outlined.any():
            return tr(
                "Stopped: the outlines are incomplete, so there are no numbers. Study → Segment again makes them."
            )
        return tr("No outlines yet. Study → Segment again makes them.")


def _intervals(result: ReviewResult) -> str:
    """Say where the ejection fractions lie, as far as the model errs."""
    messages = [
        interval_message(
            side,
            low_percent=found.low_percent,
            high_percent=found.high_percent,
            patients=found.constants.calibrated,
        )
        for side, found in result.ef_ranges.items()
        if found is not None
    ]
    return "\n".join(said(message) for message in messages)


def _told(result: ReviewResult) -> str:
    return sentences(result.measurements.phase_choice, language_in_use())
