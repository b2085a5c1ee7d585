"""Likeness of acquisitions: which views can be slices of one stack, and which of them repeat one another.

Two slices belong together when they were planned and acquired alike. One stands in for another of the same place only
when more is alike: a slice under stress, in another beat or with another contrast is no repeat of the one at rest.
"""

import itertools
from collections.abc import Sequence
from statistics import median
from typing import Final

from cinecor.study.dicom.header import Frame
from cinecor.study.series.parallel_planes import PARALLEL_DEGREES, Plane, View, angle_degrees
from cinecor.study.series.plane_times import evenly_spaced

TILT_DEGREES: Final = 10.0  # slices that were planned again stand this far off the others and still follow on them
SAME_BEAT: Final = 1.3  # between two breath-holds at rest; stress doubles the rate
_SAME_PULSE: Final = 1.3  # repetition time and flip angle: limits of heating move them a little
_SAME_COUNT: Final = 1.25  # phases
SAME_STATE: Final = 1.6  # between slices of one stack, whose rhythm may be restless


def alike(view: View, model: View, *, degrees: float) -> bool:
    """Return whether two views can be slices of one stack: one session, parallel within `degrees`, acquired alike."""
    one, other = view.frames[0], model.frames[0]
    if view.normal is None or model.normal is None or angle_degrees(view.normal, model.normal) > degrees:
        return False
    if one.header.session != other.header.session:
        return False
    if not _close(one.echo_time_ms, other.echo_time_ms, 1.2):
        return False
    if one.header.scanning_sequence != other.header.scanning_sequence:
        return False
    return says_tagging(view) == says_tagging(model)


def repeats(view: View, model: View) -> bool:
    """Return whether a view is the same again: what lies at the place of the other may stand in for it."""
    one, other = view.frames[0].header, model.frames[0].header
    references = {one.frame_of_reference_uid, other.frame_of_reference_uid} - {None}
    return (
        alike(view, model, degrees=PARALLEL_DEGREES)
        and len(references) < 2
        and scale(view, model) <= 1.05
        and view.phases <= _SAME_COUNT * model.phases
        and _close(cycle_ms(view), cycle_ms(model), SAME_BEAT)
        and _close(one.repetition_time_ms, other.repetition_time_ms, _SAME_PULSE)
        and _close(one.flip_angle_degrees, other.flip_angle_degrees, _SAME_PULSE)
        and one.contrast_agent == other.contrast_agent
        and (_timed(view) == _timed(model) or view.phases < model.phases)
    )


def in_one_state(view: View, model: View) -> bool:
    """Return whether two views can be of one state of the heart; stress doubles the rate."""
    return _close(cycle_ms(view), cycle_ms(model), SAME_STATE)


def says_tagging(view: View) -> bool:
    """Return whether the name of a series speaks of tagging."""
    words = f"{view.frames[0].header.series_description or ''} {view.frames[0].header.sequence_name or ''}".lower()
    return "tag" in words.replace("stage", "").replace("vintage", "") or "spamm" in words


def scale(view: View, model: View) -> float:
    """Return how different the pixel sizes are: 1.0 for equal, else the larger over the smaller."""
    one, other = view.frames[0].pixel_spacing_mm, model.frames[0].pixel_spacing_mm
    if one is None or other is None:
        return 1.0 if one == other else 99.0
    return max(max(a / b, b / a) for a, b in zip(one, other, strict=True))


def cycle_ms(view: View) -> float | None:
    """Return how long a heartbeat of a view takes, by the R-R interval, the rate or the phase times."""
    return _told_ms(view.frames) or _timed_ms(_fullest(view))


def plane_cycle_ms(plane: Plane) -> float | None:
    """Return the same of the frames of one plane."""
    return _told_ms(plane.frames) or _timed_ms(plane.frames)


def _told_ms(frames: Sequence[Frame]) -> float | None:
    intervals = [frame.rr_interval_ms for frame in frames if frame.rr_interval_ms]
    if intervals:
        return float(median(intervals))
    rates = [frame.heart_rate_bpm for frame in frames if frame.heart_rate_bpm]
    return 60_000.0 / float(median(rates)) if rates else None


def _timed_ms(frames: Sequence[Frame]) -> float | None:
    times = _times_ms(frames)
    if not evenly_spaced(times):
        return None
    return (times[-1] - times[0]) * len(times) / (len(times) - 1)


def _fullest(view: View) -> Sequence[Frame]:
    return max((plane.frames for plane in view.planes), key=len)


def _times_ms(frames: Sequence[Frame]) -> list[float]:
    for values in ([one.trigger_time_ms for one in frames], [one.nominal_delay_ms for one in frames]):
        known = sorted(value for value in values if value is not None)
        if len(known) == len(frames) and len(set(known)) > 1:
            return known
    return []


def _timed(view: View) -> bool:
    return evenly_spaced(_times_ms(_fullest(view)))


def _close(one: float | None, other: float | None, ratio: float) -> bool:
    """Return whether two values are near each other; what is not known is no difference."""
    return not one or not other or max(one / other, other / one) <= ratio


def lie_inside(
    offsets_mm: Sequence[float], taken_mm: Sequence[float], *, thickness_mm: float | None, share: float
) -> bool:
    """Return whether a slice at `offsets_mm` shows muscle that one of those at `taken_mm` shows as well.

    That is where their centres are nearer than a `share` of the thickness; not known without a thickness.
    """
    if thickness_mm is None:
        return False
    return any(abs(one - other) < share * thickness_mm for one in offsets_mm for other in taken_mm)


def evenly_placed(offsets_mm: Sequence[float]) -> bool:
    """Return whether slices follow one another in about one step."""
    ordered = sorted(offsets_mm)
    steps = [after - before for before, after in itertools.pairwise(ordered)]
    return bool(steps) and min(steps) > 0.0 and max(steps) <= 1.2 * median(steps) and min(steps) >= 0.8 * median(steps)


def in_one_sweep(places: Sequence[tuple[float, Frame]]) -> bool:
    """Return whether slices were acquired one after the other along the axis; `places`: offset in mm and a frame.

    Also where nothing tells when any of them was; not where two share a moment that others do not.
    """
    order = [frame.recency for _, frame in sorted(places, key=lambda place: place[0])]
    return len(set(order)) in (1, len(order)) and order in (sorted(order), sorted(order, reverse=True))
