"""The table of both ventricles: value, value per m², and what puts a number in doubt."""

from typing import Final

from cinecor.measure.quantity import QUANTITIES, Quantity
from cinecor.measure.ventricle import Ventricle
from cinecor.message import Message
from cinecor.report.pdf.range_bar import cautions_of, draw_range_bar, has_bar, limits_of, reference_of
from cinecor.report.pdf.sheet import DOUBT, LV, MARGIN, PALE, QUIET, RIGHT, RV, Sheet
from cinecor.report.pdf.words import Words
from cinecor.report.results import LeftVentricle, Results, RightVentricle

_ROW: Final = 15.5
_NAME: Final = 124.0
_HALF: Final = (RIGHT - MARGIN - _NAME) / 2


def draw_numbers(sheet: Sheet, y: float, *, results: Results, surface_m2: float | None, words: Words) -> float:
    """Draw the table from `y` on; where it ends comes back."""
    for ventricle, colour in ((Ventricle.LV, LV), (Ventricle.RV, RV)):
        sheet.text(
            _left(ventricle) + 56,
            y + 10,
            words.say(ventricle.message),
            size=9.5,
            bold=True,
            colour=colour,
            align="right",
        )
        if surface_m2 is not None:
            per = words.say(Message("report_per_m2", "per m²"))
            sheet.text(_left(ventricle) + 122, y + 10, per, size=7.5, colour=QUIET, align="right")
    y += 15
    for number, quantity in enumerate(QUANTITIES):
        if number % 2 == 0:
            sheet.box(MARGIN, y, width=RIGHT - MARGIN, height=_ROW, fill=PALE)
        base = y + 10.8
        sheet.text(MARGIN + 4, base, words.say(quantity.name), size=8.5, bold=True)
        sheet.fitted(MARGIN + 36, base, _meaning(quantity, words), width=_NAME - 38, size=7)
        for ventricle in quantity.codes:
            _draw_number(sheet, base, quantity, ventricle, results=results, surface_m2=surface_m2, words=words)
        y += _ROW
    barred = [
        fact
        for quantity in QUANTITIES
        for ventricle in quantity.codes
        for indexed in (False, True)
        if (fact := reference_of(results, quantity, ventricle, indexed=indexed)) is not None and has_bar(fact)
    ]
    if barred:
        sources = tuple(dict.fromkeys(fact.source for fact in barred))
        bars = words.say(Message("report_bars", "Bars: reference range of {sources}.", sources=sources))
        text = " ".join((bars, *cautions_of(results, barred, words=words)))
        y = sheet.paragraph(MARGIN + 4, y + 8, text, width=RIGHT - MARGIN - 8, size=6.5, colour=QUIET) - 5
    if results.quality.doubtful:
        doubts = Message("report_doubts", "? = doubtful until a reader has looked; see the findings.")
        sheet.text(MARGIN + 4, y + 9, words.say(doubts), size=7, colour=DOUBT)
        y += 12
    return y + 4


def _draw_number(
    sheet: Sheet,
    base: float,
    quantity: Quantity,
    ventricle: Ventricle,
    *,
    results: Results,
    surface_m2: float | None,
    words: Words,
) -> None:
    value = quantity.of(of_ventricle(results, ventricle))
    left = _left(ventricle)
    doubted = value is not None and results.quality.doubts(quantity, ventricle)
    sheet.text(left + 56, base, words.number(value, quantity.decimals), size=9, bold=True, align="right")
    if doubted:
        sheet.text(left + 57, base, "?", size=9, bold=True, colour=DOUBT)
    sheet.text(left + 64, base, quantity.unit, size=7, colour=QUIET)
    has_index = value is not None and surface_m2 is not None and quantity.per_m2
    if value is not None and surface_m2 is not None and has_index:
        indexed = words.number(value / surface_m2, quantity.indexed_decimals)
        sheet.text(left + 119, base, indexed, size=8.5, align="right")
        if doubted:
            sheet.text(left + 120, base, "?", size=8.5, bold=True, colour=DOUBT)
        sheet.text(left + 126, base, f"{quantity.unit}/m²", size=6.5, colour=QUIET)
    elif quantity.field == "ef_percent":
        _draw_interval(sheet, left + 122, base, results, ventricle, words=words)
    per_m2 = reference_of(results, quantity, ventricle, indexed=True) if has_index else None
    fact = per_m2 or reference_of(results, quantity, ventricle, indexed=False)
    if fact is not None:
        limits = limits_of(fact, words=words)
        if per_m2 is None:  # those per m² stand beside their value
            limits = f"{limits} {quantity.unit}"
        draw_range_bar(sheet, left + 155, base, width=38, fact=fact, limits=limits)


def _draw_interval(
    sheet: Sheet, right: float, base: float, results: Results, ventricle: Ventricle, *, words: Words
) -> None:
    """Write where experts find the ejection fraction in nine of ten patients, where the model tells."""
    facts = results.ef_interval.lv if ventricle is Ventricle.LV else results.ef_interval.rv
    if facts is not None:
        low, high = words.number(facts.low_percent, 0), words.number(facts.high_percent, 0)
        interval = Message("report_interval", "90 %: {low} to {high}", low=low, high=high)
        sheet.text(right + 26, base, words.say(interval), size=7, colour=QUIET, align="right")


def of_ventricle(results: Results, ventricle: Ventricle) -> LeftVentricle | RightVentricle:
    """Return the function of a ventricle as results.json holds it."""
    return results.lv if ventricle is Ventricle.LV else results.rv


def _meaning(quantity: Quantity, words: Words) -> str:
    """Return what a quantity is, without how it comes about: that is told once, among the conventions."""
    sentence = words.say(quantity.meaning)
    return sentence.split(":")[0].split("\N{NO-BREAK SPACE}:")[0].strip()


def _left(ventricle: Ventricle) -> float:
    return MARGIN + _NAME + (0.0 if ventricle is Ventricle.LV else _HALF)
