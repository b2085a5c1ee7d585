"""`GuardedFile`: a header as pydicom may read it: no element that cannot belong to one, no endless row of zeros."""

import io
import zlib
from typing import BinaryIO, Final

from cinecor.message import Message

LONGEST_ELEMENT: Final = 64 * 1024**2  # the groups of some thousand frames; everything else in a header is short
_ZERO_READS: Final = 64  # in a row: element heads are never zero, so that no header has more than two
_CHUNK: Final = 1024**2
_INFLATED_FREE: Final = 64 * 1024**2
_INFLATED_RATIO: Final = 100  # of the file's own size; images shrink to a tenth at most
_INFLATED_MOST: Final = 512 * 1024**2


class HeaderRefused(Exception):
    """What the file claims to hold cannot be a header; `reason` says why, fit for an audit row."""

    def __init__(self, reason: Message) -> None:
        super().__init__(reason)
        self.reason = reason


class GuardedFile:
    """A binary file that pydicom reads a header from."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._zero_reads = 0

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes. Raises `HeaderRefused`."""
        if size > LONGEST_ELEMENT:
            raise HeaderRefused(
                Message(
                    "element_too_long",
                    "an element of {mib:.0f} MiB stands before the pixel data, which no header needs: export it again",
                    mib=size / 1024**2,
                )
            )
        data = self._file.read(size)
        self._zero_reads = 0 if data.strip(b"\0") or not data else self._zero_reads + 1
        if self._zero_reads > _ZERO_READS:
            raise HeaderRefused(
                Message("header_of_zeros", "damaged: zeros stand where the header should be; copy the file again")
            )
        return data

    def seek(self, offset: int, whence: int = 0) -> int:
        """Move to a position, and return it."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """Return the position."""
        return self._file.tell()

    def close(self) -> None:
        """Leave the file open: whoever opened it closes it."""


def inflated(file: BinaryIO, *, start: int, file_size: int) -> BinaryIO:
    """Return the deflated dataset that begins at `start`, unpacked.

    Raises `HeaderRefused` for one that grows beyond what the size of its file makes believable.
    """
    limit = min(_INFLATED_MOST, max(_INFLATED_FREE, _INFLATED_RATIO * file_size))
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    file.seek(start)
    whole, block = io.BytesIO(), file.read(_CHUNK)
    while block and not inflater.eof:
        whole.write(inflater.decompress(block, _CHUNK))
        if whole.tell() > limit:
            raise HeaderRefused(
                Message(
                    "inflates_too_far",
                    "deflated data of {mib:.1f} MiB unpack to more than {limit_mib:.0f} MiB: not read; send it again "
                    "uncompressed",
                    mib=file_size / 1024**2,
                    limit_mib=limit / 1024**2,
                )
            )
        block = inflater.unconsumed_tail or file.read(_CHUNK)
    return whole
