"""`Timeline`: which phase is shown at which moment while the heart plays."""

from dataclasses import dataclass

from cinecor.study.cine_stack import CineStack

_USUAL_RR_MS = 1000.0


@dataclass(frozen=True, slots=True)
class Timeline:
    """A cycle of `phases` that takes `cycle_ms`; it repeats without end."""

    phases: int
    cycle_ms: float

    def phase_at(self, elapsed_ms: float, *, start: int) -> int:
        """Return the phase after `elapsed_ms` of playing from phase `start`."""
        return (start + int(elapsed_ms / self.cycle_ms * self.phases)) % self.phases

    @property
    def step_ms(self) -> float:
        """How long one phase is shown."""
        return self.cycle_ms / self.phases


def true_timeline(stack: CineStack, heart_rate_bpm: float | None) -> Timeline:
    """Return the cycle as the patient's heart beats: by heart rate, else by phase times, else 60 beats a minute."""
    if heart_rate_bpm is not None and 20 <= heart_rate_bpm <= 300:
        return Timeline(stack.phases, 60_000.0 / heart_rate_bpm)
    times = stack.phase_times_ms
    if times is not None and len(times) > 1 and times[-1] > times[0]:
        step = (times[-1] - times[0]) / (len(times) - 1)
        return Timeline(stack.phases, step * len(times))
    return Timeline(stack.phases, _USUAL_RR_MS)


def timeline_at(stack: CineStack, fps: int) -> Timeline:
    """Return a cycle shown at a chosen number of phases a second."""
    return Timeline(stack.phases, stack.phases * 1000.0 / fps)
