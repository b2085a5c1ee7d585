"""Files that survive a kill or a power cut: whole under their name, or absent."""

import contextlib
import os
import secrets
from pathlib import Path
from typing import Final

from cinecor.errors import OutputError, system_reason
from cinecor.message import Message

UNFINISHED: Final = ".new-"
"""How the name of a file begins that has not yet been given its own."""


def replace_file(path: Path, content: bytes, *, private: bool = False) -> None:
    """Make `path` hold `content` in one step: whoever looks sees the earlier content or the new, whole.

    Folders on the way are made. `private`: only this user may read it. Raises `OutputError` with the system's reason;
    what was there before is untouched then.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        give_name(write_new(path.parent, content, private=private), path)
    except OSError as error:
        raise OutputError(
            Message(
                "file_not_written",
                "{path} cannot be written ({reason}); free some space or choose another folder.",
                path=path,
                reason=system_reason(error),
            )
        ) from error


def write_new(folder: Path, content: bytes, *, suffix: str = "", private: bool = False) -> Path:
    """Return the path of a file on the disk under a hidden, unused name in `folder`. Raises `OSError`."""
    path = folder / f"{UNFINISHED}{secrets.token_hex(8)}{suffix}"
    write_through(path, content, private=private)
    return path


def write_through(path: Path, content: bytes, *, private: bool = False) -> None:
    """Write a file that is not there yet, through to the disk. Raises `OSError`; nothing is left of it then."""
    handle = os.open(
        path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600 if private else 0o666
    )
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)
        raise


def give_name(new: Path, path: Path) -> None:
    """Give a file that is whole on the disk its name, in one step. Raises `OSError`; `new` is gone then too."""
    try:
        new.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            new.unlink(missing_ok=True)
        raise
    flush_folder(path.parent)


def flush_folder(folder: Path) -> None:
    """Bring a folder's list of names to the disk, where the system can."""
    if os.name != "posix":  # Windows opens no folder for flushing; its rename is journalled
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # some network file systems refuse; the files themselves are on disk
            os.fsync(handle)
    finally:
        os.close(handle)
