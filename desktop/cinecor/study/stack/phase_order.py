"""Phase order: which tag puts the frames of a slice in the order of the cycle, and why the tags above it do not."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Final

from cinecor.errors import InputError, UsageError
from cinecor.message import Message
from cinecor.study.dicom.header import Frame

Key = Callable[[Frame], float | None]
LADDER: Final[dict[str, Key]] = {
    "TriggerTime": lambda frame: frame.trigger_time_ms,
    "NominalCardiacTriggerDelayTime": lambda frame: frame.nominal_delay_ms,
    "TemporalPositionIndex": lambda frame: frame.temporal_index,
    "TemporalPositionIdentifier": lambda frame: frame.temporal_identifier,
    "AcquisitionTime": lambda frame: frame.acquisition_s,
    "InstanceNumber": lambda frame: frame.instance_number,
    # When an image was written: scanners reconstruct the phases of a slice in any order, so it comes after the numbers.
    "ContentTime": lambda frame: frame.content_s,
}
_UNTAGGED_SHARE: Final = 0.1
CYCLE_TIMES: Final = ("TriggerTime", "NominalCardiacTriggerDelayTime")


@dataclass(frozen=True, slots=True, eq=False)
class PhaseOrder:
    """Frames of each plane in phase order, the tag that ordered them, and what was found on the way."""

    planes: tuple[tuple[Frame, ...], ...]
    doubled: tuple[tuple[Frame, Frame], ...]  # (left out, used instead): same position and phase
    tag: str | None  # None when no plane has more than one frame
    warnings: tuple[Message, ...]
    untagged: tuple[Frame, ...] = ()  # frames without the tag, left out because no tag orders them with the others


def order_phases(planes: Sequence[Sequence[Frame]], *, wanted: str | None = None) -> PhaseOrder:
    """Order the frames of every plane by the first tag of the ladder that orders them all.

    `wanted` names the tag instead. Raises `UsageError` for a name that is not on the ladder, `InputError` when the
    wanted tag, or no tag at all, gives an order.
    """
    if wanted is not None and wanted not in LADDER:
        raise UsageError(
            Message(
                "phase_order_unknown",
                "phase order '{tag}' is unknown; choose one of {tags}.",
                tag=wanted,
                tags=tuple(LADDER),
            )
        )
    if all(len(plane) < 2 for plane in planes):
        return PhaseOrder(tuple(tuple(plane) for plane in planes), (), None, ())
    refused: list[Message] = []
    for tag in (wanted,) if wanted is not None else tuple(LADDER):
        if _orders(tag, planes):
            return _ordered(tag, planes, refused)
        defect = _defect(tag, planes)
        if defect is not None:
            refused.append(defect)
    if wanted is not None:
        raise InputError(
            Message(
                "tag_cannot_order",
                "{tag} cannot order the phases ({why}); choose another tag.",
                tag=wanted,
                why=refused[0] if refused else Message("tag_absent", "{tag} is absent", tag=wanted),
            )
        )
    rescued = _without_untagged(planes, refused)
    if rescued is not None:
        return rescued
    raise InputError(
        Message(
            "no_phase_order",
            "No tag orders the phases: {why}; export the study again.",
            why=tuple(refused) or Message("tag_absent", "{tag} is absent", tag="InstanceNumber"),
        )
    )


def _without_untagged(planes: Sequence[Sequence[Frame]], refused: Sequence[Message]) -> PhaseOrder | None:
    """Return the order without the few frames that no tag can place among the others."""
    total = sum(len(plane) for plane in planes)
    for tag, key in LADDER.items():
        tagged = [[frame for frame in plane if key(frame) is not None] for plane in planes]
        untagged = tuple(frame for plane in planes for frame in plane if key(frame) is None)
        if len(untagged) <= _UNTAGGED_SHARE * total and all(tagged) and _orders(tag, tagged):
            order = _ordered(tag, tagged, refused)
            return PhaseOrder(order.planes, order.doubled, tag, order.warnings, untagged)
    return None


def _orders(tag: str, planes: Sequence[Sequence[Frame]]) -> bool:
    """Return whether a tag orders the phases of every plane."""
    return _judged(tag, planes) is True


def _defect(tag: str, planes: Sequence[Sequence[Frame]]) -> Message | None:
    """Return why a tag cannot order the phases; None where there is nothing to tell: it can, or it is not there."""
    judged = _judged(tag, planes)
    return judged if isinstance(judged, Message) else None


def _judged(tag: str, planes: Sequence[Sequence[Frame]]) -> Message | bool:
    """Return True for a tag that orders the phases, False for one that is as good as absent, else what is wrong."""
    key = LADDER[tag]
    values = [[key(frame) for frame in plane] for plane in planes]
    absent = sum(1 for plane in values for value in plane if value is None)
    total = sum(len(plane) for plane in values)
    if 0 < absent < total:
        return Message("tag_missing_in", "{tag} is missing in {n} of {total} frames", tag=tag, n=absent, total=total)
    several = [plane for plane in values if len(plane) > 1]
    if all(len(set(plane)) == 1 for plane in several):
        # A time of acquisition that is one for the whole slice is normal; it is no finding.
        if absent or tag in ("AcquisitionTime", "ContentTime", "TemporalPositionIdentifier"):
            return False
        return Message("tag_one_value", "{tag} is one value for all phases", tag=tag)
    if _repeats(several):
        if tag in ("AcquisitionTime", "ContentTime"):
            return False
        return Message(
            "tag_repeats",
            "{tag} has the same value for several phases in {slices} of {total} slices",
            tag=tag,
            slices=len(_repeating(several)),
            total=len(several),
        )
    implausible = _implausible(tag, planes) if tag in (*CYCLE_TIMES, "AcquisitionTime") else None
    return True if implausible is None else implausible


def _repeating(several: Sequence[Sequence[float | None]]) -> list[Sequence[float | None]]:
    return [plane for plane in several if len(set(plane)) < len(plane)]


def _repeats(several: Sequence[Sequence[float | None]]) -> bool:
    """Return whether a tag repeats values in more slices than a few doubled frames explain."""
    repeating = _repeating(several)
    few = all(len(plane) - len(set(plane)) <= max(1, len(plane) // 8) for plane in repeating)
    if not repeating or (few and 4 * len(repeating) <= len(several)):
        return False
    return not _doubles_exceed(several, repeating)


def _doubles_exceed(several: Sequence[Sequence[float | None]], repeating: Sequence[Sequence[float | None]]) -> bool:
    """Return whether repeated values are frames too many (exported twice) rather than phases with one value.

    With doubled frames the distinct values number as many as in the other slices; with a bad tag they are fewer.
    """
    whole = [len(plane) for plane in several if len(set(plane)) == len(plane)]
    return bool(whole) and all(len(set(plane)) == max(set(whole), key=whole.count) for plane in repeating)


def _implausible(tag: str, planes: Sequence[Sequence[Frame]]) -> Message | None:
    """Return why distinct times are no times of a cycle: uneven in slices where another tag gives another order.

    The other tag must itself be trustworthy: it agrees with the times wherever they are even.
    """
    key = LADDER[tag]
    several = [plane for plane in planes if len(plane) > 3]
    even = [plane for plane in several if _regular(sorted(set(_values(key, plane))))]
    uneven = [plane for plane in several if plane not in even]
    if not uneven:
        return None
    for other in ("TemporalPositionIndex", "TemporalPositionIdentifier", "AcquisitionTime", "InstanceNumber"):
        if other == tag or not _orders(other, planes) or _disagreeing(tag, other, even):
            continue
        contradicted = _disagreeing(tag, other, uneven)
        if contradicted:
            return Message(
                "tag_contradicts",
                "{tag} is uneven and contradicts {other} in {slices} of {total} slices",
                tag=tag,
                other=other,
                slices=contradicted,
                total=len(several),
            )
        return None
    return None


def _regular(times: Sequence[float]) -> bool:
    """Return whether every step between sorted times is about the same."""
    steps = [later - earlier for earlier, later in pairwise(times)]
    return bool(steps) and 0.4 * median(steps) <= min(steps) and max(steps) <= 1.6 * median(steps)


def _ordered(tag: str, planes: Sequence[Sequence[Frame]], refused: Sequence[Message]) -> PhaseOrder:
    key = LADDER[tag]
    ordered: list[tuple[Frame, ...]] = []
    doubled: list[tuple[Frame, Frame]] = []
    for plane in planes:
        latest: dict[float | None, Frame] = {}
        for frame in sorted(plane, key=lambda one: (key(one) or 0.0, one.recency, one.header.path)):
            if key(frame) in latest:
                doubled.append((latest[key(frame)], frame))
            latest[key(frame)] = frame
        ordered.append(tuple(latest.values()))
    final = {id(out): used for out, used in doubled}
    doubled = [(out, _last(used, final)) for out, used in doubled]
    warnings = []
    if refused:
        warnings.append(
            Message("phase_order_fallback", "Phases are ordered by {tag}: {why}.", tag=tag, why=tuple(refused))
        )
    if tag != "InstanceNumber" and _orders("InstanceNumber", ordered):
        differing = _disagreeing(tag, "InstanceNumber", ordered)
        if differing:
            warnings.append(
                Message(
                    "instance_number_differs",
                    "Phases are ordered by {tag}; InstanceNumber would give another order in {slices} of {total} "
                    "slices.",
                    tag=tag,
                    slices=differing,
                    total=len(ordered),
                )
            )
    return PhaseOrder(tuple(ordered), tuple(doubled), tag, tuple(warnings))


def _last(frame: Frame, replaced_by: dict[int, Frame]) -> Frame:
    while id(frame) in replaced_by:
        frame = replaced_by[id(frame)]
    return frame


def _disagreeing(tag: str, other: str, planes: Sequence[Sequence[Frame]]) -> int:
    """Count the planes that the two tags order differently."""
    one_key, other_key = LADDER[tag], LADDER[other]
    return sum(
        1
        for plane in planes
        if [id(frame) for frame in sorted(plane, key=lambda frame: (one_key(frame) or 0.0, other_key(frame) or 0.0))]
        != [id(frame) for frame in sorted(plane, key=lambda frame: other_key(frame) or 0.0)]
    )


def _values(key: Key, plane: Sequence[Frame]) -> list[float]:
    return [value for value in (key(frame) for frame in plane) if value is not None]
