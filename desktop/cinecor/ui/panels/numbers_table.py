"""`NumbersTable`: volumes, output, mass and rates of both ventricles in columns that never move.

Name and unit, value, value per m², change against the model, reference range; the left ventricle above the right one.
"""

from collections.abc import Collection
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QStackedWidget, QWidget

from cinecor.measure.conventions import conventions
from cinecor.measure.quantity import EXCURSIONS, QUANTITIES, RATES, Quantity, number_key
from cinecor.measure.ventricle import Ventricle
from cinecor.scene.numbers import NO_RATES, NumberRow, Numbers
from cinecor.ui.look.labels import colour_text, quiet_label
from cinecor.ui.look.range_bar import RangeBar
from cinecor.ui.look.texts import said, tr
from cinecor.ui.look.theme import Theme
from cinecor.ui.look.type import SMALL, TEXT, VALUE, set_type, width_of
from cinecor.ui.panels.number_cell import NumberCell
from cinecor.ui.panels.one_line import OneLine

_TABLED: Final = tuple(one for one in QUANTITIES if one.field != "ef_percent")
_NAME, _VALUE, _INDEXED, _CHANGE, _RANGE = range(5)
_WIDEST: Final = {_VALUE: "000.0", _INDEXED: "000.0?", _CHANGE: "−00.0?"}
_WIDEST_RATE: Final = "0000?"
_WIDEST_EXCURSION: Final = "00?"
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_BETWEEN_PX = 6  # the ventricles


class NumbersTable(QWidget):
    """Cells by ventricle, quantity and column: "lv.edv_ml", "lv.edv_ml.indexed", "lv.edv_ml.change"."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.cells: dict[str, NumberCell] = {}
        self.ranges: dict[str, RangeBar] = {}
        self._changes: list[QLabel] = []  # the heads of the columns of changes
        self._bases: dict[Ventricle, OneLine] = {}  # above the ranges: a fractional base
        self._rates: dict[Ventricle, QStackedWidget] = {}  # the rates, or why there are none: as large with either
        self.no_rates: dict[Ventricle, OneLine] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(3)
        self._grid.setVerticalSpacing(1)
        self._grid.setColumnStretch(_RANGE, 1)
        for side in Ventricle:
            self._add_head(side)
            for one in _TABLED:
                if side in one.codes:
                    self._add_row(side, one)
            self._add_rates(side)
        for column, cell in ((_VALUE, "lv.edv_ml"), (_INDEXED, "lv.edv_ml.indexed"), (_CHANGE, "lv.edv_ml.change")):
            self._grid.setColumnMinimumWidth(column, width_of(self.cells[cell], _WIDEST[column]))

    def show_numbers(self, numbers: Numbers, *, surface_known: bool) -> None:
        """Show every row; what changed against the model is told where anything did."""
        for key, row in numbers.items():
            if key in self.cells:  # the ejection fractions stand above
                self._show_row(key, row, surface_known=surface_known)
        for side, note in self.no_rates.items():
            self._show_no_rates(side, note, numbers[number_key(side, RATES[0])])
        changed = any(row.change is not None for row in numbers.values())
        for head in self._changes:
            head.setText("Δ" if changed else "")
            head.setToolTip(tr("Against the model’s own outlines") if changed else "")

    def show_base(self, fractional: Collection[Ventricle]) -> None:
        """Name a fractional base above the ranges of each ventricle in which it is in use."""
        for side, note in self._bases.items():
            told = conventions(papillary_mass=False, fractional=(side,))["base"] if side in fractional else None
            note.show_short("" if told is None else tr("fractional base"), "" if told is None else said(told))

    def _show_row(self, key: str, row: NumberRow, *, surface_known: bool) -> None:
        why = "\n".join(said(reason) for reason in row.reasons)
        if row.awaited:
            self.cells[key].show_awaited(why)
        else:
            self.cells[key].show_value(row.value, row.quantity.decimals, doubts=row.doubts, why=why)
        if key not in self.ranges:
            return
        indexed, change = self.cells[f"{key}.indexed"], self.cells[f"{key}.change"]
        why = why if surface_known else tr("Needs height and weight.")
        indexed.show_value(row.indexed, row.quantity.indexed_decimals, doubts=row.doubts, why=why)
        if row.change is None:
            change.show_nothing()
        else:
            change.show_value(row.change, 1, signed=True)
            change.setToolTip(tr("Against the model’s own outlines"))
        self.ranges[key].show_comparison(row.comparison, why_none=row.why_not_compared)

    def _show_no_rates(self, side: Ventricle, note: OneLine, row: NumberRow) -> None:
        """Say where the rates would stand that a choice of slices takes them away."""
        why = next((one for one in row.reasons if one == NO_RATES), None)
        note.show_short("" if why is None else tr("no rates: left out"), "" if why is None else said(why))
        self._rates[side].setCurrentIndex(0 if why is None else 1)

    # -- building

    def _add_head(self, side: Ventricle) -> None:
        row = self._grid.rowCount()
        if self._changes:
            self._grid.setRowMinimumHeight(row, _BETWEEN_PX)
            row += 1
        name = QLabel(said(side.message))
        colour_text(name, self._theme.lv if side is Ventricle.LV else self._theme.rv)
        set_type(name, TEXT, bold=True)
        called = QHBoxLayout()
        called.setSpacing(4)
        called.addWidget(name)
        if side is Ventricle.RV:  # beside its name: at the head of a column it would be read as the column's
            outflow = _quiet_line()
            outflow.show_short(
                tr("(no RVOT)"), tr("The outlines leave the outflow tract (infundibulum) out, as ACDC does.")
            )
            called.addWidget(outflow, 1)
        else:
            called.addStretch()
        self._grid.addLayout(called, row, _NAME, 1, 2)
        per_m2, change = _small("/m²"), _small("")
        self._bases[side] = _quiet_line()
        for label in (per_m2, change):
            label.setAlignment(_RIGHT)
        self._changes.append(change)
        for column, label in ((_INDEXED, per_m2), (_CHANGE, change), (_RANGE, self._bases[side])):
            self._grid.addWidget(label, row, column)

    def _add_row(self, side: Ventricle, one: Quantity) -> None:
        row, key = self._grid.rowCount(), f"{side}.{one.field}"
        cells = {
            _VALUE: (key, NumberCell(self._theme, VALUE)),
            _INDEXED: (f"{key}.indexed", NumberCell(self._theme, TEXT, quiet=True)),
            _CHANGE: (f"{key}.change", NumberCell(self._theme, TEXT, quiet=True)),
        }
        self.ranges[key] = RangeBar(self._theme)
        self._grid.addLayout(_with_unit(one), row, _NAME)
        for column, (name, cell) in cells.items():
            self.cells[name] = cell
            self._grid.addWidget(cell, row, column)
        self._grid.addWidget(self.ranges[key], row, _RANGE)

    def _add_rates(self, side: Ventricle) -> None:
        """Both rates and the valve's excursion have a line of their own: below Δ a rate would be read as a change."""
        ejection, filling = RATES
        excursion = next(one for one in EXCURSIONS if side in one.codes)
        rates = QWidget()
        both = QHBoxLayout(rates)
        both.setContentsMargins(0, 0, 0, 0)
        both.setSpacing(4)
        for one in (
            self._quiet_cell(side, ejection, _WIDEST_RATE),
            _named(filling),
            self._quiet_cell(side, filling, _WIDEST_RATE),
            _small(filling.unit),
        ):
            both.addWidget(one)
        both.addStretch()
        note = self.no_rates[side] = _quiet_line()
        stack = self._rates[side] = QStackedWidget()
        stack.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        stack.addWidget(rates)
        stack.addWidget(note)
        line = QHBoxLayout()
        line.setSpacing(4)
        line.addWidget(_named(ejection))
        line.addWidget(stack, 1)
        for one in (_named(excursion), self._quiet_cell(side, excursion, _WIDEST_EXCURSION), _small(excursion.unit)):
            line.addWidget(one)
        self._grid.addLayout(line, self._grid.rowCount(), _NAME, 1, _RANGE + 1)

    def _quiet_cell(self, side: Ventricle, one: Quantity, widest: str) -> NumberCell:
        cell = self.cells[f"{side}.{one.field}"] = NumberCell(self._theme, TEXT, quiet=True, alone=True)
        cell.setMinimumWidth(width_of(cell, widest))
        return cell


def _named(one: Quantity) -> QLabel:
    name = QLabel(said(one.name))
    name.setToolTip(f"{said(one.meaning)}, {one.unit}")
    set_type(name, TEXT)
    return name


def _with_unit(one: Quantity) -> QHBoxLayout:
    line = QHBoxLayout()
    line.setSpacing(4)
    line.addWidget(_named(one))
    line.addWidget(_small(one.unit))
    line.addStretch()
    return line


def _quiet_line() -> OneLine:
    line = OneLine()
    line.setProperty("quiet", True)
    set_type(line, SMALL)
    return line


def _small(text: str) -> QLabel:
    label = quiet_label(text)
    label.setWordWrap(False)
    set_type(label, SMALL)
    return label
