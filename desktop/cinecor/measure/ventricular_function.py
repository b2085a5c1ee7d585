"""`VentricularFunction`: what follows from a ventricle's volumes at ED and ES; the one place where it is computed."""

from dataclasses import dataclass
from math import inf

from cinecor.measure.conventions import MYOCARDIAL_DENSITY_G_PER_ML

_ML_PER_L = 1000.0


@dataclass(frozen=True, slots=True)
class VentricularFunction:
    """Function of one ventricle, None where it cannot be known; `mass_g` only for the left."""

    edv_ml: float | None
    esv_ml: float | None
    sv_ml: float | None = None
    ef_percent: float | None = None
    co_l_min: float | None = None
    mass_g: float | None = None


def ventricular_function(
    edv_ml: float | None, esv_ml: float | None, *, heart_rate_bpm: float | None, wall_ml: float | None = None
) -> VentricularFunction:
    """Return the function of a ventricle by its volumes at ED and ES; `wall_ml` is the LV myocardium at ED.

    SV = EDV − ESV in mL; EF = 100 × SV / EDV in percent; CO = SV × heart rate / 1000 in L/min; LV mass = MYO volume ×
    1.05 g/mL (SCMR, Schulz-Menger 2020).

    A structure of which nothing was found is unknown and no 0; a ventricle that is not smaller at ES has no stroke
    volume; without a heart rate, or with an impossible one, there is no output.
    """
    edv_ml, esv_ml, wall_ml = edv_ml or None, esv_ml or None, wall_ml or None
    mass_g = None if wall_ml is None else wall_ml * MYOCARDIAL_DENSITY_G_PER_ML
    if edv_ml is None or esv_ml is None or esv_ml >= edv_ml:
        return VentricularFunction(edv_ml, esv_ml, mass_g=mass_g)
    sv_ml = edv_ml - esv_ml
    co_l_min = None
    if heart_rate_bpm is not None and 0 < heart_rate_bpm < inf:
        co_l_min = sv_ml * heart_rate_bpm / _ML_PER_L
    return VentricularFunction(edv_ml, esv_ml, sv_ml, 100.0 * sv_ml / edv_ml, co_l_min, mass_g)
