"""Clusters: which views are slices of one stack, and which repeat slices that are there already."""

import itertools
from collections.abc import Sequence
from statistics import median
from typing import Final

from cinecor.study.series.likeness import (
    alike,
    evenly_placed,
    in_one_state,
    in_one_sweep,
    lie_inside,
    repeats,
    scale,
)
from cinecor.study.series.parallel_planes import PARALLEL_DEGREES, Plane, View, planes_of
from cinecor.study.series.passes import INSIDE

_OVERLAP: Final = 0.7  # of the thickness: a slice nearer to another was planned again
_FAR: Final = 3.5  # times the usual step: what lies beyond is another stack
_WHOLE_STACK_SHARE: Final = 0.7  # a series that covers this share of another stack is a stack of its own, no repeat


def home_of(view: View, clusters: Sequence[list[View]]) -> list[View]:
    """Return the cluster that holds a view."""
    return next(cluster for cluster in clusters if any(one is view for one in cluster))


def clustered(views: Sequence[View], *, degrees: float) -> list[list[View]]:
    """Return views clustered across series: one series a slice, a stack cut into series, slices repeated later.

    A view that fits several clusters goes to the one of its own series, else of its own frame of reference, else of
    its own state, else to the one whose step it keeps, else to that of its time.
    """
    earliest_first = sorted(views, key=lambda one: one.frames[0].recency)
    clusters = _one_way(earliest_first, degrees=degrees)
    if len(clusters) < 2:
        return clusters
    # A slice tried out before the stack, between two of its places, would keep the others from one another.
    other_way = _one_way(earliest_first[::-1], degrees=degrees)
    return max(clusters, other_way, key=lambda found: max(sum(len(view.planes) for view in one) for one in found))


def _one_way(views: Sequence[View], *, degrees: float) -> list[list[View]]:
    clusters: list[list[View]] = []
    for view in sorted(views, key=lambda one: -len(one.planes)):
        homes = [cluster for cluster in clusters if _belongs(view, cluster, degrees=degrees)]
        if homes:
            home = homes[0] if len(homes) == 1 else max(homes, key=lambda cluster: _kinship(view, cluster))
            home.append(view)
        else:
            clusters.append([view])
    return clusters


def _kinship(view: View, cluster: Sequence[View]) -> tuple[bool, bool, bool, bool, float]:
    moment = view.frames[0].acquisition_s or 0.0
    reference = view.frames[0].header.frame_of_reference_uid
    places = [plane.frames[0] for member in (*cluster, view) for plane in member.planes]
    return (
        any(member.series_uid == view.series_uid for member in cluster),
        any(member.frames[0].header.frame_of_reference_uid == reference for member in cluster),
        in_one_state(view, cluster[0]),
        evenly_placed([plane.offset_mm for plane in planes_of(places, normal=cluster[0].normal)]),
        -min(abs((member.frames[0].acquisition_s or 0.0) - moment) for member in cluster),
    )


def short_slices_into(clusters: list[list[View]], strays: Sequence[View]) -> list[View]:
    """Return the others after slices that lost many frames, and so look like no cine, went back to their stacks."""
    rest = []
    for view in strays:
        home = next(
            (
                c
                for c in clusters
                if len(c) + len(c[0].planes) > 3 and view.phases > 1 and _belongs(view, c, degrees=PARALLEL_DEGREES)
            ),
            None,
        )
        if home is None:
            rest.append(view)
        else:
            home.append(view)
    return rest


def _belongs(view: View, cluster: Sequence[View], *, degrees: float) -> bool:
    model = cluster[0]
    # A stack of its own in another state is none of these slices; a single slice may be one of a missed beat.
    if not alike(view, model, degrees=degrees) or (len(view.planes) >= 3 and not in_one_state(view, model)):
        return False
    normal = model.normal
    assert normal is not None
    there = [plane.frames[0] for member in cluster for plane in member.planes]
    taken = planes_of(there, normal=normal)
    both = planes_of([*there, *(plane.frames[0] for plane in view.planes)], normal=normal)
    if len(both) == len(taken) + len(view.planes):
        return (
            scale(view, model) < 2.1
            and 0.5 <= view.phases / max(1, model.phases) <= 2.0
            and not _another_pass(view, taken, both)
        )
    own = {id(plane.frames[0]) for plane in view.planes}
    shared = {id(frame) for plane in both if any(id(one) in own for one in plane.frames) for frame in plane.frames}
    if not all(
        repeats(view, member) for member in cluster if any(id(plane.frames[0]) in shared for plane in member.planes)
    ):
        return False
    largest = max(len(member.planes) for member in cluster)
    return not (len(view.planes) >= 3 and len(view.planes) >= _WHOLE_STACK_SHARE * largest)


def _another_pass(view: View, taken: Sequence[Plane], both: Sequence[Plane]) -> bool:
    """Return whether a view is a stack of its own: once more through the ventricle, or far beyond its end."""
    offsets = [plane.offset_mm for plane in taken]
    own = {id(plane.frames[0]) for plane in view.planes}
    new = [plane for plane in both if any(id(frame) in own for frame in plane.frames)]
    inside = [plane for plane in new if offsets[0] < plane.offset_mm < offsets[-1]]
    if len(new) >= 3 and len(offsets) >= 3 and not inside:
        steps = [after - before for before, after in itertools.pairwise(offsets)]
        gap = max(new[0].offset_mm - offsets[-1], offsets[0] - new[-1].offset_mm)
        return gap > _FAR * median(steps)
    several = len(inside) >= 3
    overlapping = lie_inside(
        [plane.offset_mm for plane in new],
        offsets,
        thickness_mm=_thickness_mm(view),
        share=INSIDE if several else _OVERLAP,
    )
    if not overlapping and not several:
        return False
    if not evenly_placed([plane.offset_mm for plane in both]):
        return True
    return overlapping and not in_one_sweep([(plane.offset_mm, plane.frames[0]) for plane in both])


def _thickness_mm(view: View) -> float | None:
    thicknesses = [frame.slice_thickness_mm for frame in view.frames if frame.slice_thickness_mm]
    return float(median(thicknesses)) if thicknesses else None
