"""Findings about the slices at base and apex: how much rests on them, and how many leave the ventricle."""

from collections.abc import Iterator

from cinecor.measure.end_slices import HEALTHY_DESCENT_MM, LEAST_DESCENT_MM, EndPlace, EndSlices
from cinecor.measure.findings.finding import Finding, Severity
from cinecor.measure.moment import ByMoment
from cinecor.measure.ventricle import Concern
from cinecor.message import Message, Slices

TOLD_FROM_POINTS = 3.0
"""Of the EF; two readers of one cine differ by as much."""


def deciding_findings(ends: EndSlices | None, *, moments: ByMoment[int | None], spacing_mm: float) -> Iterator[Finding]:
    """Yield the slice of the LV on which most rests, and how many basal slices leave it beside what is usual."""
    if ends is None:
        return
    one = ends.most_deciding
    if one is not None and ends.ef_change(one) >= TOLD_FROM_POINTS:
        values = {
            "slices": Slices((one.index,)),
            "moment": one.moment.message,
            "ml": one.ml,
            "ef": one.ef_percent_otherwise,
        }
        if one.counts:
            message = Message(
                "deciding_slice",
                "Of the slices at base and apex {slices} at {moment} decides most: without its {ml:.0f} mL the LV EF "
                "would be {ef:.0f} %.",
                **values,
            )
        else:
            message = Message(
                "deciding_slice",
                "Of the slices at base and apex {slices} at {moment}, which does not count, decides most: with about "
                "{ml:.0f} mL there the LV EF would be {ef:.0f} %.",
                **values,
            )
        phase = moments[one.moment]
        yield Finding(
            message,
            Severity.INFO,
            slices=(one.index,),
            phases=() if phase is None else (phase,),
            concerns=(Concern.LV,),
        )
    yield _leaving(ends, spacing_mm=spacing_mm)


def _leaving(ends: EndSlices, *, spacing_mm: float) -> Finding:
    fewest, most = ends.usual_leaving
    values = {
        "mm": ends.leaving * spacing_mm,
        "fewest": fewest,
        "most": most,
        "least_mm": LEAST_DESCENT_MM,
        "from_mm": HEALTHY_DESCENT_MM[0],
        "to_mm": HEALTHY_DESCENT_MM[1],
    }
    if ends.leaving < 0:
        message = Message.counted(
            "basal_slices_leave",
            "At ES the LV holds {n} basal slice more than at ED, though the base comes down in systole.",
            "At ES the LV holds {n} basal slices more than at ED, though the base comes down in systole.",
            n=-ends.leaving,
        )
    elif ends.leaving == 0:
        message = Message(
            "basal_slices_leave",
            "No basal slice leaves the LV from ED to ES. The base comes down by {from_mm:.0f} to {to_mm:.0f} mm in "
            "health and by {least_mm:.0f} mm in failing hearts: {fewest} to {most} slices here.",
            **values,
        )
    else:
        message = Message.counted(
            "basal_slices_leave",
            "From ED to ES {n} basal slice leaves the LV ({mm:.0f} mm). The base comes down by {from_mm:.0f} to "
            "{to_mm:.0f} mm in health and by {least_mm:.0f} mm in failing hearts: {fewest} to {most} slices here.",
            "From ED to ES {n} basal slices leave the LV ({mm:.0f} mm). The base comes down by {from_mm:.0f} to "
            "{to_mm:.0f} mm in health and by {least_mm:.0f} mm in failing hearts: {fewest} to {most} slices here.",
            n=ends.leaving,
            **values,
        )
    outside = not fewest <= ends.leaving <= most
    basal = tuple(sorted({one.index for one in ends.slices if one.place is EndPlace.BASE})) if outside else ()
    return Finding(message, Severity.WARNING if outside else Severity.INFO, slices=basal, concerns=(Concern.LV,))
