"""`replace_folder`: a folder of results takes the place of an earlier one, whole or not at all."""

import contextlib
import hashlib
import os
import re
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from cinecor.durable_file import flush_folder, write_through
from cinecor.errors import OutputError
from cinecor.message import Message
from cinecor.report.exchange import exchange
from cinecor.report.names import EVERY_FILE, FILES

UNFINISHED: Final = ".cinecor-unfinished"
"""The hidden folder beside results in which they come to be. One for all of them: what a kill left is found there
without looking through the thousands of results of a cohort."""

_LEFT_BEHIND: Final = re.compile("(?:new|old)-([0-9a-f]{12})-[0-9a-f]{8}")
_MOST_TRIES: Final = 100  # to make a folder in one that others remove whenever it is empty

Swap = Callable[[Path, Path], bool]
Replaceable = Callable[[Path], bool]


def replace_folder(
    target: Path, *, files: Mapping[str, bytes], replaceable: Replaceable, swap: Swap = exchange
) -> None:
    """Make `target` hold `files`, by name, on disk, if `replaceable` says of the target that it may be replaced.

    The files are written and flushed in a hidden place beside the target, and then take the target's name.
    Where `swap` can let two folders exchange their names, a kill at any moment leaves the earlier files or the new
    ones under the target's name. Where it cannot (it returns False: Windows, macOS, some network shares), there is
    a moment between two renames when both lie complete under hidden names; the next replacement brings the earlier
    ones back first. What a kill leaves behind is removed then too. Entries that are no result files stay in place.

    Raises `OutputError` when the target may not be replaced, and `OSError` when the system refuses; either way the
    target is as it was.
    """
    _Replacement(target, replaceable=replaceable, swap=swap).put(files)


class _Replacement:
    """The hidden folders beside one target, and the steps that bring new files to its name."""

    def __init__(self, target: Path, *, replaceable: Replaceable, swap: Swap) -> None:
        self._target = target
        self._replaceable = replaceable
        self._swap = swap
        # A digest, because the name itself may already be as long as the file system allows.
        self._digest = digest = hashlib.sha256(os.fsencode(target.name)).hexdigest()[:12]
        self._place = target.parent / UNFINISHED
        self._new = self._place / f"new-{digest}-{secrets.token_hex(4)}"
        self._old = self._place / f"old-{digest}-{secrets.token_hex(4)}"

    def put(self, files: Mapping[str, bytes]) -> None:
        try:
            self._put(files)
        finally:
            with contextlib.suppress(OSError):  # others may be writing there
                self._place.rmdir()

    def _put(self, files: Mapping[str, bytes]) -> None:
        self._restore_and_clean()
        if not self._replaceable(self._target):
            raise OutputError(
                Message(
                    "folder_of_others",
                    "The results cannot be written to {target}: it holds other things, another input's results, or "
                    "some that a person corrected or signed; run again or choose another --out.",
                    target=self._target,
                )
            )
        try:
            self._make_new()
            for name, content in files.items():
                write_through(self._new / name, content)
            flush_folder(self._new)
            self._take_name()
        except BaseException:
            _discard(self._new, keep_in=self._target)
            raise
        flush_folder(self._target.parent)

    def _make_new(self) -> None:
        for tried in range(_MOST_TRIES):
            try:
                # Not tempfile.mkdtemp: its folders are closed to everyone else, and this one becomes the target.
                self._place.mkdir(exist_ok=True)
                self._new.mkdir()
            # Another writer found the place empty and removed it: after it was made, or while this one looked at it.
            except (FileNotFoundError, FileExistsError):
                if tried == _MOST_TRIES - 1:
                    raise
            else:
                return

    def _take_name(self) -> None:
        if not self._target.exists():
            self._new.rename(self._target)
            return
        if self._swap(self._new, self._target):
            _discard(self._new, keep_in=self._target)
            return
        # Between these two steps a kill leaves both versions complete under hidden names; the next run restores.
        self._target.rename(self._old)
        try:
            self._new.rename(self._target)
        except BaseException:
            if not self._target.exists():
                self._old.rename(self._target)
            raise
        _discard(self._old, keep_in=self._target)

    def _is_of_target(self, name: str) -> bool:
        found = _LEFT_BEHIND.fullmatch(name)
        return found is not None and found[1] == self._digest

    def _restore_and_clean(self) -> None:
        try:
            left = sorted(path for path in self._place.iterdir() if self._is_of_target(path.name))
        except FileNotFoundError:
            return
        for path in left:
            whole = all((path / name).exists() for name in FILES)
            if path.name.startswith("old-") and whole and not self._target.exists():
                path.rename(self._target)
        for path in left:
            # Renamed first: should another run still be writing there, it fails cleanly instead of
            # publishing a folder that is being emptied.
            condemned = path.with_name(f"{path.name[:-8]}{secrets.token_hex(4)}")
            with contextlib.suppress(OSError):
                path.rename(condemned)
                _discard(condemned, keep_in=self._target)


def _discard(folder: Path, *, keep_in: Path) -> None:
    """Remove a folder of results; whatever else a user put into it moves to `keep_in`, or stays where it is."""
    with contextlib.suppress(OSError):
        for entry in sorted(folder.iterdir()):
            if entry.name in EVERY_FILE:
                entry.unlink()
            elif keep_in.is_dir() and not (keep_in / entry.name).exists():
                entry.rename(keep_in / entry.name)
        folder.rmdir()
