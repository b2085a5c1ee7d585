"""Pixels of DICOM frames as modality values: decoded, rescaled, MONOCHROME2, padding replaced."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cinecor.message import Message
from cinecor.study.cine_stack import LARGEST_GREY
from cinecor.study.dicom.code_stream import stated_size
from cinecor.study.dicom.elements import Elements
from cinecor.study.dicom.extended_jpeg import EXTENDED_JPEG, decode_extended_jpeg
from cinecor.study.dicom.file_source import FileSource
from cinecor.study.dicom.stored_frame import StoredFormat, StoredFrame, frame_rescales, padding_range, stored_format
from cinecor.study.dicom.tag import HEADER_TAGS, Tag, group_of

_GROUPS: Final = frozenset(
    group_of(tag) for tag in (Tag.TransferSyntaxUID, Tag.Rows, Tag.SharedFunctionalGroupsSequence, Tag.PixelData)
)
_TAGS: Final = sorted(tag for tag in HEADER_TAGS if group_of(tag) in _GROUPS)
"""What says how pixels are stored, and the pixels."""
_NATIVE: Final = {
    "1.2.840.10008.1.2": "<",
    "1.2.840.10008.1.2.1": "<",
    "1.2.840.10008.1.2.1.99": "<",
    "1.2.840.10008.1.2.2": ">",
}

_CUT_OFF_SHARE: Final = 0.01  # of pixels: a few that are damaged, or brighter than allowed for, spoil no picture

_Stored = NDArray[np.int64] | NDArray[np.int16] | NDArray[np.uint16]
_BREAKS_OFF: Final = Message("pixels_break_off", "truncated: the pixel data breaks off; copy the file again")


class UndecodableFrame(Exception):
    """The pixels of a frame cannot be had; `reason` says why, with the transfer syntax, fit for an audit row."""

    def __init__(self, reason: Message) -> None:
        super().__init__(reason)
        self.reason = reason


def read_stored_frame(
    source: FileSource, stored: StoredFrame, *, into: NDArray[np.float32] | None = None
) -> NDArray[np.float32]:
    """Return what `decode_frames` gives for the one frame of an uncompressed file, without reading its header again.

    `into`, where given, is the array that is filled and returned. Raises `UndecodableFrame`.
    """
    form = stored.form
    size = form.rows * form.columns * (form.bits_allocated // 8)
    try:
        with source.open("rb") as file:
            file.seek(stored.offset)
            data = file.read(size)
    except OSError as error:
        raise _unreadable(error) from None
    if len(data) < size:
        raise UndecodableFrame(_BREAKS_OFF)
    return _modality_values(_words(data, form), form, stored.padding, stored.rescale, into=into)


def decode_frames(source: FileSource, numbers: Sequence[int]) -> dict[int, NDArray[np.float32]]:
    """Return the frames `numbers` of a file, each (row, column), read and decoded once.

    Values are modality units (rescale slope and intercept applied) in MONOCHROME2 sense; padding is replaced by the
    darkest real value, so that it cannot skew a normalisation. Raises `UndecodableFrame`.
    """
    import pydicom

    try:
        with source.open("rb") as file:
            dataset = pydicom.dcmread(file, force=True, specific_tags=list(_TAGS))
    except Exception as error:  # noqa: BLE001 - pydicom raises anything on damaged bytes
        raise _unreadable(error) from None
    elements = Elements(dataset)
    syntax = Elements(dataset.file_meta).text(Tag.TransferSyntaxUID) or _implied_syntax(dataset)
    form = stored_format(elements)
    if isinstance(form, Message):
        raise UndecodableFrame(form)
    if Tag.PixelData not in elements:
        raise UndecodableFrame(_BREAKS_OFF)
    frames = {}
    rescales = frame_rescales(elements, numbers)
    padding = padding_range(elements, signed=form.signed)
    for number in numbers:
        if syntax in _NATIVE:
            stored = _native(dataset, form, number, order=_NATIVE[syntax])
        elif syntax == EXTENDED_JPEG and form.bits_allocated == 16:
            stored = _extended(dataset, form, number)
        else:
            stored = _encapsulated(dataset, form, number, syntax=syntax)
        frames[number] = _modality_values(stored, form, padding, rescales[number])
    return frames


def _implied_syntax(dataset: Any) -> str:
    implicit, little = dataset.original_encoding
    if implicit:
        return "1.2.840.10008.1.2"
    return "1.2.840.10008.1.2.1" if little else "1.2.840.10008.1.2.2"


def _native(dataset: Any, form: StoredFormat, number: int, *, order: str) -> _Stored:
    raw = dataset.get_item(Tag.PixelData)
    data = raw.value
    size = form.bits_allocated // 8
    count = form.rows * form.columns
    start = number * count * size
    if data is None or len(data) < start + count * size:
        raise UndecodableFrame(_BREAKS_OFF)
    if order == "<" and size == 2:
        return _words(data[start : start + count * size], form)
    if order == ">" and size == 1 and str(raw.VR) == "OW":  # big-endian words of two 8-bit pixels
        even = data + b"\0" if len(data) % 2 else data
        values = np.frombuffer(even, np.uint16).byteswap().view(np.uint8)[start : start + count]
    else:
        values = np.frombuffer(data, np.dtype(f"{order}u{size}"), count=count, offset=start)
    bits = values.reshape(form.rows, form.columns).astype(np.int64)
    _refuse_too_few_bits(bits, form)
    return _meaningful_bits(bits, form)


def _words(data: bytes, form: StoredFormat) -> _Stored:
    """Return 16-bit little-endian values (row, column) without what lies beside them; see `_meaningful_bits`."""
    bits = np.frombuffer(data, "<u2").reshape(form.rows, form.columns)
    low = form.high_bit == form.bits_stored - 1
    plain = form.bits_stored == 16 or (low and int(bits.max()) < 1 << (form.bits_stored - form.signed))
    if plain:  # nothing lies beside the values, and none that does not fill its word is negative
        return bits.view("<i2") if form.signed else bits
    _refuse_too_few_bits(bits, form)
    above, beside = 15 - form.high_bit, 16 - form.bits_stored
    if above:
        bits = bits << above
    words = bits.view("<i2") if form.signed else bits
    return words >> beside if beside else words


def _refuse_too_few_bits(bits: NDArray[np.int64] | NDArray[np.uint16], form: StoredFormat) -> None:
    """Raise where grey values go on beside the bits that are said to hold them: cut off, bright becomes dark.

    What belongs there is the same in all pixels that have it: the plane of an overlay, the sign.
    """
    beside = ~(((1 << form.bits_stored) - 1) << (form.high_bit + 1 - form.bits_stored))
    if not int(np.bitwise_or.reduce(bits, axis=None)) & beside:
        return
    rest = bits & (beside & ((1 << form.bits_allocated) - 1))
    if float(((rest != 0) & (rest != rest.max())).mean()) > _CUT_OFF_SHARE:
        raise UndecodableFrame(
            Message(
                "bits_stored_too_few",
                "BitsStored {bits} and HighBit {high} cannot hold its grey values: export it again",
                bits=form.bits_stored,
                high=form.high_bit,
            )
        )


def _meaningful_bits(bits: NDArray[np.int64], form: StoredFormat) -> NDArray[np.int64]:
    """Drop what older devices keep beside the value (overlays above it, nothing below it) and extend the sign."""
    values = (bits >> (form.high_bit + 1 - form.bits_stored)) & ((1 << form.bits_stored) - 1)
    if form.signed:
        values = np.where(values >= 1 << (form.bits_stored - 1), values - (1 << form.bits_stored), values)
    return values


def _encapsulated(dataset: Any, form: StoredFormat, number: int, *, syntax: str) -> NDArray[np.int64]:
    from pydicom.pixels.utils import pixel_array

    _complete(dataset, form, syntax)
    _refuse_other_size(_stream(dataset, number, syntax=syntax), form, syntax=syntax)
    try:
        values = np.asarray(pixel_array(dataset, index=number, raw=True))
    except Exception as error:  # noqa: BLE001 - each codec raises its own errors on damaged or foreign streams
        raise _undecodable(syntax, error) from None
    if values.shape != (form.rows, form.columns):
        raise _other_size(values.shape, form, syntax)
    return values.astype(np.int64)


def _stream(dataset: Any, number: int, *, syntax: str) -> bytes:
    """Return the compressed bytes of a frame."""
    from pydicom.encaps import get_frame

    frames = Elements(dataset).integer(Tag.NumberOfFrames) or 1
    try:
        return get_frame(dataset.get_item(Tag.PixelData).value, number, number_of_frames=frames)
    except Exception as error:  # noqa: BLE001 - pydicom raises many things on damaged items
        raise _undecodable(syntax, error) from None


def _refuse_other_size(stream: bytes, form: StoredFormat, *, syntax: str) -> None:
    """Raise before a stream is decoded that says it is of another size: a decoder takes the memory for it."""
    stated = stated_size(stream)
    if stated is not None and stated != (form.rows, form.columns):
        raise _other_size(stated, form, syntax)


def _other_size(shape: tuple[int, ...], form: StoredFormat, syntax: str) -> UndecodableFrame:
    return UndecodableFrame(
        Message(
            "pixels_of_other_size",
            "{syntax} pixel data are {shape}, the header says {rows} x {columns}: export it again",
            syntax=_name(syntax),
            shape=" x ".join(str(size) for size in shape),
            rows=form.rows,
            columns=form.columns,
        )
    )


def _extended(dataset: Any, form: StoredFormat, number: int) -> NDArray[np.int64]:
    stream = _stream(dataset, number, syntax=EXTENDED_JPEG)
    _refuse_other_size(stream, form, syntax=EXTENDED_JPEG)
    try:
        values = decode_extended_jpeg(stream, rows=form.rows, columns=form.columns, bits_stored=form.bits_stored)
    except Exception as error:  # noqa: BLE001 - GDCM and pydicom raise many things on damaged streams
        raise _undecodable(EXTENDED_JPEG, error) from None
    return values.astype(np.int64)


def _undecodable(syntax: str, error: Exception) -> UndecodableFrame:
    return UndecodableFrame(
        Message(
            "pixels_undecodable",
            "{syntax} pixel data cannot be decoded ({error}): send it again uncompressed (Explicit VR Little Endian)",
            syntax=_name(syntax),
            error=type(error).__name__,
        )
    )


def _unreadable(error: Exception) -> UndecodableFrame:
    return UndecodableFrame(
        Message(
            "frame_unreadable",
            "cannot be read again ({error}): copy or export it again",
            error=type(error).__name__,
        )
    )


def _name(syntax: str) -> str:
    from pydicom.uid import UID

    return UID(syntax).name


def _complete(dataset: Any, form: StoredFormat, syntax: str) -> None:
    """Fill in what pydicom's decoders insist on and some exporters leave out."""
    from pydicom.uid import UID

    if "TransferSyntaxUID" not in dataset.file_meta:
        dataset.file_meta.TransferSyntaxUID = UID(syntax)
    defaults: dict[str, Any] = {
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
        "PixelRepresentation": int(form.signed),
        "BitsAllocated": form.bits_allocated,
        "BitsStored": form.bits_stored,
    }
    for keyword, value in defaults.items():
        if dataset.get(keyword) in (None, ""):
            setattr(dataset, keyword, value)
    if not isinstance(dataset.get("NumberOfFrames", 1), int):
        dataset.NumberOfFrames = 1


def _modality_values(
    stored: _Stored,
    form: StoredFormat,
    padding: tuple[int, int] | None,
    rescale: tuple[float, float],
    *,
    into: NDArray[np.float32] | None = None,
) -> NDArray[np.float32]:
    values = np.empty(stored.shape, np.float32) if into is None else into
    empty = None if padding is None else (stored >= padding[0]) & (stored <= padding[1])
    if form.inverted:
        stored = ~stored if form.signed else ((1 << form.bits_stored) - 1) - stored
    slope, intercept = rescale
    if abs(slope) * 2.0**form.bits_stored + abs(intercept) > LARGEST_GREY:
        raise UndecodableFrame(
            Message(
                "rescale_overflows",
                "RescaleSlope {slope:g} and RescaleIntercept {intercept:g} make no grey values: export it again",
                slope=slope,
                intercept=intercept,
            )
        )
    values[:] = stored if rescale == (1.0, 0.0) else np.multiply(stored, slope, dtype=np.float64) + intercept
    if empty is not None and empty.any() and not empty.all():
        values[empty] = values[~empty].min()
    return values
