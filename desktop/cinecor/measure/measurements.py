"""`measure`: labels and geometry become `Measurements`, the numbers a reader asks for."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cinecor.measure.curves import VolumeCurves, volume_curves
from cinecor.measure.moment import AUTOMATIC, ByMoment, Moment
from cinecor.measure.phases import choose_phases
from cinecor.measure.ventricle import Ventricle
from cinecor.measure.ventricular_function import VentricularFunction, ventricular_function
from cinecor.message import Message, Phases
from cinecor.study.cine_stack import StackGeometry

NO_HEART_RATE: Final = Message("no_heart_rate", "The heart rate is unknown: no cardiac output.")

WHY_UNKNOWN: Final = (
    "single_phase", "no_function", "edv_unknown", "esv_unknown", "no_ejection", "mass_unknown", "no_heart_rate",
)  # fmt: skip
"""Codes of every reason for a number that is None."""


@dataclass(frozen=True, slots=True, eq=False)
class Measurements:
    """Volume curves and function of both ventricles.

    Volume = Σ area × the slice's extent along the long axis (spacing from positions, gap included).
    """

    curves: VolumeCurves
    moments: ByMoment[int | None]  # their phases; None where they cannot be told: one phase only, no LV
    lv: VentricularFunction
    rv: VentricularFunction
    reasons: tuple[Message, ...]  # why a value is None
    phase_choice: tuple[Message, ...]  # how ED and ES were chosen, or why they could not be

    def of(self, ventricle: Ventricle) -> VentricularFunction:
        """Return the function of one ventricle."""
        return self.lv if ventricle is Ventricle.LV else self.rv


def measure(
    labels: NDArray[np.uint8],
    *,
    geometry: StackGeometry,
    heart_rate_bpm: float | None,
    chosen: ByMoment[int | None] = AUTOMATIC,
) -> Measurements:
    """Return volumes in mL per phase, and EDV, ESV, SV, EF, CO and mass of both ventricles.

    `labels` is (slice, phase, row, column) with the values of `Label`; it may come from a model, a reader or a
    phantom. See `measure_curves`. Raises `InputError` when the spacing cannot give a volume.
    """
    return measure_curves(volume_curves(labels, geometry=geometry), heart_rate_bpm=heart_rate_bpm, chosen=chosen)


def measure_curves(
    curves: VolumeCurves, *, heart_rate_bpm: float | None, chosen: ByMoment[int | None] = AUTOMATIC
) -> Measurements:
    """Return the numbers of volume curves; `chosen` are phases that a reader set by hand.

    With V a volume curve: EDV = V(ED), ESV = V(ES), and what follows from them (`ventricular_function`). ED and ES come
    from the LV and hold for both ventricles.

    Whatever cannot be known is None, and `reasons` says why; a missing structure never becomes a 0.
    """
    phases = choose_phases(curves.lv_ml, chosen=chosen)
    moments = phases.moments
    reasons = list(phases.explanation) if None in moments.values() else []
    lv, rv = (
        _function(curves, ventricle, moments=moments, heart_rate_bpm=heart_rate_bpm, reasons=reasons)
        for ventricle in Ventricle
    )
    if any(one.sv_ml is not None and one.co_l_min is None for one in (lv, rv)):
        reasons.append(NO_HEART_RATE)
    if lv.mass_g is None and moments.ed is not None:
        reasons.append(_no_wall(moments.ed))
    return Measurements(curves, moments, lv, rv, tuple(reasons), phases.explanation)


def no_ejection(ventricle: Ventricle, *, edv_ml: float, esv_ml: float) -> Message:
    """Return why a ventricle has no stroke volume though both volumes are known."""
    return Message(
        "no_ejection",
        "The {ventricle} is not smaller at ES ({esv_ml:.1f} mL) than at ED ({edv_ml:.1f} mL): it has no stroke volume "
        "and no ejection fraction.",
        ventricle=ventricle.message,
        esv_ml=esv_ml,
        edv_ml=edv_ml,
    )


def _function(
    curves: VolumeCurves,
    ventricle: Ventricle,
    *,
    moments: ByMoment[int | None],
    heart_rate_bpm: float | None,
    reasons: list[Message],
) -> VentricularFunction:
    volumes = [_volume_at(curves.cavity_ml(ventricle), phase) for phase in moments.values()]
    wall_ml = _volume_at(curves.myo_ml, moments.ed) if ventricle is Ventricle.LV else None
    function = ventricular_function(*volumes, heart_rate_bpm=heart_rate_bpm, wall_ml=wall_ml)
    known = ByMoment(function.edv_ml, function.esv_ml)
    reasons += [
        _not_found(ventricle, moment, phase)
        for moment, phase in moments.items()
        if phase is not None and known[moment] is None
    ]
    if known.ed is not None and known.es is not None and function.sv_ml is None:
        reasons.append(no_ejection(ventricle, edv_ml=known.ed, esv_ml=known.es))
    return function


def _volume_at(curve_ml: NDArray[np.float64], phase: int | None) -> float | None:
    return None if phase is None else float(curve_ml[phase])


def _not_found(ventricle: Ventricle, moment: Moment, phase: int) -> Message:
    values = {"ventricle": ventricle.message, "phase": Phases((phase,))}
    if moment is Moment.ED:
        return Message(
            "edv_unknown",
            "The {ventricle} end-diastolic volume is unknown: nothing of it was found in {phase}.",
            **values,
        )
    return Message(
        "esv_unknown", "The {ventricle} end-systolic volume is unknown: nothing of it was found in {phase}.", **values
    )


def _no_wall(ed_phase: int) -> Message:
    return Message(
        "mass_unknown", "The LV mass is unknown: no myocardium was found in {phase}.", phase=Phases((ed_phase,))
    )
