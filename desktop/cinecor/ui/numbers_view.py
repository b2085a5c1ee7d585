"""`NumbersView`: function of both ventricles, what doubts it, and the facts it needs from the doctor."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from cinecor.app.measures import Measures, change, indexed
from cinecor.measure.quality import Finding, Severity
from cinecor.ui.body_form import BodyForm
from cinecor.ui.desk import StudyDesk
from cinecor.ui.finding_text import finding_text
from cinecor.ui.texts import tr
from cinecor.ui.theme import Theme

# Field, unit, decimals, whether it is indexed by body surface, what puts it in doubt beside its ventricle.
_ROWS = (
    ("edv_ml", "ml", 0, True, ()),
    ("esv_ml", "ml", 0, True, ()),
    ("sv_ml", "ml", 0, True, ()),
    ("ef_percent", "%", 1, False, ()),
    ("co_l_min", "l/min", 1, True, ("co",)),
    ("mass_g", "g", 0, True, ()),
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
        for position, (name, colour) in enumerate((("LV", self._theme.lv), ("RV", self._theme.rv))):
            head = QLabel(name)
            head.setStyleSheet(f"color: {colour}; font-weight: 600;")
            self._table.addWidget(head, 0, 1 + 2 * position, Qt.AlignmentFlag.AlignRight)
            per = QLabel("/m²")
            per.setProperty("quiet", True)
            self._table.addWidget(per, 0, 2 + 2 * position, Qt.AlignmentFlag.AlignRight)
        for row, (field, unit, *_) in enumerate(_ROWS, start=1):
            name = QLabel(tr(f"number.{field}"))
            name.setToolTip(tr(f"number.{field}.long"))
            self._table.addWidget(name, row, 0)
            for position, side in enumerate(("lv", "rv")):
                for offset, kind in ((0, ""), (1, ".indexed")):
                    cell = QLabel("–")
                    cell.setProperty("quiet", bool(offset))
                    cell.setMinimumWidth(cell.fontMetrics().horizontalAdvance("000.0 ?"))
                    self.cells[f"{side}.{field}{kind}"] = cell
                    self._table.addWidget(cell, row, 1 + 2 * position + offset, Qt.AlignmentFlag.AlignRight)
            units = QLabel(unit)
            units.setProperty("quiet", True)
            self._table.addWidget(units, row, 5)
        self._table.setColumnStretch(0, 1)

    # -- content -----------------------------------------------------------------------------------------------------------

    @Slot()
    def refresh(self) -> None:
        """Show the measures of the present review."""
        measures = self._desk.measures
        for row in _ROWS:
            for side in ("lv", "rv"):
                self._fill(measures, side, *row)
        self.change.setText("" if measures is None else self._changes(measures))
        self.change.setVisible(bool(self.change.text()))
        self._show_findings(() if measures is None else measures.quality.findings)
        self._tell_waiting()

    def _fill(
        self, measures: Measures | None, side: str, field: str, unit: str, decimals: int, by_surface: bool,
        doubts: tuple[str, ...],
    ) -> None:  # fmt: skip
        cell, per = self.cells[f"{side}.{field}"], self.cells[f"{side}.{field}.indexed"]
        if side == "rv" and field == "mass_g":
            cell.setText("")
            per.setText("")
            return
        value = None if measures is None else getattr(getattr(measures.measurements, side), field)
        concerns = {"mass"} if field == "mass_g" else {side, *doubts}
        reasons = [] if measures is None else [
            finding_text(finding) for finding in measures.quality.findings
            if finding.severity is Severity.DOUBTFUL and concerns & set(finding.concerns)
        ]  # fmt: skip
        known = value is not None
        cell.setText(f"{value:.{decimals}f}" + (" ?" if reasons else "") if known else "–")
        cell.setStyleSheet(f"color: {self._theme.warning if reasons else self._theme.text}; font-weight: 600;")
        cell.setToolTip("\n".join(reasons))
        by = indexed(value, None if measures is None else measures.surface_m2) if by_surface else None
        per.setText("" if by is None else f"{by:.{1 if decimals == 0 else decimals}f}")

    def _changes(self, measures: Measures) -> str:
        """Say what leaving slices out has changed."""
        if not measures.choice_changes:
            return ""
        parts = []
        for side in ("lv", "rv"):
            now, before = getattr(measures.measurements, side), getattr(measures.every_slice, side)
            for field, unit, *_ in _ROWS[:4]:
                by = change(now, before, field)
                if by is not None:
                    unit = tr("unit.points") if unit == "%" else unit
                    parts.append(f"{side.upper()} {tr(f'number.{field}')} {by:+.1f} {unit}".replace("-", "−"))
        return tr("numbers.change", parts=", ".join(parts)) if parts else ""

    def _show_findings(self, findings: tuple[Finding, ...]) -> None:
        while (item := self._findings.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
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
        label = QLabel(f"{mark}  {finding_text(finding)}")
        label.setWordWrap(True)
        label.setStyleSheet(f"color: {colour};")
        label.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        if finding.slices or finding.phases:
            label.setText(
                f"{mark}  {finding_text(finding)} <a href='go' style='color:{self._theme.accent}'>{tr('numbers.show')}</a>"
            )
            label.setTextFormat(Qt.TextFormat.RichText)
            cursor = self._desk.cursor
            index = finding.slices[0] if finding.slices else -1
            phase = finding.phases[0] if finding.phases else -1
            label.linkActivated.connect(
                lambda _, s=index, p=phase: cursor.go(
                    to_slice=s if s >= 0 else None, to_phase=p if p >= 0 else None
                )
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
