"""Pixels of DICOM frames as modality values: decoded, rescaled, MONOCHROME2, padding replaced."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cinecor.study.elements import Elements
from cinecor.study.extended_jpeg import EXTENDED_JPEG, decode_extended_jpeg

_TAGS: Final = (
    0x00020010, 0x00280002, 0x00280004, 0x00280006, 0x00280008, 0x00280010, 0x00280011, 0x00280100, 0x00280101,
    0x00280102, 0x00280103, 0x00280120, 0x00280121, 0x00281052, 0x00281053, 0x52009229, 0x52009230, 0x7FE00001,
    0x7FE00002, 0x7FE00010,
)  # fmt: skip
_NATIVE: Final = {
    "1.2.840.10008.1.2": "<",
    "1.2.840.10008.1.2.1": "<",
    "1.2.840.10008.1.2.1.99": "<",
    "1.2.840.10008.1.2.2": ">",
}


class UndecodableFrame(Exception):
    """The pixels of a frame cannot be had; the text says why, with the transfer syntax, fit for an audit row."""


@dataclass(frozen=True, slots=True)
class _Format:
    """How stored values lie in memory."""

    rows: int
    columns: int
    bits_allocated: int
    bits_stored: int
    high_bit: int
    signed: bool
    inverted: bool  # MONOCHROME1


def decode_frames(path: Path, numbers: Sequence[int]) -> dict[int, NDArray[np.float32]]:
    """Return the frames `numbers` of the file at `path`, each (row, column), read and decoded once.

    Values are modality units (rescale slope and intercept applied) in MONOCHROME2 sense; padding is replaced by the
    darkest real value, so that it cannot skew a normalisation. Raises `UndecodableFrame`.
    """
    import pydicom

    try:
        dataset = pydicom.dcmread(path, force=True, specific_tags=list(_TAGS))
    except Exception as error:  # noqa: BLE001 - pydicom raises anything on damaged bytes
        raise UndecodableFrame(f"cannot be read again ({type(error).__name__}): copy or export it again") from None
    elements = Elements(dataset)
    syntax = Elements(dataset.file_meta).text(0x00020010) or _implied_syntax(dataset)
    form = _format(elements)
    if 0x7FE00010 not in elements:
        raise UndecodableFrame("truncated: the pixel data breaks off; copy the file again")
    frames = {}
    rescales = _rescales(elements, numbers)
    for number in numbers:
        if syntax in _NATIVE:
            stored = _native(dataset, form, number, order=_NATIVE[syntax])
        elif syntax == EXTENDED_JPEG and form.bits_allocated == 16:
            stored = _extended(dataset, form, number)
        else:
            stored = _encapsulated(dataset, form, number, syntax=syntax)
        frames[number] = _modality_values(stored, form, elements, rescales[number])
    return frames


def _implied_syntax(dataset: Any) -> str:
    implicit, little = dataset.original_encoding
    if implicit:
        return "1.2.840.10008.1.2"
    return "1.2.840.10008.1.2.1" if little else "1.2.840.10008.1.2.2"


def _format(elements: Elements) -> _Format:
    rows, columns = elements.integer(0x00280010, "US") or 0, elements.integer(0x00280011, "US") or 0
    allocated = elements.integer(0x00280100, "US") or 16
    stored = elements.integer(0x00280101, "US") or allocated
    high = elements.integer(0x00280102, "US")
    if allocated not in (8, 16, 32) or not 1 <= stored <= allocated:
        raise UndecodableFrame(f"BitsAllocated {allocated} with BitsStored {stored} cannot be read; export it again")
    if high is None or not stored - 1 <= high < allocated:
        high = stored - 1
    return _Format(
        rows=rows,
        columns=columns,
        bits_allocated=allocated,
        bits_stored=stored,
        high_bit=high,
        signed=elements.integer(0x00280103, "US") == 1,
        inverted=(elements.text(0x00280004) or "").upper() == "MONOCHROME1",
    )


def _native(dataset: Any, form: _Format, number: int, *, order: str) -> NDArray[np.int64]:
    raw = dataset.get_item(0x7FE00010)
    data = raw.value
    size = form.bits_allocated // 8
    count = form.rows * form.columns
    start = number * count * size
    if data is None or len(data) < start + count * size:
        raise UndecodableFrame("truncated: the pixel data breaks off; copy the file again")
    if order == ">" and size == 1 and str(raw.VR) == "OW":  # big-endian words of two 8-bit pixels
        even = data + b"\0" if len(data) % 2 else data
        values = np.frombuffer(even, np.uint16).byteswap().view(np.uint8)[start : start + count]
    else:
        values = np.frombuffer(data, np.dtype(f"{order}u{size}"), count=count, offset=start)
    bits = values.reshape(form.rows, form.columns).astype(np.int64)
    return _meaningful_bits(bits, form)


def _meaningful_bits(bits: NDArray[np.int64], form: _Format) -> NDArray[np.int64]:
    """Drop what older devices keep beside the value (overlays above it, nothing below it) and extend the sign."""
    values = (bits >> (form.high_bit + 1 - form.bits_stored)) & ((1 << form.bits_stored) - 1)
    if form.signed:
        values = np.where(values >= 1 << (form.bits_stored - 1), values - (1 << form.bits_stored), values)
    return values


def _encapsulated(dataset: Any, form: _Format, number: int, *, syntax: str) -> NDArray[np.int64]:
    from pydicom.pixels.utils import pixel_array

    _complete(dataset, form, syntax)
    try:
        values = np.asarray(pixel_array(dataset, index=number, raw=True))
    except Exception as error:  # noqa: BLE001 - each codec raises its own errors on damaged or foreign streams
        raise _undecodable(syntax, error) from None
    if values.shape != (form.rows, form.columns):
        raise UndecodableFrame(
            f"{_name(syntax)} pixel data are {values.shape}, the header says {(form.rows, form.columns)}: "
            "export it again"
        )
    return values.astype(np.int64)


def _extended(dataset: Any, form: _Format, number: int) -> NDArray[np.int64]:
    from pydicom.encaps import get_frame

    frames = Elements(dataset).integer(0x00280008) or 1
    try:
        stream = get_frame(dataset.get_item(0x7FE00010).value, number, number_of_frames=frames)
        values = decode_extended_jpeg(stream, rows=form.rows, columns=form.columns, bits_stored=form.bits_stored)
    except Exception as error:  # noqa: BLE001 - GDCM and pydicom raise many things on damaged streams
        raise _undecodable(EXTENDED_JPEG, error) from None
    return values.astype(np.int64)


def _undecodable(syntax: str, error: Exception) -> UndecodableFrame:
    return UndecodableFrame(
        f"{_name(syntax)} pixel data cannot be decoded ({type(error).__name__}): "
        "send it again uncompressed (Explicit VR Little Endian)"
    )


def _name(syntax: str) -> str:
    from pydicom.uid import UID

    return UID(syntax).name


def _complete(dataset: Any, form: _Format, syntax: str) -> None:
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
    stored: NDArray[np.int64], form: _Format, elements: Elements, rescale: tuple[float, float]
) -> NDArray[np.float32]:
    padding = _padding(stored, form, elements)
    if form.inverted:
        stored = (-1 if form.signed else (1 << form.bits_stored) - 1) - stored
    slope, intercept = rescale
    values = (
        (stored * slope + intercept).astype(np.float32)
        if (slope, intercept) != (1.0, 0.0)
        else stored.astype(np.float32)
    )
    if padding is not None and not padding.all():
        values[padding] = values[~padding].min()
    return values


def _padding(stored: NDArray[np.int64], form: _Format, elements: Elements) -> NDArray[np.bool_] | None:
    vr = "SS" if form.signed else "US"
    low = elements.integer(0x00280120, vr)
    if low is None:
        return None
    high = elements.integer(0x00280121, vr)
    if high is None:
        high = low
    if form.signed:  # written as US by some: 63536 stands for -2000
        low, high = (value - 65536 if value > 32767 else value for value in (low, high))
    mask = (stored >= min(low, high)) & (stored <= max(low, high))
    return mask if mask.any() else None


def _rescales(elements: Elements, numbers: Sequence[int]) -> dict[int, tuple[float, float]]:
    """Return slope and intercept of each frame: its own group's, else the shared group's, else the file's."""
    items = list(elements.items(0x52009230))
    shared_groups = elements.item(0x52009229)
    shared = shared_groups.item(0x00289145) if shared_groups is not None else None
    rescales = {}
    for number in numbers:
        own = items[number].item(0x00289145) if number < len(items) else None
        source = own or shared or elements
        slope, intercept = source.number(0x00281053), source.number(0x00281052)
        rescales[number] = ((slope if slope else 1.0), (intercept or 0.0))
    return rescales
