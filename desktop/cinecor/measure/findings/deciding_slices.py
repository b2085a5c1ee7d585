"""Findings about the slices at base and apex: how much rests on them, and how many leave the ventricle."""

from collections.abc import Iterator, Mapping, Set
from typing import Any, Final

from cinecor.measure.conventions import LARGEST_SLICE_SPACING_MM
from cinecor.measure.end_slices import HEALTHY_DESCENT_MM, LEAST_DESCENT_MM, EndPlace, EndSlice, EndSlices
from cinecor.measure.findings.finding import Finding, Severity, indices
from cinecor.measure.moment import Moment
from cinecor.measure.ventricle import Concern, Ventricle
from cinecor.message import Message, Slices

TOLD_FROM_POINTS = 3.0
"""Of the EF; two readers of one cine differ by as much."""

UNDECIDED_FROM_POINTS = 10.0
"""Of the EF. In 40 of 319 competition patients such a slice lies in a frame in doubt: their LV EF is 9.4 points off the
true one on average, that of the others 5.2 (ACDC: 3 of 99 patients, RV 15 of 98)."""

UNDECIDED_TOGETHER: Final = "undecided_end_slices"
"""The code of what is told once for all end slices of a stack whose slices lie too far apart."""


def deciding_findings(
    ventricle: Ventricle,
    ends: EndSlices | None,
    *,
    doubted: Set[tuple[int, int]],
    settled: Set[tuple[int, int]] = frozenset(),
    spacing_mm: float,
) -> Iterator[Finding]:
    """Yield what rests on a ventricle's slices at base and apex.

    Those in doubt on which its EF rests come first, the most deciding one before the others; of the LV also the slice
    that decides most where none is in doubt, and how many basal slices leave it beside what is usual. `doubted` are the
    frames (slice, phase) in which the ventricle's outline, or its absence, is in doubt, `settled` those that a person
    drew or decided. Where slices lie farther apart than is usual, all of them are in doubt for one reason, which
    `undecided_together` tells once.
    """
    if ends is None:
        return
    open_ones = _open(ends, settled)
    together = spacing_mm > LARGEST_SLICE_SPACING_MM
    undecided = open_ones if together else [one for one in open_ones if one.frame in doubted]
    if not together:
        for one in undecided:
            yield _undecided(ventricle, ends, one)
    if ventricle is not Ventricle.LV:
        return
    most = ends.most_deciding
    if not undecided and most is not None and ends.ef_change(most) >= TOLD_FROM_POINTS:
        yield _most_deciding(most)
    yield _leaving(ends, spacing_mm=spacing_mm)


def undecided_together(
    ends: Mapping[Ventricle, EndSlices | None], *, settled: Set[tuple[int, int]] = frozenset(), spacing_mm: float
) -> Iterator[Finding]:
    """Yield one finding of every end slice that decides an EF where slices lie farther apart than is usual.

    Nobody can tell what lies between them: that is one doubt, whichever slices of whichever ventricle it falls on, and
    one answer ends it. `settled` are the frames (slice, phase) that a person drew or decided.
    """
    if spacing_mm <= LARGEST_SLICE_SPACING_MM:
        return
    open_ones = {side: _open(found, settled) for side, found in ends.items() if found is not None}
    every = sorted((one for ones in open_ones.values() for one in ones), key=lambda one: -one.ml)
    if not every:
        return
    moments = tuple(moment for moment in Moment if any(one.moment is moment for one in every))
    concerns = tuple(side.concern for side, ones in open_ones.items() if ones)
    mass = (Concern.MASS,) if any(one.moment is Moment.ED for one in open_ones.get(Ventricle.LV, ())) else ()
    slices = indices(one.index for one in every)
    yield Finding(
        Message.counted(
            "undecided_end_slices",
            "{ejections}, were {slices} ({moments}) decided otherwise: slices lie {spacing_mm:.1f} mm apart, and where "
            "a ventricle ends between them nobody can tell.",
            "{ejections}, were one of {slices} ({moments}) decided otherwise: slices lie {spacing_mm:.1f} mm apart, "
            "and where a ventricle ends between them nobody can tell.",
            n=len(slices),
            spacing_mm=spacing_mm,
            slices=Slices(slices),
            moments=tuple(moment.message for moment in moments),
            ejections=tuple(
                _between(side, found, open_ones[side])
                for side, found in ends.items()
                if found is not None and open_ones[side]
            ),
        ),
        Severity.DOUBTFUL,
        slices=slices,
        phases=indices(one.phase for one in every),
        concerns=(*concerns, *mass),
        frames=tuple(dict.fromkeys(one.frame for one in every)),
        moments=moments,
    )


def _open(ends: EndSlices, settled: Set[tuple[int, int]]) -> list[EndSlice]:
    """Return the slices whose other choice would move the EF far, and that nobody decided; the most deciding first."""
    return sorted(
        (one for one in ends.slices if ends.ef_change(one) >= UNDECIDED_FROM_POINTS and one.frame not in settled),
        key=ends.ef_change,
        reverse=True,
    )


def _between(ventricle: Ventricle, ends: EndSlices, open_ones: list[EndSlice]) -> Message:
    """Return between which values an EF would lie."""
    found = [one.ef_percent_otherwise for one in open_ones if one.ef_percent_otherwise is not None]
    low, high = min(found), max(found)
    values: dict[str, Any] = {"ventricle": ventricle.message, "low": low, "high": high, "now": ends.ef_percent}
    if round(low) == round(high):
        return Message("ef_otherwise", "{ventricle} EF {low:.0f} instead of {now:.0f} %", **values)
    return Message("ef_between", "{ventricle} EF {low:.0f} to {high:.0f} instead of {now:.0f} %", **values)


def _undecided(ventricle: Ventricle, ends: EndSlices, one: EndSlice) -> Finding:
    values = {**_values(one), "ventricle": ventricle.message, "now": ends.ef_percent}
    if one.counts:
        message = Message(
            "undecided_end_slice",
            "Without {slices} at {moment} ({ml:.0f} mL) the {ventricle} EF would be {ef:.0f}, not {now:.0f} %: whether "
            "it belongs is in doubt.",
            **values,
        )
    else:
        message = Message(
            "undecided_end_slice",
            "With {slices} at {moment} (about {ml:.0f} mL) the {ventricle} EF would be {ef:.0f}, not {now:.0f} %: "
            "whether it belongs is in doubt.",
            **values,
        )
    mass = (Concern.MASS,) if ventricle is Ventricle.LV else ()
    return _about(one, message, Severity.DOUBTFUL, ventricle.concern, *mass)


def _most_deciding(one: EndSlice) -> Finding:
    if one.counts:
        message = Message(
            "deciding_slice",
            "Of the slices at base and apex {slices} at {moment} decides most: without its {ml:.0f} mL the LV EF "
            "would be {ef:.0f} %.",
            **_values(one),
        )
    else:
        message = Message(
            "deciding_slice",
            "Of the slices at base and apex {slices} at {moment}, which does not count, decides most: with about "
            "{ml:.0f} mL there the LV EF would be {ef:.0f} %.",
            **_values(one),
        )
    return _about(one, message, Severity.INFO, Concern.LV)


def _values(one: EndSlice) -> dict[str, Any]:
    return {
        "slices": Slices((one.index,)),
        "moment": one.moment.message,
        "ml": one.ml,
        "ef": one.ef_percent_otherwise,
    }


def _about(one: EndSlice, message: Message, severity: Severity, *concerns: Concern) -> Finding:
    return Finding(
        message,
        severity,
        slices=(one.index,),
        phases=(one.phase,),
        concerns=concerns,
        frames=(one.frame,),
        moments=(one.moment,),
        told_ml=one.ml,
    )


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
