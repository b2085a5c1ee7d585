"""`Candidate`: views that together may be the short-axis stack, and how they rank."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from cinecor.message import Message
from cinecor.study.dicom.header import FileHeader, Frame
from cinecor.study.series.parallel_planes import PARALLEL_DEGREES, Plane, View, angle_degrees, planes_of
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
_WHOLE_STACK_SHARE: Final = 0.7  # a series that covers this share of another stack is a stack of its own, no repeat
_MOVED: Final = Message(
    "other_frames_of_reference",
    "its slices have different FrameOfReferenceUIDs, so the patient may have moved between them",
)
SHORT_AXIS_RANK: Final = 3  # candidates of this level and above are short-axis cines; below are makeshifts


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """Views of one study, parallel and alike, that make one stack; `rank` orders candidates, the best is largest."""

    views: tuple[View, ...]
    planes: tuple[Plane, ...]
    rank: tuple[float, ...]
    unusual: Message | None = None  # why the orientation is doubtful

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
    clusters = _merged(cines)
    moved = False
    if cines and not any(_plane_count(cluster) >= 3 for cluster in clusters):
        # Some exporters give every series a frame of reference of its own; positions tell whether they fit.
        regardless = _merged(cines, same_reference=False)
        moved = any(_plane_count(cluster) >= 3 for cluster in regardless)
        clusters = regardless if moved else clusters
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
    found = [_candidate(cluster, moved=moved) for cluster in clusters]
    found += [_candidate(cluster) for cluster in _merged(strays)]
    return sorted((one for one in found if one is not None), key=lambda one: one.rank, reverse=True)


def stackable(verdict: Verdict) -> bool:
    """Tell whether a view may be stacked when the user asks for its series by name."""
    return verdict.kind in _STACKABLE


def forced_candidate(judged: Sequence[tuple[View, Verdict]], *, series_uid: str) -> Candidate:
    """Return the stack that holds the series the user asked for by name, whatever its planes look like.

    Slices of other series belong to it as they do in the automatic choice. At least one view of the series must be
    `stackable` and have a place.
    """
    views = [view for view, verdict in judged if stackable(verdict) and view.normal is not None]
    named = max((view for view in views if series_uid in view.series_uids), key=lambda view: len(view.frames))
    alike = [view for view in views if 0.5 <= view.phases / max(1, named.phases) <= 2.0]
    cluster = _home_of(named, _merged(alike))
    moved = False
    if _plane_count(cluster) < 3:
        regardless = _home_of(named, _merged(alike, same_reference=False))
        moved = _plane_count(regardless) >= 3
        cluster = regardless if moved else cluster
    unusual = None
    if _degrees(named) > STACK_DEGREES:
        unusual = Message(
            "asked_for_by_name", "the series was asked for by name, and its planes are no usual short axis"
        )
    elif moved:
        unusual = _MOVED
    frames = [frame for view in cluster for frame in view.frames]
    return Candidate(
        views=tuple(cluster), planes=planes_of(frames, normal=cluster[0].normal), rank=(0.0,), unusual=unusual
    )


def _home_of(view: View, clusters: Sequence[list[View]]) -> list[View]:
    return next(cluster for cluster in clusters if any(one is view for one in cluster))


def _plane_count(cluster: Sequence[View]) -> int:
    frames = [frame for view in cluster for frame in view.frames]
    return len(planes_of(frames, normal=cluster[0].normal))


def _merged(views: Sequence[View], *, same_reference: bool = True) -> list[list[View]]:
    """Cluster views across series: one series a slice, a stack cut into series, slices repeated later."""
    clusters: list[list[View]] = []
    for view in sorted(views, key=lambda one: (-len(one.planes), one.frames[0].recency)):
        for cluster in clusters:
            if _belongs(view, cluster, same_reference=same_reference):
                cluster.append(view)
                break
        else:
            clusters.append([view])
    return clusters


def _short_slices_into(clusters: list[list[View]], strays: Sequence[View]) -> list[View]:
    """Give a slice that lost many of its frames, and so looks like no cine, back to its stack; return the others."""
    rest = []
    for view in strays:
        home = next(
            (c for c in clusters if len(c) + len(c[0].planes) > 3 and view.phases > 1 and _belongs(view, c)), None
        )
        if home is None:
            rest.append(view)
        else:
            home.append(view)
    return rest


def _belongs(view: View, cluster: Sequence[View], *, same_reference: bool = True) -> bool:
    model = cluster[0]
    if not _alike(view, model, same_reference=same_reference):
        return False
    normal = model.normal
    assert normal is not None
    taken = planes_of([frame for member in cluster for frame in member.frames], normal=normal)
    both = planes_of([frame for plane in taken for frame in plane.frames] + list(view.frames), normal=normal)
    overlap = len(taken) + len(view.planes) - len(both)
    if overlap <= 0:
        return _scale(view, model) < 2.1 and 0.5 <= view.phases / max(1, model.phases) <= 2.0
    if _scale(view, model) > 1.05:
        return False
    largest = max(len(member.planes) for member in cluster)
    return not (len(view.planes) >= 3 and len(view.planes) >= _WHOLE_STACK_SHARE * largest)


def _alike(view: View, model: View, *, same_reference: bool) -> bool:
    """Tell whether two views come from one kind of acquisition in one position of the patient."""
    one, other = view.frames[0], model.frames[0]
    if view.normal is None or model.normal is None or angle_degrees(view.normal, model.normal) > PARALLEL_DEGREES:
        return False
    if one.header.study_uid != other.header.study_uid:
        return False
    references = {one.header.frame_of_reference_uid, other.header.frame_of_reference_uid} - {None}
    if len(references) > 1 and same_reference:
        return False
    if one.echo_time_ms and other.echo_time_ms and abs(one.echo_time_ms / other.echo_time_ms - 1.0) > 0.2:
        return False
    if one.header.scanning_sequence != other.header.scanning_sequence:
        return False
    return _says_tagging(view) == _says_tagging(model)


def _says_tagging(view: View) -> bool:
    words = f"{view.frames[0].header.series_description or ''} {view.frames[0].header.sequence_name or ''}".lower()
    return "tag" in words.replace("stage", "").replace("vintage", "") or "spamm" in words


def _scale(view: View, model: View) -> float:
    """Return how different the pixel sizes are: 1.0 for equal, else the larger over the smaller."""
    one, other = view.frames[0].pixel_spacing_mm, model.frames[0].pixel_spacing_mm
    if one is None or other is None:
        return 1.0 if one == other else 99.0
    return max(max(a / b, b / a) for a, b in zip(one, other, strict=True))


def _degrees(view: View) -> float:
    return 90.0 if view.normal is None else angle_degrees(view.normal, BASE_TO_APEX)


def _candidate(views: Sequence[View], *, moved: bool = False) -> Candidate | None:
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
    references = {view.frames[0].header.frame_of_reference_uid for view in views}
    if moved and len(references) > 1:
        unusual = _MOVED
    derived = all(view.frames[0].derived for view in views)
    tagged = _says_tagging(views[0])
    phases = min(views[0].phases, 20)
    extent = planes[-1].offset_mm - planes[0].offset_mm
    recency = max(frame.recency for view in views for frame in view.frames)
    rank = (level, not tagged, not derived, min(len(planes), 6), phases, round(extent / 10.0), len(planes), *recency)
    return Candidate(views=tuple(views), planes=planes, rank=rank, unusual=unusual)
