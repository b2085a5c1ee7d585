"""`NumbersSheet`: how the numbers come about: ED and ES, intervals, base and apex, ranges, conventions."""

from collections.abc import Iterable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialogButtonBox, QLabel, QPushButton, QVBoxLayout, QWidget

from cinecor.measure.conventions import conventions
from cinecor.measure.ef_interval import interval_message
from cinecor.measure.end_slices import end_slice_message
from cinecor.measure.reference.comparison import ReferenceBook
from cinecor.measure.ventricle import Ventricle
from cinecor.review import Review, ReviewResult
from cinecor.review.papillary_choice import PapillaryConvention
from cinecor.scene.numbers import Numbers
from cinecor.ui.look.labels import heading
from cinecor.ui.look.range_bar import verdict_text
from cinecor.ui.look.texts import said, tr
from cinecor.ui.sheets.sheet import Sheet

_TOLD = ("volume", "base", "papillary", "rv", "mass", "surface")


class NumbersSheet(Sheet):
    """A heading and its sentences, five times; a button leads to the reference tables."""

    tables_wanted = Signal()

    def __init__(
        self,
        review: Review | None,
        result: ReviewResult | None,
        numbers: Numbers,
        *,
        book: ReferenceBook,
        parent: QWidget,
    ) -> None:
        super().__init__(tr("How these numbers come about"), parent)
        content = QWidget()
        self._text = QVBoxLayout(content)
        if result is not None:
            self._tell(tr("ED and ES"), (said(one) for one in result.measurements.phase_choice))
            self._tell(tr("Intervals of the ejection fractions"), _intervals(result))
            self._tell(tr("Slices at base and apex"), _ends(result))
        self._tell(tr("Reference ranges"), (*_ranges(numbers), *(said(message) for message in book.told.values())))
        mass = review is not None and review.papillaries.convention is PapillaryConvention.MASS
        told = conventions(papillary_mass=mass, fractional=() if result is None else result.fractional)
        self._tell(tr("Conventions"), (said(told[one]) for one in _TOLD if one in told))
        self._text.addStretch()
        self.lay(content)
        tables = QPushButton(tr("Reference tables…"))
        tables.clicked.connect(self.tables_wanted)
        self.add_close().addButton(tables, QDialogButtonBox.ButtonRole.ActionRole)
        self.resize(620, 560)

    def _tell(self, title: str, sentences: Iterable[str]) -> None:
        told = list(dict.fromkeys(sentences))
        if not told:
            return
        self._text.addWidget(heading(title))
        for sentence in told:
            label = QLabel(sentence)
            label.setWordWrap(True)
            label.setContentsMargins(0, 0, 0, 4)
            self._text.addWidget(label)


def _intervals(result: ReviewResult) -> list[str]:
    """Say of each ejection fraction between what it lies, or why that is not known."""
    messages = []
    for side in Ventricle:
        found = result.ef_ranges[side]
        if found is not None:
            low, high = found.low_percent, found.high_percent
            told = interval_message(side, low_percent=low, high_percent=high, patients=found.constants.calibrated)
            messages.append(told)
        elif side in result.no_ef_range:
            messages.append(result.no_ef_range[side])
    return [said(message) for message in messages]


def _ends(result: ReviewResult) -> list[str]:
    """Say of every slice at an end what it decides; how many usually leave stands among the findings."""
    return [
        said(end_slice_message(side, ends, one))
        for side in Ventricle
        if (ends := result.end_slices[side]) is not None
        for one in ends.slices
    ]


def _ranges(numbers: Numbers) -> Iterable[str]:
    """Say of every comparison what came out; what all of one table share only once."""
    for row in numbers.values():
        for one in row.comparisons:
            name = f"{said(row.quantity.called(row.ventricle))}{'/m²' if one.measure.indexed else ''}"
            if one.groups:
                yield tr("{value}: {verdict} ({table})", value=name, verdict=verdict_text(one), table=one.table.title)
            else:
                yield verdict_text(one)
    for row in numbers.values():
        for one in row.comparisons:
            yield from (group.source for group in one.groups)
            yield from (said(caution) for caution in one.cautions)
