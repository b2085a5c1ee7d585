"""`Rates`: how fast a ventricle empties and fills."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Rates:
    """Peak ejection and filling rate in mL/s (both positive), and the phases after which they occur."""

    ejection_ml_s: float
    ejection_phase: int
    filling_ml_s: float
    filling_phase: int


def rates(volume_ml: NDArray[np.float64], phase_times_ms: tuple[float, ...] | None) -> Rates | None:
    """Return the steepest fall and rise between neighbouring phases, the last and the first included.

    A difference of neighbours, not a fitted slope: coarse phases make the peaks too low. None without phase times, or
    where a phase holds no volume.
    """
    if phase_times_ms is None or len(phase_times_ms) < 3 or not np.all(volume_ml > 0):
        return None
    times = np.asarray(phase_times_ms)
    steps = np.diff(times)
    if not np.all(steps > 0):
        return None
    steps_s = np.append(steps, np.median(steps)) / 1000.0
    slopes = (np.roll(volume_ml, -1) - volume_ml) / steps_s
    falling, rising = int(slopes.argmin()), int(slopes.argmax())
    return Rates(max(0.0, -float(slopes[falling])), falling, max(0.0, float(slopes[rising])), rising)
