"""`smooth_residuals`: how far each frame's value lies from what its neighbours in slice and phase let expect."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_MOST_HARMONICS: Final = 2  # of the cycle; a volume curve has little beyond the second
_DEGREE: Final = 2  # along the long axis
_ROUNDS: Final = 12
_TUNING: Final = 4.685  # Tukey's bisquare: 95 % efficient where residuals are normal
_SPARE: Final = 2.0  # values a coefficient needs at least, else the fit follows what it should judge
_CERTAIN: Final = 1e-12  # of the normal matrix's largest eigenvalue: below it a combination of functions is not held


def smooth_residuals(values: Array) -> Array:
    """Return each value (…, slice, phase) minus a smooth surface fitted to all of them; NaN where there is none.

    The surface is a parabola along the slices whose coefficients follow the cycle with up to two harmonics, fitted by
    Tukey's bisquare so that a frame that is wrong does not draw the surface to itself. Where there are too few values
    for that, simpler ones are tried; all NaN when even a plane constant over the cycle has too few. Surfaces are fitted
    one beside the other, each by its own (slice, phase).
    """
    slices, phases = values.shape[-2:]
    rows = values.reshape(-1, slices * phases)
    known = np.isfinite(rows)
    residuals = np.full(rows.shape, np.nan)
    waiting = np.ones(len(rows), dtype=np.bool_)
    for degree, harmonics in ((_DEGREE, min(_MOST_HARMONICS, phases // 2)), (_DEGREE, 0), (1, 0)):
        functions = _surface(slices, phases, degree, harmonics)
        enough = waiting & (known.sum(axis=1) >= _SPARE * functions.shape[1])
        if enough.any():
            residuals[enough] = _residuals(rows[enough], known[enough], functions)
            waiting &= ~enough
    return residuals.reshape(values.shape)


@lru_cache(maxsize=32)
def _surface(slices: int, phases: int, degree: int, harmonics: int) -> Array:
    """Return the functions of which the surface is made: (frame, function)."""
    along = np.linspace(-1.0, 1.0, max(slices, 2))[:slices]
    turn = np.arange(phases) * (2 * np.pi / phases)
    cycle = [np.ones(phases)]
    for harmonic in range(1, harmonics + 1):
        cycle.append(np.cos(harmonic * turn))
        if 2 * harmonic < phases:  # at half the number of phases the sine is nothing
            cycle.append(np.sin(harmonic * turn))
    powers = along[:, None] ** np.arange(degree + 1)
    surface: Array = np.einsum("si,pk->spik", powers, np.stack(cycle, axis=1)).reshape(slices * phases, -1)
    surface.setflags(write=False)
    return surface


def _residuals(values: Array, known: NDArray[np.bool_], functions: Array) -> Array:
    """Return values (fit, frame) minus their surfaces; NaN where they are not `known`."""
    wanted = np.where(known, values, 0.0)
    count = functions.shape[1]
    products = (functions[:, :, None] * functions[:, None, :]).reshape(len(functions), count * count)
    median = _Median.of(known)
    least_spread = 1e-9 * (1 + np.abs(wanted).max(axis=1))
    held = known  # by which a surface is held: as long as they stay the same, it is as certain as before
    normal = (known.astype(np.float64) @ products).reshape(-1, count, count)
    going = _certain(normal)
    off = wanted - _least(normal, wanted @ functions) @ functions.T
    for _ in range(_ROUNDS - 1):
        spread = median(np.abs(off)) / 0.6745  # the normal distribution's SD from the median
        going = going & (spread > least_spread)
        scale = np.where(going, _TUNING * spread, 1.0)
        weights = np.where(known, np.maximum(1 - (off / scale[:, None]) ** 2, 0) ** 2, 0.0)
        before, held = held, weights > 0
        if np.count_nonzero(held != before):
            changed = going & (held != before).any(axis=1)
            going[changed] = _certain((held[changed] @ products).reshape(-1, count, count))
        left = np.count_nonzero(going)
        if not left:
            break
        own = slice(None) if left == len(going) else going
        normal = (weights[own] @ products).reshape(-1, count, count)
        coefficients = _solved(normal, (weights[own] * wanted[own]) @ functions)
        off[own] = wanted[own] - coefficients @ functions.T
    return np.where(known, off, np.nan)


def _least(normal: Array, right: Array) -> Array:
    """Return the coefficients (fit, function) of normal equations, the smallest where nothing holds some of them."""
    return np.asarray((np.linalg.pinv(normal, rcond=_CERTAIN, hermitian=True) @ right[:, :, None])[:, :, 0])


def _solved(normal: Array, right: Array) -> Array:
    try:
        return np.asarray(np.linalg.solve(normal, right[:, :, None])[:, :, 0])
    except np.linalg.LinAlgError:  # exactly singular, which rounding leaves rarely
        return _least(normal, right)


def _certain(normal: Array) -> NDArray[np.bool_]:
    """Return for which fits every combination of functions is held by some value."""
    eigenvalues = np.linalg.eigvalsh(normal)
    return np.asarray(eigenvalues[:, 0] > _CERTAIN * eigenvalues[:, -1])


@dataclass(frozen=True, slots=True, eq=False)
class _Median:
    """The median of the known values of each row; NumPy's own takes ten times as long for so few."""

    unknown: NDArray[np.bool_]
    row: NDArray[np.intp]
    below: NDArray[np.intp]  # place of the middle value among the ordered ones, or of the one before the middle
    above: NDArray[np.intp]

    @classmethod
    def of(cls, known: NDArray[np.bool_]) -> "_Median":
        count = known.sum(axis=1)
        return cls(~known, np.arange(len(known)), (count - 1) // 2, count // 2)

    def __call__(self, values: Array) -> Array:
        ordered = np.where(self.unknown, np.inf, values)
        ordered.sort(axis=1)
        return np.asarray((ordered[self.row, self.below] + ordered[self.row, self.above]) / 2)
