"""`SliceEffect`: what one slice adds at ED or ES, and what taking it out or in would change."""

from dataclasses import dataclass

from cinecor.measure.moment import Moment
from cinecor.measure.ventricular_function import ventricular_function
from cinecor.review.result import ReviewResult
from cinecor.review.review import Review


@dataclass(frozen=True, slots=True)
class SliceEffect:
    """What one slice adds at ED or ES, and what leaving it out would change."""

    lv_ml: float
    rv_ml: float
    lv_ef_points: float | None
    """Change of the LV's ejection fraction if the choice for this slice is turned round; None where one is unknown."""


def slice_effect(review: Review, result: ReviewResult, *, index: int, moment: Moment) -> SliceEffect | None:
    """Return what a slice adds at ED or ES and what turning its choice round would do.

    None without ED and ES, and for a dropped slice, which the curves do not hold.
    """
    phase = result.moments[moment]
    if phase is None or None in result.moments.values() or index in review.dropped:
        return None
    lv_ml = float(result.curves.lv_slices_ml[index, phase])
    rv_ml = float(result.curves.rv_slices_ml[index, phase])
    lv = result.measurements.lv
    change = None
    if lv.edv_ml is not None and lv.esv_ml is not None and lv.ef_percent is not None:
        sign = -1.0 if review.counts(index, moment) else 1.0
        edv = lv.edv_ml + (sign * lv_ml if moment is Moment.ED else 0.0)
        esv = lv.esv_ml + (sign * lv_ml if moment is Moment.ES else 0.0)
        turned = ventricular_function(edv, esv, heart_rate_bpm=None).ef_percent
        change = None if turned is None else turned - lv.ef_percent
    return SliceEffect(lv_ml, rv_ml, change)
