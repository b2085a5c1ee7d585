"""Passes: the sweeps through the ventricle in which slices were acquired.

One acquisition sweeps once, from one end to the other, a slice beside the next. Where slices lie inside one another, a
second sweep was woven in: often under one SeriesInstanceUID, when whoever removed the names renewed the numbers.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median
from typing import Final

from cinecor.study.series.likeness import SAME_BEAT, SAME_STATE, evenly_placed, in_one_sweep, plane_cycle_ms
from cinecor.study.series.parallel_planes import Plane, View

INSIDE: Final = 0.95  # of the thickness: neighbours nearer than this show some of the same muscle
_FEWEST: Final = 3  # slices of a pass
_SAME_COMB: Final = 0.05  # of the step


def by_passes(views: Iterable[View]) -> list[View]:
    """Return views, those that hold several passes parted into one of each."""
    parted: list[View] = []
    for view in views:
        states = by_state(view.planes) if view.normal is not None else []
        passes = [planes for state in states for planes in passes_of(state)]
        if len(passes) < 2:
            parted.append(view)
            continue
        parted += [
            replace(view, planes=tuple(planes), frames=tuple(frame for plane in planes for frame in plane.frames))
            for planes in passes
        ]
    return parted


def by_state(planes: Sequence[Plane]) -> list[list[Plane]]:
    """Return planes by the state that the heart was in, at rest or under stress.

    All in one, unless the beats of several are far shorter than those of the others, with none between.
    """
    beats = sorted((beat, at) for at, plane in enumerate(planes) if (beat := plane_cycle_ms(plane)) is not None)
    if len(beats) < len(planes) or not beats or beats[-1][0] < SAME_STATE * beats[0][0]:
        return [list(planes)]
    gap, cut = max((after[0] / before[0], at) for at, (before, after) in enumerate(pairwise(beats), start=1))
    if gap < SAME_BEAT or min(cut, len(beats) - cut) < _FEWEST:
        return [list(planes)]
    return [[planes[at] for at in sorted(at for _, at in part)] for part in (beats[:cut], beats[cut:])]


def passes_of(planes: Sequence[Plane]) -> list[list[Plane]]:
    """Return planes (sorted along the normal) by the passes that they were acquired in; all in one if they cannot be
    parted into such as are evenly placed.
    """
    if not is_woven(planes):
        return [list(planes)]
    for parts in (_by_time(planes), *(_by_comb(planes, step_mm) for step_mm in _steps_mm(planes))):
        if len(parts) > 1 and all(
            len(part) >= _FEWEST and evenly_placed([plane.offset_mm for plane in part]) for part in parts
        ):
            return parts
    return [list(planes)]


def is_woven(planes: Sequence[Plane]) -> bool:
    """Return whether slices lie inside one another that are not those of one even sweep."""
    thicknesses = [frame.slice_thickness_mm for plane in planes for frame in plane.frames if frame.slice_thickness_mm]
    if not thicknesses:
        return False
    offsets = [plane.offset_mm for plane in planes]
    closest = INSIDE * median(thicknesses)
    if sum(after - before < closest for before, after in pairwise(offsets)) < _FEWEST:
        return False
    first = [min(plane.frames, key=lambda frame: frame.recency) for plane in planes]
    return not (evenly_placed(offsets) and in_one_sweep(list(zip(offsets, first, strict=True))))


def _by_time(planes: Sequence[Plane]) -> list[list[Plane]]:
    """Part planes where, in the order in which they were acquired, they turn back."""
    ordered = sorted(planes, key=lambda plane: min(frame.recency for frame in plane.frames))
    parts = [[ordered[0]]]
    for plane in ordered[1:]:
        part = parts[-1]
        turns = len(part) > 1 and (plane.offset_mm > part[-1].offset_mm) != (part[1].offset_mm > part[0].offset_mm)
        if turns:
            parts.append([])
        parts[-1].append(plane)
    return parts


def _steps_mm(planes: Sequence[Plane]) -> list[float]:
    """Return what the step of a single pass may be."""
    offsets = [plane.offset_mm for plane in planes]
    over_one = [after - before for before, after in zip(offsets, offsets[2:], strict=False)]
    told = [frame.spacing_between_slices_mm for frame in planes[0].frames if frame.spacing_between_slices_mm]
    return [median(over_one), max(after - before for before, after in pairwise(offsets)), *told[:1]]


def _by_comb(planes: Sequence[Plane], step_mm: float) -> list[list[Plane]]:
    """Part planes by where in a step they lie."""
    combs: list[tuple[float, list[Plane]]] = []
    for plane in planes:
        for start, members in combs:
            apart = (plane.offset_mm - start) % step_mm
            if min(apart, step_mm - apart) <= _SAME_COMB * step_mm:
                members.append(plane)
                break
        else:
            combs.append((plane.offset_mm, [plane]))
    return [members for _, members in combs]
