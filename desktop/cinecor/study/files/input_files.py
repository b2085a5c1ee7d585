"""`InputFiles`: every file that an input gives, by the name the audit calls it, whether or not it is an image.

A folder of any depth, a DICOMDIR, a zip archive or one DICOM file all become the same list.
"""

import os
import stat
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from cinecor.errors import InputError, UsageError
from cinecor.message import Message
from cinecor.progress import CancelCheck, never, stop_if
from cinecor.study.audit import LeftOut
from cinecor.study.dicom.file_source import FileSource
from cinecor.study.dicom.header_reader import MACOS_SIDE_FILE
from cinecor.study.files.archive import archived_files, is_zip, open_archive
from cinecor.study.files.dicomdir import is_dicomdir, referenced_files

_JUNK_NAMES = frozenset({".ds_store", "thumbs.db", "desktop.ini"})


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file that may be an image: where its bytes lie, and what it is called relative to the input, unlike others."""

    name: str
    source: FileSource


@dataclass(frozen=True, slots=True, eq=False)
class InputFiles:
    """The files of one input; an `archive` stays open as long as they are needed."""

    root: Path
    files: tuple[InputFile, ...]
    rejected: tuple[LeftOut, ...]
    archive: zipfile.ZipFile | None = field(default=None, repr=False)


def input_files(path: Path, *, cancelled: CancelCheck = never) -> InputFiles:
    """Return the files of a folder, DICOMDIR, zip archive or single file, sorted by name.

    Raises `UsageError` when `path` does not exist, `InputError` when it cannot be read or must not be unpacked.
    """
    try:
        status = path.stat()
    except FileNotFoundError:
        raise UsageError(
            Message("no_such_input", "{path}: there is no such file or folder; check the path.", path=str(path))
        ) from None
    except OSError as error:
        raise InputError(
            Message(
                "input_not_opened",
                "{path}: cannot be opened ({reason}); check the permissions.",
                path=str(path),
                reason=str(error.strerror),
            )
        ) from None
    if stat.S_ISDIR(status.st_mode):
        return _folder(path, cancelled)
    if not stat.S_ISREG(status.st_mode):
        raise InputError(
            Message(
                "neither_file_nor_folder",
                "{path}: is neither a file nor a folder; give a folder, a DICOMDIR, a .zip or a NIfTI file.",
                path=str(path),
            )
        )
    if is_zip(path):
        archive = open_archive(path)
        return InputFiles(path, _named_apart((file.name, file) for file in archived_files(archive)), (), archive)
    if is_dicomdir(path):
        return _directory_of_media(path, cancelled)
    return InputFiles(path, (InputFile(printable(path.name), path),), ())


def _named_apart(files: Iterable[tuple[str, FileSource]]) -> tuple[InputFile, ...]:
    """Return files sorted by name; a name that another file has already gets a number, so that no two are one."""
    named: dict[str, FileSource] = {}
    for name, source in files:
        apart, count = name, 1
        while apart in named:
            count += 1
            apart = f"{name} ({count})"
        named[apart] = source
    return tuple(InputFile(name, named[name]) for name in sorted(named))


def _folder(root: Path, cancelled: CancelCheck) -> InputFiles:
    files: list[tuple[str, FileSource]] = []
    rejected: list[LeftOut] = []
    try:
        os.scandir(root).close()
    except OSError as error:
        raise InputError(
            Message(
                "folder_not_opened",
                "{path}: the folder cannot be opened ({reason}); check its permissions.",
                path=str(root),
                reason=str(error.strerror),
            )
        ) from None
    for entry in _walk(root, cancelled):
        if isinstance(entry, LeftOut):
            rejected.append(entry)
        else:
            files.append((entry.name, entry.source))
    return InputFiles(root, _named_apart(files), tuple(rejected))


def _walk(root: Path, cancelled: CancelCheck) -> Iterator[InputFile | LeftOut]:
    """Yield what lies below `root`, however deep: each folder once, in the order of names, its subfolders in place."""
    seen: set[tuple[int, int]] = set()
    open_folders: list[_OpenFolder] = []
    found: _OpenFolder | InputFile | LeftOut | None = _entered(root, "", seen, cancelled)
    while True:
        if isinstance(found, _OpenFolder):
            open_folders.append(found)
        elif found is not None:
            yield found
        while open_folders and not open_folders[-1].entries:
            open_folders.pop()
        if not open_folders:
            return
        folder = open_folders[-1]
        entry = folder.entries.pop()
        name = f"{folder.prefix}{entry.name}"
        try:
            if entry.is_dir() and entry.is_symlink() and not _within(folder.path / entry.name, root):
                found = LeftOut(
                    printable(name),
                    Message("link_outside", "a link to a folder outside: give that folder as an input of its own"),
                )
            elif entry.is_dir():
                found = _entered(folder.path / entry.name, f"{name}/", seen, cancelled)
            else:
                found = _file(entry, folder.path / entry.name, printable(name))
        except OSError as error:
            found = LeftOut(
                printable(name),
                Message("unopenable", "cannot be opened ({why}): check the permissions", why=error.strerror),
                damaged=True,
            )


def _within(path: Path, root: Path) -> bool:
    """Return whether a link stays inside the input: what lies outside was not given."""
    return path.resolve().is_relative_to(root.resolve())


@dataclass(frozen=True, slots=True, eq=False)
class _OpenFolder:
    """A folder that is being walked; the last of `entries` comes next."""

    path: Path
    prefix: str
    entries: list[os.DirEntry[str]]


def _entered(
    folder: Path, prefix: str, seen: set[tuple[int, int]], cancelled: CancelCheck
) -> _OpenFolder | LeftOut | None:
    stop_if(cancelled)
    try:
        status = folder.stat()
        if (status.st_dev, status.st_ino) in seen and status.st_ino != 0:
            return None  # a link back into a folder that was already walked
        seen.add((status.st_dev, status.st_ino))
        with os.scandir(folder) as entries:
            return _OpenFolder(folder, prefix, sorted(entries, key=lambda entry: entry.name, reverse=True))
    except OSError as error:
        return LeftOut(
            printable(prefix) or ".",
            Message(
                "folder_unopenable", "the folder cannot be opened ({why}): check its permissions", why=error.strerror
            ),
        )


def _file(entry: os.DirEntry[str], path: Path, name: str) -> InputFile | LeftOut:
    if not entry.is_file():
        return LeftOut(
            name,
            Message("dead_link", "a link to a file that is not there")
            if entry.is_symlink()
            else Message("no_regular_file", "not a regular file"),
        )
    junk = junk_reason(entry.name)
    return InputFile(name, path) if junk is None else LeftOut(name, junk)


def junk_reason(name: str) -> Message | None:
    """Return why a file of this base name is never an image, None when it may be one."""
    if name.startswith("._"):
        return MACOS_SIDE_FILE
    if name.lower() in _JUNK_NAMES:
        return Message("file_manager_file", "a file of the file manager: not an image")
    return None


def printable(name: str) -> str:
    """Return `name` as text that can be written; each byte of it that is no UTF-8 as a number of its own."""
    return name if name.isascii() else name.encode("utf-8", "backslashreplace").decode("utf-8")


def _directory_of_media(path: Path, cancelled: CancelCheck) -> InputFiles:
    references = referenced_files(path)
    if references is None:
        found = _folder(path.parent, cancelled)
        return InputFiles(path.parent, found.files, found.rejected)
    files = [InputFile(path.name, path)]
    missing: list[LeftOut] = []
    for name, file in references:
        if file is None:
            missing.append(
                LeftOut(
                    name, Message("named_but_not_there", "named in the DICOMDIR but not there: copy the whole medium")
                )
            )
        else:
            files.append(InputFile(name, file))
    return InputFiles(path.parent, tuple(files), tuple(missing))
