"""`StoredFrame`: where the uncompressed values of a file's one frame lie, and what they mean."""

from collections.abc import Sequence
from dataclasses import dataclass

from cinecor.message import Message
from cinecor.study.dicom.elements import Elements
from cinecor.study.dicom.tag import Tag


@dataclass(frozen=True, slots=True)
class StoredFormat:
    """How stored values lie in memory."""

    rows: int
    columns: int
    bits_allocated: int
    bits_stored: int
    high_bit: int
    signed: bool
    inverted: bool  # MONOCHROME1


@dataclass(frozen=True, slots=True)
class StoredFrame:
    """Enough to read a frame without reading its header again."""

    offset: int  # of the first value in the file
    form: StoredFormat
    rescale: tuple[float, float]  # slope, intercept
    padding: tuple[int, int] | None  # stored values, both included, that are no image


def stored_format(elements: Elements) -> StoredFormat | Message:
    """Return how a file stores its values, or what is wrong with what it says of it."""
    rows, columns = elements.integer(Tag.Rows, "US") or 0, elements.integer(Tag.Columns, "US") or 0
    allocated = elements.integer(Tag.BitsAllocated, "US") or 16
    stored = elements.integer(Tag.BitsStored, "US") or allocated
    high = elements.integer(Tag.HighBit, "US")
    if allocated not in (8, 16, 32) or not 1 <= stored <= allocated:
        return Message(
            "bits_unreadable",
            "BitsAllocated {allocated} with BitsStored {stored} cannot be read; export it again",
            allocated=allocated,
            stored=stored,
        )
    if high is None or not stored - 1 <= high < allocated:
        high = stored - 1
    return StoredFormat(
        rows=rows,
        columns=columns,
        bits_allocated=allocated,
        bits_stored=stored,
        high_bit=high,
        signed=elements.integer(Tag.PixelRepresentation, "US") == 1,
        inverted=(elements.text(Tag.PhotometricInterpretation) or "").upper() == "MONOCHROME1",
    )


def padding_range(elements: Elements, *, signed: bool) -> tuple[int, int] | None:
    """Return the lowest and the highest stored value that stand for no image; None when there are none."""
    vr = "SS" if signed else "US"
    low = elements.integer(Tag.PixelPaddingValue, vr)
    if low is None:
        return None
    high = elements.integer(Tag.PixelPaddingRangeLimit, vr)
    if high is None:
        high = low
    if signed:  # written as US by some: 63536 stands for -2000
        low, high = (value - 65536 if value > 32767 else value for value in (low, high))
    return min(low, high), max(low, high)


def rescale_of(elements: Elements) -> tuple[float, float]:
    """Return slope and intercept; those that change nothing where they are missing."""
    slope, intercept = elements.number(Tag.RescaleSlope), elements.number(Tag.RescaleIntercept)
    return (slope if slope else 1.0), (intercept or 0.0)


def frame_rescales(elements: Elements, numbers: Sequence[int]) -> dict[int, tuple[float, float]]:
    """Return slope and intercept of each frame: its own group's, else the shared group's, else the file's."""
    items = list(elements.items(Tag.PerFrameFunctionalGroupsSequence))
    shared_groups = elements.item(Tag.SharedFunctionalGroupsSequence)
    shared = shared_groups.item(Tag.PixelValueTransformationSequence) if shared_groups is not None else None
    rescales = {}
    for number in numbers:
        own = items[number].item(Tag.PixelValueTransformationSequence) if number < len(items) else None
        rescales[number] = rescale_of(own or shared or elements)
    return rescales
