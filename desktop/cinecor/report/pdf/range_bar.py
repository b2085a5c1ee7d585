"""The small bar beside a number: its reference range, and where the number lies."""

from collections.abc import Iterable
from typing import Final

from cinecor.measure.quantity import Quantity
from cinecor.measure.reference.comparison import OUTFLOW_INCLUDED, OUTFLOW_NOT_STATED, PAPILLARY_NOT_STATED
from cinecor.measure.ventricle import Ventricle
from cinecor.message import Message
from cinecor.report.pdf.sheet import DOUBT, GOOD, LINE, QUIET, Sheet
from cinecor.report.results import ReferenceFact, Results

_CAUTIONS: Final = {message.code: message for message in (OUTFLOW_INCLUDED, OUTFLOW_NOT_STATED, PAPILLARY_NOT_STATED)}
_SHOWN: Final = ("within", "below", "above")
_BEYOND: Final = 0.5  # of the range, on either side of it


def reference_of(results: Results, quantity: Quantity, ventricle: Ventricle, *, indexed: bool) -> ReferenceFact | None:
    """Return what is known of a number's range; None where no table in use has one."""
    key = f"{ventricle.value}.{quantity.field}{'.indexed' if indexed else ''}"
    found = () if results.reference is None else results.reference.comparisons
    return next((one for one in found if one.measure == key), None)


def cautions_of(results: Results, facts: Iterable[ReferenceFact]) -> tuple[Message, ...]:
    """Return what must be said beside comparisons, each once; in English where the caution is of another version."""
    if results.reference is None:
        return ()
    codes = dict.fromkeys(code for fact in facts for code in fact.cautions)
    told = results.reference.cautions
    return tuple(
        _CAUTIONS.get(code) or Message("report_caution", "{sentence}", sentence=told.get(code, code)) for code in codes
    )


def has_bar(fact: ReferenceFact) -> bool:
    """Return whether there is a verdict and both limits."""
    limits = fact.lower is not None and fact.upper is not None and fact.lower < fact.upper
    return fact.verdict in _SHOWN and limits


def draw_range_bar(sheet: Sheet, x: float, base: float, *, width: float, fact: ReferenceFact) -> None:
    """Draw the range as a bar and the value as a dot; nothing where there is no verdict or not both limits."""
    if not has_bar(fact) or fact.lower is None or fact.upper is None:
        return
    span = fact.upper - fact.lower
    low, high = fact.lower - _BEYOND * span, fact.upper + _BEYOND * span

    def at(value: float) -> float:
        return x + (min(max(value, low), high) - low) / (high - low) * width

    y = base - 2.6
    sheet.line([(x, y), (x + width, y)], colour=LINE, width=0.8)
    sheet.line([(at(fact.lower), y), (at(fact.upper), y)], colour=QUIET, width=3.2)
    sheet.dot(at(fact.value), y, radius=2.6, fill=GOOD if fact.verdict == "within" else DOUBT)
