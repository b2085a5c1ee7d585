"""Phases dealt out over series: one series a phase, or half of the cycle in one series and the rest in another."""

from collections import defaultdict
from collections.abc import Sequence

from cinecor.study.dicom.header import Frame
from cinecor.study.series.parallel_planes import View, planes_of
from cinecor.study.series.series_kind import MIN_CINE_PHASES, evenly_spaced


def join_phases(views: Sequence[View]) -> list[View]:
    """Return the views of a study with those joined that are phases of the same slices.

    Views are joined when they show the same planes with the same contrast, and their trigger times (or temporal
    positions) only together run evenly through a cycle. Repeats of a slice never do: their times nearly coincide.
    Where every image is a series of its own, times of acquisition and numbers order them as well.
    """
    groups: dict[tuple[object, ...], list[View]] = defaultdict(list)
    for view in views:
        groups[_likeness(view)].append(view)
    joined: list[View] = []
    for members in groups.values():
        together = _together(members) if len(members) > 1 and members[0].normal is not None else None
        joined += members if together is None else [together]
    return joined


def _likeness(view: View) -> tuple[object, ...]:
    if view.normal is None:
        return (id(view),)
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
        tuple(round(plane.offset_mm, 1) for plane in view.planes),
    )


def _together(members: Sequence[View]) -> View | None:
    frames = tuple(frame for view in members for frame in view.frames)
    planes = planes_of(frames, normal=members[0].normal)
    single = all(len(view.frames) == 1 for view in members)
    if not all(
        len(plane.frames) >= MIN_CINE_PHASES and _runs_through_a_cycle(plane.frames, single=single) for plane in planes
    ):
        return None
    for frame in frames:
        frame.acquisition_uid = members[0].series_uid
    return View(frames=frames, planes=planes, normal=members[0].normal, magnitude=members[0].magnitude)


def _runs_through_a_cycle(frames: Sequence[Frame], *, single: bool) -> bool:
    orders: list[Sequence[float | None]] = [
        [frame.trigger_time_ms for frame in frames],
        [frame.nominal_delay_ms for frame in frames],
        [frame.temporal_index for frame in frames],
        [frame.temporal_identifier for frame in frames],
    ]
    if single:
        orders += [[frame.instance_number for frame in frames], [frame.content_s for frame in frames]]
    for values in orders:
        known = sorted(float(value) for value in values if value is not None)
        if len(known) == len(frames) and evenly_spaced(known):
            return True
    return False
