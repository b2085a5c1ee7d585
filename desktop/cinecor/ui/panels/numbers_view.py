"""`NumbersView`: function of both ventricles, what doubts it, and the facts it needs from the doctor."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QScrollArea, QToolButton, QVBoxLayout, QWidget

from cinecor.language import language
from cinecor.measure.conventions import CONVENTIONS
from cinecor.measure.findings.finding import Finding, Severity
from cinecor.measure.quantity import QUANTITIES, RATES, Quantity
from cinecor.measure.ventricle import Ventricle
from cinecor.message import sentences
from cinecor.review import ReviewResult
from cinecor.ui.look.engine_text import engine_text
from cinecor.ui.look.texts import language_in_use, number_text, tr
from cinecor.ui.look.theme import Theme
from cinecor.ui.panels.body_form import BodyForm
from cinecor.ui.study.study_desk import StudyDesk

_ROWS = (*QUANTITIES, *RATES)
_CHANGING = QUANTITIES[:4]  # volumes and ejection fraction: what the choice of slices moves


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
        self.moments = _quiet_label()
        column.addWidget(self.moments)
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
        for key in ("volume", "papillary", "rv", "mass", "surface"):
            column.addWidget(_quiet_label(engine_text(CONVENTIONS[key])))
        column.addStretch()
        self.setWidget(content)
        desk.opened.connect(self.refresh)
        desk.review_changed.connect(self.refresh)
        desk.work_changed.connect(self._tell_waiting)
        self.refresh()

    def _build_table(self) -> None:
        """Name and unit on the left, then each ventricle with its values per m² where these are known."""
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for column, side, colour in ((2, Ventricle.LV, self._theme.lv), (4, Ventricle.RV, self._theme.rv)):
            head = QLabel(engine_text(side.message))
            head.setStyleSheet(f"color: {colour}; font-weight: 600;")
            self._table.addWidget(head, 0, column, right)
            per = _quiet_label("/m²")
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
            name = QLabel(engine_text(row.name))
            name.setToolTip(engine_text(row.meaning))
            self._table.addWidget(name, number, 0)
            self._table.addWidget(_quiet_label(row.unit), number, 1)
        self._table.setColumnStretch(1, 1)

    # -- content

    @Slot()
    def refresh(self) -> None:
        """Show the measures of the present review."""
        measures = self._desk.measures
        for row in _ROWS:
            for side in Ventricle:
                self._fill(measures, side, row)
        for widget in self._by_surface:
            widget.setVisible(measures is not None and measures.surface_m2 is not None)
        self.moments.setText("" if measures is None else _told(measures))
        self.moments.setVisible(bool(self.moments.text()))
        self.change.setText("" if measures is None else self._changes(measures))
        self.change.setVisible(bool(self.change.text()))
        self._show_findings(() if measures is None else measures.quality.findings)
        self._tell_waiting()

    def _fill(self, result: ReviewResult | None, side: Ventricle, row: Quantity) -> None:
        cell, per = self.cells[f"{side}.{row.field}"], self.cells[f"{side}.{row.field}.indexed"]
        if side not in row.codes:
            cell.setText("")
            per.setText("")
            return
        value = None if result is None else result.value(row, side)
        by = None if result is None else result.indexed(row, side)
        reasons = [] if result is None else [engine_text(finding.message) for finding in result.doubts(row, side)]
        doubted = bool(reasons) and value is not None
        cell.setText("–" if value is None else number_text(value, row.decimals) + ("?" if doubted else ""))
        cell.setStyleSheet(f"color: {self._theme.warning if doubted else self._theme.text}; font-weight: 600;")
        cell.setToolTip("\n".join(reasons))
        per.setText("" if by is None else number_text(by, row.indexed_decimals) + ("?" if doubted else ""))
        per.setStyleSheet(f"color: {self._theme.warning};" if doubted else "")
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
                    unit = tr("unit.points") if row.unit == "%" else row.unit
                    what = f"{engine_text(side.message)} {engine_text(row.name)}"
                    parts.append(f"{what} {number_text(by, 1, signed=True)} {unit}")
        return tr("numbers.change", parts=", ".join(parts)) if parts else ""

    def _show_findings(self, findings: tuple[Finding, ...]) -> None:
        while (item := self._findings.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()  # the layout shows it later otherwise, as a window of its own
                widget.setParent(None)  # gone at once; deleted when the event loop comes round
                widget.deleteLater()
        self._findings_head.setVisible(self._desk.measures is not None)
        for finding in findings:
            self._findings.addWidget(self._finding_row(finding))
        if not findings and self._desk.measures is not None:
            self._findings.addWidget(_quiet_label(tr("numbers.nothing_found")))

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
            show.setText(tr("numbers.show"))
            show.setProperty("link", True)
            show.setAccessibleName(f"{tr('numbers.show')}: {text.text()}")
            index = finding.slices[0] if finding.slices else -1
            phase = finding.phases[0] if finding.phases else -1
            show.clicked.connect(lambda _=False, s=index, p=phase: self.finding_chosen.emit(s, p))
            line.addWidget(show, 0, Qt.AlignmentFlag.AlignTop)
        return row

    @Slot()
    def _tell_waiting(self) -> None:
        desk = self._desk
        if desk.measures is None:
            waiting = desk.segmenting or (desk.study is None and desk.busy)
            if waiting:
                text = "numbers.waiting"
            elif desk.study is None:
                text = "numbers.no_study"
            else:
                broken_off = desk.shown is not None and bool(desk.shown.outlined.any())
                text = "numbers.stopped" if broken_off else "numbers.empty"
            self.change.setText(tr(text))
            self.change.setVisible(True)


def _told(result: ReviewResult) -> str:
    return sentences(result.measurements.phase_choice, language(language_in_use()))


def _quiet_label(text: str = "") -> QLabel:
    label = QLabel(text)
    label.setWordWrap(True)
    label.setProperty("quiet", True)
    return label
