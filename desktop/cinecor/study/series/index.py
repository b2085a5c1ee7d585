"""`SeriesIndex`: what lies in the input, by series, before any pixel is read."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from zipfile import ZipFile

from cinecor.message import Message
from cinecor.study.audit import LeftOut
from cinecor.study.dicom.file_source import FileSource
from cinecor.study.dicom.header import Frame, PatientIdentity, series_label
from cinecor.study.series.candidate import Candidate, candidates
from cinecor.study.series.derived import without_copies
from cinecor.study.series.duplicates import without_repeated_files
from cinecor.study.series.long_axis_name import chambers_named
from cinecor.study.series.parallel_planes import View, views_of
from cinecor.study.series.passes import by_passes
from cinecor.study.series.phase_series import join_phases
from cinecor.study.series.series_kind import SeriesKind, Verdict, judge
from cinecor.study.series.session import note_sessions

_CHAMBER_VIEWS = {
    2: Message("two_chamber", "two-chamber"),
    3: Message("three_chamber", "three-chamber"),
    4: Message("four_chamber", "four-chamber"),
}


@dataclass(frozen=True, slots=True)
class SeriesEntry:
    """One series as a reader wants it listed."""

    uid: str
    number: int | None
    description: str | None
    modality: str | None
    kind: SeriesKind
    why: Message
    slices: int
    phases: int
    files: int
    study_uid: str | None = None
    chambers: int | None = None  # 2, 3 or 4 of a long-axis cine whose name says so
    patient: PatientIdentity | None = field(default=None, repr=False)  # only to tell patients apart, never told

    @property
    def label(self) -> Message:
        """Number and description, for a message."""
        return series_label(self.number, self.description)


@dataclass(frozen=True, slots=True, eq=False)
class SeriesIndex:
    """Every file that was given: in a series, or left out with a reason.

    Holds an archive open; close it (or use it in a `with`) once the stack has been read.
    """

    root: Path
    paths: dict[str, FileSource] = field(repr=False)  # where the file of each audit name lies
    series: tuple[SeriesEntry, ...]
    judged: tuple[tuple[View, Verdict], ...] = field(repr=False)
    candidates: tuple[Candidate, ...] = field(repr=False)  # best first
    left_out: tuple[LeftOut, ...] = field(repr=False)  # files that hold no usable image
    files_given: int
    archive: ZipFile | None = field(default=None, repr=False)

    def __enter__(self) -> "SeriesIndex":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def sessions(self) -> tuple[str | None, ...]:
        """What the input holds studies of: each visit to the scanner once, by its date, and of one date by its UID."""
        views = [candidate.views[0] for candidate in self.candidates] + [view for view, _ in self.judged]
        dates = {_session(view): view.frames[0].header.study_date or "" for view in views}
        return tuple(sorted(dates, key=lambda session: (dates[session], session or "")))

    def of_session(self, session: str | None) -> "SeriesIndex":
        """Return the index of one session alone; it still accounts for every file."""
        judged = tuple((view, verdict) for view, verdict in self.judged if _session(view) == session)
        uids = {uid for view, _ in judged for uid in view.series_uids}
        return replace(
            self,
            judged=judged,
            candidates=tuple(one for one in self.candidates if _session(one.views[0]) == session),
            series=tuple(entry for entry in self.series if entry.uid in uids),
        )

    def close(self) -> None:
        """Close an archive; the index can then no longer give pixels."""
        if self.archive is not None:
            self.archive.close()


def _session(view: View) -> str | None:
    return view.frames[0].header.session


def series_index(
    *,
    root: Path,
    frames: list[Frame],
    paths: dict[str, FileSource],
    left_out: list[LeftOut],
    files_given: int,
    archive: ZipFile | None = None,
) -> SeriesIndex:
    """Sort frames into series, judge each, and find the stacks."""
    frames, copies = without_repeated_files(frames, paths)
    copied = {row.path for row in copies}
    paths = {path: source for path, source in paths.items() if path not in copied}
    note_sessions(frames)
    judged = without_copies(_judged(frames, join_phases))
    found = candidates(judged)
    return SeriesIndex(
        root=root,
        paths=paths,
        series=_entries(judged, found),
        judged=tuple(judged),
        candidates=tuple(found),
        left_out=(*left_out, *copies),
        files_given=files_given,
        archive=archive,
    )


def series_so_far(frames: list[Frame]) -> tuple[SeriesEntry, ...]:
    """Return the series of a scan that still goes on, as they look by the frames that have been read."""
    return _entries(_judged(frames, list), [])


def _judged(frames: list[Frame], joined: Callable[[list[View]], list[View]]) -> list[tuple[View, Verdict]]:
    by_series: dict[str, list[Frame]] = defaultdict(list)
    for frame in frames:
        by_series[frame.header.series_uid].append(frame)
    views: list[View] = []
    directions: dict[str, int] = {}
    for uid, members in by_series.items():
        own = views_of(members)
        directions[uid] = len({view.normal for view in own if view.normal is not None})
        views += own
    return [(view, judge(view, directions=directions[view.series_uid])) for view in by_passes(joined(views))]


def _entries(judged: Sequence[tuple[View, Verdict]], found: Sequence[Candidate]) -> tuple[SeriesEntry, ...]:
    views_by_series: dict[str, list[tuple[View, Verdict]]] = defaultdict(list)
    for view, verdict in judged:
        for uid in view.series_uids:
            views_by_series[uid].append((view, verdict))
    stacked = {uid: candidate for candidate in reversed(found) for uid in candidate.series_uids}
    entries = [_entry(uid, views, stacked.get(uid)) for uid, views in views_by_series.items()]
    return tuple(sorted(entries, key=lambda entry: (entry.number is None, entry.number or 0, entry.uid)))


def _entry(uid: str, views: list[tuple[View, Verdict]], candidate: Candidate | None) -> SeriesEntry:
    stacked = {id(view) for view in candidate.views} if candidate is not None else set()
    view, verdict = next(((view, verdict) for view, verdict in views if id(view) in stacked), views[0])
    header = next(frame.header for frame in view.frames if frame.header.series_uid == uid)
    why = verdict.why
    if len(views) > 1:
        others = {other.kind for one, other in views if one is not view}
        why = Message(
            "also_holds",
            "{why}; the series also holds {others}",
            why=why,
            others=tuple(kind.value for kind in SeriesKind if kind in others),
        )
    named = chambers_named(header.series_description) if verdict.kind is SeriesKind.LONG_AXIS_CINE else None
    if named is not None:
        why = Message(
            "names_the_view",
            "{why}; '{name}' names the {view} view",
            why=why,
            name=header.series_description,
            view=_CHAMBER_VIEWS[named],
        )
    return SeriesEntry(
        uid=uid,
        number=header.series_number,
        description=header.series_description,
        modality=header.modality,
        kind=verdict.kind,
        why=why,
        slices=len(view.planes),
        phases=view.phases,
        files=len({frame.header.path for one, _ in views for frame in one.frames if frame.header.series_uid == uid}),
        study_uid=header.study_uid,
        chambers=named,
        patient=header.patient,
    )
