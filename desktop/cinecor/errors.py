"""The exceptions that Cinecor raises on purpose: one root, a tree a user could read.

Every message is one sentence that says what is wrong, where (file, tag), and what to do.
"""

from cinecor.message import Message


class CinecorError(Exception):
    """Root of everything raised on purpose; its message is fit to show to a user."""

    def __init__(self, message: Message | str) -> None:
        super().__init__(message)
        self.message = message if isinstance(message, Message) else Message("error", "{text}", text=message)

    def __str__(self) -> str:
        """Return the English sentence, as files and logs hold it."""
        return str(self.message)


class UsageError(CinecorError):
    """The request makes no sense as given: a path that does not exist, an option that contradicts another."""


class InputError(CinecorError):
    """The input cannot be read, or reading it would give a wrong number."""


class NothingSegmentable(InputError):
    """The input was read, and holds no short-axis cine (or other image) that can be segmented."""


class ModelRefused(CinecorError):
    """The model file is missing, damaged, too new or breaks the contract."""


class ModelStopped(CinecorError):
    """The model was accepted, and what runs it ended in the middle of a study."""


class OutputError(CinecorError):
    """The results cannot be written: no space, no permission."""


class Cancelled(CinecorError):
    """The user stopped the operation; nothing was written."""
