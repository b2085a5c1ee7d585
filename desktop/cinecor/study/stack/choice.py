"""Choosing the stack: the best candidate, or the series that the user named; or why there is none."""

from dataclasses import dataclass

from cinecor.errors import InputError, NothingSegmentable, UsageError
from cinecor.study.dicom.header import Frame
from cinecor.study.dicom.header_reader import NIFTI_INSIDE
from cinecor.study.series.candidate import SHORT_AXIS_RANK, Candidate, forced_candidate, stackable
from cinecor.study.series.index import SeriesIndex
from cinecor.study.series.series_kind import MIN_CINE_PHASES, SeriesKind, evenly_spaced, missing_geometry

_NAMED_IN_MESSAGE = 6


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """The candidate to read and what the reader should know about the choosing."""

    candidate: Candidate
    warnings: tuple[str, ...]
    doubts: tuple[str, ...] = ()  # those of the warnings that put every number in doubt
    cautions: tuple[str, ...] = ()  # those of the warnings that must be seen beside the numbers


def choose(index: SeriesIndex, *, series_uid: str | None = None) -> Choice:
    """Return the best candidate of a study, or the one that holds `series_uid`.

    Raises `UsageError` for a series that is not there or can be no stack, `InputError` when only missing geometry
    stands in the way, `NothingSegmentable` when there is nothing to outline.
    """
    if series_uid is not None:
        return _named(index, series_uid)
    if not index.candidates:
        return _last_resort(index)
    best, *others = index.candidates
    warnings = [
        f"Another stack could be segmented: {other.label}; choose one of its series in the study panel, "
        "or with --series."
        for other in others
        if other.rank[0] >= min(best.rank[0], SHORT_AXIS_RANK)
    ]
    doubts, cautions = _doubts(best), _several_studies(index, best)
    return Choice(best, (*doubts, *cautions, *warnings), doubts, cautions)


def _several_studies(index: SeriesIndex, best: Candidate) -> tuple[str, ...]:
    """Say whose study is taken where the input holds several: nobody may be shown another patient's numbers."""
    headers = [candidate.views[0].frames[0].header for candidate in index.candidates]
    studies, patients = {header.study_uid for header in headers}, {header.patient for header in headers}
    if len(studies) < 2:
        return ()
    if None in patients:
        whose = "perhaps of several patients"
    else:
        whose = "of one patient" if len(patients) == 1 else f"of {len(patients)} patients"
    date = best.views[0].frames[0].header.study_date
    which = "one of them" if date is None else f"the one of {date}"
    return (
        f"The input holds short-axis stacks of {len(studies)} studies, {whose}: {which} is segmented; "
        "give each study as an input of its own.",
    )


def _named(index: SeriesIndex, series_uid: str) -> Choice:
    for candidate in index.candidates:
        if series_uid in candidate.series_uids:
            return Choice(candidate, _doubts(candidate), _doubts(candidate))
    if series_uid not in {entry.uid for entry in index.series}:
        raise UsageError(f"--series {series_uid}: there is no such series; there are {_listed(index)}.")
    judged = [(view, verdict) for view, verdict in index.judged if series_uid in view.series_uids]
    if not any(stackable(verdict) and view.normal is not None for view, verdict in judged):
        raise UsageError(
            f"--series {series_uid}: cannot be segmented ({judged[0][1].why}); there are {_listed(index)}."
        )
    candidate = forced_candidate(index.judged, series_uid=series_uid)
    return Choice(candidate, _doubts(candidate), _doubts(candidate))


def _doubts(candidate: Candidate) -> tuple[str, ...]:
    if not candidate.unusual:
        return ()
    return (f"This may be no true short-axis stack: {candidate.unusual}; check every outline before using a number.",)


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
                (f"{missing_geometry(first)}: read as one slice; whether it is a short axis is not known.",),
            )
    if homeless:
        raise InputError(
            f"{homeless[0].label}: {missing_geometry(homeless[0].frames[0])}, so volumes would be wrong; "
            "export the study again with full headers."
        )
    nifti = [row.path for row in index.left_out if row.reason == NIFTI_INSIDE]
    if not index.series and nifti:
        raise NothingSegmentable(
            f"{index.root.name or index.root}: no DICOM image, but {len(nifti)} NIfTI {_files(len(nifti))}; "
            f"give one as the input (unpack a .zip first), for example {nifti[0]}."
        )
    if not index.files_given:
        raise NothingSegmentable(
            f"{index.root.name or index.root}: the folder or archive is empty; give the folder, DICOMDIR or .zip of a "
            "cardiac MR study."
        )
    if not index.series:
        raise NothingSegmentable(
            f"{index.root.name or index.root}: no DICOM image among {index.files_given} files{_first_reason(index)}; "
            "give the folder, DICOMDIR or .zip of a cardiac MR study."
        )
    raise NothingSegmentable(
        f"{index.root.name or index.root}: no short-axis cine found; there are {_listed(index)}; "
        "give the short-axis series, or name one with --series."
    )


def _single_slice(frames: tuple[Frame, ...]) -> bool:
    """Tell whether frames without position can only be one slice through time."""
    places = {frame.slice_location_mm for frame in frames}
    if len(places) == 1 and None not in places:
        return True
    if len(places) > 1:
        return False
    triggers = sorted(frame.trigger_time_ms for frame in frames if frame.trigger_time_ms is not None)
    return len(triggers) == len(frames) and evenly_spaced(triggers)


def _files(count: int) -> str:
    return "file" if count == 1 else "files"


def _first_reason(index: SeriesIndex) -> str:
    return f" ({index.left_out[0].path}: {index.left_out[0].reason})" if len(index.left_out) == 1 else ""


def _listed(index: SeriesIndex) -> str:
    shown = [
        f"{entry.label} ({entry.kind.value}: {entry.slices} x {entry.phases}, {entry.uid})"
        for entry in index.series[:_NAMED_IN_MESSAGE]
    ]
    more = len(index.series) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")
