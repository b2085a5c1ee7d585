"""The planes of valves, and how they cut slices, as `results.json` holds them."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from cinecor.measure.conventions import VALVE_CONVENTIONS
from cinecor.measure.fractional_base import FractionalBase
from cinecor.measure.ventricle import Ventricle
from cinecor.report.results import CutFacts, FractionalBaseFacts, ValveBaseFacts, ValveLineFacts, ValvePlaneFacts
from cinecor.review import Review, ReviewResult

_DECIMALS: Final = 3
_SHARE_DECIMALS: Final = 9  # of a share a pixel: over a whole image it must not add up


def valve_facts(review: Review, result: ReviewResult) -> ValvePlaneFacts | None:
    """Return the lines of a review's valves and what they tell; None where none was drawn."""
    if not review.valves:
        return None
    numbers = result.valves
    return ValvePlaneFacts(
        mapse_mm=_rounded(numbers.mapse_mm),
        tapse_mm=_rounded(numbers.tapse_mm),
        lines=[
            ValveLineFacts(
                valve=view.valve.value,
                series_uid=view.series_uid,
                chambers=line.chambers,
                drawn_phases=list(line.drawn),
                unsure_phases=list(line.unsure),
                ends_mm=list(line.ends_mm),
                view_normal=line.normal,
            )
            for view, line in sorted(review.valves.items())
        ],
        bases=[
            ValveBaseFacts(
                valve=valve.value,
                moment=moment.value,
                point_mm=_point(base.plane.point_mm, _DECIMALS),
                normal=_point(base.plane.normal, 6),
                slices_below=None if base.shares is None else [round(float(share), _DECIMALS) for share in base.shares],
            )
            for valve, bases in numbers.bases.items()
            for moment, base in bases.items()
            if base is not None
        ],
        conventions={code: str(message) for code, message in VALVE_CONVENTIONS.items()},
    )


def fractional_facts(base: FractionalBase | None) -> FractionalBaseFacts | None:
    """Return how the planes of valves cut the slabs of which parts count; None where whole slices do."""
    if base is None:
        return None
    return FractionalBaseFacts(**{ventricle.value: _cut_facts(cuts) for ventricle, cuts in base.cuts.items()})


def fractional_base_of(facts: FractionalBaseFacts | None, *, slices: int, phases: int) -> FractionalBase | None:
    """Return what the facts tell; None where whole slices count. Raises `ValueError` for those of another stack."""
    if facts is None:
        return None
    told = {Ventricle.LV: facts.lv, Ventricle.RV: facts.rv}
    given = {ventricle: cuts for ventricle, cuts in told.items() if cuts is not None}
    if any(len(cuts) != slices or any(len(row) != phases for row in cuts) for cuts in given.values()):
        raise ValueError(f"the cuts are not those of {slices} slices and {phases} phases")
    return FractionalBase({ventricle: np.array(cuts) for ventricle, cuts in given.items()})


def _cut_facts(cuts: NDArray[np.float64]) -> CutFacts:
    return [[_point(cut, _SHARE_DECIMALS) for cut in phases] for phases in cuts]


def _point(place: NDArray[np.float64], decimals: int) -> tuple[float, float, float]:
    x, y, z = (round(float(value), decimals) for value in place)
    return x, y, z


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, _DECIMALS)
