"""`PixelDataElement`: where the pixel data of a file lie, found without reading them, and what is wrong with them."""

import os
import struct
from dataclasses import dataclass
from typing import BinaryIO, Final

from cinecor.message import Message
from cinecor.study.dicom.tag import UNDEFINED_LENGTH, Tag, group_of

_STREAM_STARTS: Final = (b"\xff\xd8", b"\xff\x4f")  # of JPEG and JPEG-LS, of JPEG 2000
_MOST_PIECES: Final = 100_000  # thousands of frames, each in a few dozen
_MOST_RLE_SEGMENTS: Final = 15
_BLOCK_BYTES: Final = 4096
_SMALLEST_BLOCK: Final = 512  # that media and archives fill up with zeros
_LONG_VRS: Final = frozenset({b"OB", b"OW", b"UN", b"OF", b"OD", b"OL", b"OV"})


@dataclass(frozen=True, slots=True)
class PixelDataElement:
    """Where the value of the pixel data element lies."""

    offset: int  # 0 where it is not known
    length: int  # 0 where it is not stated, as for compressed frames
    room: int  # bytes that the file has for it
    stray: int  # bytes behind it that are no element: something was inserted, or its length is wrong


def pixel_data_element(
    file: BinaryIO, *, implicit: bool, little: bool, frames: int = 1, padded: bool = True
) -> PixelDataElement | Message:
    """Return where the pixel data lie at which the header ends, or what is wrong with them.

    `frames` is how many the header tells of; compressed frames beyond them are stray, and so are zeros behind the last
    element unless the file may be `padded` to whole blocks.
    """
    order = "<" if little else ">"
    start = file.read(12)
    group, element = struct.unpack(order + "HH", start[:4]) if len(start) >= 8 else (0, 0)
    if group != group_of(Tag.PixelData):
        return Message("pixels_absent", "no pixel data: the file is truncated, or holds no image; export it again")
    if group << 16 | element != Tag.PixelData:
        return Message("pixels_not_grey", "pixel data of a kind that is no grey image (float or with extra tables)")
    if not implicit and start[4:6] in _LONG_VRS:
        length, value_offset = struct.unpack(order + "L", start[8:12])[0], 12
    else:
        length, value_offset = struct.unpack(order + "L", start[4:8])[0], 8
    offset = file.tell() - len(start) + value_offset
    there = file.seek(0, os.SEEK_END) - offset
    if length == 0:
        return Message("pixels_empty", "no pixel data: the element is empty")
    if length != UNDEFINED_LENGTH and there < length:
        return Message(
            "pixels_truncated",
            "truncated: {there} of {length} bytes of pixel data are there; copy the file again",
            there=there,
            length=length,
        )
    if length == UNDEFINED_LENGTH:
        return _compressed(file, offset, there, frames)
    behind = there - length
    zeros = padded and (behind == 1 or behind >= _SMALLEST_BLOCK or (offset + there) % _SMALLEST_BLOCK == 0)
    stray = behind if behind > 0 and _is_stray(file, offset + length, order, zeros=zeros) else 0
    return PixelDataElement(offset, length, length, stray)


def _compressed(file: BinaryIO, offset: int, there: int, frames: int) -> PixelDataElement | Message:
    beyond = _bytes_beyond(file, offset, frames)
    if beyond is None:
        return Message(
            "pixels_in_pieces",
            "damaged: its pixel data are in more than {most} pieces, which no pictures need; export it again",
            most=_MOST_PIECES,
        )
    return PixelDataElement(offset, 0, there, beyond)


def _bytes_beyond(file: BinaryIO, at: int, frames: int) -> int | None:
    """Return how many bytes of compressed frames follow those that the header tells of; None for endless pieces.

    A fragment begins a frame where it begins as a stream does; an RLE frame is one fragment.
    """
    begun = beyond = 0
    for item in range(_MOST_PIECES):
        file.seek(at)
        head = file.read(12)
        group, element, length = struct.unpack("<HHL", head[:8]) if len(head) >= 8 else (0, 0, 0)
        if group << 16 | element != Tag.Item or length == UNDEFINED_LENGTH:
            return beyond
        at += 8 + length
        if item == 0:  # the table of offsets
            continue
        begun += head[8:10] in _STREAM_STARTS or 0 < int.from_bytes(head[8:12], "little") <= _MOST_RLE_SEGMENTS
        beyond += length if begun > frames else 0
    return None


def _is_stray(file: BinaryIO, at: int, order: str, *, zeros: bool) -> bool:
    """Return whether what stands behind the pixel data is no element, nor `zeros` where these may fill up a block."""
    file.seek(at)
    behind = file.read(_BLOCK_BYTES)
    group, element = struct.unpack(order + "HH", behind[:4]) if len(behind) >= 8 else (0, 0)
    return (group << 16 | element) <= Tag.PixelData and (not zeros or bool(behind.strip(b"\0")))
