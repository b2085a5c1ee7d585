"""What the audit says of slices and frames that do not fit the stack, or whose pixels cannot be had."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from cinecor.message import Message, Phases, Slices
from cinecor.study.dicom.header import Frame
from cinecor.study.stack.audit_builder import AuditBuilder
from cinecor.study.stack.phase_slots import PhaseSlots


def note_short_slices(builder: AuditBuilder, planes: Sequence[Sequence[Frame]], usual: int) -> None:
    """Note slices that hold too few phases to be part of the stack."""
    for frames in planes:
        builder.leave_out(
            frames,
            Message(
                "slice_too_short",
                "its slice has only {phases} of {usual} phases, too few to stand for a cycle",
                phases=len(frames),
                usual=usual,
            ),
        )
        builder.warn(
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


def note_doubled_frames(builder: AuditBuilder, doubled: Sequence[tuple[Frame, Frame]], tag: str | None) -> None:
    """Note frames that another frame of the same position and phase replaces."""
    for frame, used in doubled:
        builder.leave_out(
            [frame],
            Message(
                "doubled_frame",
                "doubled frame: same position and phase ({tag}) as {path}, which is later",
                tag=tag,
                path=used.header.path,
            ),
        )
    if doubled:
        builder.warn(
            [
                Message.counted(
                    "doubled_frames",
                    "{n} frame is doubled (same position and phase): the latest is used.",
                    "{n} frames are doubled (same position and phase): the latest is used.",
                    n=len(doubled),
                )
            ]
        )


def note_slices_apart(builder: AuditBuilder, planes: Sequence[Sequence[Frame]]) -> tuple[Message, ...]:
    """Note single slices that lie far from the stack, and return what must be seen beside the numbers."""
    cautions = []
    for frames in planes:
        builder.leave_out(frames, Message("slice_apart", "its slice lies far apart from the stack"))
        cautions.append(
            Message(
                "slice_apart",
                "A slice of {series} lies far apart from the stack and is left out.",
                series=frames[0].header.label,
            )
        )
    builder.warn(cautions)
    return tuple(cautions)


def note_unequal_slices(builder: AuditBuilder, slices: Sequence[tuple[int, PhaseSlots]], phases: int) -> None:
    """Note slices with another number of phases than the stack."""
    for number, slots in slices:
        if not slots.resampled:
            continue
        count = len({id(frame) for frame in slots.frames}) + len(slots.unused)
        builder.leave_out(
            slots.unused,
            Message(
                "phase_not_used",
                "phase not used: its slice has {count} phases, the stack {phases}",
                count=count,
                phases=phases,
            ),
        )
        builder.warn(
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


def note_undecodable_frames(builder: AuditBuilder, frames: Sequence[tuple[Frame, Message]]) -> None:
    """Note frames whose pixels cannot be had."""
    for frame, reason in frames:
        builder.leave_out([frame], reason)
    if frames:
        builder.warn(
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


def note_lost_slices(builder: AuditBuilder, slots: Sequence[Sequence[Frame | None]], lost: Iterable[int]) -> None:
    """Note slices of which half of the frames or more could not be decoded."""
    for number in lost:
        builder.leave_out(
            [frame for frame in slots[number] if frame is not None],
            Message("slice_undecodable", "most frames of its slice cannot be decoded"),
        )
        builder.warn(
            [
                Message(
                    "slice_undecodable",
                    "Most frames of {slices} cannot be decoded: it is left out.",
                    slices=Slices((number,)),
                )
            ]
        )


def note_resampled_slices(
    builder: AuditBuilder, slices: Iterable[int], slots: Sequence[Sequence[Frame | None]]
) -> None:
    """Note slices that were brought onto the grid of the others."""
    for number in sorted(slices):
        frame = next(one for one in slots[number] if one is not None)
        spacing = frame.pixel_spacing_mm or (float("nan"), float("nan"))
        builder.warn(
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


def note_missing_frames(builder: AuditBuilder, complete: NDArray[np.bool_]) -> None:
    """Note frames that are not there and for which a neighbour stands in."""
    for number, row in enumerate(complete):
        gone = tuple(phase for phase, there in enumerate(row) if not there)
        if gone:
            builder.warn(
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
