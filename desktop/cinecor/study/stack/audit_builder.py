"""`AuditBuilder`: collects, while a stack is read, what happens to every file, and builds the `ImportAudit`."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from cinecor.message import Message, Phases, Slices
from cinecor.study.audit import ImportAudit, LeftOut
from cinecor.study.cine_stack import CineStack
from cinecor.study.dicom.header import Frame
from cinecor.study.series.candidate import SHORT_AXIS_RANK, Candidate
from cinecor.study.series.index import SeriesIndex
from cinecor.study.stack.phase_slots import PhaseSlots
from cinecor.study.stack.repeated_slice import ChosenAcquisition


class AuditBuilder:
    """Reasons for files that are not used, and warnings, in the order they are found."""

    def __init__(self, index: SeriesIndex, candidate: Candidate, warnings: Iterable[Message]) -> None:
        self._index = index
        self._candidate = candidate
        self._reasons: dict[str, Message] = {}
        self._warnings = list(warnings)
        self._note_copies()
        self._note_left_views()

    def warn(self, warnings: Iterable[Message]) -> None:
        """Add warnings that are not there yet."""
        self._warnings += [warning for warning in dict.fromkeys(warnings) if warning not in self._warnings]

    def leave_out(self, frames: Iterable[Frame], reason: Message) -> None:
        """Note why the files of these frames are not used; the first reason of a file stays."""
        for frame in frames:
            self._reasons.setdefault(frame.header.path, reason)

    def repeats(self, chosen: Sequence[ChosenAcquisition]) -> None:
        """Note the acquisitions of a position that a later (or whole) one replaces."""
        latest = broken = by_wish = filtered = 0
        for one in chosen:
            if one.acquisitions < 2:
                continue
            series = one.frames[0].header.label
            if _is_other_image_type(one):
                filtered += 1
                reason = Message(
                    "other_image_type",
                    "another image of the same moment ({words}) is used",
                    words=_words(one.frames[0]),
                )
            elif not one.latest:
                broken += 1
                reason = Message(
                    "repeat_incomplete",
                    "repeat: another, complete acquisition of this slice position ({series}) is used",
                    series=series,
                )
            elif _is_not_latest(one):
                by_wish += 1
                reason = Message(
                    "repeat_not_asked_for",
                    "repeat: the acquisition of the series asked for of this slice position ({series}) is used",
                    series=series,
                )
            else:
                latest += 1
                reason = Message(
                    "repeat_older",
                    "repeat: a later acquisition of this slice position ({series}) is used",
                    series=series,
                )
            self.leave_out(one.older, reason)
        total = len(chosen)
        if filtered:
            self.warn([_repeated_filtered(filtered, total, _words(chosen[0].frames[0]))])
        if latest:
            self.warn([_repeated_latest(latest, total)])
        if broken:
            self.warn([_repeated_broken(broken, total)])
        if by_wish:
            self.warn([_repeated_by_wish(by_wish, total)])

    def derived(self, chosen: Sequence[ChosenAcquisition]) -> None:
        """Note which slices have to be read from derived images, for want of original ones."""
        number = sum(1 for one in chosen if any(frame.secondary for frame in one.frames))
        if number == len(chosen):
            self.warn(
                [
                    Message(
                        "all_derived",
                        "All of {slices} slices are read from derived images (ImageType DERIVED\\SECONDARY), for want "
                        "of original ones: what was done to them is not known.",
                        slices=number,
                    )
                ]
            )
        elif number:
            self.warn(
                [
                    Message(
                        "some_derived",
                        "{n} of {total} slices are read from derived images (ImageType DERIVED\\SECONDARY), for want "
                        "of original ones: what was done to them is not known.",
                        n=number,
                        total=len(chosen),
                    )
                ]
            )

    def too_few(self, planes: Sequence[Sequence[Frame]], usual: int) -> None:
        """Note slices that hold too few phases to be part of the stack."""
        for frames in planes:
            self.leave_out(
                frames,
                Message(
                    "slice_too_short",
                    "its slice has only {phases} of {usual} phases, too few to stand for a cycle",
                    phases=len(frames),
                    usual=usual,
                ),
            )
            self.warn(
                [
                    Message(
                        "slice_too_short",
                        "A slice of {series} has only {phases} of {usual} phases and is left out: the neighbouring "
                        "slices stand for it.",
                        series=frames[0].header.label,
                        phases=len(frames),
                        usual=usual,
                    )
                ]
            )

    def doubled(self, doubled: Sequence[tuple[Frame, Frame]], tag: str | None) -> None:
        """Note frames that another frame of the same position and phase replaces."""
        for frame, used in doubled:
            self.leave_out(
                [frame],
                Message(
                    "doubled_frame",
                    "doubled frame: same position and phase ({tag}) as {path}, which is later",
                    tag=tag,
                    path=used.header.path,
                ),
            )
        if doubled:
            self.warn(
                [
                    Message.counted(
                        "doubled_frames",
                        "{n} frame is doubled (same position and phase): the latest is used.",
                        "{n} frames are doubled (same position and phase): the latest is used.",
                        n=len(doubled),
                    )
                ]
            )

    def apart(self, planes: Sequence[Sequence[Frame]]) -> tuple[Message, ...]:
        """Note single slices that lie far from the stack, and return what must be seen beside the numbers."""
        cautions = []
        for frames in planes:
            self.leave_out(frames, Message("slice_apart", "its slice lies far apart from the stack"))
            cautions.append(
                Message(
                    "slice_apart",
                    "A slice of {series} lies far apart from the stack and is left out.",
                    series=frames[0].header.label,
                )
            )
        self.warn(cautions)
        return tuple(cautions)

    def unequal(self, slices: Sequence[tuple[int, PhaseSlots]], phases: int) -> None:
        """Note slices with another number of phases than the stack."""
        for number, slots in slices:
            if not slots.resampled:
                continue
            count = len({id(frame) for frame in slots.frames}) + len(slots.unused)
            self.leave_out(
                slots.unused,
                Message(
                    "phase_not_used",
                    "phase not used: its slice has {count} phases, the stack {phases}",
                    count=count,
                    phases=phases,
                ),
            )
            self.warn(
                [
                    Message(
                        "other_number_of_phases",
                        "{count} phases instead of {phases} in {slices}: for each phase the frame nearest in the cycle "
                        "is used.",
                        slices=Slices((number,)),
                        count=count,
                        phases=phases,
                    )
                ]
            )

    def undecodable(self, frames: Sequence[tuple[Frame, Message]]) -> None:
        """Note frames whose pixels cannot be had."""
        for frame, reason in frames:
            self.leave_out([frame], reason)
        if frames:
            self.warn(
                [
                    Message.counted(
                        "frames_undecodable",
                        "{n} frame cannot be decoded, {path}: {reason}.",
                        "{n} frames cannot be decoded, first {path}: {reason}.",
                        n=len(frames),
                        path=frames[0][0].header.path,
                        reason=frames[0][1],
                    )
                ]
            )

    def lost_slices(self, slots: Sequence[Sequence[Frame | None]], lost: Iterable[int]) -> None:
        """Note slices of which half of the frames or more could not be decoded."""
        for number in lost:
            self.leave_out(
                [frame for frame in slots[number] if frame is not None],
                Message("slice_undecodable", "most frames of its slice cannot be decoded"),
            )
            self.warn(
                [
                    Message(
                        "slice_undecodable",
                        "Most frames of {slices} cannot be decoded: it is left out.",
                        slices=Slices((number,)),
                    )
                ]
            )

    def resampled(self, slices: Iterable[int], slots: Sequence[Sequence[Frame | None]]) -> None:
        """Note slices that were brought onto the grid of the others."""
        for number in sorted(slices):
            frame = next(one for one in slots[number] if one is not None)
            spacing = frame.pixel_spacing_mm or (float("nan"), float("nan"))
            self.warn(
                [
                    Message(
                        "other_grid",
                        "Another grid in {slices} ({rows} x {columns} pixels of {row_mm:.2f} x {column_mm:.2f} mm): it "
                        "is interpolated onto that of the others.",
                        slices=Slices((number,)),
                        rows=frame.header.rows,
                        columns=frame.header.columns,
                        row_mm=spacing[0],
                        column_mm=spacing[1],
                    )
                ]
            )

    def missing(self, complete: NDArray[np.bool_]) -> None:
        """Note frames that are not there and for which a neighbour stands in."""
        for number, row in enumerate(complete):
            gone = tuple(phase for phase, there in enumerate(row) if not there)
            if gone:
                self.warn(
                    [
                        Message(
                            "frames_missing",
                            "Missing from {slices}: {phases} of {total}; the nearest phase of the slice stands in.",
                            slices=Slices((number,)),
                            phases=Phases(gone),
                            total=len(row),
                        )
                    ]
                )

    def audit(
        self,
        stack: CineStack,
        *,
        complete: NDArray[np.bool_],
        tag: str | None,
        doubts: tuple[Message, ...] = (),
        cautions: tuple[Message, ...] = (),
    ) -> ImportAudit:
        """Return the audit of all files of the index for the finished stack."""
        used = {frame.path for row in stack.frames or () for frame in row if frame is not None}
        left_out = list(self._index.left_out)
        left_out += [
            LeftOut(path, self._reasons.get(path, Message("not_in_stack", "not part of the stack")))
            for path in self._index.paths
            if path not in used
        ]
        left_out.sort(key=lambda row: row.path)
        return ImportAudit(
            files_given=self._index.files_given,
            files_used=len(used),
            left_out=tuple(left_out),
            phase_order_tag=tag,
            complete=complete,
            warnings=tuple(self._warnings),
            doubts=doubts,
            cautions=cautions,
        )

    def _note_copies(self) -> None:
        copies = sum(1 for row in self._index.left_out if row.reason.code == "copied_file")
        if copies:
            self.warn(
                [
                    Message.counted(
                        "copied_files",
                        "{n} file is there twice under other UIDs (same place, time and pixels): it is used once.",
                        "{n} files are there twice under other UIDs (same place, time and pixels): each is used once.",
                        n=copies,
                    )
                ]
            )

    def images_missing(self) -> None:
        """Note when a series holds fewer images than it says were acquired, or its numbers begin late or have holes."""
        files: dict[str, set[str]] = defaultdict(set)
        numbers: dict[str, set[int]] = defaultdict(set)
        stated: dict[str, set[int | None]] = defaultdict(set)
        for view, _ in self._index.judged:
            for frame in view.frames:
                uid = frame.header.series_uid
                files[uid].add(f"{frame.header.path}:{frame.number}")
                stated[uid].add(frame.header.acquisition_images)
                if frame.instance_number is not None:
                    numbers[uid].add(frame.instance_number)
        for uid in self._candidate.series_uids:
            there = len(files[uid])
            told = max((number for number in stated[uid] if number is not None), default=0)
            own = numbers[uid]
            if told > there:
                self._warn_missing(uid, there, told - there)
            elif own and len(own) == there and 0 < max(own) - there <= there:
                self._warn_missing(uid, there, max(own) - there)

    def _warn_missing(self, uid: str, there: int, missing: int) -> None:
        label = next(frame.header.label for frame in self._candidate.frames if frame.header.series_uid == uid)
        self.warn(
            [
                Message.counted(
                    "images_not_there",
                    "{series}: {n} image beside the {there} that are there seems to be missing, by ImagesInAcquisition "
                    "or InstanceNumber; a slice or a phase may not have been exported.",
                    "{series}: {n} images beside the {there} that are there seem to be missing, by ImagesInAcquisition "
                    "or InstanceNumber; a slice or a phase may not have been exported.",
                    n=missing,
                    series=label,
                    there=there,
                )
            ]
        )

    def _note_left_views(self) -> None:
        stacked = {id(view) for view in self._candidate.views}
        own_series = set(self._candidate.series_uids)
        others = {id(view): one for one in self._index.candidates for view in one.views if one is not self._candidate}
        for view, verdict in self._index.judged:
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
            self.leave_out(view.frames, reason)
            if own_series.intersection(view.series_uids):
                self.warn(
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


def _is_not_latest(one: ChosenAcquisition) -> bool:
    return max(frame.recency for frame in one.older) > max(frame.recency for frame in one.frames)


def _is_other_image_type(one: ChosenAcquisition) -> bool:
    """Return whether the others are images of the same acquisition that were filtered in another way."""
    used, other = one.frames[0], one.older[0]
    return used.image_type != other.image_type and used.acquisition_s == other.acquisition_s


def _words(frame: Frame) -> str:
    return "ImageType " + "\\".join(frame.image_type)


def _repeated_filtered(number: int, total: int, words: str) -> Message:
    return Message.counted(
        "slices_in_two_image_types",
        "{n} slice position of {total} holds every phase more than once, in several image types: {words} is used.",
        "{n} slice positions of {total} hold every phase more than once, in several image types: {words} is used.",
        n=number,
        total=total,
        words=words,
    )


def _repeated_latest(number: int, total: int) -> Message:
    return Message.counted(
        "slices_repeated",
        "{n} slice position of {total} was acquired more than once: the latest is used.",
        "{n} slice positions of {total} were acquired more than once: the latest is used.",
        n=number,
        total=total,
    )


def _repeated_broken(number: int, total: int) -> Message:
    return Message.counted(
        "slices_repeated_incomplete",
        "{n} slice position of {total} was acquired more than once: the latest is incomplete and an earlier is used.",
        "{n} slice positions of {total} were acquired more than once: the latest is incomplete and an earlier is used.",
        n=number,
        total=total,
    )


def _repeated_by_wish(number: int, total: int) -> Message:
    return Message.counted(
        "slices_repeated_by_wish",
        "{n} slice position of {total} was acquired more than once: that of the series asked for is used, which is not "
        "the latest.",
        "{n} slice positions of {total} were acquired more than once: that of the series asked for is used, which is "
        "not the latest.",
        n=number,
        total=total,
    )
