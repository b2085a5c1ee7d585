"""Repeats: several acquisitions of one slice position, of which the latest complete one counts."""

import itertools
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from cinecor.study.dicom.header import Frame
from cinecor.study.series.parallel_planes import Plane
from cinecor.study.series.plane_times import evenly_spaced

_COMPLETE_SHARE = 0.8  # an acquisition with fewer of the usual frames was broken off
_ONCE_SHARE = 0.85  # of the frames: a few may be doubled, half a cycle taken twice is not one acquisition


@dataclass(frozen=True, slots=True, eq=False)
class ChosenAcquisition:
    """The frames of one slice position that count, and those of its other acquisitions."""

    frames: tuple[Frame, ...]
    older: tuple[Frame, ...]
    acquisitions: int
    latest: bool  # False when the latest was broken off and an earlier one is used
    copies: tuple[Frame, ...] = ()  # derived images of a position of which the original ones are used


def choose_acquisitions(planes: Sequence[Plane], *, preferred_series: str | None = None) -> list[ChosenAcquisition]:
    """Return for every plane the latest complete acquisition (or that of the series the user asked for)."""
    usual = usual_count(planes)
    return [_chosen(plane, usual, preferred_series) for plane in planes]


def usual_count(planes: Sequence[Plane]) -> int:
    """Return how many phases one acquisition of a plane usually has, by distinct trigger times where they tell."""
    counts = []
    for plane in planes:
        originals = [frame for frame in plane.frames if not frame.derived]
        for frames in _by_series(originals or plane.frames).values():
            triggers = {frame.trigger_time_ms for frame in frames if frame.trigger_time_ms is not None}
            plausible = 2 * len(triggers) >= len(frames) / 2 and len(triggers) >= 8
            counts.append(len(triggers) if plausible and len(frames) % len(triggers) == 0 else len(frames))
    most = Counter(counts).most_common()
    return max(count for count, times in most if times == most[0][1])


def _chosen(plane: Plane, usual: int, preferred_series: str | None) -> ChosenAcquisition:
    runs = [run for frames in _by_series(plane.frames).values() for run in _runs(frames, usual)]
    runs.sort(key=lambda run: max(frame.recency for frame in run))
    if len(runs) == 1:
        return ChosenAcquisition(tuple(runs[0]), (), 1, True)
    wanted = [run for run in runs if run[0].header.series_uid == preferred_series]
    originals = [run for run in runs if not run[0].derived]
    if not wanted and any(len(run) >= _COMPLETE_SHARE * usual for run in originals):
        copies = tuple(frame for run in runs if run[0].derived for frame in run)
        runs = originals
    else:
        copies = ()
    whole = [run for run in wanted or runs if len(run) >= _COMPLETE_SHARE * usual]
    chosen = (whole or wanted or [max(runs, key=len)])[-1]
    older = tuple(frame for run in runs if run is not chosen for frame in run)
    return ChosenAcquisition(tuple(chosen), older, len(runs), chosen is runs[-1] or bool(wanted), copies)


def _by_series(frames: Sequence[Frame]) -> dict[tuple[str, bool], list[Frame]]:
    groups: dict[tuple[str, bool], list[Frame]] = defaultdict(list)
    for frame in frames:
        groups[frame.acquisition_uid, frame.derived].append(frame)
    return groups


def _runs(frames: list[Frame], usual: int) -> list[list[Frame]]:
    """Split the frames that one series has at one position into acquisitions."""
    if len(frames) < 1.5 * usual or usual < 2 or _one_cycle(frames):
        return [frames]
    by_number: dict[int | None, list[Frame]] = defaultdict(list)
    for frame in frames:
        by_number[frame.header.acquisition_number].append(frame)
    splits = [
        list(by_number.values()),
        _by_image_type(frames),
        _by_moment(frames),
        _by_file(frames),
        _by_trigger_reset(frames),
        _by_number(frames, usual),
        _by_occurrence(frames, usual),
    ]
    for split in splits:
        if len(split) > 1 and all(
            0.5 * usual <= len(run) <= 1.2 * usual and _each_moment_once(run, usual) for run in split
        ):
            return split
    return [frames]


def _each_moment_once(run: Sequence[Frame], usual: int) -> bool:
    """Return whether no two frames of an acquisition are of one moment, by the first tag that tells moments apart."""
    values = _moments(run, 0.5 * usual)
    return values is None or len(set(values)) >= _ONCE_SHARE * len(values)


def _moments(frames: Sequence[Frame], fewest: float) -> list[float] | None:
    """Return the moment of every frame by the first tag with at least so many of them; None when there is none."""
    for values in (
        [frame.trigger_time_ms for frame in frames],
        [frame.nominal_delay_ms for frame in frames],
        [frame.temporal_index for frame in frames],
        [frame.temporal_identifier for frame in frames],
    ):
        known = [float(value) for value in values if value is not None]
        if len(known) == len(frames) and len(set(known)) >= max(2.0, fewest):
            return known
    return None


def _by_image_type(frames: list[Frame]) -> list[list[Frame]]:
    """Split by ImageType: a filtered image beside each one that was acquired."""
    types: dict[tuple[str, ...], list[Frame]] = defaultdict(list)
    for frame in frames:
        types[frame.image_type].append(frame)
    return list(types.values())


def _by_number(frames: list[Frame], usual: int) -> list[list[Frame]]:
    """Split into runs of as many frames as a slice usually has, in the order of instance numbers."""
    if len(frames) % usual or any(frame.instance_number is None for frame in frames):
        return [frames]
    ordered = sorted(frames, key=lambda frame: frame.instance_number or 0)
    return [ordered[start : start + usual] for start in range(0, len(ordered), usual)]


def _by_occurrence(frames: list[Frame], usual: int) -> list[list[Frame]]:
    """Split images of the same moments that alternate: the first of each moment, the second of each.

    Only when the numbers of the second follow those of the first at one distance for all moments.
    """
    moments = _moments(frames, 0.8 * usual)
    if moments is None or any(frame.instance_number is None for frame in frames):
        return [frames]
    together: dict[float, list[Frame]] = defaultdict(list)
    for moment, frame in zip(moments, frames, strict=True):
        together[moment].append(frame)
    members = [sorted(group, key=lambda frame: frame.instance_number or 0) for group in together.values()]
    if len({len(group) for group in members}) != 1:
        return [frames]
    runs = [list(run) for run in zip(*members, strict=True)]
    for before, after in itertools.pairwise(runs):
        distances = {(b.instance_number or 0) - (a.instance_number or 0) for a, b in zip(before, after, strict=True)}
        if len(distances) != 1:
            return [frames]
    return runs


def _one_cycle(frames: list[Frame]) -> bool:
    """Return whether the trigger times run evenly through one cycle: many phases, no repeat."""
    triggers = sorted(frame.trigger_time_ms for frame in frames if frame.trigger_time_ms is not None)
    return len(triggers) == len(frames) and evenly_spaced(triggers)


def _by_moment(frames: list[Frame]) -> list[list[Frame]]:
    """Split where the acquisition time leaps by more than a breath-hold's pause."""
    if any(frame.acquisition_s is None for frame in frames):
        return [frames]
    ordered = sorted(frames, key=lambda frame: frame.acquisition_s or 0.0)
    leaps = [(b.acquisition_s or 0.0) - (a.acquisition_s or 0.0) for a, b in itertools.pairwise(ordered)]
    limit = max(2.0, 20.0 * median(leaps))
    runs = [[ordered[0]]]
    for leap, frame in zip(leaps, ordered[1:], strict=True):
        if leap > limit:
            runs.append([])
        runs[-1].append(frame)
    return runs


def _by_file(frames: list[Frame]) -> list[list[Frame]]:
    """Split by file: each multi-frame file of a series may be an acquisition."""
    files: dict[str, list[Frame]] = defaultdict(list)
    for frame in frames:
        files[frame.header.path].append(frame)
    return list(files.values())


def _by_trigger_reset(frames: list[Frame]) -> list[list[Frame]]:
    """Split where, in the order of instance numbers, the trigger time starts again."""
    if any(frame.trigger_time_ms is None or frame.instance_number is None for frame in frames):
        return [frames]
    ordered = sorted(frames, key=lambda frame: frame.instance_number or 0)
    runs = [[ordered[0]]]
    for before, frame in itertools.pairwise(ordered):
        if (frame.trigger_time_ms or 0.0) < (before.trigger_time_ms or 0.0):
            runs.append([])
        runs[-1].append(frame)
    return runs
