"""Reading the header of one DICOM file into a `FileHeader` and its `Frame`s."""

import os
import struct
from dataclasses import dataclass
from typing import BinaryIO, Final

from cinecor.study.dicom.elements import Elements
from cinecor.study.dicom.file_source import FileSource
from cinecor.study.dicom.functional_groups import functional_group_frames
from cinecor.study.dicom.header import (
    MEDIA_DIRECTORY_SOP_CLASS,
    MULTI_FRAME_SOP_CLASSES,
    FileHeader,
    Frame,
    Triple,
    axes_of,
    calendar_seconds,
    moment_seconds,
)
from cinecor.study.dicom.plain_file import read_plain
from cinecor.study.dicom.stored_frame import StoredFrame, frame_rescales, padding_range, stored_format

_TAGS: Final = frozenset((
    0x00080020, 0x00100010, 0x00100020,
    0x00020010, 0x00080008, 0x00080016, 0x00080018, 0x00080021, 0x00080022, 0x00080023, 0x0008002A, 0x00080031,
    0x00080032, 0x00080033, 0x00080060, 0x00080070, 0x0008103E, 0x00089208, 0x00180020, 0x00180024, 0x00180050,
    0x00180081, 0x00180082, 0x00180088, 0x00181060, 0x00181062, 0x00181088, 0x00181090, 0x00189014, 0x00189019,
    0x00189087, 0x00189197, 0x0020000D, 0x0020000E, 0x00200011, 0x00200012, 0x00200013, 0x00200032, 0x00200037,
    0x00200052, 0x00200100, 0x00209128, 0x00209153, 0x00280002, 0x00280004, 0x00280008, 0x00280010, 0x00280011,
    0x00280030, 0x00201041, 0x0043102F, 0x001910CC, 0x00189217, 0x00189028, 0x52009229, 0x52009230,
    0x00020002, 0x00020003, 0x00280100, 0x00280101, 0x00280102, 0x00280103, 0x00280120, 0x00280121, 0x00281052,
    0x00281053,
))  # fmt: skip
_DEFLATED: Final = "1.2.840.10008.1.2.1.99"
_UNCOMPRESSED: Final = ("1.2.840.10008.1.2", "1.2.840.10008.1.2.1")
_UNDEFINED_LENGTH: Final = 0xFFFFFFFF
_LONG_VRS: Final = frozenset({b"OB", b"OW", b"UN", b"OF", b"OD", b"OL", b"OV"})


@dataclass(frozen=True, slots=True)
class ReadHeader:
    """What came of one file: frames, or the reason why there are none."""

    path: str
    frames: tuple[Frame, ...] = ()
    rejected: str | None = None


def read_header(source: FileSource, *, name: str) -> ReadHeader:
    """Return the frames that a file holds, or why it holds none; never raises for bad content.

    Reads up to the pixel data and not beyond. `name` is how the file is called in the audit.
    """
    try:
        with source.open("rb") as file:
            return _read(file, name)
    except OSError as error:
        return ReadHeader(name, rejected=f"the file cannot be opened ({error.strerror or type(error).__name__})")
    except Exception as error:  # noqa: BLE001 - pydicom raises anything on damaged bytes; one file must not stop a scan
        return ReadHeader(name, rejected=f"damaged DICOM header ({type(error).__name__}): export the file again")


def looks_like_dicom(start: bytes) -> bool:
    """Tell from the first 132 bytes of a file whether it may be DICOM, with or without preamble."""
    if start[128:132] == b"DICM":
        return True
    if len(start) < 8:
        return False
    group, element = struct.unpack("<HH", start[:4])
    if (group, element) in {(0x0800, 0x0500), (0x0800, 0x1600), (0x0800, 0x0800)}:  # big endian, no preamble
        return start[4:6].isalpha()
    if group not in (0x0002, 0x0008) or element > 0x0100:
        return False
    explicit = start[4:6].isalpha() and start[4:6].isupper()
    return explicit or struct.unpack("<L", start[4:8])[0] < 1024


def _read(file: BinaryIO, name: str) -> ReadHeader:
    start = file.read(132)
    if not looks_like_dicom(start):
        return ReadHeader(name, rejected=what_it_is(start, name))
    plain = read_plain(file, tags=_TAGS)
    if plain is not None:
        file.seek(plain.pixel_data_at)
        elements, meta = Elements(plain.dataset), Elements(plain.meta)
        implicit, little, deflated = plain.implicit, True, False
    else:
        import pydicom

        file.seek(0)
        dataset = pydicom.dcmread(file, stop_before_pixels=True, force=True, specific_tags=sorted(_TAGS))
        elements, meta = Elements(dataset), Elements(dataset.file_meta)
        implicit, little = (bool(one) for one in dataset.original_encoding)
        deflated = meta.text(0x00020010) == _DEFLATED
    header = _file_header(elements, meta, name)
    rejected = _no_image(header)
    if rejected is None and not deflated:  # in a deflated file positions mean nothing; decoding will tell
        pixels = _pixel_data(file, implicit=implicit, little=little)
        if isinstance(pixels, str):
            rejected = pixels
        elif plain is not None:
            header.stored = _stored_frame(elements, header, pixels)
    if rejected is not None:
        return ReadHeader(name, rejected=rejected)
    if header.has_functional_groups:
        return ReadHeader(name, frames=functional_group_frames(elements, header))
    return ReadHeader(name, frames=_plain_frames(elements, header))


def _stored_frame(elements: Elements, header: FileHeader, pixels: "_PixelData") -> StoredFrame | None:
    """Return where the values of a file of one uncompressed 16-bit frame lie; None for any other file."""
    form = stored_format(elements)
    if (
        isinstance(form, str)
        or header.transfer_syntax_uid not in _UNCOMPRESSED
        or header.has_functional_groups
        or (header.frame_count, header.samples_per_pixel, form.bits_allocated) != (1, 1, 16)
        or pixels.length < form.rows * form.columns * 2
    ):
        return None
    return StoredFrame(
        pixels.offset, form, frame_rescales(elements, (0,))[0], padding_range(elements, signed=form.signed)
    )


def _no_image(header: FileHeader) -> str | None:
    """Return why a dataset is no image, None when it should be one."""
    if header.sop_class_uid == MEDIA_DIRECTORY_SOP_CLASS:
        return "DICOMDIR: the table of contents of a medium, not an image"
    if header.rows > 0 and header.columns > 0:
        mismatch = header.sop_class_uid in MULTI_FRAME_SOP_CLASSES and not header.has_functional_groups
        return "its functional groups do not match NumberOfFrames: export it again" if mismatch else None
    if header.is_mr_image:
        return "truncated header, or no image: Rows and Columns are missing; copy it again"
    if header.series_uid or header.sop_class_uid:
        return f"{header.modality or 'DICOM'} object without an image (no Rows or Columns)"
    return "not a DICOM image: SeriesInstanceUID and Rows are missing"


NIFTI_INSIDE: Final = "a NIfTI file inside the input: not opened; give it as an input of its own"


def what_it_is(start: bytes, name: str) -> str:
    """Say what a file that is not DICOM is, by its first bytes and its name."""
    base = name.rsplit("/", 1)[-1]
    if not start:
        return "empty file"
    if base.startswith("._") or name.startswith("__MACOSX/") or start[:4] == b"\x00\x05\x16\x07":
        return "macOS side file (AppleDouble): not an image"
    if start[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        return "a zip file inside the input: not opened; give it as an input of its own"
    if base.lower().endswith((".nii", ".nii.gz")):
        return NIFTI_INSIDE
    if start[:2] == b"\x1f\x8b":
        return "a gzip file: not opened; unpack it first"
    return "not a DICOM file"


def _file_header(elements: Elements, meta: Elements, name: str) -> FileHeader:
    frame_count = elements.integer(0x00280008) or 1
    groups = sum(1 for _ in elements.items(0x52009230)) if frame_count > 1 or 0x52009230 in elements else 0
    sop_class_uid = elements.text(0x00080016) or meta.text(0x00020002)
    shared = elements.item(0x52009229)
    return FileHeader(
        path=name,
        sop_class_uid=sop_class_uid,
        sop_instance_uid=elements.text(0x00080018) or meta.text(0x00020003),
        transfer_syntax_uid=meta.text(0x00020010),
        study_uid=elements.text(0x0020000D),
        study_date=_day(elements.text(0x00080020)),
        patient=elements.text(0x00100020) or elements.text(0x00100010),
        series_uid=elements.text(0x0020000E) or "",
        series_number=elements.integer(0x00200011),
        series_description=elements.text(0x0008103E),
        series_time_s=calendar_seconds(elements.text(0x00080021), elements.text(0x00080031)),
        frame_of_reference_uid=elements.text(0x00200052),
        modality=(elements.text(0x00080060) or "").upper() or None,
        manufacturer=elements.text(0x00080070),
        sequence_name=elements.text(0x00180024),
        scanning_sequence=elements.texts(0x00180020),
        acquisition_number=elements.integer(0x00200012),
        rows=elements.integer(0x00280010, "US") or 0,
        columns=elements.integer(0x00280011, "US") or 0,
        samples_per_pixel=elements.integer(0x00280002, "US") or 1,
        photometric_interpretation=elements.text(0x00280004),
        frame_count=max(1, frame_count),
        cardiac_images=elements.integer(0x00181090),
        tagged=(elements.text(0x00189028) or "NONE").upper() in ("GRID", "LINE"),
        # A stray empty group sequence in a single-frame file does not make it a multi-frame image.
        has_functional_groups=groups == frame_count and (shared is not None or _places_frames(elements)),
    )


def _day(date: str | None) -> str | None:
    """Write a DICOM date as 2026-01-31; None for what is none."""
    digits = (date or "").strip()
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:]}" if len(digits) == 8 and digits.isdecimal() else None


def _places_frames(elements: Elements) -> bool:
    first = elements.item(0x52009230)
    return first is not None and first.item(0x00209113) is not None


def _single_frame(elements: Elements, header: FileHeader) -> Frame:
    axes = axes_of(elements.numbers(0x00200037))
    return Frame(
        header=header,
        position_mm=_triple(elements.numbers(0x00200032)),
        column_axis=axes[0] if axes else None,
        row_axis=axes[1] if axes else None,
        pixel_spacing_mm=_spacing(elements.numbers(0x00280030)),
        slice_thickness_mm=_positive(elements.number(0x00180050)),
        spacing_between_slices_mm=_positive(elements.number(0x00180088)),
        trigger_time_ms=elements.number(0x00181060),
        nominal_delay_ms=elements.number(0x00209153, "FD"),
        temporal_index=elements.integer(0x00209128, "UL"),
        temporal_identifier=elements.integer(0x00200100),
        acquisition_s=calendar_seconds(elements.text(0x00080022), elements.text(0x00080032))
        or moment_seconds(elements.text(0x0008002A)),
        content_s=calendar_seconds(elements.text(0x00080023), elements.text(0x00080033)),
        instance_number=elements.integer(0x00200013),
        rr_interval_ms=_positive(elements.number(0x00181062)),
        heart_rate_bpm=_positive(elements.number(0x00181088)),
        inversion_time_ms=_positive(elements.number(0x00180082)),
        echo_time_ms=_positive(elements.number(0x00180081)),
        b_value=elements.number(0x00189087, "FD"),
        image_type=tuple(part.upper() for part in elements.texts(0x00080008)),
        slice_location_mm=elements.number(0x00201041),
        complex_component=_complex_component(elements, header),
        velocity_encoded=_velocity_encoded(elements, header),
    )


def _complex_component(elements: Elements, header: FileHeader) -> str | None:
    standard = elements.text(0x00089208)
    if standard:
        return standard.upper()
    if (header.manufacturer or "").upper().startswith("GE"):  # RawDataType: GE's own element
        return {0: "MAGNITUDE", 1: "PHASE", 2: "REAL", 3: "IMAGINARY"}.get(elements.integer(0x0043102F, "SS") or 0)
    return None


def _velocity_encoded(elements: Elements, header: FileHeader) -> bool:
    if (elements.text(0x00189014) or "").upper() == "YES" or any(True for _ in elements.items(0x00189197)):
        return True
    is_ge = (header.manufacturer or "").upper().startswith("GE")
    return is_ge and bool(elements.integer(0x001910CC, "SS"))  # VENC of a flow measurement, 0 otherwise


def _plain_frames(elements: Elements, header: FileHeader) -> tuple[Frame, ...]:
    """Return the frames of a file without functional groups: one, or one plane through time in file order."""
    if header.frame_count == 1:
        return (_single_frame(elements, header),)
    frames = []
    for number in range(header.frame_count):
        frame = _single_frame(elements, header)
        frame.number = number
        frame.instance_number = number + 1
        frame.trigger_time_ms = frame.nominal_delay_ms = None  # one value for all frames orders nothing
        frames.append(frame)
    return tuple(frames)


@dataclass(frozen=True, slots=True)
class _PixelData:
    """Where the value of the pixel data element lies."""

    offset: int
    length: int


def _pixel_data(file: BinaryIO, *, implicit: bool, little: bool) -> _PixelData | str:
    """Return where the pixel data lie at which the header ends, or what is wrong with them."""
    order = "<" if little else ">"
    start = file.read(12)
    group, element = struct.unpack(order + "HH", start[:4]) if len(start) >= 8 else (0, 0)
    if group != 0x7FE0:
        return "no pixel data: the file is truncated, or holds no image; export it again"
    if element != 0x0010:
        return "pixel data of a kind that is no grey image (float or with extra tables)"
    if not implicit and start[4:6] in _LONG_VRS:
        length, value_offset = struct.unpack(order + "L", start[8:12])[0], 12
    else:
        length, value_offset = struct.unpack(order + "L", start[4:8])[0], 8
    offset = file.tell() - len(start) + value_offset
    there = file.seek(0, os.SEEK_END) - offset
    if length == 0:
        return "no pixel data: the element is empty"
    if length != _UNDEFINED_LENGTH and there < length:
        return f"truncated: {there} of {length} bytes of pixel data are there; copy the file again"
    return _PixelData(offset, 0 if length == _UNDEFINED_LENGTH else length)


def _triple(values: tuple[float, ...] | None) -> Triple | None:
    return (values[0], values[1], values[2]) if values is not None and len(values) == 3 else None


def _spacing(values: tuple[float, ...] | None) -> tuple[float, float] | None:
    if values is None or len(values) != 2 or min(values) <= 0.0 or max(values) > 100.0:
        return None
    return values[0], values[1]


def _positive(value: float | None) -> float | None:
    return value if value is not None and value > 0.0 else None
