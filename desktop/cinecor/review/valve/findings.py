"""What the planes of valves say against the slices that count: told, so that the base is decided and not guessed."""

from collections.abc import Iterator
from typing import Any, Final

from cinecor.measure.curves import VolumeCurves
from cinecor.measure.findings.finding import Finding, Severity
from cinecor.measure.findings.marked_frames import DECIDING_SHARE
from cinecor.measure.moment import ByMoment, Moment
from cinecor.measure.ventricle import Concern, Ventricle
from cinecor.message import Message, Slices
from cinecor.review.base_rule import BaseRule
from cinecor.review.review import Review
from cinecor.review.valve.base import lines_of
from cinecor.review.valve.line import Valve
from cinecor.review.valve.numbers import ValveNumbers, drawn_near

_MOSTLY: Final = 0.5
"""Of a slice's slab below the plane: SCMR counts a basal slice of which half or more is surrounded by myocardium
(Schulz-Menger 2020); a slice that lies mostly below the valve and holds no cavity is asked about by the same share."""
_EXCURSION: Final = {Valve.MITRAL: "MAPSE", Valve.TRICUSPID: "TAPSE"}
_PARTLY: Final = 0.1
"""Of a slab, where parts of slices count: less than a millimetre of a usual slice is not worth an outline."""


def valve_findings(
    review: Review, numbers: ValveNumbers, curves: VolumeCurves, *, moments: ByMoment[int | None]
) -> tuple[Finding, ...]:
    """Return which slices count above a valve's plane, which are empty below it, and where a valve may be lost or must
    be drawn.

    `curves` are those of every slice, whether it counts or not. A slice that the reader's own line shows to be missing
    puts the ventricle's numbers of that moment in doubt, and so do slices above it that hold `DECIDING_SHARE` of the
    volume there; where the line was only followed to the moment, it may as well be the line that is wrong.
    """
    return (*_slices(review, numbers, curves, moments), *_unsure(review), *_drawn_once(review, moments))


def _slices(
    review: Review, numbers: ValveNumbers, curves: VolumeCurves, moments: ByMoment[int | None]
) -> Iterator[Finding]:
    by_parts = review.base is BaseRule.FRACTIONAL
    for valve, bases in numbers.bases.items():
        held = curves.slices_ml(valve.ventricle) > 0
        for moment, base in bases.items():
            phase = moments[moment]
            if base is None or base.shares is None or phase is None:
                continue
            filled = held[:, phase]
            drawn = all(drawn_near(line, phase, review=review) for line in lines_of(review.valves, valve))
            counting = [(index, share) for index, share in enumerate(base.shares) if review.counts(index, moment)]
            above = tuple(index for index, share in counting if share == 0.0 and filled[index])
            below = tuple(
                index
                for index, share in counting
                if share >= _MOSTLY and not filled[index] and filled[index:].any()  # beyond the apex nothing is missing
            )
            partly = tuple(
                index for index, share in counting if _PARTLY <= share < _MOSTLY and not filled[index] and by_parts
            )
            if partly:
                yield _about(_told_partly(valve, moment, partly), valve, moment, partly, phase, deciding=False)
            if above and not by_parts:  # else nothing of them counts
                ml = curves.slices_ml(valve.ventricle)[:, phase]
                deciding = drawn and ml[list(above)].sum() >= DECIDING_SHARE * ml.sum()
                yield _about(_told_above(valve, moment, above), valve, moment, above, phase, deciding=deciding)
            whole = tuple(index for index in below if base.shares[index] == 1.0)
            cut = tuple(index for index in below if index not in whole)
            if whole:
                yield _about(_told_below(valve, moment, whole), valve, moment, whole, phase, deciding=drawn)
            if cut:
                yield _about(_told_mostly(valve, moment, cut), valve, moment, cut, phase, deciding=drawn)


def _told_above(valve: Valve, moment: Moment, slices: tuple[int, ...]) -> Message:
    return Message.counted(
        "slice_above_valve",
        "At {moment} {slices} holds {ventricle} but lies above the plane of the {valve}: leave it out there, or look "
        "at the valve’s line.",
        "At {moment} {slices} hold {ventricle} but lie above the plane of the {valve}: leave them out there, or look "
        "at the valve’s line.",
        n=len(slices),
        **_facts(valve, moment, slices),
    )


def _told_below(valve: Valve, moment: Moment, slices: tuple[int, ...]) -> Message:
    return Message.counted(
        "slice_below_valve",
        "At {moment} {slices} lies below the plane of the {valve} and holds no {ventricle}: outline it, or look at "
        "the valve’s line.",
        "At {moment} {slices} lie below the plane of the {valve} and hold no {ventricle}: outline them, or look at "
        "the valve’s line.",
        n=len(slices),
        **_facts(valve, moment, slices),
    )


def _told_mostly(valve: Valve, moment: Moment, slices: tuple[int, ...]) -> Message:
    return Message.counted(
        "slice_below_valve",
        "At {moment} {slices} lies partly, by half or more, below the plane of the {valve} and holds no {ventricle}: "
        "outline it, or look at the valve’s line.",
        "At {moment} {slices} lie partly, by half or more, below the plane of the {valve} and hold no {ventricle}: "
        "outline them, or look at the valve’s line.",
        n=len(slices),
        **_facts(valve, moment, slices),
    )


def _told_partly(valve: Valve, moment: Moment, slices: tuple[int, ...]) -> Message:
    return Message.counted(
        "slice_partly_below_valve",
        "At {moment} {slices} lies partly below the plane of the {valve} and holds no {ventricle}: outline it, as "
        "that part would count.",
        "At {moment} {slices} lie partly below the plane of the {valve} and hold no {ventricle}: outline them, as "
        "those parts would count.",
        n=len(slices),
        **_facts(valve, moment, slices),
    )


def _facts(valve: Valve, moment: Moment, slices: tuple[int, ...]) -> dict[str, Any]:
    return {
        "moment": moment.message,
        "slices": Slices(slices),
        "ventricle": valve.ventricle.message,
        "valve": valve.message,
    }


def _about(
    message: Message, valve: Valve, moment: Moment, slices: tuple[int, ...], phase: int, *, deciding: bool
) -> Finding:
    mass = (Concern.MASS,) if valve.ventricle is Ventricle.LV else ()
    return Finding(
        message,
        Severity.DOUBTFUL if deciding else Severity.WARNING,
        slices=slices,
        phases=(phase,),
        concerns=(valve.ventricle.concern, *mass),
        frames=tuple((index, phase) for index in slices),
        moments=(moment,),
    )


def _unsure(review: Review) -> Iterator[Finding]:
    for valve in Valve:
        n = sum(len(line.unsure) for view, line in review.valves.items() if view.valve is valve)
        if n:
            message = Message.counted(
                "valve_unsure",
                "The {valve} may be lost in {n} phase of the long-axis views: look at its line there, and drag it.",
                "The {valve} may be lost in {n} phases of the long-axis views: look at its line there, and drag it.",
                n=n,
                valve=valve.message,
            )
            yield Finding(message, Severity.WARNING)


def _drawn_once(review: Review, moments: ByMoment[int | None]) -> Iterator[Finding]:
    """Yield that a line wants drawing at the other moment: followed from one, ends were up to 47 mm off in the
    synthetic heart and up to 37 mm in a real one, with pictures as alike as ever (docs/long-axis.md).

    Numbers that a fractional base made of such a line are doubtful.
    """
    if any(phase is None for phase in moments.values()):
        return
    for valve in Valve:
        missing = next(
            (
                moment
                for line in lines_of(review.valves, valve)
                for moment, phase in moments.items()
                if not drawn_near(line, phase, review=review)
            ),
            None,
        )
        if missing is not None:
            message = Message(
                "valve_drawn_once",
                "A line of the {valve} was not drawn at {moment}: followed there it may be off by centimetres, so it "
                "is left out of {excursion}. Draw it at {moment}, too.",
                valve=valve.message,
                moment=missing.message,
                excursion=_EXCURSION[valve],
            )
            if review.by_parts:
                yield Finding(message, Severity.DOUBTFUL, concerns=(valve.ventricle.concern,))
            else:
                yield Finding(message, Severity.WARNING)
