"""How the greys of a stack are stored: what its headers say of them, held against each other and the pictures."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cinecor.message import Message, Slices
from cinecor.study.dicom.header import Frame

_LEAP: Final = 1.5  # of brightness, by which a rescale parts a slice from the others

Slots = Sequence[Sequence[Frame | None]]  # [slice][phase]


def stored_doubts(slots: Slots) -> tuple[Message, ...]:
    """Doubt slices with pixel data left over, with greys stored in another way than most, or turned dark to bright."""
    doubts = []
    surplus = _slices(slots, lambda frame: frame.header.surplus_bytes > 0)
    if surplus:
        doubts.append(
            Message(
                "pixels_left_over",
                "More pixel data than the header says in {slices}: the pictures may be sheared, or some are not read; "
                "look at them before using a number.",
                slices=Slices(surplus),
            )
        )
    otherwise = _stored_otherwise(slots)
    if otherwise:
        doubts.append(
            Message(
                "greys_stored_otherwise",
                "The greys of {slices} are stored in another way than the others' (PhotometricInterpretation, "
                "BitsStored, PixelRepresentation or PixelPaddingValue): look at the pictures before using a number.",
                slices=Slices(otherwise),
            )
        )
    elif all(
        frame is None or frame.header.form is None or frame.header.form.inverted for row in slots for frame in row
    ):
        doubts.append(
            Message(
                "all_monochrome1",
                "All pictures are MONOCHROME1, in which bright is stored as dark: no MR scanner writes cines so; look "
                "at them before using a number.",
            )
        )
    inverted = _slices(slots, lambda frame: frame.rescale[0] < 0.0)
    if inverted:
        doubts.append(
            Message(
                "rescale_inverts",
                "RescaleSlope is negative in {slices}, which turns bright into dark: look at the pictures before using "
                "a number.",
                slices=Slices(inverted),
            )
        )
    return tuple(doubts)


def rescale_warnings(slots: Slots, pixels: NDArray[np.float32]) -> tuple[Message, ...]:
    """Name slices whose rescale differs from that of most and parts their brightness from the others'.

    Every frame is normalised before it is outlined, so that no number depends on it.
    """
    usual, times = Counter(frame.rescale for row in slots for frame in row if frame is not None).most_common(1)[0]
    others = _slices(slots, lambda frame: frame.rescale != usual)
    if not others or 2 * times < sum(frame is not None for row in slots for frame in row):
        return ()
    bright = pixels[:, :, ::4, ::4].mean(axis=(2, 3), dtype=np.float64)
    ordinary = np.array(
        [[_at(slots, (number, phase)) == usual for phase in range(bright.shape[1])] for number in range(len(slots))]
    )
    # A frame is held against its own slice where that has ordinary frames: slices differ in brightness by themselves.
    levels = [
        float(np.median(bright[number][row] if row.any() else bright[ordinary])) for number, row in enumerate(ordinary)
    ]
    parted = tuple(
        number
        for number in others
        if any(
            frame is not None
            and frame.rescale != usual
            and _parts(float(bright[number, phase]), levels[number], frame, usual)
            for phase, frame in enumerate(slots[number])
        )
    )
    if not parted:
        return ()
    return (
        Message(
            "rescale_differs",
            "RescaleSlope or RescaleIntercept of {slices} is another than that of most, and so is the brightness: the "
            "outlines do not depend on it, but look at the pictures.",
            slices=Slices(parted),
        ),
    )


def _at(slots: Slots, place: tuple[int, ...]) -> tuple[float, float] | None:
    frame = slots[place[0]][place[1]]
    return None if frame is None else frame.rescale


def _parts(bright: float, level: float, frame: Frame, usual: tuple[float, float]) -> bool:
    """Return whether a frame is as bright as the others (`level`) as it is stored, and is not once it is rescaled."""
    slope, intercept = frame.rescale
    stored, others = (bright - intercept) / slope, (level - usual[1]) / usual[0]
    return _leap(bright, level) > _LEAP * _leap(stored, others)


def _leap(one: float, other: float) -> float:
    return max(one / other, other / one) if one > 0.0 and other > 0.0 else float("inf")


def _stored_otherwise(slots: Slots) -> tuple[int, ...]:
    """Return the slices that are stored in another way than most, or that leave out other values than most do."""
    frames = [frame for row in slots for frame in row if frame is not None]
    (usual, times), *_ = Counter(map(_form, frames)).most_common(1)
    (padding, _), *_ = Counter(frame.header.padding for frame in frames).most_common(1)
    most = 2 * times >= len(frames)
    return _slices(slots, lambda frame: (most and _form(frame) != usual) or frame.header.padding != padding)


def _form(frame: Frame) -> tuple[int, int, bool, bool] | None:
    form = frame.header.form
    return None if form is None else (form.bits_stored, form.high_bit, form.signed, form.inverted)


def _slices(slots: Slots, of_frame: Callable[[Frame], bool]) -> tuple[int, ...]:
    """Return the slices of which any frame is so."""
    return tuple(
        number for number, row in enumerate(slots) if any(frame is not None and of_frame(frame) for frame in row)
    )
