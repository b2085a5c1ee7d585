"""The values of a review beside their reference ranges."""

from collections.abc import Iterator
from dataclasses import replace

from cinecor.measure.quantity import QUANTITIES, quantity
from cinecor.measure.reference.comparison import FRACTIONAL_BASE, Comparison, ReferenceBook
from cinecor.measure.reference.table import MID_WALL, Measure, Papillary
from cinecor.measure.regional.function import RegionalFunction
from cinecor.measure.ventricle import Ventricle
from cinecor.review.papillary_choice import PapillaryConvention
from cinecor.review.result import ReviewResult
from cinecor.review.review import Review


def comparisons(
    review: Review, result: ReviewResult, regional: RegionalFunction | None, *, book: ReferenceBook
) -> Iterator[Comparison]:
    """Return every value that a table in use has a range of, beside it: as it is, then per m².

    Those of values in doubt say so: *high* beside a `?` would be read without the `?`.
    """
    papillary = papillary_of(review)
    values: dict[Measure, float | None] = {}
    for ventricle in Ventricle:
        for one in QUANTITIES:
            values[Measure(ventricle, one.field)] = result.value(one, ventricle)
            values[Measure(ventricle, one.field, indexed=True)] = result.indexed(one, ventricle)
    values[Measure(Ventricle.LV, MID_WALL)] = None if regional is None else regional.mid_ed_mm
    for measure, value in values.items():
        found = book.compare(value, measure, person=review.body.person, papillary=papillary)
        if found is None:
            continue
        if measure.field != MID_WALL and result.doubts(quantity(measure.field), measure.ventricle):
            found = replace(found, doubtful=True)
        by_parts = found.groups and measure.field != MID_WALL and measure.ventricle in result.fractional
        yield replace(found, cautions=(*found.cautions, FRACTIONAL_BASE)) if by_parts else found


def papillary_of(review: Review) -> Papillary:
    """Return where a review counts papillary muscles."""
    return Papillary.MASS if review.papillaries.convention is PapillaryConvention.MASS else Papillary.CAVITY


def wall_comparison(review: Review, regional: RegionalFunction, *, book: ReferenceBook) -> Comparison | None:
    """Return the mean thickness of the mid ring at ED beside its range; None without a value or a range."""
    return book.compare(
        regional.mid_ed_mm,
        Measure(Ventricle.LV, MID_WALL),
        person=review.body.person,
        papillary=papillary_of(review),
    )
