"""The lock of a study's folder: one writer a study."""

import os
from pathlib import Path
from typing import Final

from cinecor.file_lock import take_lock

_LOCK: Final = "lock"


def study_lock(folder: Path) -> int | None:
    """Return the open lock file of the only writer of a study's folder; None where another one has it."""
    handle = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if take_lock(handle):
            return handle
    except OSError:  # a file system without locks: nobody can be sure to be the only writer
        pass
    os.close(handle)
    return None
