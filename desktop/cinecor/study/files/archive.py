"""`Archive`: a zip archive whose entries are read where they lie; nothing of a patient is written elsewhere.

An entry is known by its place in the archive's directory, so that two of one name are two files.
"""

import io
import zipfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, BinaryIO, Final, Literal

from cinecor.errors import InputError
from cinecor.message import Beyond, Message
from cinecor.own_size import MAX_RATIO, most_unpacked_bytes, own_size

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MAX_UNPACKED_BYTES: Final = 8 * 1024**3
MAX_ENTRIES: Final = 200_000
_AT_ONCE_BYTES: Final = 32 * 1024**2  # of a smaller entry all is read, and its checksum compared
_BROKEN: Final = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)


class DamagedEntry(OSError):
    """An entry cannot be unpacked; `strerror` says why."""


@dataclass(frozen=True, slots=True, eq=False)
class ArchivedFile:
    """One entry of an archive, opened as a file on disk is."""

    name: str
    entry: zipfile.ZipInfo = field(repr=False)
    archive: zipfile.ZipFile = field(repr=False)

    def open(self, _mode: Literal["rb"] = "rb", /) -> BinaryIO:
        """Return the entry as a binary file; raises `DamagedEntry` where its bytes or its checksum are wrong."""
        try:
            if self.entry.file_size > _AT_ONCE_BYTES:
                return io.BufferedReader(_Unpacking(self.archive.open(self.entry)))
            return io.BytesIO(self.archive.read(self.entry))
        except _BROKEN as error:
            raise DamagedEntry(0, _plain(error)) from None


class _Unpacking(io.RawIOBase):
    """A large entry, unpacked as far as it is read; what is wrong with it is a `DamagedEntry`."""

    def __init__(self, packed: IO[bytes]) -> None:
        self._packed = packed

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        try:
            data = self._packed.read(len(memoryview(buffer)))
        except _BROKEN as error:
            raise DamagedEntry(0, _plain(error)) from None
        memoryview(buffer)[: len(data)] = data
        return len(data)

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        try:
            return self._packed.seek(offset, whence)
        except _BROKEN as error:
            raise DamagedEntry(0, _plain(error)) from None

    def tell(self) -> int:
        return self._packed.tell()

    def close(self) -> None:
        self._packed.close()
        super().close()


def is_zip(path: Path) -> bool:
    """Return whether a file is (or claims to be) a zip archive."""
    try:
        with path.open("rb") as file:
            start = file.read(4)
    except OSError:
        return False
    return start in (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08") or path.suffix.lower() == ".zip"


def open_archive(path: Path) -> zipfile.ZipFile:
    """Return a zip archive, open until it is closed.

    Raises `InputError` for a broken or encrypted one, for names that point out of it, and for one that would unpack to
    more than the limits above.
    """
    try:
        archive = zipfile.ZipFile(path)
    except (*_BROKEN, OSError) as error:
        raise InputError(
            Message(
                "zip_broken",
                "{name}: the zip archive is broken ({reason}); copy or download it again.",
                name=path.name,
                reason=_plain(error),
            )
        ) from None
    try:
        _check(path, archive)
    except BaseException:
        archive.close()
        raise
    return archive


def archived_files(archive: zipfile.ZipFile) -> list[ArchivedFile]:
    """Return the files of an archive in the order of its directory; two may have one name."""
    return [
        ArchivedFile(entry.filename.replace("\\", "/"), entry, archive)
        for entry in archive.infolist()
        if not entry.is_dir()
    ]


def _check(path: Path, archive: zipfile.ZipFile) -> None:
    """Refuse an archive by what its directory says, before a byte is unpacked."""
    entries = archive.infolist()
    if len(entries) > MAX_ENTRIES:
        raise InputError(
            Message(
                "zip_too_many_entries",
                "{name}: holds {count} files, more than the limit of {limit}; unpack it and give a folder.",
                name=path.name,
                count=len(entries),
                limit=MAX_ENTRIES,
            )
        )
    for entry in entries:
        if entry.flag_bits & 0x1:
            raise InputError(
                Message(
                    "zip_encrypted",
                    "{name}: the zip archive is encrypted; unpack it with its password and give the folder.",
                    name=path.name,
                )
            )
        parts = PurePosixPath(entry.filename.replace("\\", "/")).parts
        if ".." in parts or entry.filename.startswith(("/", "\\")) or (parts and parts[0].endswith(":")):
            raise InputError(
                Message(
                    "zip_name_leads_out",
                    "{name}: an entry's name points out of the archive ('{entry}'); do not trust this archive, ask its "
                    "sender for a new one.",
                    name=path.name,
                    entry=entry.filename[:80],
                )
            )
    _check_size(path, entries)


def _check_size(path: Path, entries: list[zipfile.ZipInfo]) -> None:
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > MAX_UNPACKED_BYTES:
        raise InputError(
            Message(
                "zip_too_large",
                "{name}: would unpack to {size_gib:.1f} GiB, more than the limit of {limit_gib:.0f} GiB; unpack it "
                "yourself and give the folder of one study.",
                name=path.name,
                size_gib=Beyond(unpacked / 1024**3, MAX_UNPACKED_BYTES / 1024**3),
                limit_gib=MAX_UNPACKED_BYTES / 1024**3,
            )
        )
    packed = max(1, min(own_size(path), sum(entry.compress_size for entry in entries)))
    if unpacked > most_unpacked_bytes(packed):
        raise InputError(
            Message(
                "zip_bomb",
                "{name}: would unpack to {times:.0f} times its size, more than the limit of {limit} times "
                "(a zip bomb?); if you trust it, unpack it yourself and give the folder.",
                name=path.name,
                times=Beyond(unpacked / packed, MAX_RATIO),
                limit=MAX_RATIO,
            )
        )


def _plain(error: BaseException) -> str:
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return " ".join(str(text).split())[:100].rstrip(".")
