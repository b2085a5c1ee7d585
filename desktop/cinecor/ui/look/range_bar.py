"""`RangeBar`: a reference range with the value in it: its limits, a word where it lies outside, and a small bar."""

from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from cinecor.measure.reference.comparison import IN_DOUBT, Comparison, Verdict
from cinecor.message import Message
from cinecor.ui.look.texts import number_text, said, tr, with_colon
from cinecor.ui.look.theme import Theme
from cinecor.ui.look.type import SMALL, type_of

_SIGNS: Final = {Verdict.BELOW: "↓", Verdict.ABOVE: "↑"}  # where there is no room for the word
_BAR_PX = 3.0
_MARK_PX = 3.0  # its radius
_WHOLE_FROM = 20.0  # smaller limits, of millimetres, have a decimal


class RangeBar(QWidget):
    """As large without a comparison as with one: then a dash where the range would be, and why under the mouse."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.comparison: Comparison | None = None
        self._missing = False
        self._theme = theme
        self.setFont(type_of(self.font(), SMALL))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_comparison(self, comparison: Comparison | None, *, why_none: Message | None = None) -> None:
        """Show a value in its range, or a dash and why; nothing where there is no value to compare."""
        self.comparison = comparison
        self._missing = comparison is None and why_none is not None
        why = "" if why_none is None else said(why_none)
        told = why if comparison is None else comparison_text(comparison)
        self.setToolTip(told)
        self.setAccessibleName(told if comparison is None else with_colon(range_text(comparison), told))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(88, self.fontMetrics().height() + round(2 * _MARK_PX) + 1)

    def minimumSizeHint(self) -> QSize:
        return QSize(58, self.sizeHint().height())

    @property
    def share(self) -> float:
        """Where the value lies: 0 the lower limit, 1 the upper; a side without a limit is as wide as the value asks."""
        assert self.comparison is not None
        low, high, value = self.comparison.lower, self.comparison.upper, self.comparison.value
        if low is None or high is None:
            limit = low if high is None else high
            assert limit is not None  # a row has one at least
            width = max(limit, 1.0) / 2
            return (value - limit) / width if high is None else 1 + (value - limit) / width
        return (value - low) / (high - low) if high > low else 0.5

    def _fitting_text(self) -> str:
        """Return the limits with as much about them as there is room for: word, arrow, or where the mark stands."""
        assert self.comparison is not None
        sign = None if self.comparison.withheld else _SIGNS.get(self.comparison.verdict)
        limits = limits_text(self.comparison)
        wanted = [range_text(self.comparison), *([f"{sign} {limits}", f"{sign}{limits}", limits] if sign else [])]
        return next((one for one in wanted if self.fontMetrics().horizontalAdvance(one) <= self.width()), wanted[-1])

    def paintEvent(self, _: QPaintEvent) -> None:
        if self.comparison is None and not self._missing:
            return
        painter = QPainter(self)
        above = QRectF(0, 0, self.width(), self.fontMetrics().height())
        if self.comparison is None:
            painter.setPen(QColor(self._theme.quiet))
            painter.drawText(above, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, "–")
            painter.end()
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        outside = self.comparison.verdict in _SIGNS and not self.comparison.withheld
        unsure = self.comparison.verdict is Verdict.DEPENDS or self.comparison.withheld
        painter.setPen(QColor(self._theme.text if outside else self._theme.quiet))
        told = self._fitting_text()
        painter.drawText(above, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, told)
        whole = QRectF(_MARK_PX, above.bottom(), self.width() - 2 * _MARK_PX, 2 * _MARK_PX)
        left, middle = whole.left() + whole.width() * 0.2, whole.center().y()
        band = QRectF(left, middle - _BAR_PX / 2, whole.width() * 0.6, _BAR_PX)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._theme.line))
        painter.drawRoundedRect(QRectF(whole.left(), middle - 0.5, whole.width(), 1.0), 0.5, 0.5)
        painter.setBrush(QColor(self._theme.cell_line))
        painter.drawRoundedRect(band, _BAR_PX / 2, _BAR_PX / 2)
        if not unsure:
            at = min(max(band.left() + self.share * band.width(), whole.left()), whole.right())
            painter.setBrush(QColor(self._theme.text))
            painter.drawEllipse(QPointF(at, middle), _MARK_PX, _MARK_PX)
        painter.end()


def range_text(one: Comparison) -> str:
    """Return the limits, with a word for a value outside; what is missing where they depend on it."""
    if one.verdict is Verdict.DEPENDS:
        return tr("sex?") if "sex" in one.depends_on else tr("age?")
    limits = limits_text(one)
    if one.withheld:
        return limits
    match one.verdict:
        case Verdict.BELOW:
            return tr("low · {limits}", limits=limits)
        case Verdict.ABOVE:
            return tr("high · {limits}", limits=limits)
        case _:
            return limits


def comparison_text(one: Comparison) -> str:
    """Return all that is to be known of a comparison, a line each."""
    sources = dict.fromkeys(row.source for row in one.groups)
    cautions = (said(note) for note in one.cautions) if one.groups else ()
    return "\n".join((verdict_text(one), *sources, *cautions))


def verdict_text(one: Comparison) -> str:
    """Return what came out of a comparison with its limits, or why there is no verdict."""
    if one.withheld:
        return f"{said(IN_DOUBT)} {limits_text(one)}"
    return said(one.why) if one.why is not None else f"{said(one.verdict.message)} {limits_text(one)}"


def limits_text(one: Comparison) -> str:
    """Return the limits, with what they are per."""
    per = "/m²" if one.measure.indexed else ""
    if one.lower is None or one.upper is None:
        return (
            f"≤ {number_text(one.upper or 0.0, 0)}" if one.lower is None else f"≥ {number_text(one.lower, 0)}"
        ) + per
    decimals = 0 if one.upper >= _WHOLE_FROM else 1
    return f"{number_text(one.lower, decimals)}–{number_text(one.upper, decimals)}{per}"
