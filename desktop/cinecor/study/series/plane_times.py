"""How the images of one plane follow each other: through a heartbeat, one a heartbeat, or with another contrast."""

import itertools
from statistics import median
from typing import Final

from cinecor.message import Message
from cinecor.study.series.parallel_planes import Plane

MIN_CINE_PHASES: Final = 8


def varying_contrast(plane: Plane) -> Message | None:
    """Return what differs from image to image of a plane that in a cine is the same for all."""
    inversion = {frame.inversion_time_ms for frame in plane.frames if frame.inversion_time_ms}
    if len(inversion) >= len(plane.frames) // 2 and len(inversion) > 2:
        return Message(
            "inversion_time_changes", "the inversion time changes from image to image: T1 map source or TI scout"
        )
    echo = {round(frame.echo_time_ms, 2) for frame in plane.frames if frame.echo_time_ms}
    if len(echo) >= MIN_CINE_PHASES // 2:
        return Message("echo_time_changes", "the echo time changes from image to image: T2* map source")
    b_values = {frame.b_value for frame in plane.frames if frame.b_value is not None}
    if len(b_values) > 1:
        return Message("diffusion_changes", "the diffusion weighting changes from image to image")
    return None


def over_heartbeats(plane: Plane) -> Message | None:
    """Return why the images of a plane come from one heartbeat each, None when they may share the cycle."""
    triggers = sorted(frame.trigger_time_ms for frame in plane.frames if frame.trigger_time_ms is not None)
    delays = sorted(frame.nominal_delay_ms for frame in plane.frames if frame.nominal_delay_ms is not None)
    if any(_within_a_cycle(times) and len(times) == len(plane.frames) for times in (triggers, delays)):
        return None
    if len(triggers) == len(plane.frames) and evenly_spaced(triggers) and triggers[-1] - triggers[0] > 6000.0:
        step = (triggers[-1] - triggers[0]) / (len(triggers) - 1)
        if step >= 400.0:
            return Message(
                "trigger_a_heartbeat",
                "trigger times grow by {step_ms:.0f} ms from image to image: one a heartbeat, not phases of a cycle",
                step_ms=step,
            )
    times = sorted(frame.acquisition_s for frame in plane.frames if frame.acquisition_s is not None)
    if len(times) < MIN_CINE_PHASES:
        return None
    steps = [later - earlier for earlier, later in itertools.pairwise(times)]
    if median(steps) >= 0.4 and times[-1] - times[0] >= 6.0:
        return Message(
            "image_a_heartbeat",
            "the images of a plane are {step_s:.1f} s apart over {whole_s:.0f} s: one a heartbeat, not phases of a "
            "cycle",
            step_s=median(steps),
            whole_s=times[-1] - times[0],
        )
    return None


def _within_a_cycle(times_ms: list[float]) -> bool:
    return evenly_spaced(times_ms) and 200.0 <= times_ms[-1] - times_ms[0] <= 3000.0


def evenly_spaced(times: list[float]) -> bool:
    """Return whether sorted times are distinct and mostly one step apart, as phases of a cycle are."""
    steps = [later - earlier for earlier, later in itertools.pairwise(times)]
    if not steps or min(steps) <= 0.0:
        return False
    step = median(steps)
    return sum(1 for value in steps if 0.5 * step <= value <= 1.6 * step) >= 0.75 * len(steps)
