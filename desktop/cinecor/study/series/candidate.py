"""`Candidate`: views that together may be the short-axis stack, and how they rank."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from cinecor.message import Message
from cinecor.study.dicom.header import FileHeader, Frame
from cinecor.study.series.clusters import clustered, home_of, short_slices_into
from cinecor.study.series.likeness import (
    TILT_DEGREES,
    repeats,
    says_tagging,
)
from cinecor.study.series.parallel_planes import PARALLEL_DEGREES, Plane, View, angle_degrees, planes_of
from cinecor.study.series.plane_times import MIN_CINE_PHASES
from cinecor.study.series.series_kind import (
    BASE_TO_APEX,
    LONG_AXIS_DEGREES,
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
    clusters = clustered(cines, degrees=TILT_DEGREES)
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
    strays = short_slices_into(clusters, strays)
    found = [_candidate(cluster) for cluster in clusters]
    found += [_candidate(cluster) for cluster in clustered(strays, degrees=PARALLEL_DEGREES)]
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
    cluster = home_of(named, clustered([named, *(one for one in near if one is not named)], degrees=TILT_DEGREES))
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
