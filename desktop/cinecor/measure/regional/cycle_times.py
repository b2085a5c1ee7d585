"""`CycleTimes`: ED and ES in the heart's cycle, and how long after ED a wall is thickest."""

import math
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from cinecor.measure.moment import ByMoment

_LEAST_PEAK_MM = 1.0  # what hardly thickens has no time at which it is thickest


@dataclass(frozen=True, slots=True)
class CycleTimes:
    """Phases of ED and ES, and when each phase of the cycle is; no times where the file tells none."""

    ed: int
    es: int | None
    phase_times_ms: tuple[float, ...] | None
    step_ms: float = 0.0  # between phases
    cycle_ms: float = 0.0

    @classmethod
    def of(
        cls,
        moments: ByMoment[int | None],
        *,
        phase_times_ms: tuple[float, ...] | None = None,
        rr_ms: float | None = None,
    ) -> Self:
        """Return the times of a study; without ED the first phase stands for it, and there is no ES."""
        ed, es = (0, None) if moments.ed is None else (moments.ed, moments.es)
        if phase_times_ms is None:
            return cls(ed, es, None)
        step_ms = float(np.median(np.diff(phase_times_ms))) if len(phase_times_ms) > 1 else 0.0
        return cls(ed, es, phase_times_ms, step_ms, rr_ms or phase_times_ms[-1] - phase_times_ms[0] + step_ms)

    def peak_ms(self, thickness_mm: NDArray[np.float64]) -> float | None:
        """Return how long after ED a wall (phase,) is thickest, between phases by a parabola; ms.

        Phases of which the thickness is unknown (NaN) are passed over: beside one the thickest phase itself is told.
        None where the wall thickens by less than 1 mm since ED, where no times are known, and beside two or more
        unknown phases in a row, in which the wall may well be thickest.
        """
        thick = thickness_mm.tolist()  # few values: Python goes through them before NumPy has begun
        if self.phase_times_ms is None or not math.isfinite(thick[self.ed]):
            return None
        top = max((phase for phase, mm in enumerate(thick) if not math.isnan(mm)), key=thick.__getitem__)
        if thick[top] - thick[self.ed] < _LEAST_PEAK_MM:
            return None
        around = [thick[(top + step) % len(thick)] for step in range(-2, 3)]
        unknown = [math.isnan(mm) for mm in around]
        if all(unknown[:2]) or all(unknown[3:]):
            return None
        shift = 0.0 if unknown[1] or unknown[3] else _summit(*around[1:4])
        return (self.phase_times_ms[top] + shift * self.step_ms - self.phase_times_ms[self.ed]) % self.cycle_ms


def _summit(before: float, at: float, after: float) -> float:
    """Return where the parabola through three neighbours is highest, in phases from the middle one."""
    bend = before - 2 * at + after
    return 0.0 if bend == 0.0 else min(max(0.5 * (before - after) / bend, -0.5), 0.5)
