"""`NumbersView`: function of both ventricles, what doubts it, and the facts it needs from the doctor."""

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QScrollArea, QToolButton, QVBoxLayout, QWidget

from cinecor.app.measures import Measures, change, indexed
from cinecor.app.rates import Rates, rates
from cinecor.inference.outline.segmentation import Label
from cinecor.measure.quality import Finding, Severity
from cinecor.ui.look.engine_text import engine_text
from cinecor.ui.look.labels import heading, quiet_label
from cinecor.ui.look.names import structure_name
from cinecor.ui.look.texts import N_, number_text, tr
from cinecor.ui.look.theme import Theme
from cinecor.ui.panels.body_form import BodyForm
from cinecor.ui.study.study_desk import StudyDesk


@dataclass(frozen=True, slots=True)
class _Row:
    """One number: its field in `Ventricle` or `Rates`, what it is called, and whether it is also told per m²."""

    field: str
    unit: str
    short: str
    long: str
    decimals: int = 0
    by_surface: bool = True

    def value(self, measures: Measures, side: str, found: Rates | None) -> float | None:
        """Give the number of a ventricle ("lv" or "rv") with its rates; None where it cannot be known."""
        holder = found if self.field in Rates.__dataclass_fields__ else getattr(measures.measurements, side)
        number: float | None = getattr(holder, self.field, None)
        return number

    def concerns(self, side: str) -> set[str]:
        """Name what a finding must bear on to put this number of a ventricle in doubt."""
        if self.field == "mass_g":
            return {"mass"}
        return {side, "co"} if self.field == "co_l_min" else {side}


_ROWS = (
    _Row("edv_ml", "ml", N_("EDV"), N_("End-diastolic volume")),
    _Row("esv_ml", "ml", N_("ESV"), N_("End-systolic volume")),
    _Row("sv_ml", "ml", N_("SV"), N_("Stroke volume: EDV − ESV")),
    _Row("ef_percent", "%", N_("EF"), N_("Ejection fraction: SV / EDV"), decimals=1, by_surface=False),
    _Row("co_l_min", "l/min", N_("CO"), N_("Cardiac output: SV × heart rate"), decimals=1),
    _Row("mass_g", "g", N_("Mass"), N_("LV mass: myocardial volume at ED × 1.05 g/ml")),
    _Row(
        "ejection_ml_s",
        "ml/s",
        N_("PER"),
        N_("Peak ejection rate: the steepest fall between two phases; coarse phases make it too low"),
        by_surface=False,
    ),
    _Row(
        "filling_ml_s",
        "ml/s",
        N_("PFR"),
        N_("Peak filling rate: the steepest rise between two phases; coarse phases make it too low"),
        by_surface=False,
    ),
)
_SIDES = {"lv": Label.LV, "rv": Label.RV}
_CONVENTIONS = (
    N_("Volume: sum over slices of area × slice extent (gap included), no basal interpolation."),
    N_("Papillary muscles and trabeculae belong to the cavity (as in ACDC). The infundibulum is not RV."),
    N_("Mass: myocardium at ED × 1.05 g/ml, papillary muscles left out."),
    N_("Indexed values: per m² of body surface (Mosteller)."),
)


class NumbersView(QScrollArea):
    """A table of numbers with units, indexed values, doubts with reasons, findings, and conventions."""

    finding_chosen = Signal(int, int)  # slice and phase to look at; -1: as they are

    def __init__(self, desk: StudyDesk, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._theme = theme
        self.setWidgetResizable(True)
        self.setProperty("reached", True)
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
        self.change = quiet_label()
        column.addWidget(self.change)
        self.body = BodyForm(desk.reading, desk.review)
        column.addWidget(self.body)
        self._findings_head = heading(tr("To look at"))
        column.addWidget(self._findings_head)
        self._findings = QVBoxLayout()
        self._findings.setSpacing(6)
        column.addLayout(self._findings)
        column.addWidget(heading(tr("Conventions")))
        for text in _CONVENTIONS:
            column.addWidget(quiet_label(tr(text)))
        column.addStretch()
        self.setWidget(content)
        desk.reading.opened.connect(self.refresh)
        desk.review.changed.connect(self.refresh)
        desk.operations.changed.connect(self._tell_waiting)
        self.refresh()

    def _build_table(self) -> None:
        """Name and unit on the left, then each ventricle with its values per m² where these are known."""
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for column, side, colour in ((2, "lv", self._theme.lv), (4, "rv", self._theme.rv)):
            head = QLabel(structure_name(_SIDES[side]))
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
            name = QLabel(tr(row.short))
            name.setToolTip(tr(row.long))
            self._table.addWidget(name, number, 0)
            self._table.addWidget(quiet_label(row.unit), number, 1)
        self._table.setColumnStretch(1, 1)

    # -- content

    @Slot()
    def refresh(self) -> None:
        """Show the measures of the present review."""
        measures = self._desk.review.result
        for row in _ROWS:
            for side in ("lv", "rv"):
                self._fill(measures, side, row)
        for widget in self._by_surface:
            widget.setVisible(measures is not None and measures.surface_m2 is not None)
        self.moments.setText("" if measures is None else engine_text(measures.measurements.phase_choice))
        self.moments.setVisible(bool(self.moments.text()))
        self.change.setText("" if measures is None else self._changes(measures))
        self.change.setVisible(bool(self.change.text()))
        self._show_findings(() if measures is None else measures.quality.findings)
        self._tell_waiting()

    def _fill(self, measures: Measures | None, side: str, row: _Row) -> None:
        cell, per = self.cells[f"{side}.{row.field}"], self.cells[f"{side}.{row.field}.indexed"]
        if side == "rv" and row.field == "mass_g":
            cell.setText("")
            per.setText("")
            return
        value: float | None = None
        surface: float | None = None
        reasons: list[str] = []
        if measures is not None:
            value = row.value(measures, side, self._rates(measures, side))
            surface = measures.surface_m2
            reasons = [
                engine_text(finding.message)
                for finding in measures.quality.findings
                if finding.severity is Severity.DOUBTFUL and row.concerns(side) & set(finding.concerns)
            ]
        doubted = bool(reasons) and value is not None
        cell.setText("–" if value is None else number_text(value, row.decimals) + ("?" if doubted else ""))
        cell.setStyleSheet(f"color: {self._theme.warning if doubted else self._theme.text}; font-weight: 600;")
        cell.setToolTip("\n".join(reasons))
        by = indexed(value, surface) if row.by_surface else None
        per.setText("" if by is None else number_text(by, max(row.decimals, 1)) + ("?" if doubted else ""))
        per.setStyleSheet(f"color: {self._theme.warning};" if doubted else "")
        per.setToolTip("\n".join(reasons))

    def _rates(self, measures: Measures, side: str) -> Rates | None:
        assert self._desk.reading.study is not None
        curve = measures.curves.lv_ml if side == "lv" else measures.curves.rv_ml
        return rates(curve, self._desk.reading.study.stack.phase_times_ms)

    def _changes(self, measures: Measures) -> str:
        """Say what leaving slices out has changed."""
        if not measures.choice_changes:
            return ""
        parts = []
        for side in ("lv", "rv"):
            now, before = getattr(measures.measurements, side), getattr(measures.every_slice, side)
            for row in _ROWS[:4]:
                by = change(now, before, row.field)
                if by is not None:
                    unit = tr("points") if row.unit == "%" else row.unit
                    what = f"{structure_name(_SIDES[side])} {tr(row.short)}"
                    parts.append(f"{what} {number_text(by, 1, signed=True)} {unit}")
        return tr("The choice of slices changes {parts}.", parts=", ".join(parts)) if parts else ""

    def _show_findings(self, findings: tuple[Finding, ...]) -> None:
        while (item := self._findings.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()  # the layout shows it later otherwise, as a window of its own
                widget.setParent(None)  # gone at once; deleted when the event loop comes round
                widget.deleteLater()
        self._findings_head.setVisible(self._desk.review.result is not None)
        for finding in findings:
            self._findings.addWidget(self._finding_row(finding))
        if not findings and self._desk.review.result is not None:
            self._findings.addWidget(quiet_label(tr("Nothing stands out.")))

    def _finding_row(self, finding: Finding) -> QWidget:
        colour = {Severity.DOUBTFUL: self._theme.warning, Severity.WARNING: self._theme.text}.get(
            finding.severity, self._theme.quiet
        )
        mark = {Severity.DOUBTFUL: "?", Severity.WARNING: "!"}.get(finding.severity, "·")
        text = QLabel(f"{mark} {engine_text(finding.message)}")
        text.setWordWrap(True)
        text.setStyleSheet(f"color: {colour};")
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(6)
        line.addWidget(text, 1)
        if finding.slices or finding.phases:
            show = QToolButton()  # no link in the text: Tab would not leave it again
            show.setText(tr("show"))
            show.setProperty("link", True)
            show.setAccessibleName(f"{tr('show')}: {text.text()}")
            index = finding.slices[0] if finding.slices else -1
            phase = finding.phases[0] if finding.phases else -1
            show.clicked.connect(lambda _=False, s=index, p=phase: self.finding_chosen.emit(s, p))
            line.addWidget(show, 0, Qt.AlignmentFlag.AlignTop)
        return row

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
