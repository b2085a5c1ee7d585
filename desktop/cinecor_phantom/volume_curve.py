"""The volume curve: how far the heart has contracted at each moment of the cycle."""

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator


def contraction(moment: NDArray[np.float64], *, end_systole: float, atrial_kick: float) -> NDArray[np.float64]:
    """Return contraction 0 (end-diastole) to 1 (end-systole) at each `moment` (share of the R-R interval, 0 to 1).

    V(t) = EDV − (EDV − ESV) · contraction(t). The curve is a monotone cubic through the landmarks of a normal left
    ventricle: isovolumetric contraction and relaxation (flat), ejection that is fastest in its first third, rapid
    filling, diastasis and the atrial kick, which adds `atrial_kick` of the stroke volume (15–25 % in the young; Hall,
    Guyton and Hall Textbook of Medical Physiology, 14th ed., chapter 9). `end_systole` is a share of the R-R interval.
    """
    diastole = 1.0 - end_systole
    # Diastasis is what shortens when the heart runs fast, so filling takes shares of diastole and not of the cycle.
    landmarks = [
        (0.0, 0.0),
        (0.10 * end_systole, 0.0),
        (0.40 * end_systole, 0.46),
        (0.75 * end_systole, 0.88),
        (end_systole, 1.0),
        (end_systole + 0.06 * diastole, 1.0),
        (end_systole + 0.18 * diastole, 1.0 - 0.40 * (1.0 - atrial_kick)),
        (end_systole + 0.36 * diastole, 1.0 - 0.88 * (1.0 - atrial_kick)),
        (end_systole + 0.74 * diastole, atrial_kick),
        (end_systole + 0.94 * diastole, 0.03 * atrial_kick),
        (1.0, 0.0),
    ]
    times, values = zip(*landmarks, strict=True)
    curve = PchipInterpolator(np.array(times), np.array(values))
    return np.clip(np.asarray(curve(np.mod(moment, 1.0)), dtype=np.float64), 0.0, 1.0)


def snapped_end_systole(end_systole: float, *, phases: int) -> float:
    """Return end-systole (share of R-R) moved to the nearest of `phases` evenly spaced phases: one of them shows ESV.

    With one phase there is no systole to show; with two it is the second.
    """
    if phases < 2:
        return end_systole
    return min(max(round(end_systole * phases), 1), phases - 1) / phases
