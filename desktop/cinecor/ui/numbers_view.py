"""`NumbersView`: function of both ventricles, what doubts it, and the facts it needs from the doctor."""

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from cinecor.app.measures import Measures, change, indexed
from cinecor.measure.quality import Finding, Severity
from cinecor.ui.body_form import BodyForm
from cinecor.ui.desk import StudyDesk
from cinecor.ui.engine_text import engine_text
from cinecor.ui.texts import tr
from cinecor.ui.theme import Theme


@dataclass(frozen=True, slots=True)
class _Row:
    """One number: its field in `Ventricle`, its unit, and whether it is also told per m²."""

    field: str
    unit: str
    decimals: int = 0
    by_surface: bool = True

    def concerns(self, side: str) -> set[str]:
        """Name what a finding must bear on to put this number of a ventricle in doubt."""
        if self.field == "mass_g":
            return {"mass"}
        return {side, "co"} if self.field == "co_l_min" else {side}


_ROWS = (
    _Row("edv_ml", "ml"),
    _Row("esv_ml", "ml"),
    _Row("sv_ml", "ml"),
    _Row("ef_percent", "%", decimals=1, by_surface=False),
    _Row("co_l_min", "l/min", decimals=1),
    _Row("mass_g", "g"),
)


class NumbersView(QScrollArea):
    """A table of numbers with units, indexed values, doubts with reasons, findings, and conventions."""

    finding_chosen = Signal(int, int)  # slice and phase to look at

    def __init__(self, desk: StudyDesk, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._theme = theme
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
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
        self._build_table()
        column.addLayout(self._table)
        self.change = _quiet_label()
        column.addWidget(self.change)
        self.body = BodyForm(desk)
        column.addWidget(self.body)
        self._findings_head = QLabel(tr("numbers.findings"))
        self._findings_head.setProperty("heading", True)
        column.addWidget(self._findings_head)
        self._findings = QVBoxLayout()
        self._findings.setSpacing(6)
        column.addLayout(self._findings)
        head = QLabel(tr("numbers.conventions"))
        head.setProperty("heading", True)
        column.addWidget(head)
        for key in ("volume", "papillary", "mass", "surface"):
            line = _quiet_label()
            line.setText(tr(f"convention.{key}"))
            column.addWidget(line)
        column.addStretch()
        self.setWidget(content)
        desk.opened.connect(self.refresh)
        desk.review_changed.connect(self.refresh)
        desk.work_changed.connect(self._tell_waiting)
        self.refresh()

    def _build_table(self) -> None:
        for position, (side, colour) in enumerate(((tr("name.lv"), self._theme.lv), (tr("name.rv"), self._theme.rv))):
            head = QLabel(side)
            head.setStyleSheet(f"color: {colour}; font-weight: 600;")
            self._table.addWidget(head, 0, 1 + 2 * position, Qt.AlignmentFlag.AlignRight)
            per = QLabel("/m²")
            per.setProperty("quiet", True)
            self._table.addWidget(per, 0, 2 + 2 * position, Qt.AlignmentFlag.AlignRight)
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for number, row in enumerate(_ROWS, start=1):
            name = QLabel(tr(f"number.{row.field}"))
            name.setToolTip(tr(f"number.{row.field}.long"))
            self._table.addWidget(name, number, 0)
            for position, side in enumerate(("lv", "rv")):
                for offset, kind in ((0, ""), (1, ".indexed")):
                    cell = QLabel("–")
                    cell.setAlignment(right)
                    cell.setProperty("quiet", bool(offset))
                    cell.setMinimumWidth(cell.fontMetrics().horizontalAdvance("000.0"))
                    self.cells[f"{side}.{row.field}{kind}"] = cell
                    self._table.addWidget(cell, number, 1 + 2 * position + offset)
            units = QLabel(row.unit)
            units.setProperty("quiet", True)
            self._table.addWidget(units, number, 5)
        self._table.setColumnStretch(0, 1)

    # -- content

    @Slot()
    def refresh(self) -> None:
        """Show the measures of the present review."""
        measures = self._desk.measures
        for row in _ROWS:
            for side in ("lv", "rv"):
                self._fill(measures, side, row)
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
            value = getattr(getattr(measures.measurements, side), row.field)
            surface = measures.surface_m2
            reasons = [
                engine_text(finding.message)
                for finding in measures.quality.findings
                if finding.severity is Severity.DOUBTFUL and row.concerns(side) & set(finding.concerns)
            ]
        doubted = bool(reasons) and value is not None
        cell.setText("–" if value is None else f"{value:.{row.decimals}f}" + ("?" if doubted else ""))
        cell.setStyleSheet(f"color: {self._theme.warning if doubted else self._theme.text}; font-weight: 600;")
        cell.setToolTip("\n".join(reasons))
        by = indexed(value, surface) if row.by_surface else None
        per.setText("" if by is None else f"{by:.{max(row.decimals, 1)}f}")

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
                    unit = tr("unit.points") if row.unit == "%" else row.unit
                    parts.append(f"{tr(f'name.{side}')} {tr(f'number.{row.field}')} {by:+.1f} {unit}".replace("-", "−"))
        return tr("numbers.change", parts=", ".join(parts)) if parts else ""

    def _show_findings(self, findings: tuple[Finding, ...]) -> None:
        while (item := self._findings.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.setParent(None)  # gone at once; deleted when the event loop comes round
                widget.deleteLater()
        self._findings_head.setVisible(self._desk.measures is not None)
        for finding in findings:
            self._findings.addWidget(self._finding_label(finding))
        if not findings and self._desk.measures is not None:
            line = _quiet_label()
            line.setText(tr("numbers.nothing_found"))
            self._findings.addWidget(line)

    def _finding_label(self, finding: Finding) -> QLabel:
        colour = {Severity.DOUBTFUL: self._theme.warning, Severity.WARNING: self._theme.text}.get(
            finding.severity, self._theme.quiet
        )
        mark = {Severity.DOUBTFUL: "?", Severity.WARNING: "!"}.get(finding.severity, "·")
        label = QLabel(f"{mark} {engine_text(finding.message)}")
        label.setWordWrap(True)
        label.setStyleSheet(f"color: {colour};")
        label.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        if finding.slices or finding.phases:
            link = f"<a href='go' style='color:{self._theme.accent}'>{tr('numbers.show')}</a>"
            label.setText(f"{mark} {engine_text(finding.message)} {link}")
            label.setTextFormat(Qt.TextFormat.RichText)
            cursor = self._desk.cursor
            index = finding.slices[0] if finding.slices else -1
            phase = finding.phases[0] if finding.phases else -1
            label.linkActivated.connect(
                lambda _, s=index, p=phase: cursor.go(to_slice=s if s >= 0 else None, to_phase=p if p >= 0 else None)
            )
        return label

    @Slot()
    def _tell_waiting(self) -> None:
        desk = self._desk
        if desk.measures is None:
            waiting = desk.segmenting or (desk.study is None and desk.busy)
            self.change.setText(tr("numbers.waiting" if waiting else "numbers.empty"))
            self.change.setVisible(True)


def _quiet_label() -> QLabel:
    label = QLabel()
    label.setWordWrap(True)
    label.setProperty("quiet", True)
    return label
