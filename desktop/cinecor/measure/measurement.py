"""`measure`: labels and geometry become the numbers a reader asks for."""

import numpy as np
from numpy.typing import NDArray

from cinecor.measure.conventions import MYOCARDIAL_DENSITY_G_PER_ML
from cinecor.measure.curves import volume_curves
from cinecor.measure.measurements import Measurements, Ventricle
from cinecor.measure.phases import CardiacPhases, choose_phases
from cinecor.study.cine_stack import StackGeometry

_ML_PER_L = 1000.0


def measure(
    labels: NDArray[np.uint8],
    *,
    geometry: StackGeometry,
    heart_rate_bpm: float | None,
    ed_phase: int | None = None,
    es_phase: int | None = None,
) -> Measurements:
    """Volumes in ml per phase, and EDV, ESV, SV, EF, CO and mass of both ventricles.

    `labels` is (slice, phase, row, column) with the values of `Label`; it may come from a model, a reader or a
    phantom. `ed_phase` and `es_phase` override the choice of phases.

    With V the volume curve (see `volume_curves`): EDV = V(ED), ESV = V(ES), SV = EDV − ESV in ml;
    EF = 100 × SV / EDV in percent; CO = SV × heart rate / 1000 in L/min; LV mass = MYO volume at ED × 1.05 g/mL
    (SCMR, Schulz-Menger 2020). ED and ES come from the LV and hold for both ventricles.

    Whatever cannot be known is None, and `reasons` says why; a missing structure never becomes a 0.
    Raises `InputError` when the spacing cannot give a volume.
    """
    curves = volume_curves(labels, geometry=geometry)
    lv_ml, rv_ml, myo_ml = curves.lv_ml, curves.rv_ml, curves.myo_ml
    phases = choose_phases(lv_ml, ed_phase=ed_phase, es_phase=es_phase)

    reasons: list[str] = []
    if phases.ed_phase is None or phases.es_phase is None:
        reasons.append(phases.explanation)
    rate_bpm = heart_rate_bpm if heart_rate_bpm is not None and 0 < heart_rate_bpm < float("inf") else None
    lv = _function(lv_ml, name="LV", phases=phases, heart_rate_bpm=rate_bpm, reasons=reasons)
    rv = _function(rv_ml, name="RV", phases=phases, heart_rate_bpm=rate_bpm, reasons=reasons)
    if rate_bpm is None and (lv.sv_ml is not None or rv.sv_ml is not None):
        reasons.append("Cardiac output: the heart rate is unknown.")
    mass_g = _mass_g(myo_ml, ed_phase=phases.ed_phase, reasons=reasons)

    return Measurements(
        lv_ml=lv_ml,
        rv_ml=rv_ml,
        myo_ml=myo_ml,
        ed_phase=phases.ed_phase,
        es_phase=phases.es_phase,
        lv=Ventricle(lv.edv_ml, lv.esv_ml, lv.sv_ml, lv.ef_percent, lv.co_l_min, mass_g),
        rv=rv,
        reasons=tuple(reasons),
        phase_choice=phases.explanation,
    )


def _function(
    curve_ml: NDArray[np.float64],
    *,
    name: str,
    phases: CardiacPhases,
    heart_rate_bpm: float | None,
    reasons: list[str],
) -> Ventricle:
    edv_ml = _volume_at(curve_ml, phase=phases.ed_phase, what=f"{name} end-diastolic volume", reasons=reasons)
    esv_ml = _volume_at(curve_ml, phase=phases.es_phase, what=f"{name} end-systolic volume", reasons=reasons)
    if edv_ml is None or esv_ml is None:
        return Ventricle(edv_ml, esv_ml, None, None, None)
    sv_ml = edv_ml - esv_ml
    if sv_ml <= 0:
        reasons.append(
            f"{name} stroke volume and ejection fraction: the volume at ES ({esv_ml:.1f} ml) "
            f"is not below the one at ED ({edv_ml:.1f} ml)."
        )
        return Ventricle(edv_ml, esv_ml, None, None, None)
    co_l_min = None if heart_rate_bpm is None else sv_ml * heart_rate_bpm / _ML_PER_L
    return Ventricle(edv_ml, esv_ml, sv_ml, 100.0 * sv_ml / edv_ml, co_l_min)


def _volume_at(curve_ml: NDArray[np.float64], *, phase: int | None, what: str, reasons: list[str]) -> float | None:
    if phase is None:
        return None
    if curve_ml[phase] == 0:
        reasons.append(f"{what}: nothing was found in phase {phase}.")
        return None
    return float(curve_ml[phase])


def _mass_g(myo_ml: NDArray[np.float64], *, ed_phase: int | None, reasons: list[str]) -> float | None:
    myo_at_ed_ml = _volume_at(myo_ml, phase=ed_phase, what="LV mass", reasons=reasons)
    return None if myo_at_ed_ml is None else myo_at_ed_ml * MYOCARDIAL_DENSITY_G_PER_ML
