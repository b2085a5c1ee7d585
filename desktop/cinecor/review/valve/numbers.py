"""`ValveNumbers`: what the lines of a review's valves say: excursions, and what of each slice lies below the planes."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from cinecor.measure.moment import ByMoment, same_moment
from cinecor.review.review import Review
from cinecor.review.valve.base import CAVITY, cavity_places_mm, lines_of, plane_at, shares_below, towards_apex
from cinecor.review.valve.line import Valve, ValveLine
from cinecor.review.valve.plane import ValvePlane, excursion_mm

_FOUR_CHAMBERS = 4  # the view in which the free wall's end of the tricuspid valve is seen
_NEAR = 0.1  # of the cycle: so near a drawn phase the line is known


@dataclass(frozen=True, slots=True, eq=False)
class ValveBase:
    """A valve's plane at one moment, and which share of each slice lies on the apex's side of it."""

    plane: ValvePlane
    shares: NDArray[np.float64] | None  # (slice,), 0 to 1; None where the ventricle was not outlined at the moment


@dataclass(frozen=True, slots=True, eq=False)
class ValveNumbers:
    """MAPSE, TAPSE and the base at ED and ES; None where no line tells them."""

    mapse_mm: float | None
    tapse_mm: float | None
    bases: Mapping[Valve, ByMoment[ValveBase | None]]  # of the valves that were drawn


NO_VALVES = ValveNumbers(None, None, MappingProxyType({}))


def valve_numbers(review: Review, labels: NDArray[np.uint8], *, moments: ByMoment[int | None]) -> ValveNumbers:
    """Return what the valves' lines tell at ED and ES.

    `labels` (slice, phase, row, column) are the review's, whole: their pixels stand for places. MAPSE is the mean
    way of both ends of the mitral line towards the apex from ED to ES, over all views; TAPSE that of the free wall's
    end of the tricuspid line in the four-chamber view. Both by the lines that a reader drew near both moments alone.
    """
    if not review.valves:
        return NO_VALVES
    bases = {
        valve: ByMoment(*(_base(review, labels, valve=valve, phase=phase) for phase in moments.values()))
        for valve in Valve
        if lines_of(review.valves, valve)
    }
    return ValveNumbers(_mapse_mm(review, moments), _tapse_mm(review, labels, moments), MappingProxyType(bases))


def _base(review: Review, labels: NDArray[np.uint8], *, valve: Valve, phase: int | None) -> ValveBase | None:
    if phase is None:
        return None
    plane = plane_at(lines_of(review.valves, valve), phase=phase, stack=review.stack)
    if plane is None:
        return None
    return ValveBase(plane, shares_below(plane, labels[:, phase], valve=valve, stack=review.stack))


def _mapse_mm(review: Review, moments: ByMoment[int | None]) -> float | None:
    drawn = (
        line
        for line in lines_of(review.valves, Valve.MITRAL)
        if all(drawn_near(line, phase, review=review) for phase in moments.values())
    )
    ways = [_ways_mm(review, line, moments) for line in drawn]
    known = [way for way in ways if way is not None]
    return float(np.mean(known)) if known else None


def _tapse_mm(review: Review, labels: NDArray[np.uint8], moments: ByMoment[int | None]) -> float | None:
    """Return the way of the end that lies away from the left ventricle, where a view may show it."""
    shown = [line for line in lines_of(review.valves, Valve.TRICUSPID) if line.chambers in (_FOUR_CHAMBERS, None)]
    if not shown or moments.ed is None:
        return None
    line = max(shown, key=lambda one: one.chambers == _FOUR_CHAMBERS)
    if not all(drawn_near(line, phase, review=review) for phase in moments.values()):
        return None
    ways = _ways_mm(review, line, moments)
    left = cavity_places_mm(labels[:, moments.ed], CAVITY[Valve.MITRAL], stack=review.stack)
    to_apex = towards_apex(review.stack)
    if ways is None or left is None or to_apex is None:
        return None
    axis = to_apex / np.linalg.norm(to_apex)
    away = line.points_mm[same_moment(moments.ed, phases=review.stack.phases, of=line.phases)] - left.mean(axis=0)
    across = np.linalg.norm(away - np.outer(away @ axis, axis), axis=1)
    return float(ways[int(np.argmax(across))])


def drawn_near(line: ValveLine, phase: int | None, *, review: Review) -> bool:
    """Return whether a reader drew a line within a tenth of the cycle of a phase of the stack."""
    if phase is None:
        return False
    there = same_moment(phase, phases=review.stack.phases, of=line.phases)
    steps = (abs(drawn - there) for drawn in line.drawn)
    return min(min(step, line.phases - step) for step in steps) <= _NEAR * line.phases


def _ways_mm(review: Review, line: ValveLine, moments: ByMoment[int | None]) -> NDArray[np.float64] | None:
    """Return how far each end goes towards the apex from ED to ES, (2,) mm; None where either is not known."""
    to_apex = towards_apex(review.stack)
    if moments.ed is None or moments.es is None or to_apex is None:
        return None
    rest, contracted = (
        same_moment(phase, phases=review.stack.phases, of=line.phases) for phase in (moments.ed, moments.es)
    )
    return excursion_mm(line.points_mm, to_apex=to_apex, rest=rest, contracted=contracted)
