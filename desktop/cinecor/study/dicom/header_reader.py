"""Reading the header of one DICOM file into a `FileHeader` and its `Frame`s."""

import os
import struct
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

from cinecor.message import Message
from cinecor.own_size import most_pixel_bytes
from cinecor.study.audit import LeftOut
from cinecor.study.dicom.elements import Elements
from cinecor.study.dicom.file_header import file_header, plain_frames
from cinecor.study.dicom.file_source import FileSource
from cinecor.study.dicom.functional_groups import functional_group_frames
from cinecor.study.dicom.guarded_file import GuardedFile, HeaderRefused, inflated
from cinecor.study.dicom.header import MEDIA_DIRECTORY_SOP_CLASS, MULTI_FRAME_SOP_CLASSES, FileHeader, Frame
from cinecor.study.dicom.pixel_data_element import PixelDataElement, pixel_data_element
from cinecor.study.dicom.plain_file import end_of_header, read_plain
from cinecor.study.dicom.stored_frame import (
    StoredFormat,
    StoredFrame,
    frame_rescales,
    padding_range,
    stored_format,
)
from cinecor.study.dicom.tag import HEADER_TAGS, Tag, group_of

MACOS_SIDE_FILE: Final = Message("macos_side_file", "macOS side file (AppleDouble): not an image")

# What a file without preamble begins with.
_FIRST_OF_BIG_ENDIAN: Final = frozenset({Tag.SpecificCharacterSet, Tag.ImageType, Tag.SOPClassUID})
_FIRST_GROUPS: Final = frozenset(map(group_of, (Tag.TransferSyntaxUID, Tag.SOPClassUID)))
_FIRST_ELEMENTS: Final = 256
_DEFLATED: Final = "1.2.840.10008.1.2.1.99"
_UNCOMPRESSED: Final = ("1.2.840.10008.1.2", "1.2.840.10008.1.2.1")
_NATIVE: Final = (*_UNCOMPRESSED, _DEFLATED, "1.2.840.10008.1.2.2")
_SMALLEST_FRAGMENT: Final = 10  # bytes: the head of an item and one word


@dataclass(frozen=True, slots=True)
class ReadHeader:
    """What came of one file: frames, or the reason why there are none."""

    path: str
    frames: tuple[Frame, ...] = ()
    rejected: LeftOut | None = None


def read_header(source: FileSource, *, name: str) -> ReadHeader:
    """Return the frames that a file holds, or why it holds none; never raises for bad content.

    Reads up to the pixel data and not beyond. `name` is how the file is called in the audit.
    """
    try:
        with source.open("rb") as file:
            return _read(file, name)
    except HeaderRefused as error:
        return _rejected(name, error.reason, damaged=True)
    except OSError as error:
        why = error.strerror or type(error).__name__
        return _rejected(name, Message("file_unopenable", "the file cannot be opened ({why})", why=why), damaged=True)
    except Exception as error:  # noqa: BLE001 - pydicom raises anything on damaged bytes; one file must not stop a scan
        reason = Message(
            "header_damaged", "damaged DICOM header ({error}): export the file again", error=type(error).__name__
        )
        return _rejected(name, reason, damaged=True)


def _rejected(name: str, reason: Message, *, damaged: bool = False) -> ReadHeader:
    return ReadHeader(name, rejected=LeftOut(name, reason, damaged))


def looks_like_dicom(start: bytes) -> bool:
    """Return whether a file may be DICOM, by its first 132 bytes, with or without preamble."""
    if start[128:132] == b"DICM":
        return True
    if len(start) < 8:
        return False
    if int.from_bytes(start[:4], "big") in _FIRST_OF_BIG_ENDIAN:
        return start[4:6].isalpha()
    group, element = struct.unpack("<HH", start[:4])
    if group not in _FIRST_GROUPS or element > _FIRST_ELEMENTS:
        return False
    explicit = start[4:6].isalpha() and start[4:6].isupper()
    return explicit or struct.unpack("<L", start[4:8])[0] < 1024


def _read(file: BinaryIO, name: str) -> ReadHeader:
    start = file.read(132)
    if not looks_like_dicom(start):
        return _rejected(name, what_it_is(start, name))
    plain = read_plain(file, tags=HEADER_TAGS)
    if plain is not None:
        file.seek(plain.pixel_data_at)
        elements, meta = Elements(plain.dataset), Elements(plain.meta)
        implicit, little, deflated = plain.implicit, True, None
    else:
        import pydicom

        deflated = _deflated_pixels(file, start)
        file.seek(0)
        source: Any = file if deflated is not None else GuardedFile(file)
        dataset = pydicom.dcmread(source, stop_before_pixels=True, force=True, specific_tags=sorted(HEADER_TAGS))
        elements, meta = Elements(dataset), Elements(dataset.file_meta)
        implicit, little = (bool(one) for one in dataset.original_encoding)
    header = file_header(elements, meta, name)
    rejected = _no_image(header)
    if rejected is not None:
        return ReadHeader(name, rejected=rejected)
    form = stored_format(elements)
    if not isinstance(form, Message):
        header.form, header.padding = form, padding_range(elements, signed=form.signed)
    pixels = deflated or pixel_data_element(file, implicit=implicit, little=little, frames=header.frame_count)
    if isinstance(pixels, Message):
        return _rejected(name, pixels, damaged=True)
    header.surplus_bytes = pixels.stray
    if deflated is None:
        header.pixels_at = pixels.offset
        if plain is not None and not isinstance(form, Message):
            header.stored = _stored_frame(elements, header, pixels, form)
    overstated = None if isinstance(form, Message) else _overstated(header, form, pixels)
    if overstated is not None:
        return _rejected(name, overstated, damaged=True)
    if header.has_functional_groups:
        return ReadHeader(name, frames=functional_group_frames(elements, header))
    return ReadHeader(name, frames=plain_frames(elements, header))


def _deflated_pixels(file: BinaryIO, start: bytes) -> PixelDataElement | Message | None:
    """Return where the pixel data lie in the unpacked dataset of a deflated file; None for any other file."""
    file.seek(len(start))
    meta = file.read(1024)
    if start[128:132] != b"DICM" or _DEFLATED.encode() not in meta:
        return None
    if meta[:8] != b"\x02\0\0\0UL\x04\0":
        raise HeaderRefused(
            Message("deflated_without_length", "deflated, and its header does not say where: export it again")
        )
    begin = len(start) + 12 + struct.unpack("<L", meta[8:12])[0]
    unpacked = inflated(file, start=begin, file_size=file.seek(0, os.SEEK_END))
    at = end_of_header(unpacked)
    if at is None:  # decoding will tell
        return PixelDataElement(0, 0, unpacked.seek(0, os.SEEK_END), 0)
    unpacked.seek(at)
    return pixel_data_element(unpacked, implicit=False, little=True, padded=False)


def _overstated(header: FileHeader, form: StoredFormat, pixels: PixelDataElement) -> Message | None:
    """Return what a header says of its frames that the room for its pixels cannot hold.

    Notes in the header how many bytes are left over.
    """
    wanted, room = form.rows * form.columns * header.samples_per_pixel * form.bits_allocated // 8, pixels.room
    native = header.transfer_syntax_uid in (None, *_NATIVE)
    most = room // (max(1, wanted) if native else _SMALLEST_FRAGMENT)
    if header.frame_count > max(1, most):
        return Message(
            "more_frames_than_pixels",
            "NumberOfFrames says {frames}, and the file has room for {most}: export it again",
            frames=header.frame_count,
            most=most,
        )
    if not native and header.frame_count * wanted > most_pixel_bytes(room):
        return Message(
            "more_pixels_than_file",
            "Rows and Columns say {rows} x {columns}, and the file is too small for such a picture: export it again",
            rows=form.rows,
            columns=form.columns,
        )
    if native and pixels.offset:
        header.surplus_bytes += max(0, room - header.frame_count * wanted - 1)
    return None


def _stored_frame(
    elements: Elements, header: FileHeader, pixels: PixelDataElement, form: StoredFormat
) -> StoredFrame | None:
    """Return where the values of a file of one uncompressed 16-bit frame lie; None for any other file."""
    if (
        header.transfer_syntax_uid not in _UNCOMPRESSED
        or header.has_functional_groups
        or (header.frame_count, header.samples_per_pixel, form.bits_allocated) != (1, 1, 16)
        or pixels.length < form.rows * form.columns * 2
    ):
        return None
    return StoredFrame(pixels.offset, form, frame_rescales(elements, (0,))[0], header.padding)


def _no_image(header: FileHeader) -> LeftOut | None:
    """Return why a dataset is no image, None when it should be one."""
    if header.sop_class_uid == MEDIA_DIRECTORY_SOP_CLASS:
        reason = Message("media_directory", "DICOMDIR: the table of contents of a medium, not an image")
        return LeftOut(header.path, reason)
    if header.rows > 0 and header.columns > 0:
        mismatch = header.sop_class_uid in MULTI_FRAME_SOP_CLASSES and not header.has_functional_groups
        if not mismatch:
            return None
        reason = Message(
            "functional_groups_mismatch", "its functional groups do not match NumberOfFrames: export it again"
        )
        return LeftOut(header.path, reason, damaged=True)
    if header.is_mr_image:
        reason = Message(
            "header_truncated", "truncated header, or no image: Rows and Columns are missing; copy it again"
        )
        return LeftOut(header.path, reason, damaged=True)
    if header.series_uid or header.sop_class_uid:
        reason = Message(
            "no_image_object",
            "{modality} object without an image (no Rows or Columns)",
            modality=header.modality or "DICOM",
        )
        return LeftOut(header.path, reason)
    return LeftOut(header.path, Message("no_dicom_image", "not a DICOM image: SeriesInstanceUID and Rows are missing"))


def what_it_is(start: bytes, name: str) -> Message:
    """Return what a file that is not DICOM is, by its first bytes and its name."""
    base = name.rsplit("/", 1)[-1]
    if not start:
        return Message("empty_file", "empty file")
    if base.startswith("._") or name.startswith("__MACOSX/") or start[:4] == b"\x00\x05\x16\x07":
        return MACOS_SIDE_FILE
    if start[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        return Message("zip_inside", "a zip file inside the input: not opened; give it as an input of its own")
    if base.lower().endswith((".nii", ".nii.gz")):
        return Message("nifti_inside", "a NIfTI file inside the input: not opened; give it as an input of its own")
    if start[:2] == b"\x1f\x8b":
        return Message("gzip_inside", "a gzip file: not opened; unpack it first")
    return Message("no_dicom", "not a DICOM file")
