"""Where a ventricle begins, stops, and comes and goes: frames in which it looks odd without being wrong."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

FEWEST_PHASES_FOR_PASSING: Final = 10
"""With fewer phases a whole systole lies between two of them."""

PASSING_SHARE: Final = 0.15
"""Of the cycle, before and after the base passes a slice: the tilted base plane cuts it obliquely for as long."""


def ends(found: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the first and the last slice of a structure at each phase; `found` is (slice, phase)."""
    first = found & (np.cumsum(found, axis=0) == 1)
    last = found & (np.cumsum(found[::-1], axis=0)[::-1] == 1)
    return np.asarray(first | last)


def passing(found: NDArray[np.bool_], *, base_first: bool) -> NDArray[np.bool_]:
    """Return the frames (slice, phase) of basal slices in which a structure is about to go, has gone, or is back.

    None in a cine of few phases.
    """
    slices, phases = found.shape
    held = np.flatnonzero(found.any(axis=1))
    if phases < FEWEST_PHASES_FOR_PASSING or not held.size:
        return np.zeros_like(found)
    place, middle = np.arange(slices)[:, None], (held[0] + held[-1]) / 2
    basal = place < middle if base_first else place > middle
    return np.asarray(_around(found) & _around(~found) & basal)


def _around(state: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the phases within `PASSING_SHARE` of one in a state; the last phase is the first one's neighbour."""
    reach = int(np.ceil(PASSING_SHARE * state.shape[1]))
    return np.asarray(np.any([np.roll(state, step, axis=1) for step in range(-reach, reach + 1)], axis=0))
