"""`Mapping`: the way back from pseudonyms, in a file for the user alone."""

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cinecor.durable_file import replace_file
from cinecor.errors import InputError, OutputError, system_reason
from cinecor.file_lock import take_lock
from cinecor.message import Message
from cinecor.report.anonymous.pseudonym import Pseudonym

_LONGEST_WAIT_S: Final = 120.0  # for another export that adds to the same file
_LOOK_AGAIN_S: Final = 0.1


@dataclass(frozen=True, slots=True)
class Mapping:
    """What a mapping's file holds, while no other export adds to it."""

    path: Path
    known: tuple[object, ...]

    def keep(self, pseudonym: Pseudonym, *, patient_id: str, patient_name: str, results: Path) -> None:
        """Add whom a pseudonym stands for, and every UID; what the file holds already stays.

        Raises `OutputError` when it cannot be written.
        """
        row = {
            "pseudonym": pseudonym.name,
            "patient_id": patient_id,
            "patient_name": patient_name,
            "results": str(results.resolve()),
            "uids": dict(pseudonym.replaced),
        }
        try:
            replace_file(self.path, json.dumps([*self.known, row], indent=2).encode(), private=True)
        except OSError as error:
            raise _not_written(self.path, error) from error


@contextmanager
def open_mapping(path: Path, *, longest_wait_s: float = _LONGEST_WAIT_S) -> Iterator[Mapping]:
    """Open the mapping of a file, made where there is none, before anything is exported that needs it.

    Waits for another export that has it. Raises `InputError` for a file that is no mapping, `OutputError` where it
    could not be written later, or another export does not let go of it.
    """
    try:
        handle = os.open(path.with_name(f".{path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise _not_written(path, error) from error
    try:
        _take(handle, path, until=time.monotonic() + longest_wait_s)
        yield Mapping(path, tuple(_read_mapping(path)))
    finally:
        os.close(handle)


def _take(handle: int, path: Path, *, until: float) -> None:
    while True:
        try:
            if take_lock(handle):
                return
        except OSError:  # a file system without locks: nobody can tell
            return
        if time.monotonic() >= until:
            raise OutputError(
                Message(
                    "mapping_in_use",
                    "Another export is adding to {path}; wait until it has ended, or name another file.",
                    path=path,
                )
            )
        time.sleep(_LOOK_AGAIN_S)


def _not_written(path: Path, error: OSError) -> OutputError:
    return OutputError(
        Message(
            "mapping_not_written",
            "The way back cannot be kept in {path} ({reason}); name another file by --mapping.",
            path=path,
            reason=system_reason(error),
        )
    )


def _read_mapping(path: Path) -> list[object]:
    if not path.exists():
        return []
    try:
        known = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise InputError(
            Message("mapping_unreadable", "{path} is no mapping that can be added to.", path=path)
        ) from error
    if not isinstance(known, list):
        raise InputError(Message("mapping_unreadable", "{path} is no mapping that can be added to.", path=path))
    return known
