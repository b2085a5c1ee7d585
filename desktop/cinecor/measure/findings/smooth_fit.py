"""`smooth_residuals`: how far each frame's value lies from what its neighbours in slice and phase let expect."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

_MOST_HARMONICS: Final = 2  # of the cycle; a volume curve has little beyond the second
_DEGREE: Final = 2  # along the long axis
_ROUNDS: Final = 12
_TUNING: Final = 4.685  # Tukey's bisquare: 95 % efficient where residuals are normal
_SPARE: Final = 2.0  # values a coefficient needs at least, else the fit follows what it should judge


def smooth_residuals(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return each value (slice, phase) minus a smooth surface fitted to all of them; NaN where there is none.

    The surface is a parabola along the slices whose coefficients follow the cycle with up to two harmonics, fitted by
    Tukey's bisquare so that a frame that is wrong does not draw the surface to itself. Where there are too few values
    for that, simpler ones are tried; all NaN when even a plane constant over the cycle has too few.
    """
    slices, phases = values.shape
    known = np.isfinite(values)
    for degree, harmonics in ((_DEGREE, min(_MOST_HARMONICS, phases // 2)), (_DEGREE, 0), (1, 0)):
        base = _surface(slices, phases, degree=degree, harmonics=harmonics)
        if np.count_nonzero(known) >= _SPARE * base.shape[-1]:
            return _residuals(values, known, base)
    return np.full(values.shape, np.nan)


def _surface(slices: int, phases: int, *, degree: int, harmonics: int) -> NDArray[np.float64]:
    """Return the functions of which the surface is made: (slice, phase, function)."""
    along = np.linspace(-1.0, 1.0, max(slices, 2))[:slices]
    turn = np.arange(phases) * (2 * np.pi / phases)
    cycle = [np.ones(phases)]
    for harmonic in range(1, harmonics + 1):
        cycle.append(np.cos(harmonic * turn))
        if 2 * harmonic < phases:  # at half the number of phases the sine is nothing
            cycle.append(np.sin(harmonic * turn))
    powers = along[:, None] ** np.arange(degree + 1)
    surface: NDArray[np.float64] = np.einsum("si,pk->spik", powers, np.stack(cycle, axis=1))
    return surface.reshape(slices, phases, -1)


def _residuals(values: NDArray[np.float64], known: NDArray[np.bool_], base: NDArray[np.float64]) -> NDArray[np.float64]:
    functions, wanted = base[known], values[known]
    weights = np.ones(len(wanted))
    held = weights > 0  # by which the surface is held: as long as they stay the same, it is as certain as before
    largest = float(np.abs(wanted).max())
    off = wanted
    for turn in range(_ROUNDS):
        root = np.sqrt(weights)
        coefficients, _, rank, _ = np.linalg.lstsq(functions * root[:, None], wanted * root, rcond=None)
        off = wanted - functions @ coefficients
        spread = _median(np.abs(off)) / 0.6745  # the normal distribution's SD from the median
        if spread <= 1e-9 * (1 + largest) or (turn == 0 and rank < functions.shape[1]):
            break
        weights = np.clip(1 - (off / (_TUNING * spread)) ** 2, 0, None) ** 2
        before, held = held, weights > 0
        if (held != before).any() and np.linalg.matrix_rank(functions[held]) < functions.shape[1]:
            break
    residuals = np.full(values.shape, np.nan)
    residuals[known] = off
    return residuals


def _median(values: NDArray[np.float64]) -> float:
    """Return the median; NumPy's own takes ten times as long for the few values of a heart, and this runs often."""
    upper = len(values) // 2
    lower = upper if len(values) % 2 else upper - 1
    ordered = np.partition(values, (lower, upper))
    return float(ordered[lower] + ordered[upper]) / 2
