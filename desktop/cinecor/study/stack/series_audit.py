"""What the audit says of the study's series: what is not used, there twice, or seems to be missing."""

from collections import defaultdict

from cinecor.message import Message
from cinecor.study.audit import LeftOut
from cinecor.study.series.candidate import SHORT_AXIS_RANK, Candidate
from cinecor.study.series.index import SeriesIndex
from cinecor.study.stack.audit_builder import AuditBuilder


def note_copies(builder: AuditBuilder, index: SeriesIndex) -> None:
    """Note files that are there twice under other UIDs."""
    copies = sum(1 for row in index.left_out if row.reason.code == "copied_file")
    if copies:
        builder.warn(
            [
                Message.counted(
                    "copied_files",
                    "{n} file is there twice under other UIDs (same place, time and pixels): it is used once.",
                    "{n} files are there twice under other UIDs (same place, time and pixels): each is used once.",
                    n=copies,
                )
            ]
        )


def unread(index: SeriesIndex) -> list[LeftOut]:
    """Return what may hold images of the study and was not read."""
    return [row for row in index.left_out if row.may_hold_images]


def note_unread(builder: AuditBuilder, index: SeriesIndex) -> None:
    """Note what may hold images and was not read."""
    rows = unread(index)
    if rows:
        builder.warn(
            [
                Message.counted(
                    "not_read",
                    "{n} file or folder of the input was not read, {path}: {reason}.",
                    "{n} files or folders of the input were not read, first {path}: {reason}.",
                    n=len(rows),
                    path=rows[0].path,
                    reason=rows[0].reason,
                )
            ]
        )


def note_unused_views(builder: AuditBuilder, index: SeriesIndex, candidate: Candidate) -> None:
    """Note why the other images of the study are no part of the stack."""
    stacked = {id(view) for view in candidate.views}
    own_series = set(candidate.series_uids)
    others = {id(view): one for one in index.candidates for view in one.views if one is not candidate}
    for view, verdict in index.judged:
        if id(view) in stacked:
            continue
        other = others.get(id(view))
        if other is not None and other.rank[0] >= SHORT_AXIS_RANK:
            reason = Message(
                "other_stack_not_chosen",
                "{series}: another stack, not chosen ({slices} slices x {phases} phases)",
                series=view.label,
                slices=len(other.planes),
                phases=other.phases,
            )
        else:
            reason = Message(
                "no_part_of_a_stack",
                "{series}: {kind}: {why}",
                series=view.label,
                kind=verdict.kind.value,
                why=verdict.why,
            )
        builder.leave_out(view.frames, reason)
        if own_series.intersection(view.series_uids):
            builder.warn(
                [
                    Message.counted(
                        "images_of_series_unused",
                        "{n} image of {series} not used: {why}.",
                        "{n} images of {series} not used: {why}.",
                        n=len(view.frames),
                        series=view.label,
                        why=verdict.why,
                    )
                ]
            )


def note_missing_images(builder: AuditBuilder, index: SeriesIndex, candidate: Candidate) -> None:
    """Note when a series holds fewer images than it says were acquired, or its numbers begin late or have holes."""
    files: dict[str, set[str]] = defaultdict(set)
    numbers: dict[str, set[int]] = defaultdict(set)
    stated: dict[str, set[int | None]] = defaultdict(set)
    for view, _ in index.judged:
        for frame in view.frames:
            uid = frame.header.series_uid
            files[uid].add(f"{frame.header.path}:{frame.number}")
            stated[uid].add(frame.header.acquisition_images)
            if frame.instance_number is not None:
                numbers[uid].add(frame.instance_number)
    for uid in candidate.series_uids:
        there = len(files[uid])
        told = max((number for number in stated[uid] if number is not None), default=0)
        own = numbers[uid]
        if told > there:
            builder.warn([_images_not_there(candidate, uid, there=there, missing=told - there)])
        elif own and len(own) == there and 0 < max(own) - there <= there:
            builder.warn([_images_not_there(candidate, uid, there=there, missing=max(own) - there)])


def _images_not_there(candidate: Candidate, uid: str, *, there: int, missing: int) -> Message:
    label = next(frame.header.label for frame in candidate.frames if frame.header.series_uid == uid)
    return Message.counted(
        "images_not_there",
        "{series}: {n} image beside the {there} that are there seems to be missing, by ImagesInAcquisition or "
        "InstanceNumber; a slice or a phase may not have been exported.",
        "{series}: {n} images beside the {there} that are there seem to be missing, by ImagesInAcquisition or "
        "InstanceNumber; a slice or a phase may not have been exported.",
        n=missing,
        series=label,
        there=there,
    )
