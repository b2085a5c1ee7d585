"""The planes of valves as `results.json` holds them."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from cinecor.measure.conventions import VALVE_CONVENTIONS
from cinecor.report.results import ValveBaseFacts, ValveLineFacts, ValvePlaneFacts
from cinecor.review import Review, ReviewResult

_DECIMALS: Final = 3


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


def _point(place: NDArray[np.float64], decimals: int) -> tuple[float, float, float]:
    x, y, z = (round(float(value), decimals) for value in place)
    return x, y, z


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, _DECIMALS)
