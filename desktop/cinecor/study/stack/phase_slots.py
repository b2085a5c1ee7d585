"""Phase slots: which frame of a slice stands for which phase of the stack, when counts differ or frames are missing."""

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import atan2, cos, pi, sin
from statistics import median
from typing import Final

from cinecor.study.dicom.header import Frame
from cinecor.study.stack.phase_order import CYCLE_TIMES, LADDER

_SLOT_TOLERANCE: Final = 0.35  # of a phase step: a frame further off its slot belongs to another sampling of the cycle

_FEWEST_SHARE: Final = 0.75  # a slice with fewer of the phases than this says nothing about how many there are


@dataclass(frozen=True, slots=True, eq=False)
class PhaseSlots:
    """The frame of every phase of one slice; None where the frame is missing."""

    frames: tuple[Frame | None, ...]
    unused: tuple[Frame, ...]  # phases too many
    resampled: bool  # True when the slice has another number of phases than the stack


def usual_phases(planes: Sequence[Sequence[Frame]]) -> int:
    """Return the number of phases most slices have; the larger on a tie."""
    counts = Counter(len(plane) for plane in planes)
    return max(counts, key=lambda count: (counts[count], count))


def stack_phases(planes: Sequence[Sequence[Frame]], *, tag: str | None) -> int:
    """Return the number of phases of the stack.

    That is the largest number that most slices have or, by their trigger times or numbers, would have if no frame
    were missing; so a frame lost in every slice does not shorten the cycle.
    """
    usual = usual_phases(planes)
    stated = Counter(frame.header.cardiac_images for plane in planes for frame in plane).most_common(1)[0][0]
    possible = {len(plane) for plane in planes} | ({stated} if stated else set())
    for phases in sorted((count for count in possible if usual < count <= usual / _FEWEST_SHARE), reverse=True):
        whole = [plane for plane in planes if len(plane) == phases]
        fitting = sum(
            1
            for plane in planes
            if len(plane) == phases
            or (phases > len(plane) >= _FEWEST_SHARE * phases and _places_of_incomplete(plane, whole, phases, tag))
        )
        if 2 * fitting > len(planes):
            return phases
    return usual


def phase_slots(planes: Sequence[Sequence[Frame]], *, phases: int, tag: str | None) -> list[PhaseSlots]:
    """Assign the ordered frames of every plane to `phases` slots.

    A slice with too few frames is first tried as one with missing frames, by its trigger times or its numbers; when
    its frames do not fall on the slots of the others it has another sampling of the cycle, and for every slot the
    frame nearest in normalised time stands.
    """
    whole = [plane for plane in planes if len(plane) == phases]
    return [_slots(plane, whole, phases, tag) for plane in planes]


def _slots(plane: Sequence[Frame], whole: Sequence[Sequence[Frame]], phases: int, tag: str | None) -> PhaseSlots:
    if len(plane) == phases:
        return PhaseSlots(tuple(plane), (), False)
    places = _places_of_incomplete(plane, whole, phases, tag) if len(plane) < phases else None
    if places is not None:
        frames: list[Frame | None] = [None] * phases
        for place, frame in zip(places, plane, strict=True):
            frames[place] = frame
        return PhaseSlots(tuple(frames), (), False)
    nearest = [
        min(range(len(plane)), key=lambda number: abs(number / len(plane) - place / phases)) for place in range(phases)
    ]
    unused = tuple(frame for number, frame in enumerate(plane) if number not in nearest)
    return PhaseSlots(tuple(plane[number] for number in nearest), unused, True)


def _places_of_incomplete(
    plane: Sequence[Frame], whole: Sequence[Sequence[Frame]], phases: int, tag: str | None
) -> list[int] | None:
    """Return the slot of each frame of a slice with missing frames; None when it is another sampling of the cycle."""
    if tag is None:
        return None
    if tag in CYCLE_TIMES:
        return _slots_by_time(plane, whole, phases, tag)
    # Numbers without a hole may end early because frames are missing, or because the slice has fewer phases.
    stated = Counter(frame.header.cardiac_images for frame in plane).most_common(1)[0][0]
    if stated == len(plane):
        return None
    places = _slots_by_number(plane, whole, phases, tag)
    if places is not None and stated != phases and places[-1] - places[0] + 1 == len(plane) < phases - 1:
        return None
    return places


def _slots_by_time(plane: Sequence[Frame], whole: Sequence[Sequence[Frame]], phases: int, tag: str) -> list[int] | None:
    """Place frames by time in units of the cycle; the R-R interval differs from slice to slice."""
    moments = _moments(plane, phases, tag)
    if moments is None:
        return None
    references = [one for one in (_moments(other, phases, tag) for other in whole) if one is not None]
    if references:
        slots = [median(reference[place] for reference in references) for place in range(phases)]
    else:
        slots = _even_slots(moments, phases)
    tolerance = _SLOT_TOLERANCE / phases
    places = []
    for moment in moments:
        place = min(range(phases), key=lambda one: abs(slots[one] - moment))
        if abs(slots[place] - moment) > tolerance:
            return None
        places.append(place)
    return places if len(set(places)) == len(places) else None


def _even_slots(moments: Sequence[float], phases: int) -> list[float]:
    """Return evenly spread slots in step with `moments`, for want of a whole slice to compare with."""
    turns = [2.0 * pi * moment * phases for moment in moments]
    offset = atan2(sum(sin(turn) for turn in turns), sum(cos(turn) for turn in turns)) / (2.0 * pi * phases)
    return [offset + place / phases for place in range(phases)]


def _moments(plane: Sequence[Frame], phases: int, tag: str) -> list[float] | None:
    """Return the time of each frame as a share of the R-R interval."""
    times = [value for value in (LADDER[tag](frame) for frame in plane) if value is not None]
    intervals = [frame.rr_interval_ms for frame in plane if frame.rr_interval_ms]
    if len(times) != len(plane) or len(times) < 2:
        return None
    cycle = median(intervals) if intervals else phases * median(b - a for a, b in itertools.pairwise(times))
    return [time / cycle for time in times] if cycle > 0.0 else None


def _slots_by_number(
    plane: Sequence[Frame], whole: Sequence[Sequence[Frame]], phases: int, tag: str
) -> list[int] | None:
    """Place frames by a running number, which leaves out the number of a missing frame."""
    for name in dict.fromkeys((tag, "TemporalPositionIndex", "TemporalPositionIdentifier", "InstanceNumber")):
        if name in CYCLE_TIMES or name in ("AcquisitionTime", "ContentTime"):
            continue
        numbers = [LADDER[name](frame) for frame in plane]
        references = [[LADDER[name](frame) for frame in other] for other in whole]
        if None in numbers or any(None in reference for reference in references) or not references:
            continue
        places = _places(
            [int(number or 0) for number in numbers],
            [[int(n or 0) for n in reference] for reference in references],
            phases,
        )
        if places is not None:
            return places
    return None


def _places(numbers: Sequence[int], references: Sequence[Sequence[int]], phases: int) -> list[int] | None:
    strides = {b - a for reference in references for a, b in itertools.pairwise(reference)}
    if len(strides) != 1 or 0 in strides:
        return None
    stride = strides.pop()
    if abs(stride) == 1:
        starts = {reference[0] % phases for reference in references}
        if len(starts) != 1:
            return None
        first = starts.pop()
        places = [((number - first) * stride) % phases for number in numbers]
    else:
        first = min(reference[0] for reference in references)
        places = [(number - first) // stride for number in numbers]
    ordered = all(a < b for a, b in itertools.pairwise(places))
    return places if ordered and places[0] >= 0 and places[-1] < phases else None
