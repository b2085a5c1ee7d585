"""One writer at a time: a lock that the system lets go of when its holder dies."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cinecor.errors import OutputError
from cinecor.file_lock import take_lock
from cinecor.message import Message

_WAIT_S = 60.0
_STEP_S = 0.05


@contextmanager
def locked(path: Path, *, wait_s: float = _WAIT_S) -> Iterator[None]:
    """Hold the lock file `path` for a `with` block.

    Raises `OutputError` when another process holds it for longer than `wait_s`, and `OSError` when the file system
    knows no locks.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        give_up = time.monotonic() + wait_s
        while not take_lock(handle):
            if time.monotonic() > give_up:
                raise OutputError(
                    Message(
                        "store_in_use",
                        "Another Cinecor has been changing the models in {folder} for {wait_s:.0f} s; "
                        "try again when it has ended.",
                        folder=path.parent,
                        wait_s=wait_s,
                    )
                )
            time.sleep(_STEP_S)
        yield
    finally:
        os.close(handle)  # lets go of the lock as well
