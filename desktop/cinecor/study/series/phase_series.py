"""Phases dealt out over series: one a phase, half of the cycle in one and the rest in another, an image each."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from statistics import median

from cinecor.study.dicom.header import Frame
from cinecor.study.series.parallel_planes import View, planes_of
from cinecor.study.series.plane_times import MIN_CINE_PHASES, evenly_spaced


def join_phases(views: Sequence[View]) -> list[View]:
    """Return the views of a study with those joined that are phases of the same slices.

    Views are joined when they show the same planes with the same contrast, and their trigger times (or temporal
    positions) only together run evenly through a cycle. Repeats of a slice never do: their times nearly coincide.
    Where every image is a series of its own, times of acquisition and numbers order them as well; so do numbers that
    run through all the images of views none of which is a cine by itself, whichever planes each of them shows.
    """
    joined = _joined(views, by=_same_planes)  # two repeats of a slice may have numbers that go on
    fragments = [view for view in joined if is_fragment(view)]
    whole = _joined(fragments, by=_acquisition, numbered=True)
    return joined if len(whole) == len(fragments) else [view for view in joined if not is_fragment(view)] + whole


def is_fragment(view: View) -> bool:
    """Return whether a view holds too few images of each plane to be a cine, and no other contrast tells why."""
    return (
        view.normal is not None
        and view.phases < MIN_CINE_PHASES
        and all(frame.inversion_time_ms is None for frame in view.frames)
    )


def _joined(views: Sequence[View], *, by: Callable[[View], Hashable], numbered: bool = False) -> list[View]:
    groups: dict[Hashable, list[View]] = defaultdict(list)
    for view in views:
        groups[by(view)].append(view)
    joined: list[View] = []
    for members in groups.values():
        several = len(members) > 1 and members[0].normal is not None
        together = _together(members, numbered=numbered) if several else None
        joined += members if together is None else [together]
    return joined


def _same_planes(view: View) -> Hashable:
    return _acquisition(view), tuple(round(plane.offset_mm, 1) for plane in view.planes)


def _acquisition(view: View) -> Hashable:
    """Return what is alike for the phases of one cine."""
    if view.normal is None:
        return id(view)
    first = view.frames[0]
    header = first.header
    return (
        header.session,
        header.rows,
        header.columns,
        header.scanning_sequence,
        round(first.echo_time_ms or 0.0, 1),
        first.inversion_time_ms is None,
        first.image_type,
        view.magnitude,
        tuple(round(value, 2) for value in view.normal),
    )


def _together(members: Sequence[View], *, numbered: bool) -> View | None:
    frames = tuple(frame for view in members for frame in view.frames)
    planes = planes_of(frames, normal=members[0].normal)
    numbers = [frame.instance_number for frame in frames]
    single = all(len(view.frames) == 1 for view in members)
    one_moment_each = all(len(view.frames) == len(view.planes) for view in members)
    one_numbering = one_moment_each or (None not in numbers and len(set(numbers)) == len(numbers))
    # A few images may be missing from a plane.
    fewest = max(MIN_CINE_PHASES, 0.75 * median(len(plane.frames) for plane in planes))
    if not all(
        len(plane.frames) >= fewest
        and _runs_through_a_cycle(plane.frames, numbered=single or (numbered and one_numbering), timed=single)
        for plane in planes
    ):
        return None
    for frame in frames:
        frame.acquisition_uid = members[0].series_uid
    return View(frames=frames, planes=planes, normal=members[0].normal, magnitude=members[0].magnitude)


def _runs_through_a_cycle(frames: Sequence[Frame], *, numbered: bool, timed: bool) -> bool:
    orders: list[Sequence[float | None]] = [
        [frame.trigger_time_ms for frame in frames],
        [frame.nominal_delay_ms for frame in frames],
        [frame.temporal_index for frame in frames],
        [frame.temporal_identifier for frame in frames],
    ]
    if numbered:
        orders.append([frame.instance_number for frame in frames])
    if timed:
        orders.append([frame.content_s for frame in frames])
    for values in orders:
        known = sorted(float(value) for value in values if value is not None)
        if len(known) == len(frames) and evenly_spaced(known):
            return True
    return False
