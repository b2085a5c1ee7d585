"""`Account`: collects, while a stack is read, what happens to every file, and becomes the `ImportAudit`."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from cinecor.study.audit import ImportAudit, LeftOut
from cinecor.study.cine_stack import CineStack
from cinecor.study.dicom.header import Frame
from cinecor.study.series.candidate import SHORT_AXIS_RANK, Candidate
from cinecor.study.series.index import SeriesIndex
from cinecor.study.stack.phase_slots import PhaseSlots
from cinecor.study.stack.repeated_slice import ChosenAcquisition


class Account:
    """Reasons for files that are not used, and warnings, in the order they are found."""

    def __init__(self, index: SeriesIndex, candidate: Candidate, warnings: Iterable[str]) -> None:
        self._index = index
        self._candidate = candidate
        self._reasons: dict[str, str] = {}
        self._warnings = list(warnings)
        self._note_left_views()

    def warn(self, warnings: Iterable[str]) -> None:
        """Add warnings that are not there yet."""
        self._warnings += [warning for warning in dict.fromkeys(warnings) if warning not in self._warnings]

    def leave_out(self, frames: Iterable[Frame], reason: str) -> None:
        """Note why the files of these frames are not used; the first reason of a file stays."""
        for frame in frames:
            self._reasons.setdefault(frame.header.path, reason)

    def repeats(self, chosen: Sequence[ChosenAcquisition]) -> None:
        """Note the acquisitions of a position that a later (or whole) one replaces."""
        repeated = [one for one in chosen if one.acquisitions > 1]
        for one in repeated:
            if not one.latest:
                what = "another, complete acquisition"
            else:
                what = "the acquisition of the series asked for" if _is_not_latest(one) else "a later acquisition"
            self.leave_out(one.older, f"repeat: {what} of this slice position ({one.frames[0].header.label}) is used")
        if not repeated:
            return
        by_wish = sum(1 for one in repeated if one.latest and _is_not_latest(one))
        broken = sum(1 for one in repeated if not one.latest)
        parts = [
            (len(repeated) - broken - by_wish, "the latest is used"),
            (broken, "the latest is incomplete and an earlier is used"),
            (by_wish, "that of the series asked for is used, which is not the latest"),
        ]
        parts = [(count, words) for count, words in parts if count]
        used = "; ".join(words if len(parts) == 1 else f"at {count} {words}" for count, words in parts)
        self.warn([f"{_plural(len(repeated), 'slice position')} of {len(chosen)} acquired more than once: {used}."])

    def too_few(self, planes: Sequence[Sequence[Frame]], usual: int) -> None:
        """Note slices that hold too few phases to be part of the stack."""
        for frames in planes:
            self.leave_out(frames, f"its slice has only {len(frames)} of {usual} phases, too few to stand for a cycle")
            self.warn(
                [
                    f"A slice of {frames[0].header.label} has only {len(frames)} of {usual} phases and is left out: "
                    "the neighbouring slices stand for it."
                ]
            )

    def doubled(self, doubled: Sequence[tuple[Frame, Frame]], tag: str | None) -> None:
        """Note frames that another frame of the same position and phase replaces."""
        for frame, used in doubled:
            self.leave_out(
                [frame], f"doubled frame: same position and phase ({tag}) as {used.header.path}, which is later"
            )
        if doubled:
            self.warn([f"{_plural(len(doubled), 'frame')} doubled (same position and phase): the latest is used."])

    def apart(self, planes: Sequence[Sequence[Frame]]) -> None:
        """Note single slices that lie far from the stack."""
        for frames in planes:
            self.leave_out(frames, "its slice lies far apart from the stack")
            self.warn([f"A slice of {frames[0].header.label} lies far apart from the stack and is left out."])

    def unequal(self, slices: Sequence[tuple[int, PhaseSlots]], phases: int) -> None:
        """Note slices with another number of phases than the stack."""
        for number, slots in slices:
            if not slots.resampled:
                continue
            count = len({id(frame) for frame in slots.frames}) + len(slots.unused)
            self.leave_out(slots.unused, f"phase not used: its slice has {count} phases, the stack {phases}")
            self.warn(
                [
                    f"Slice {number} has {count} phases where {phases} are usual: for each phase the frame "
                    "nearest in the cycle is used."
                ]
            )

    def undecodable(self, frames: Sequence[tuple[Frame, str]]) -> None:
        """Note frames whose pixels cannot be had."""
        for frame, reason in frames:
            self.leave_out([frame], reason)
        if frames:
            self.warn(
                [
                    f"{_plural(len(frames), 'frame')} cannot be decoded, first {frames[0][0].header.path}: "
                    f"{frames[0][1]}."
                ]
            )

    def lost_slices(self, slots: Sequence[Sequence[Frame | None]], lost: Iterable[int]) -> None:
        """Note slices of which half of the frames or more could not be decoded."""
        for number in lost:
            self.leave_out(
                [frame for frame in slots[number] if frame is not None], "most frames of its slice cannot be decoded"
            )
            self.warn([f"Slice {number} is left out: most of its frames cannot be decoded."])

    def resampled(self, slices: Iterable[int], slots: Sequence[Sequence[Frame | None]]) -> None:
        """Note slices that were brought onto the grid of the others."""
        for number in sorted(slices):
            frame = next(one for one in slots[number] if one is not None)
            spacing = frame.pixel_spacing_mm
            size = f"{frame.header.rows} x {frame.header.columns} pixels"
            of = f" of {spacing[0]:.2f} x {spacing[1]:.2f} mm" if spacing else ""
            self.warn([f"Slice {number} has another grid ({size}{of}): it is interpolated onto that of the others."])

    def missing(self, complete: NDArray[np.bool_]) -> None:
        """Note frames that are not there and for which a neighbour stands in."""
        for number, row in enumerate(complete):
            gone = [phase for phase, there in enumerate(row) if not there]
            if gone:
                names = ", ".join(str(phase) for phase in gone)
                self.warn(
                    [f"Slice {number} misses phase {names} of {len(row)}: the nearest phase of the slice stands in."]
                )

    def audit(
        self,
        stack: CineStack,
        *,
        complete: NDArray[np.bool_],
        tag: str | None,
        doubts: tuple[str, ...] = (),
        cautions: tuple[str, ...] = (),
    ) -> ImportAudit:
        """Return the audit of all files of the index for the finished stack."""
        used = {path for row in stack.files or () for path in row if path is not None}
        left_out = list(self._index.left_out)
        left_out += [
            LeftOut(path, self._reasons.get(path, "not part of the stack"))
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

    def _note_left_views(self) -> None:
        stacked = {id(view) for view in self._candidate.views}
        own_series = set(self._candidate.series_uids)
        others = {id(view): one for one in self._index.candidates for view in one.views if one is not self._candidate}
        for view, verdict in self._index.judged:
            if id(view) in stacked:
                continue
            other = others.get(id(view))
            if other is not None and other.rank[0] >= SHORT_AXIS_RANK:
                reason = f"{view.label}: another stack, not chosen ({len(other.planes)} slices x {other.phases} phases)"
            else:
                reason = f"{view.label}: {verdict.kind.value}: {verdict.why}"
            self.leave_out(view.frames, reason)
            if own_series.intersection(view.series_uids):
                self.warn([f"{_plural(len(view.frames), 'image')} of {view.label} not used: {verdict.why}."])


def _is_not_latest(one: ChosenAcquisition) -> bool:
    return max(frame.recency for frame in one.older) > max(frame.recency for frame in one.frames)


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" + ("" if count == 1 else "s")
