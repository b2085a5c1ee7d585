"""The exceptions that Cinecor raises on purpose: one root, a tree a user could read.

Every message is one sentence that says what is wrong, where (file, tag), and what to do.
"""

import errno
from collections.abc import Mapping
from typing import Final

from cinecor.message import Message


class CinecorError(Exception):
    """Root of everything raised on purpose; its message is fit to show to a user."""

    def __init__(self, message: Message, *, on_screen: Message | None = None) -> None:
        """Carry the sentence, and what only the window may add to it: names of patients, which go into no file."""
        if not isinstance(message, Message):  # a text alone could neither be translated nor told apart
            raise TypeError(f"an error carries a Message, not {message!r}")
        super().__init__(message)
        self.message = message
        self.on_screen = on_screen

    def __str__(self) -> str:
        """Return the English sentence, as files and logs hold it."""
        return str(self.message)


class UsageError(CinecorError):
    """The request makes no sense as given: a path that does not exist, an option that contradicts another."""


class InputError(CinecorError):
    """The input cannot be read, or reading it would give a wrong number."""


class NothingSegmentable(InputError):
    """The input was read, and holds no short-axis cine (or other image) that can be segmented."""


class ResultsChanged(InputError):
    """Results were changed after they were written: nothing is made of them."""


class ModelRefused(CinecorError):
    """The model file is missing, damaged, too new or breaks the contract."""


class ModelStopped(CinecorError):
    """The model was accepted, and what runs it ended in the middle of a study."""


class OutputError(CinecorError):
    """The results cannot be written: no space, no permission."""


class Cancelled(CinecorError):
    """The user stopped the operation; nothing was written."""


_REASONS: Final[Mapping[int, Message]] = {
    errno.ENOENT: Message("no_such_file", "No such file or directory"),
    errno.EACCES: Message("permission_denied", "Permission denied"),
    errno.EPERM: Message("not_permitted", "Operation not permitted"),
    errno.ENOSPC: Message("no_space", "No space left on device"),
    errno.EIO: Message("input_output_error", "Input/output error"),
    errno.EISDIR: Message("is_a_directory", "Is a directory"),
    errno.ENOTDIR: Message("not_a_directory", "Not a directory"),
    errno.EEXIST: Message("file_exists", "File exists"),
    errno.EROFS: Message("read_only", "Read-only file system"),
    errno.ENAMETOOLONG: Message("name_too_long", "File name too long"),
}


def system_reason(error: OSError) -> Message:
    """Return why the system refused, in a few words; in its own where it is none of the usual reasons."""
    known = _REASONS.get(error.errno or 0)
    return known or own_words(error.strerror or type(error).__name__)


def unreadable(path: object, error: OSError) -> "InputError":
    """Return the error of a file that the system does not let be read."""
    return InputError(
        Message("file_unreadable", "{path} cannot be read ({reason}).", path=path, reason=system_reason(error))
    )


def own_words(text: str) -> Message:
    """Return why something else refused, in its own words: the system, a database."""
    return Message("system_reason", "{text}", text=text)
