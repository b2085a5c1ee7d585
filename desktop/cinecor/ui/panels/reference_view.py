"""`ReferenceView`: values beside their reference ranges, each as a small bar; what is not compared, and why."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget

from cinecor.measure.quantity import quantity
from cinecor.measure.reference.comparison import Comparison, ReferenceBook, Verdict
from cinecor.ui.look.labels import heading, quiet_label
from cinecor.ui.look.texts import number_text, said, tr
from cinecor.ui.look.theme import Theme
from cinecor.ui.study.review_model import ReviewModel

_OUTSIDE = (Verdict.BELOW, Verdict.ABOVE)


class ReferenceView(QWidget):
    """Hidden while there is nothing to compare."""

    def __init__(self, review: ReviewModel, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._review, self._theme = review, theme
        self._book: ReferenceBook | None = None
        self.rows: dict[str, RangeBar] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(10)
        self._grid.setVerticalSpacing(3)
        self._grid.setColumnStretch(2, 1)
        review.changed.connect(self.refresh)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Compare the values of the review as it is."""
        review, result = self._review.present, self._review.result
        found: tuple[Comparison, ...] = ()
        if review is not None and result is not None:
            # Neither is needed before there are numbers: the tables are read from their files.
            from cinecor.app.reference import reference_book
            from cinecor.report.reference_facts import comparisons

            self._book = self._book or reference_book()
            found = tuple(comparisons(review, result, None, book=self._book))
        self._clear()
        if found:
            self._grid.addWidget(heading(tr("Reference ranges")), 0, 0, 1, 4)
        for one in found:
            if one.groups:
                self._add_row(one)
        for text in dict.fromkeys(said(one.why) for one in found if one.why is not None and not one.groups):
            self._grid.addWidget(quiet_label(text), self._grid.rowCount(), 0, 1, 4)
        for text in dict.fromkeys(said(caution) for one in found for caution in one.cautions):
            self._grid.addWidget(quiet_label(text), self._grid.rowCount(), 0, 1, 4)
        self.setVisible(bool(found))

    def _add_row(self, one: Comparison) -> None:
        row = self._grid.rowCount()
        what = quantity(one.measure.field)
        decimals = what.indexed_decimals if one.measure.indexed else what.decimals
        name = QLabel(f"{said(one.measure.ventricle.message)} {said(what.name)}{'/m²' if one.measure.indexed else ''}")
        number = QLabel(number_text(one.value, decimals))
        number.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        bar = RangeBar(one, self._theme)
        limits = quiet_label(_limits(one))
        limits.setWordWrap(False)
        told = "\n".join(
            (
                said(one.why) if one.why is not None else said(one.verdict.message),
                one.groups[0].source,
                *(said(caution) for caution in one.cautions),
            )
        )
        if one.verdict in _OUTSIDE:
            number.setStyleSheet(f"color: {self._theme.doubt}; font-weight: 600;")
        for column, widget in enumerate((name, number, bar, limits)):
            widget.setToolTip(told)
            self._grid.addWidget(widget, row, column)
        bar.setAccessibleName(f"{name.text()} {number.text()} {_limits(one)}: {told}")
        self.rows[one.measure.key] = bar

    def _clear(self) -> None:
        self.rows = {}
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.setParent(None)
                widget.deleteLater()


class RangeBar(QWidget):
    """The range as a bar and the value as a mark; a value outside is drawn at the end, with a gap."""

    def __init__(self, comparison: Comparison, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.comparison, self._theme = comparison, theme
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(70, 14)

    def minimumSizeHint(self) -> QSize:
        return QSize(48, 14)

    @property
    def share(self) -> float:
        """Where the value lies: 0 the lower limit, 1 the upper; a side without a limit is as wide as the value asks."""
        low, high, value = self.comparison.lower, self.comparison.upper, self.comparison.value
        if low is None or high is None:
            limit = low if high is None else high
            assert limit is not None  # a row has one at least
            width = max(limit, 1.0) / 2
            return (value - limit) / width if high is None else 1 + (value - limit) / width
        return (value - low) / (high - low) if high > low else 0.5

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        whole = QRectF(self.rect()).adjusted(4, 0, -4, 0)
        band = QRectF(whole.left() + whole.width() * 0.2, whole.center().y() - 3, whole.width() * 0.6, 6)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._theme.line))
        painter.drawRoundedRect(band, 3, 3)
        at = min(max(band.left() + self.share * band.width(), whole.left()), whole.right())
        outside = self.comparison.verdict in _OUTSIDE
        unsure = self.comparison.verdict is Verdict.DEPENDS
        colour = self._theme.doubt if outside else self._theme.quiet if unsure else self._theme.text
        painter.setBrush(QColor(colour))
        painter.drawEllipse(QPointF(at, band.center().y()), 4, 4)
        painter.end()


def _limits(one: Comparison) -> str:
    """Return the limits, or what is missing where they depend on it: what all groups share decides nothing then."""
    if one.verdict is Verdict.DEPENDS:
        return tr("sex?") if "sex" in one.depends_on else tr("age?")
    if one.lower is None or one.upper is None:
        return f"≤ {number_text(one.upper or 0.0, 0)}" if one.lower is None else f"≥ {number_text(one.lower, 0)}"
    return f"{number_text(one.lower, 0)}–{number_text(one.upper, 0)}"
