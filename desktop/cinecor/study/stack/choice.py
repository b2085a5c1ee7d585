"""Choosing the stack: the best candidate, or the series that the user named; or why there is none."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from cinecor.errors import InputError, NothingSegmentable, UsageError
from cinecor.message import Message
from cinecor.study.dicom.header import Frame, dot
from cinecor.study.series.candidate import SHORT_AXIS_RANK, Candidate, forced_candidate, stackable
from cinecor.study.series.index import SeriesIndex
from cinecor.study.series.likeness import TILT_DEGREES, alike
from cinecor.study.series.parallel_planes import angle_degrees, planes_of
from cinecor.study.series.passes import is_woven
from cinecor.study.series.phase_series import is_fragment
from cinecor.study.series.plane_times import MIN_CINE_PHASES, evenly_spaced
from cinecor.study.series.series_kind import SeriesKind, missing_geometry
from cinecor.study.stack.identity import number_of_patients, other_patients
from cinecor.study.stack.no_stack import listed_series, why_no_stack
from cinecor.study.stack.plain_cine import plain_cines_first

_WHOLE_STACK_SHARE = 0.7  # of the slices of the stack: what has as many is an examination of its own
_FEWEST_OF_STACK = 3
_OTHER_DEGREES = 40.0  # as far as short axes of one heart are planned apart


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """The candidate to read and what the reader should know about the choosing."""

    candidate: Candidate
    warnings: tuple[Message, ...]
    doubts: tuple[Message, ...] = ()  # those of the warnings that put every number in doubt
    cautions: tuple[Message, ...] = ()  # those of the warnings that must be seen beside the numbers


def choose(index: SeriesIndex, *, series_uid: str | None = None) -> Choice:
    """Return the best candidate of a study, or the one that holds `series_uid`.

    Raises `UsageError` for a series that is not there or can be no stack, `InputError` when only missing geometry
    stands in the way, `NothingSegmentable` when there is nothing to outline.
    """
    if series_uid is not None:
        return _named(index, series_uid)
    if not index.candidates:
        return _last_resort(index)
    best, *others = plain_cines_first(index)
    _refuse_scattered_phases(index, best)
    rivals = [other for other in others if other.rank[0] >= min(best.rank[0], SHORT_AXIS_RANK)]
    warnings = [
        Message(
            "other_stack",
            "Another stack could be segmented: {stack}; choose one of its series in the study panel, or with --series.",
            stack=other.label,
        )
        for other in rivals
    ]
    whole = [
        warning
        for other, warning in zip(rivals, warnings, strict=True)
        if other.rank[0] >= SHORT_AXIS_RANK
        and other.views[0].frames[0].header.session == best.views[0].frames[0].header.session
        and len(other.planes) >= _WHOLE_STACK_SHARE * len(best.planes)
    ]
    warnings = [warning for warning in warnings if warning not in whole]
    doubts = (*_doubts(best), *_ends_early(best, others))
    cautions = (*_several_studies(index, best), *other_patients(best, index), *best.cautions, *whole)
    return Choice(best, (*doubts, *cautions, *warnings), doubts, cautions)


def _refuse_scattered_phases(index: SeriesIndex, best: Candidate) -> None:
    """Raise `InputError` where a stack of one moment is one of many: a cine whose phases no tag puts together."""
    if best.rank[0] >= SHORT_AXIS_RANK or best.phases >= MIN_CINE_PHASES:
        return
    model = best.views[0]
    views = [
        view
        for view, verdict in index.judged
        if stackable(verdict) and is_fragment(view) and alike(view, model, degrees=TILT_DEGREES)
    ]
    planes = planes_of([frame for view in views for frame in view.frames], normal=model.normal)
    images = int(median(len(plane.frames) for plane in planes)) if planes else 0
    if images < MIN_CINE_PHASES:
        return
    raise InputError(
        Message(
            "phases_scattered",
            "{series}: there are {images} images of each slice, spread over {n} series, and no tag puts them in the "
            "order of a heartbeat; export the study again with its series as the scanner made them.",
            series=best.label,
            images=images,
            n=len({uid for view in views for uid in view.series_uids}),
        )
    )


def _several_studies(index: SeriesIndex, best: Candidate) -> tuple[Message, ...]:
    """Say whose study is taken where the input holds several: nobody may be shown another patient's numbers."""
    headers = [candidate.views[0].frames[0].header for candidate in index.candidates]
    studies = {header.session for header in headers}
    if len(studies) < 2:
        return ()
    patients = number_of_patients(header.patient for header in headers)
    if patients is None:
        whose = Message("perhaps_several_patients", "perhaps of several patients")
    else:
        whose = Message.counted("of_patients", "of one patient", "of {n} patients", n=patients)
    date = best.views[0].frames[0].header.study_date
    which = (
        Message("one_of_them", "one of them") if date is None else Message("that_of", "the one of {date}", date=date)
    )
    return (
        Message(
            "several_studies",
            "The input holds short-axis stacks of {studies} studies, {whose}: {which} is segmented; give each study as "
            "an input of its own.",
            studies=len(studies),
            whose=whose,
            which=which,
        ),
    )


def _named(index: SeriesIndex, series_uid: str) -> Choice:
    for candidate in index.candidates:
        if series_uid in candidate.series_uids:
            return _asked_for(candidate, index)
    if series_uid not in {entry.uid for entry in index.series}:
        raise UsageError(
            Message(
                "series_not_there",
                "--series {uid}: there is no such series; there are {series}.",
                uid=series_uid,
                series=listed_series(index),
            )
        )
    judged = [(view, verdict) for view, verdict in index.judged if series_uid in view.series_uids]
    if not any(stackable(verdict) and view.normal is not None for view, verdict in judged):
        raise UsageError(
            Message(
                "series_not_segmentable",
                "--series {uid}: cannot be segmented ({why}); there are {series}.",
                uid=series_uid,
                why=judged[0][1].why,
                series=listed_series(index),
            )
        )
    return _asked_for(forced_candidate(index.judged, series_uid=series_uid), index)


def _asked_for(candidate: Candidate, index: SeriesIndex) -> Choice:
    doubts, cautions = _doubts(candidate), (*other_patients(candidate, index), *candidate.cautions)
    return Choice(candidate, (*doubts, *cautions), doubts, cautions)


def _ends_early(best: Candidate, others: Sequence[Candidate]) -> tuple[Message, ...]:
    """Doubt a stack beyond whose end the same acquisition goes on at another angle."""
    normal = best.views[0].normal
    if normal is None or len(best.planes) < _FEWEST_OF_STACK:
        return ()
    first, last = best.planes[0].offset_mm, best.planes[-1].offset_mm
    step = (last - first) / (len(best.planes) - 1)
    for other in others:
        view = other.views[0]
        if view.normal is None or not alike(view, best.views[0], degrees=_OTHER_DEGREES):
            continue
        if angle_degrees(view.normal, normal) <= TILT_DEGREES:
            continue
        centres = [dot(normal, frame.centre_mm) for frame in other.frames if frame.centre_mm is not None]
        bounds = [dot(normal, frame.centre_mm) for frame in best.frames if frame.centre_mm is not None]
        if centres and bounds and (min(centres) < min(bounds) - step / 2 or max(centres) > max(bounds) + step / 2):
            return (
                Message(
                    "goes_on_at_an_angle",
                    "The stack may end inside the ventricle: {series} goes on beyond its end, {degrees:.0f}° off, and "
                    "is not part of it.",
                    series=other.label,
                    degrees=angle_degrees(view.normal, normal),
                ),
            )
    return ()


def _doubts(candidate: Candidate) -> tuple[Message, ...]:
    doubts = []
    if candidate.unusual is not None:
        doubts.append(
            Message(
                "unusual_stack",
                "This may be no true short-axis stack: {why}; check every outline before using a number.",
                why=candidate.unusual,
            )
        )
    if is_woven(candidate.planes):
        doubts.append(
            Message(
                "slices_woven",
                "Slices lie inside one another and were not acquired one after the other: two acquisitions may be "
                "mixed in this stack; see whether the slices follow one another.",
            )
        )
    return tuple(doubts)


def _last_resort(index: SeriesIndex) -> Choice:
    """Take a single slice without position, or explain why nothing can be taken."""
    homeless = [
        view
        for view, verdict in index.judged
        if verdict.kind is SeriesKind.OTHER_CINE and view.normal is None and view.phases >= MIN_CINE_PHASES
    ]
    for view in homeless:
        first = view.frames[0]
        if first.pixel_spacing_mm is not None and _single_slice(view.frames):
            candidate = Candidate(views=(view,), planes=view.planes, rank=(0.0,))
            return Choice(
                candidate,
                (
                    Message(
                        "read_as_one_slice",
                        "{missing}: read as one slice; whether it is a short axis is not known.",
                        missing=missing_geometry(first),
                    ),
                ),
            )
    if homeless:
        raise InputError(
            Message(
                "slices_without_place",
                "{series}: {missing}, so volumes would be wrong; export the study again with full headers.",
                series=homeless[0].label,
                missing=missing_geometry(homeless[0].frames[0]),
            )
        )
    raise NothingSegmentable(why_no_stack(index))


def _single_slice(frames: tuple[Frame, ...]) -> bool:
    """Return whether frames without position can only be one slice through time."""
    places = {frame.slice_location_mm for frame in frames}
    if len(places) == 1 and None not in places:
        return True
    if len(places) > 1:
        return False
    triggers = sorted(frame.trigger_time_ms for frame in frames if frame.trigger_time_ms is not None)
    return len(triggers) == len(frames) and evenly_spaced(triggers)
