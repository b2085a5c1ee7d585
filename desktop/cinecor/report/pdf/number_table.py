"""The table of both ventricles: value, value per m², and what puts a number in doubt."""

from typing import Final

from cinecor.measure.quantity import QUANTITIES, Quantity
from cinecor.measure.ventricle import Concern, Ventricle
from cinecor.message import Message
from cinecor.report.pdf.sheet import DOUBT, INK, LV, MARGIN, PALE, QUIET, RIGHT, RV, Sheet
from cinecor.report.pdf.words import Words
from cinecor.report.results import LeftVentricle, Results, RightVentricle

_ROW: Final = 15.5
_NAME: Final = 150.0
_HALF: Final = (RIGHT - MARGIN - _NAME) / 2


def draw_numbers(sheet: Sheet, y: float, *, results: Results, surface_m2: float | None, words: Words) -> float:
    """Draw the table from `y` on; where it ends comes back."""
    doubtful = {Concern(what) for what in results.quality.doubtful}
    for ventricle, colour in ((Ventricle.LV, LV), (Ventricle.RV, RV)):
        sheet.text(
            _left(ventricle) + 66,
            y + 10,
            words.say(ventricle.message),
            size=9.5,
            bold=True,
            colour=colour,
            align="right",
        )
        if surface_m2 is not None:
            per = words.say(Message("report_per_m2", "per m²"))
            sheet.text(_left(ventricle) + 150, y + 10, per, size=7.5, colour=QUIET, align="right")
    y += 15
    for number, quantity in enumerate(QUANTITIES):
        if number % 2 == 0:
            sheet.box(MARGIN, y, width=RIGHT - MARGIN, height=_ROW, fill=PALE)
        base = y + 10.8
        sheet.text(MARGIN + 4, base, words.say(quantity.name), size=8.5, bold=True)
        sheet.fitted(MARGIN + 36, base, _meaning(quantity, words), width=_NAME - 38, size=7)
        for ventricle in quantity.codes:
            _draw_number(
                sheet, base, quantity, ventricle, results=results, surface_m2=surface_m2, doubtful=doubtful, words=words
            )
        y += _ROW
    if doubtful:
        told = Message("report_doubts", "? = doubtful until a reader has looked; see the findings.")
        sheet.text(MARGIN + 4, y + 9, words.say(told), size=7, colour=DOUBT)
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
    doubtful: set[Concern],
    words: Words,
) -> None:
    value = quantity.of(of_ventricle(results, ventricle))
    left = _left(ventricle)
    doubted = value is not None and not doubtful.isdisjoint(quantity.doubted_by(ventricle))
    sheet.text(left + 66, base, words.number(value, quantity.decimals), size=9, bold=True, align="right")
    if doubted:
        sheet.text(left + 67, base, "?", size=9, bold=True, colour=DOUBT)
    sheet.text(left + 75, base, quantity.unit, size=7, colour=QUIET)
    if value is not None and surface_m2 is not None and quantity.per_m2:
        indexed = words.number(value / surface_m2, quantity.indexed_decimals)
        sheet.text(left + 150, base, indexed, size=8.5, colour=INK, align="right")
        sheet.text(left + 154, base, f"{quantity.unit}/m²", size=7, colour=QUIET)


def of_ventricle(results: Results, ventricle: Ventricle) -> LeftVentricle | RightVentricle:
    """Return the function of a ventricle as results.json holds it."""
    return results.lv if ventricle is Ventricle.LV else results.rv


def _meaning(quantity: Quantity, words: Words) -> str:
    """Return what a quantity is, without how it comes about: that is told once, among the conventions."""
    sentence = words.say(quantity.meaning)
    return sentence.split(":")[0].split("\N{NO-BREAK SPACE}:")[0].strip()


def _left(ventricle: Ventricle) -> float:
    return MARGIN + _NAME + (0.0 if ventricle is Ventricle.LV else _HALF)
