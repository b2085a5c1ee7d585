"""Files that survive a kill or a power cut: whole under their name, or absent."""

import contextlib
import os
import secrets
from pathlib import Path
from typing import Final

UNFINISHED: Final = ".new-"
"""How the name of a file begins that has not yet been given its own."""


def write_new(folder: Path, content: bytes, *, suffix: str = "") -> Path:
    """Write a file under a hidden, unused name in `folder`, flush it to the disk, and give its path."""
    path = folder / f"{UNFINISHED}{secrets.token_hex(8)}{suffix}"
    try:
        with path.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)
        raise
    return path


def replace_file(path: Path, content: bytes) -> None:
    """Make `path` hold `content` in one step: whoever looks sees the earlier content or the new, whole."""
    new = write_new(path.parent, content)
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
