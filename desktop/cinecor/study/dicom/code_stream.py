"""The size that a compressed picture gives itself, read before it is decoded: a decoder makes room for what it says."""

import struct
from typing import Final

_JPEG_2000: Final = b"\xff\x4f\xff\x51"  # start of code stream, and its size
_BOXED: Final = b"\0\0\0\x0cjP"  # a JP2 file around it
_JPEG: Final = b"\xff\xd8"
_LOOKED_AT: Final = 4096  # bytes before the stream itself: the boxes of a JP2 file
_NO_SIZE: Final = frozenset({0xC4, 0xC8, 0xCC})  # among the markers that begin a frame: tables
_FRAME: Final = frozenset(range(0xC0, 0xD0)) - _NO_SIZE | {0xF7}  # of JPEG, and of JPEG-LS
_ALONE: Final = frozenset({0x01, 0xD8, *range(0xD0, 0xD8)})  # markers without a length


def stated_size(stream: bytes) -> tuple[int, int] | None:
    """Return rows and columns that a JPEG, JPEG-LS or JPEG 2000 stream says it has; None where it says nothing."""
    try:
        if stream[:2] == _JPEG:
            return _of_jpeg(stream)
        start = stream.find(_JPEG_2000, 0, _LOOKED_AT if stream.startswith(_BOXED) else len(_JPEG_2000))
        if start < 0:
            return None
        right, bottom, left, top = struct.unpack_from(">4L", stream, start + 8)
    except struct.error:
        return None
    return (bottom - top, right - left) if bottom > top and right > left else None


def _of_jpeg(stream: bytes) -> tuple[int, int] | None:
    at = 2
    while stream[at : at + 1] == b"\xff":
        marker = stream[at + 1] if at + 1 < len(stream) else 0xFF
        if marker == 0xFF:  # a byte that fills up
            at += 1
            continue
        if marker in _FRAME:
            rows, columns = struct.unpack_from(">2H", stream, at + 5)
            return rows, columns
        at += 2 if marker in _ALONE else 2 + struct.unpack_from(">H", stream, at + 2)[0]
    return None
