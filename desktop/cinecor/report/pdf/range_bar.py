"""The small bar beside a number: its reference range with its limits, and where the number lies."""

from collections.abc import Iterable
from typing import Final

from cinecor.measure.quantity import Quantity
from cinecor.measure.reference.comparison import (
    FRACTIONAL_BASE,
    OUTFLOW_INCLUDED,
    OUTFLOW_NOT_STATED,
    PAPILLARY_NOT_STATED,
    SECOND_HAND,
)
from cinecor.measure.ventricle import Ventricle
from cinecor.report.pdf.sheet import DOUBT, GOOD, LINE, QUIET, Sheet
from cinecor.report.pdf.words import Words
from cinecor.report.results import ReferenceFact, ReferenceFacts, Results

_OF_OLDER_RESULTS: Final = {
    one.code: one for one in (OUTFLOW_INCLUDED, OUTFLOW_NOT_STATED, PAPILLARY_NOT_STATED, FRACTIONAL_BASE, SECOND_HAND)
}
_SHOWN: Final = ("within", "below", "above")
_BEYOND: Final = 0.5  # of the range, on either side of it
_LIMITS: Final = 5.5  # points
_OPEN: Final = 0.6  # of the one limit: as much of a range is drawn that has no other


def reference_of(results: Results, quantity: Quantity, ventricle: Ventricle, *, indexed: bool) -> ReferenceFact | None:
    """Return what is known of a number's range; None where no table in use has one."""
    key = f"{ventricle.value}.{quantity.field}{'.indexed' if indexed else ''}"
    found = () if results.reference is None else results.reference.comparisons
    return next((one for one in found if one.measure == key), None)


def cautions_of(results: Results, facts: Iterable[ReferenceFact], *, words: Words) -> tuple[str, ...]:
    """Return what must be said beside comparisons, each once."""
    if results.reference is None:
        return ()
    keys = dict.fromkeys(key for fact in facts for key in fact.cautions)
    return tuple(_caution(results.reference, key, words) for key in keys)


def unusable_tables(results: Results, *, words: Words) -> tuple[str, ...]:
    """Return which files of tables or choices could not be used, and why."""
    facts = results.reference
    return () if facts is None else tuple(_caution(facts, key, words) for key in facts.of_files)


def _caution(facts: ReferenceFacts, key: str, words: Words) -> str:
    """Return a caution's sentence; older results keep but the English one, and some of these are known."""
    kept = facts.caution_facts.get(key)
    known = _OF_OLDER_RESULTS.get(key)
    if kept is None and known is not None:
        return words.say(known)
    return words.restored(None if kept is None else kept.said, facts.cautions.get(key, key))


def has_bar(fact: ReferenceFact) -> bool:
    """Return whether there are limits to draw, of a range that is about the value."""
    return fact.verdict in _SHOWN and _ends(fact) is not None


def _ends(fact: ReferenceFact) -> tuple[float, float] | None:
    """Return the ends of the bar; a range that is open on one side goes on there to the end of the drawing."""
    lower, upper = fact.lower, fact.upper
    if lower is not None and upper is not None:
        return (lower, upper) if lower < upper else None
    if lower is not None and lower > 0:
        return lower, lower * (1 + _OPEN)
    if upper is not None and upper > 0:
        return upper * (1 - _OPEN), upper
    return None


def limits_of(fact: ReferenceFact, *, words: Words) -> str:
    """Return the limits, each with the decimals that its source has; empty where there are none."""
    lower, upper = ("" if limit is None else words.exact(limit) for limit in (fact.lower, fact.upper))
    if not lower:
        return f"≤ {upper}" if upper else ""
    return f"{lower}–{upper}" if upper else f"≥ {lower}"


def draw_range_bar(sheet: Sheet, x: float, base: float, *, width: float, fact: ReferenceFact, limits: str) -> None:
    """Draw the range as a bar, the value as a dot and the limits below; nothing without a range.

    A value in doubt has no dot: where it stands is what is not known.
    """
    ends = _ends(fact)
    if not has_bar(fact) or ends is None:
        return
    span = ends[1] - ends[0]
    low = ends[0] - (_BEYOND * span if fact.lower is not None else 0)
    high = ends[1] + (_BEYOND * span if fact.upper is not None else 0)

    def at(value: float) -> float:
        return x + (min(max(value, low), high) - low) / (high - low) * width

    y = base - 5.4
    sheet.line([(x, y), (x + width, y)], colour=LINE, width=0.8)
    sheet.line([(at(ends[0]), y), (at(ends[1]), y)], colour=QUIET, width=3.2)
    if not fact.doubtful:
        sheet.dot(at(fact.value), y, radius=2.6, fill=GOOD if fact.verdict == "within" else DOUBT)
    sheet.text(x + width / 2, base + 3, limits, size=_LIMITS, colour=QUIET, align="centre")
