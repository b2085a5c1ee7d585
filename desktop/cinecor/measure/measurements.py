"""`Measurements`: the numbers a reader asks for, each None where it cannot be known."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Ventricle:
    """Function of one ventricle; `mass_g` only for the left."""

    edv_ml: float | None
    esv_ml: float | None
    sv_ml: float | None
    ef_percent: float | None
    co_l_min: float | None
    mass_g: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Measurements:
    """Volume curves and function of both ventricles.

    Volume = Σ area × the slice's extent along the long axis (spacing from positions, gap included).
    """

    lv_ml: NDArray[np.float64]  # (phase,)
    rv_ml: NDArray[np.float64]  # (phase,)
    myo_ml: NDArray[np.float64]  # (phase,)
    ed_phase: int | None  # None where end-diastole cannot be told: one phase only, no LV
    es_phase: int | None
    lv: Ventricle
    rv: Ventricle
    reasons: tuple[str, ...]  # why a value is None, one sentence each
    phase_choice: str = ""  # how ED and ES were chosen, one sentence
