"""The numbers of a review as a table shows them: value, value per m², change against the model, range; a row each."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from cinecor.measure.measurements import Measurements
from cinecor.measure.moment import Moment
from cinecor.measure.quantity import EXCURSIONS, QUANTITIES, RATES, Quantity, number_key
from cinecor.measure.reference.comparison import Comparison, ReferenceBook
from cinecor.measure.ventricle import Ventricle
from cinecor.message import Message
from cinecor.review import Review, ReviewResult
from cinecor.review.comparisons import comparisons
from cinecor.review.valve.line import Valve

SHOWN: Final = (*QUANTITIES, *RATES, *EXCURSIONS)
_FOLLOWED: Final = {"mapse_mm": Valve.MITRAL, "tapse_mm": Valve.TRICUSPID}
_AWAITED: Final = Message("valve_followed", "The valve’s line is being followed through the cycle.")
NO_RATES: Final = Message(
    "no_rates_left_out",
    "No peak rates: a slice was left out at ED or ES alone, so no curve is of the slices of both.",
)
_NO_RANGE: Final = Message("no_range", "No reference table in use has a range of this.")
LEAST_CHANGE: Final = 0.05
"""A smaller difference would be shown as 0.0."""


@dataclass(frozen=True, slots=True)
class NumberRow:
    """One quantity of one ventricle; None where something is not known."""

    ventricle: Ventricle
    quantity: Quantity
    value: float | None = None
    indexed: float | None = None  # per m² of body surface
    change: float | None = None  # against the model's own; None where it is the same
    doubts: tuple[Message, ...] = ()
    reasons: tuple[Message, ...] = ()  # why there is no value
    awaited: bool = False  # it is on its way: what was told before holds no longer
    comparisons: tuple[Comparison, ...] = ()  # as it is, then per m²

    @property
    def comparison(self) -> Comparison | None:
        """The range to show: that per m² where it is known, which leaves the body's size out; None without any."""
        return next((one for one in reversed(self.comparisons) if one.groups), None)

    @property
    def why_not_compared(self) -> Message | None:
        """Why the value is not compared; None where it is, or is not known."""
        why = next((one.why for one in self.comparisons if one.why is not None), None)
        unknown = self.value is None or self.comparison is not None
        return why if why is not None or unknown else _NO_RANGE


Numbers = Mapping[str, NumberRow]
"""Rows by ventricle and quantity: "lv.edv_ml"."""


def number_rows(
    review: Review | None,
    result: ReviewResult | None,
    *,
    model: Measurements | None,
    book: ReferenceBook,
    following: Collection[Valve] = (),
) -> Numbers:
    """Return every quantity of both ventricles; empty rows while there are no numbers.

    `model` are the numbers of the model's own outlines, with nothing chosen and nothing redrawn; `following` are the
    valves whose lines are being followed: their excursion is awaited.
    """
    if review is None or result is None:
        return {number_key(side, one): NumberRow(side, one) for side in Ventricle for one in SHOWN if side in one.codes}
    compared: dict[str, list[Comparison]] = {}
    for found in comparisons(review, result, None, book=book):
        compared.setdefault(f"{found.measure.ventricle}.{found.measure.field}", []).append(found)
    return {
        number_key(side, one): NumberRow(side, one, reasons=(_AWAITED,), awaited=True)
        if _FOLLOWED.get(one.field) in following
        else NumberRow(
            side,
            one,
            value=result.value(one, side),
            indexed=result.indexed(one, side),
            change=_change(one, result.measurements, model, side),
            doubts=tuple(finding.message for finding in result.doubts(one, side)),
            reasons=() if result.value(one, side) is not None else _reasons(one, review, result),
            comparisons=tuple(compared.get(number_key(side, one), ())),
        )
        for side in Ventricle
        for one in SHOWN
        if side in one.codes
    }


def _reasons(one: Quantity, review: Review, result: ReviewResult) -> tuple[Message, ...]:
    """Return why there is no value."""
    at = {moment: {index for index, where in review.excluded if where is moment} for moment in Moment}
    if one in RATES and review.stack.phase_times_ms is not None and at[Moment.ED] != at[Moment.ES]:
        return (*result.measurements.reasons, NO_RATES)
    return result.measurements.reasons


def _change(one: Quantity, now: Measurements, model: Measurements | None, side: Ventricle) -> float | None:
    value, before = one.of(now.of(side)), None if model is None else one.of(model.of(side))
    if value is None or before is None or abs(value - before) < LEAST_CHANGE:
        return None
    return value - before
