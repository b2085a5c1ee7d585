"""`Candidate`: views that together may be the short-axis stack, and how they rank."""

import itertools
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from cinecor.message import Message
from cinecor.study.dicom.header import FileHeader, Frame
from cinecor.study.series.likeness import (
    TILT_DEGREES,
    alike,
    evenly_placed,
    in_one_state,
    in_one_sweep,
    lie_inside,
    repeats,
    says_tagging,
    scale,
)
from cinecor.study.series.parallel_planes import PARALLEL_DEGREES, Plane, View, angle_degrees, planes_of
from cinecor.study.series.passes import INSIDE
from cinecor.study.series.series_kind import (
    BASE_TO_APEX,
    LONG_AXIS_DEGREES,
    MIN_CINE_PHASES,
    SHORT_AXIS_DEGREES,
    STACK_DEGREES,
    SeriesKind,
    Verdict,
)

_STACKABLE: Final = {
    SeriesKind.SAX_CINE,
    SeriesKind.OTHER_CINE,
    SeriesKind.LONG_AXIS_CINE,
    SeriesKind.SINGLE_PHASE_STACK,
    SeriesKind.OTHER_MR,
}
_OVERLAP: Final = 0.7  # of the thickness: a slice nearer to another was planned again
_FAR: Final = 3.5  # times the usual step: what lies beyond is another stack
_WHOLE_STACK_SHARE: Final = 0.7  # a series that covers this share of another stack is a stack of its own, no repeat
SHORT_AXIS_RANK: Final = 3  # candidates of this level and above are short-axis cines; below are makeshifts


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """Views of one study, parallel and alike, that make one stack; `rank` orders candidates, the best is largest."""

    views: tuple[View, ...]
    planes: tuple[Plane, ...]
    rank: tuple[float, ...]
    unusual: Message | None = None  # why the orientation is doubtful
    cautions: tuple[Message, ...] = ()  # what was put together although something differs

    @property
    def frames(self) -> tuple[Frame, ...]:
        """Every frame of the views, those of repeats too."""
        return tuple(frame for view in self.views for frame in view.frames)

    @property
    def series_uids(self) -> tuple[str, ...]:
        """The series that the stack is made of."""
        return tuple(dict.fromkeys(uid for view in self.views for uid in view.series_uids))

    @property
    def phases(self) -> int:
        """Phases of the fullest view."""
        return max(view.phases for view in self.views)

    @property
    def recency(self) -> tuple[float, float, int, int, int]:
        """When its last image was acquired."""
        return max(frame.recency for frame in self.frames)

    @property
    def label(self) -> Message:
        """The candidate for a message: its series, slices and phases."""
        return Message(
            "candidate",
            "{series} ({slices} slices x {phases} phases, {uid})",
            series=several_series(frame.header for frame in self.frames),
            slices=len(self.planes),
            phases=self.phases,
            uid=self.views[0].series_uid,
        )


def several_series(headers: Iterable[FileHeader]) -> Message:
    """Return what a reader calls the series that these headers are of."""
    labels = list(dict.fromkeys(header.label for header in headers))
    if len(labels) == 1:
        return labels[0]
    return Message("several_series", "{n} series from {first}", n=len(labels), first=labels[0])


def candidates(judged: Sequence[tuple[View, Verdict]]) -> list[Candidate]:
    """Return every stack the study offers, the best first; empty when nothing can be segmented."""
    cines = [view for view, verdict in judged if verdict.kind is SeriesKind.SAX_CINE]
    clusters = _merged(cines, degrees=TILT_DEGREES)
    strays = [
        view
        for view, verdict in judged
        if verdict.kind in (SeriesKind.SINGLE_PHASE_STACK, SeriesKind.OTHER_CINE) and view.normal is not None
    ]
    # One slice a series: planes that lie off the usual axis by themselves may still be a stack together.
    strays += [
        view
        for view, verdict in judged
        if verdict.kind is SeriesKind.LONG_AXIS_CINE and view.normal is not None and len(view.planes) < 3
    ]
    strays = _short_slices_into(clusters, strays)
    found = [_candidate(cluster) for cluster in clusters]
    found += [_candidate(cluster) for cluster in _merged(strays, degrees=PARALLEL_DEGREES)]
    return _best_first([one for one in found if one is not None])


def _best_first(found: list[Candidate]) -> list[Candidate]:
    """Order candidates: among equals the latest that repeats the first, since another kind of stack is no repeat."""
    ordered = sorted(found, key=lambda one: (one.rank, one.recency), reverse=True)
    rivals = [one for one in ordered if one.rank == ordered[0].rank]
    first = min(rivals, key=lambda one: one.recency, default=None)
    same = [one for one in rivals if first is not None and repeats(one.views[0], first.views[0])]
    best = max(same or rivals, key=lambda one: one.recency, default=None)
    return sorted(ordered, key=lambda one: one is not best)


def stackable(verdict: Verdict) -> bool:
    """Return whether a view may be stacked when the user asks for its series by name."""
    return verdict.kind in _STACKABLE


def forced_candidate(judged: Sequence[tuple[View, Verdict]], *, series_uid: str) -> Candidate:
    """Return the stack that holds the series the user asked for by name, whatever its planes look like.

    Slices of other series belong to it as they do in the automatic choice. At least one view of the series must be
    `stackable` and have a place.
    """
    views = [view for view, verdict in judged if stackable(verdict) and view.normal is not None]
    named = max((view for view in views if series_uid in view.series_uids), key=lambda view: len(view.frames))
    near = [view for view in views if 0.5 <= view.phases / max(1, named.phases) <= 2.0]
    cluster = _home_of(named, _merged([named, *(one for one in near if one is not named)], degrees=TILT_DEGREES))
    unusual = None
    if _degrees(named) > STACK_DEGREES:
        unusual = Message(
            "asked_for_by_name", "the series was asked for by name, and its planes are no usual short axis"
        )
    frames = [frame for view in cluster for frame in view.frames]
    return Candidate(
        views=tuple(cluster),
        planes=planes_of(frames, normal=cluster[0].normal),
        rank=(0.0,),
        unusual=unusual,
        cautions=_cautions(cluster),
    )


def _home_of(view: View, clusters: Sequence[list[View]]) -> list[View]:
    return next(cluster for cluster in clusters if any(one is view for one in cluster))


def _merged(views: Sequence[View], *, degrees: float) -> list[list[View]]:
    """Cluster views across series: one series a slice, a stack cut into series, slices repeated later.

    A view that fits several clusters goes to the one of its own series, else of its own frame of reference, else of
    its own state, else to the one whose step it keeps, else to that of its time.
    """
    earliest_first = sorted(views, key=lambda one: one.frames[0].recency)
    clusters = _clustered(earliest_first, degrees=degrees)
    if len(clusters) < 2:
        return clusters
    # A slice tried out before the stack, between two of its places, would keep the others from one another.
    other_way = _clustered(earliest_first[::-1], degrees=degrees)
    return max(clusters, other_way, key=lambda found: max(sum(len(view.planes) for view in one) for one in found))


def _clustered(views: Sequence[View], *, degrees: float) -> list[list[View]]:
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


def _short_slices_into(clusters: list[list[View]], strays: Sequence[View]) -> list[View]:
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


def _degrees(view: View) -> float:
    return 90.0 if view.normal is None else angle_degrees(view.normal, BASE_TO_APEX)


def _candidate(views: Sequence[View]) -> Candidate | None:
    normal = views[0].normal
    if normal is None:
        return None
    planes = planes_of([frame for view in views for frame in view.frames], normal=normal)
    off = _degrees(views[0])
    cine = views[0].phases >= MIN_CINE_PHASES
    several = len(planes) >= 3
    unusual = None
    if cine and several and off <= STACK_DEGREES:
        level = 4
    elif cine and off <= SHORT_AXIS_DEGREES:
        level = 3
    elif cine and several and off <= LONG_AXIS_DEGREES:
        level = 2
        unusual = Message(
            "normal_off", "its normal stands {degrees:.0f}° off the usual long axis of the heart", degrees=off
        )
    elif not cine and off <= SHORT_AXIS_DEGREES:
        level = 1
    else:
        return None
    derived = all(view.frames[0].derived for view in views)
    tagged = says_tagging(views[0])
    phases = min(views[0].phases, 20)
    extent = planes[-1].offset_mm - planes[0].offset_mm
    rank = (level, not tagged, not derived, min(len(planes), 6), phases, round(extent / 10.0), len(planes))
    return Candidate(views=tuple(views), planes=planes, rank=rank, unusual=unusual, cautions=_cautions(views))


def _cautions(views: Sequence[View]) -> tuple[Message, ...]:
    """Say what differs in a stack that was put together nevertheless."""
    cautions = []
    headers = [frame.header for view in views for frame in view.frames]
    files: dict[str, set[str]] = defaultdict(set)
    for header in headers:
        if header.frame_of_reference_uid is not None:
            files[header.frame_of_reference_uid].add(header.path)
    # An anonymiser that gives every file a frame of reference of its own leaves nothing to tell slices apart by.
    if sum(1 for paths in files.values() if len(paths) > 1) > 1:
        cautions.append(
            Message(
                "other_frames_of_reference",
                "The slices have different FrameOfReferenceUIDs: the patient may have moved between them, or an "
                "anonymiser renewed them; look whether they follow one another.",
            )
        )
    if any(header.scattered for header in headers):
        cautions.append(
            Message(
                "scattered_studies",
                "Each series has a StudyInstanceUID of its own; those of one frame of reference, or of one patient and "
                "day, are read as one study.",
            )
        )
    off = max(angle_degrees(view.normal, views[0].normal) for view in views if view.normal and views[0].normal)
    if off > PARALLEL_DEGREES:
        cautions.append(
            Message(
                "slices_tilted",
                "Some slices were planned again, up to {degrees:.0f}° off the others: between them the extent of a "
                "slice is an estimate.",
                degrees=off,
            )
        )
    return tuple(cautions)
