"""`EfHead`: the ejection fraction of one ventricle, large, with what the model may err by and its range.

A stack of one phase has none: its volume stands there.
"""

from typing import Final

from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from cinecor.measure.ef_interval import EfRange, interval_message
from cinecor.measure.quantity import quantity
from cinecor.measure.ventricle import Ventricle
from cinecor.message import Message
from cinecor.scene.numbers import NumberRow
from cinecor.ui.look.labels import colour_text, quiet_label
from cinecor.ui.look.range_bar import RangeBar
from cinecor.ui.look.texts import N_, number_text, said, tr
from cinecor.ui.look.theme import Theme
from cinecor.ui.look.type import LARGE, SMALL, TEXT, set_type
from cinecor.ui.panels.number_cell import NumberCell
from cinecor.ui.panels.one_line import OneLine

# By the codes of `ReviewResult.no_ef_range`, in so few words that they stand below the number.
NO_INTERVAL: Final = {
    "no_ef_interval_model": N_("no interval"),
    "no_ef_interval_apart": N_("no interval: spacing"),
    "no_ef_interval_redrawn": N_("no interval: redrawn"),
    "no_ef_interval_left_out": N_("no interval: left out"),
    "no_ef_interval_moved": N_("no interval: ED/ES moved"),
    "no_ef_interval_papillaries": N_("no interval: papillaries"),
    "no_ef_interval_base": N_("no interval: parts of slices"),
}


class EfHead(QWidget):
    """Name and change, number and unit on two lines; interval and range below; always as high."""

    def __init__(self, side: Ventricle, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._side = side
        self.name = QLabel()
        colour_text(self.name, theme.lv if side is Ventricle.LV else theme.rv)
        set_type(self.name, TEXT)
        self.value = NumberCell(theme, LARGE, bold=True, alone=True)
        self.unit = quiet_label()
        set_type(self.unit, TEXT)
        self.change = quiet_label()
        self.change.setWordWrap(False)
        set_type(self.change, TEXT)
        self.interval = OneLine()
        self.interval.setProperty("quiet", True)
        set_type(self.interval, SMALL)
        self.bar = RangeBar(theme)
        line = QHBoxLayout()
        line.setSpacing(4)
        line.addWidget(self.value)
        line.addWidget(self.unit)
        line.addStretch()
        called = QHBoxLayout()
        called.setSpacing(8)
        called.addWidget(self.name)
        called.addWidget(self.change)
        called.addStretch()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in (called, line, self.interval, self.bar):
            column.addLayout(part) if isinstance(part, QHBoxLayout) else column.addWidget(part)

    def show_row(self, row: NumberRow, interval: EfRange | None, *, why_none: Message | None = None) -> None:
        """Show the ejection fraction, and between which a reader of the images would find it or why that is unknown."""
        one = row.quantity
        self.name.setText(said(one.called(self._side)))
        self.name.setToolTip(said(one.meaning))
        why = "\n".join(said(reason) for reason in row.reasons)
        self.value.show_value(row.value, one.decimals, doubts=row.doubts, why=why)
        self.unit.setText(one.unit)
        self.change.setText("" if row.change is None else f"Δ {number_text(row.change, 1, signed=True)}")
        self.change.setToolTip("" if row.change is None else tr("Against the model’s own outlines"))
        self.bar.show_comparison(row.comparison, why_none=row.why_not_compared)
        if interval is None:
            told = "" if why_none is None else said(why_none)
            self.interval.show_short("" if why_none is None else tr(NO_INTERVAL[why_none.code]), told)
            return
        low, high = interval.low_percent, interval.high_percent
        told = said(
            interval_message(self._side, low_percent=low, high_percent=high, patients=interval.constants.calibrated)
        )
        self.interval.show_short(tr("{low}–{high} in 9 of 10", low=number_text(low), high=number_text(high)), told)

    def show_volume(self, volume_ml: float, *, doubts: NumberRow) -> None:
        """Show the volume at the only phase; 0 means that nothing of the ventricle was found."""
        self.show_row(NumberRow(doubts.ventricle, doubts.quantity), None)
        self.name.setText(tr("{ventricle} volume", ventricle=self._side.message))
        self.name.setToolTip(tr("At the only phase: no ejection fraction can be told."))
        volume = quantity("edv_ml")
        self.value.show_value(volume_ml or None, volume.decimals, doubts=doubts.doubts)
        self.unit.setText(volume.unit)
