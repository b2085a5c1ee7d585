"""`PlainFile`: the header of a DICOM file that keeps to the rules, read in a tenth of a millisecond.

Scanners' files are little endian, with a preamble, ascending tags and known lengths. Such a header is walked here
directly; at the first thing out of the ordinary the answer is None, and pydicom, which forgives much more and takes a
tenth of a second to load, reads the file instead.
"""

import struct
from dataclasses import dataclass
from typing import BinaryIO, Final, NamedTuple

from cinecor.study.dicom.tag import SEQUENCES, UNDEFINED_LENGTH, Tag, group_of

_CHUNK: Final = 1 << 13  # what a buffered file holds in memory anyway; scanners' headers end within it
_LONGEST: Final = 1 << 16
_IMPLICIT: Final = "1.2.840.10008.1.2"
_EXPLICIT: Final = "1.2.840.10008.1.2.1"
_ENCAPSULATED: Final = ("1.2.840.10008.1.2.4.", "1.2.840.10008.1.2.5")  # explicit little endian, too
_SHORT: Final = frozenset(
    (b"AE", b"AS", b"AT", b"CS", b"DA", b"DS", b"DT", b"FD", b"FL", b"IS", b"LO", b"LT", b"PN", b"SH", b"SL", b"SS",
     b"ST", b"TM", b"UI", b"UL", b"US")
)  # fmt: skip
_LONG: Final = frozenset((b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"))
_FILE_META: Final = group_of(Tag.TransferSyntaxUID)
_BEFORE_PIXELS: Final = group_of(Tag.PixelData) - 1
_DELIMITERS: Final = group_of(Tag.Item)
_LAST_GROUP: Final = 0xFFFF
_NOTHING: Final[frozenset[int]] = frozenset()
_explicit = struct.Struct("<HH2sH").unpack_from
_length = struct.Struct("<L").unpack_from


class PlainElement(NamedTuple):
    """One element as it is stored, with the names that pydicom gives to its parts; made in great numbers."""

    value: "bytes | tuple[PlainDataset, ...]"  # items, for a sequence
    VR: str | None  # None where the file does not state it
    is_little_endian: bool = True


class PlainDataset(dict[int, PlainElement]):
    """Elements by tag number, as far as `Elements` asks for them."""

    get_item = dict.__getitem__  # an element unconverted


@dataclass(frozen=True, slots=True, eq=False)
class PlainFile:
    """A header, and where it ends: at the pixel data element."""

    meta: PlainDataset
    dataset: PlainDataset
    implicit: bool
    pixel_data_at: int


class _Unusual(Exception):
    """Something that pydicom should look at."""


def read_plain(file: BinaryIO, *, tags: frozenset[int]) -> PlainFile | None:
    """Return the elements `tags` of the header, or None for a file that is in any way out of the ordinary.

    That includes multi-frame files: the many items of their sequences are left to pydicom.
    """
    try:
        return _Walk(file, tags).whole()
    except (_Unusual, struct.error):
        return None


def end_of_header(file: BinaryIO) -> int | None:
    """Return where the pixel data of an explicit little-endian dataset without preamble begin; None for what is odd."""
    try:
        return _Walk(file, _NOTHING).pixel_data_at()
    except (_Unusual, struct.error):
        return None


class _Walk:
    def __init__(self, file: BinaryIO, tags: frozenset[int]) -> None:
        self._file = file
        self._tags = tags
        self._base = -1
        self._buffer = b""
        self._implicit = False
        self._fetch(0)

    def whole(self) -> PlainFile:
        if self._buffer[128:132] != b"DICM":
            raise _Unusual
        meta, start = self._elements(132, last_group=_FILE_META, tags=self._tags)
        syntax = _text(meta, Tag.TransferSyntaxUID)
        if syntax not in (_IMPLICIT, _EXPLICIT) and not syntax.startswith(_ENCAPSULATED):
            raise _Unusual
        self._implicit = syntax == _IMPLICIT
        if self._implicit and self._bytes(start + 4, 2) in _SHORT | _LONG:
            raise _Unusual  # it says implicit and is explicit
        dataset, end = self._elements(start, last_group=_BEFORE_PIXELS, tags=self._tags)
        if self._head(end)[0] != Tag.PixelData or _text(dataset, Tag.NumberOfFrames) not in ("", "1"):
            raise _Unusual
        return PlainFile(meta, dataset, self._implicit, end)

    def pixel_data_at(self) -> int:
        return self._elements(0, last_group=_BEFORE_PIXELS, tags=_NOTHING)[1]

    def _elements(
        self, at: int, *, tags: frozenset[int] | None, last_group: int = _LAST_GROUP, end: int | None = None
    ) -> tuple[PlainDataset, int]:
        """Read elements from `at`, up to a group after `last_group`, to `end`, or over the delimiter of an item.

        Gives those in `tags` (all when None) and where the next element begins.
        """
        found = PlainDataset()
        before = -1
        while end is None or at < end:
            tag, vr, size, length = self._head(at)
            if tag >> 16 > last_group:
                return found, at
            if tag == Tag.ItemDelimitationItem and end is None:
                return found, at + size
            if tag <= before:
                raise _Unusual
            before = tag
            wanted = tags is None or tag in tags
            at += size
            if length and wanted and vr != b"SQ" and tag in SEQUENCES:
                raise _Unusual  # whether its bytes are items only a dictionary of tags can tell
            if length == UNDEFINED_LENGTH or (length and wanted and vr == b"SQ"):
                if vr not in (b"SQ", None) or (wanted and self._implicit):
                    raise _Unusual
                stop = None if length == UNDEFINED_LENGTH else at + length
                items, at = self._items(at, end=stop, tags=None if wanted else _NOTHING)
                if wanted:
                    found[tag] = PlainElement(items, None if vr is None else "SQ")
                continue
            if wanted:
                found[tag] = PlainElement(self._bytes(at, length), None if vr is None else vr.decode())
            at += length
        if at != end:
            raise _Unusual
        return found, at

    def _items(self, at: int, *, end: int | None, tags: frozenset[int] | None) -> tuple[tuple[PlainDataset, ...], int]:
        """Read the items of a sequence from `at`; gives them and where the next element begins."""
        items: list[PlainDataset] = []
        while end is None or at < end:
            tag, _, size, length = self._head(at)
            at += size
            if tag == Tag.SequenceDelimitationItem and end is None:
                return tuple(items), at
            if tag != Tag.Item:
                raise _Unusual
            item, at = self._elements(at, tags=tags, end=None if length == UNDEFINED_LENGTH else at + length)
            items.append(item)
        if at != end:
            raise _Unusual
        return tuple(items), at

    def _head(self, at: int) -> tuple[int, bytes | None, int, int]:
        """Return tag, VR, size of what stands before the value, and the value's length."""
        offset = at - self._base
        if not 0 <= offset <= len(self._buffer) - 12:
            self._fetch(at)
            offset = 0
        group, element, vr, length = _explicit(self._buffer, offset)
        tag = group << 16 | element
        if group == _DELIMITERS or (self._implicit and group != _FILE_META):
            return tag, None, 8, _length(self._buffer, offset + 4)[0]
        if vr in _SHORT:
            return tag, vr, 8, length
        if vr in _LONG:
            return tag, vr, 12, _length(self._buffer, offset + 8)[0]
        raise _Unusual

    def _bytes(self, at: int, length: int) -> bytes:
        if length > _LONGEST:
            raise _Unusual  # no value that is asked for is so long: it is not even read
        offset = at - self._base
        if not 0 <= offset <= len(self._buffer) - length:
            self._fetch(at, max(length, _CHUNK))
            offset = 0
        value = self._buffer[offset : offset + length]
        if len(value) < length:
            raise _Unusual
        return value

    def _fetch(self, at: int, size: int = _CHUNK) -> None:
        self._file.seek(at)
        self._base, self._buffer = at, self._file.read(size)


def _text(dataset: PlainDataset, tag: int) -> str:
    value = dataset[tag].value if tag in dataset else b""
    return value.strip(b" \0").decode("latin-1") if isinstance(value, bytes) else ""
