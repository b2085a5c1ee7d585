"""What the audit says of slice positions that were acquired more than once, or are read from derived images."""

from collections.abc import Sequence
from typing import Final

from cinecor.message import Message
from cinecor.study.dicom.header import Frame
from cinecor.study.stack.audit_builder import AuditBuilder
from cinecor.study.stack.repeated_slice import ChosenAcquisition

_FEW: Final = 3  # slices acquired again one by one, because a breath was not held


def note_repeats(builder: AuditBuilder, chosen: Sequence[ChosenAcquisition]) -> tuple[Message, ...]:
    """Note the acquisitions of a position that a later (or whole) one replaces.

    Return what must be seen beside the numbers: half of the slices or more were acquired again.
    """
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
        builder.leave_out(one.older, reason)
    total = len(chosen)
    if filtered:
        builder.warn([_repeated_filtered(filtered, total, _words(chosen[0].frames[0]))])
    if latest:
        builder.warn([_repeated_latest(latest, total)])
    if broken:
        builder.warn([_repeated_broken(broken, total)])
    if by_wish:
        builder.warn([_repeated_by_wish(by_wish, total)])
    return (_repeated_latest(latest, total),) if latest >= _FEW and 2 * latest >= total else ()


def note_derived(builder: AuditBuilder, chosen: Sequence[ChosenAcquisition]) -> None:
    """Note which slices have to be read from derived images, for want of original ones."""
    number = sum(1 for one in chosen if any(frame.secondary for frame in one.frames))
    if number == len(chosen):
        builder.warn(
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
        builder.warn(
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
