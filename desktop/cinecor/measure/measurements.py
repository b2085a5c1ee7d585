"""`measure`: labels and geometry become `Measurements`, the numbers a reader asks for."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cinecor.measure.conventions import MYOCARDIAL_DENSITY_G_PER_ML
from cinecor.measure.curves import VolumeCurves, volume_curves
from cinecor.measure.moment import AUTOMATIC, ByMoment, Moment
from cinecor.measure.phases import choose_phases
from cinecor.measure.ventricle import Ventricle
from cinecor.message import Message, Phases
from cinecor.study.cine_stack import StackGeometry

_ML_PER_L = 1000.0

NO_HEART_RATE: Final = Message("no_heart_rate", "The heart rate is unknown: no cardiac output.")

WHY_UNKNOWN: Final = (
    "single_phase", "no_function", "edv_unknown", "esv_unknown", "no_ejection", "mass_unknown", "no_heart_rate",
)  # fmt: skip
"""Codes of every reason for a number that is None."""


@dataclass(frozen=True, slots=True)
class VentricularFunction:
    """Function of one ventricle, None where it cannot be known; `mass_g` only for the left."""

    edv_ml: float | None
    esv_ml: float | None
    sv_ml: float | None = None
    ef_percent: float | None = None
    co_l_min: float | None = None
    mass_g: float | None = None


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

    With V a volume curve: EDV = V(ED), ESV = V(ES), SV = EDV − ESV in mL; EF = 100 × SV / EDV in percent;
    CO = SV × heart rate / 1000 in L/min; LV mass = MYO volume at ED × 1.05 g/mL (SCMR, Schulz-Menger 2020). ED and ES
    come from the LV and hold for both ventricles.

    Whatever cannot be known is None, and `reasons` says why; a missing structure never becomes a 0.
    """
    phases = choose_phases(curves.lv_ml, chosen=chosen)
    moments = phases.moments
    rate_bpm = heart_rate_bpm if heart_rate_bpm is not None and 0 < heart_rate_bpm < float("inf") else None
    reasons = list(phases.explanation) if None in moments.values() else []
    lv, rv = (
        _function(curves.cavity_ml(ventricle), ventricle, moments=moments, heart_rate_bpm=rate_bpm, reasons=reasons)
        for ventricle in Ventricle
    )
    if rate_bpm is None and (lv.sv_ml is not None or rv.sv_ml is not None):
        reasons.append(NO_HEART_RATE)
    mass_g = _mass_g(curves.myo_ml, ed_phase=moments.ed, reasons=reasons)
    return Measurements(curves, moments, replace(lv, mass_g=mass_g), rv, tuple(reasons), phases.explanation)


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
    curve_ml: NDArray[np.float64],
    ventricle: Ventricle,
    *,
    moments: ByMoment[int | None],
    heart_rate_bpm: float | None,
    reasons: list[Message],
) -> VentricularFunction:
    volumes = {}
    for moment, phase in moments.items():
        volumes[moment] = _volume_at(curve_ml, phase)
        if phase is not None and volumes[moment] is None:
            reasons.append(_not_found(ventricle, moment, phase))
    edv_ml, esv_ml = volumes[Moment.ED], volumes[Moment.ES]
    if edv_ml is None or esv_ml is None:
        return VentricularFunction(edv_ml, esv_ml)
    sv_ml = edv_ml - esv_ml
    if sv_ml <= 0:
        reasons.append(no_ejection(ventricle, edv_ml=edv_ml, esv_ml=esv_ml))
        return VentricularFunction(edv_ml, esv_ml)
    co_l_min = None if heart_rate_bpm is None else sv_ml * heart_rate_bpm / _ML_PER_L
    return VentricularFunction(edv_ml, esv_ml, sv_ml, 100.0 * sv_ml / edv_ml, co_l_min)


def _volume_at(curve_ml: NDArray[np.float64], phase: int | None) -> float | None:
    return None if phase is None or curve_ml[phase] == 0 else float(curve_ml[phase])


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


def _mass_g(myo_ml: NDArray[np.float64], *, ed_phase: int | None, reasons: list[Message]) -> float | None:
    if ed_phase is None:
        return None
    myo_at_ed_ml = _volume_at(myo_ml, ed_phase)
    if myo_at_ed_ml is None:
        reasons.append(
            Message(
                "mass_unknown",
                "The LV mass is unknown: no myocardium was found in {phase}.",
                phase=Phases((ed_phase,)),
            )
        )
        return None
    return myo_at_ed_ml * MYOCARDIAL_DENSITY_G_PER_ML
