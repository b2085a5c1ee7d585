"""`left_out_findings`: which slices a reader left out, what they hold, and where they count all the same."""

from collections.abc import Iterator

from cinecor.measure.findings.finding import Finding, Severity
from cinecor.measure.measurements import Measurements
from cinecor.measure.moment import ByMoment, Moment
from cinecor.message import Message, Slices
from cinecor.review.review import Review


def left_out_findings(review: Review, every: Measurements, *, moments: ByMoment[int | None]) -> Iterator[Finding]:
    """Yield what was left out at ED, at ES, at both, and at every phase.

    `every` are the numbers with every slice. A slice that is left out at ED alone is worth a look: a ventricle that is
    not there when it is largest is not there when it is smallest.
    """
    at = {moment: {index for index, where in review.excluded if where is moment} - review.dropped for moment in Moment}
    both = at[Moment.ED] & at[Moment.ES]
    for moment, other in ((Moment.ED, Moment.ES), (Moment.ES, Moment.ED)):
        yield from _at_one(tuple(sorted(at[moment] - both)), moment, other, every=every, moments=moments)
    if both:
        slices = tuple(sorted(both))
        message = Message("left_out_at_both", "The reader left out {slices} at ED and at ES.", slices=Slices(slices))
        phases = tuple(phase for phase in moments.values() if phase is not None)
        yield Finding(message, Severity.INFO, slices=slices, phases=phases)
    if review.dropped:
        slices = tuple(sorted(review.dropped))
        message = Message("slice_dropped", "The reader dropped {slices}: counted at no phase.", slices=Slices(slices))
        yield Finding(message, Severity.INFO, slices=slices)


def _at_one(
    slices: tuple[int, ...], moment: Moment, other: Moment, *, every: Measurements, moments: ByMoment[int | None]
) -> Iterator[Finding]:
    """Yield what was left out at one of the moments alone; nothing is, before both are known."""
    out, counted = moments[moment], moments[other]
    if not slices or out is None or counted is None:
        return
    curves = every.curves
    (lv_ml, lv_there_ml), (rv_ml, rv_there_ml) = (
        tuple(float(held[list(slices), phase].sum()) for phase in (out, counted))
        for held in (curves.lv_slices_ml, curves.rv_slices_ml)
    )
    odd = moment is Moment.ED and lv_there_ml + rv_there_ml > 0
    held = {"lv_ml": lv_ml, "rv_ml": rv_ml, "lv_there_ml": lv_there_ml, "rv_there_ml": rv_there_ml}
    if moment is Moment.ED:
        message = Message(
            "left_out_at_ed",
            "Left out at ED alone by the reader: {slices}, LV {lv_ml:.1f} mL, RV {rv_ml:.1f} mL; counted at ES: "
            "LV {lv_there_ml:.1f} mL, RV {rv_there_ml:.1f} mL.",
            slices=Slices(slices),
            **held,
        )
    else:
        message = Message(
            "left_out_at_es",
            "Left out at ES alone by the reader: {slices}, LV {lv_ml:.1f} mL, RV {rv_ml:.1f} mL; counted at ED: "
            "LV {lv_there_ml:.1f} mL, RV {rv_there_ml:.1f} mL.",
            slices=Slices(slices),
            **held,
        )
    yield Finding(
        message,
        Severity.WARNING if odd else Severity.INFO,
        slices=slices,
        phases=(out, counted),
        frames=tuple((index, phase) for phase in (out, counted) for index in slices),
        moments=(moment,),
    )
