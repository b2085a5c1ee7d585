"""Unpacking a zip archive safely: only what may be DICOM, under names of our own, within limits that are told."""

import shutil
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Final

from cinecor.errors import InputError
from cinecor.message import Message
from cinecor.progress import CancelCheck, Progress, ProgressListener, stop_if
from cinecor.study.audit import LeftOut
from cinecor.study.dicom.header_reader import looks_like_dicom, what_it_is

MAX_UNPACKED_BYTES: Final = 8 * 1024**3
MAX_ENTRIES: Final = 200_000
MAX_RATIO: Final = 100
_RATIO_FREE_BYTES: Final = 32 * 1024**2  # below this a high ratio (black images, small texts) does no harm
_CHUNK_BYTES: Final = 1024 * 1024


@dataclass(frozen=True, slots=True, eq=False)
class UnpackedArchive:
    """The possible images of an archive, in a temporary folder that lives as long as this object."""

    files: tuple[tuple[str, Path], ...]
    rejected: tuple[LeftOut, ...]
    temporary: "TemporaryDirectory[str]"


def is_zip(path: Path) -> bool:
    """Tell whether a file is (or claims to be) a zip archive."""
    try:
        with path.open("rb") as file:
            start = file.read(4)
    except OSError:
        return False
    return start in (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08") or path.suffix.lower() == ".zip"


def unpack(path: Path, *, progress: ProgressListener, cancelled: CancelCheck) -> UnpackedArchive:
    """Unpack the entries of a zip archive that may be DICOM; the others become audit rows.

    Entries are written under numbers, so no name in the archive can lead out of the temporary folder.
    Raises `InputError` for a broken or encrypted archive, for names that point out of it, and for one that would
    unpack to more than the limits above.
    """
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError) as error:
        raise InputError(
            f"{path.name}: the zip archive is broken ({_plain(error)}); copy or download it again."
        ) from None
    with archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        _check(path, entries)
        temporary = TemporaryDirectory(prefix="cinecor-")
        try:
            return _extracted(path, archive, entries, temporary, progress=progress, cancelled=cancelled)
        except BaseException:
            temporary.cleanup()
            raise


def _check(path: Path, entries: list[zipfile.ZipInfo]) -> None:
    """Refuse an archive by what its directory says, before a byte is unpacked."""
    if len(entries) > MAX_ENTRIES:
        raise InputError(
            f"{path.name}: holds {len(entries)} files, more than the limit of {MAX_ENTRIES}; "
            "unpack it and give a folder."
        )
    for entry in entries:
        if entry.flag_bits & 0x1:
            raise InputError(
                f"{path.name}: the zip archive is encrypted; unpack it with its password and give the folder."
            )
        parts = PurePosixPath(entry.filename.replace("\\", "/")).parts
        if ".." in parts or entry.filename.startswith(("/", "\\")) or (parts and parts[0].endswith(":")):
            raise InputError(
                f"{path.name}: an entry's name points out of the archive ('{entry.filename[:80]}'); "
                "do not trust this archive, ask its sender for a new one."
            )
    unpacked = sum(entry.file_size for entry in entries)
    packed = max(1, sum(entry.compress_size for entry in entries), 1)
    _check_size(path, unpacked, min(packed, path.stat().st_size))


def _check_size(path: Path, unpacked: int, packed: int) -> None:
    if unpacked > MAX_UNPACKED_BYTES:
        raise InputError(
            f"{path.name}: would unpack to {unpacked / 1024**3:.1f} GiB, more than the limit of "
            f"{MAX_UNPACKED_BYTES / 1024**3:.0f} GiB; unpack it yourself and give the folder of one study."
        )
    if unpacked > _RATIO_FREE_BYTES and unpacked > MAX_RATIO * packed:
        raise InputError(
            f"{path.name}: would unpack to {unpacked / packed:.0f} times its size, more than the limit of "
            f"{MAX_RATIO} times (a zip bomb?); if you trust it, unpack it yourself and give the folder."
        )


def _extracted(
    path: Path,
    archive: zipfile.ZipFile,
    entries: list[zipfile.ZipInfo],
    temporary: "TemporaryDirectory[str]",
    *,
    progress: ProgressListener,
    cancelled: CancelCheck,
) -> UnpackedArchive:
    folder = Path(temporary.name)
    packed_size = path.stat().st_size
    files: list[tuple[str, Path]] = []
    rejected: list[LeftOut] = []
    written = 0
    for number, entry in enumerate(entries):
        stop_if(cancelled)
        progress(Progress(Message("unpacking", "Unpacking"), number, len(entries)))
        name = entry.filename.replace("\\", "/")
        target = folder / f"{number:06d}"
        try:
            with archive.open(entry) as source:
                start = source.read(132)
                if not looks_like_dicom(start):
                    rejected.append(LeftOut(name, what_it_is(start, name)))
                    continue
                if entry.file_size > shutil.disk_usage(folder).free:
                    raise InputError(f"{path.name}: no room to unpack it in {folder.parent}; free space or set TMPDIR.")
                with target.open("wb") as sink:
                    block = start
                    while block:
                        written += len(block)
                        _check_size(path, written, packed_size)
                        sink.write(block)
                        block = source.read(_CHUNK_BYTES)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
            target.unlink(missing_ok=True)
            rejected.append(LeftOut(name, f"damaged inside the archive ({_plain(error)}): pack or copy it again"))
            continue
        except OSError as error:
            raise InputError(f"{path.name}: cannot be unpacked ({_plain(error)}); free space or set TMPDIR.") from None
        files.append((name, target))
    progress(Progress(Message("unpacking", "Unpacking"), len(entries), len(entries)))
    files.sort()
    return UnpackedArchive(tuple(files), tuple(rejected), temporary)


def _plain(error: BaseException) -> str:
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return " ".join(str(text).split())[:100].rstrip(".")
