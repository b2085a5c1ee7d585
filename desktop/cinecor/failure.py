"""What an exception comes to: the sentence that people read, and the code that a command ends with."""

from typing import Final

from cinecor.errors import (
    Cancelled,
    CinecorError,
    ModelRefused,
    NothingSegmentable,
    ResultsChanged,
    UsageError,
    system_reason,
)
from cinecor.extras import missing_extra
from cinecor.message import Message

DONE: Final = 0
SOME_FAILED: Final = 1
WRONG_USAGE: Final = 2
NOTHING_SEGMENTABLE: Final = 3
MODEL_REFUSED: Final = 4
CHANGED: Final = 5  # results are not as they were written
INTERRUPTED: Final = 130


def exit_code(error: BaseException) -> int:
    """Return the code that a command ends with after this exception."""
    match _ours(error):
        case UsageError():
            return WRONG_USAGE
        case NothingSegmentable():
            return NOTHING_SEGMENTABLE
        case ModelRefused():
            return MODEL_REFUSED
        case ResultsChanged():
            return CHANGED
        case Cancelled() | KeyboardInterrupt():
            return INTERRUPTED
        case _:
            return SOME_FAILED


def failure_message(error: BaseException) -> Message:
    """Return the sentence for this exception, with what to do about it."""
    error = _ours(error)
    match error:
        case CinecorError():
            return error.message
        case ImportError():  # of a library that belongs to the program
            return Message(
                "part_missing",
                "A part of Cinecor is missing or damaged ({reason}); install Cinecor again.",
                reason=first_line(error),
            )
        case MemoryError():
            return Message(
                "memory_exhausted", "There is not enough memory; close other programs or studies, or choose one series."
            )
        case OSError() if error.filename:
            return Message(
                "file_refused",
                "{path}: {reason}; check the path and its permissions.",
                path=error.filename,
                reason=system_reason(error),
            )
        case OSError() if error.errno:
            return Message(
                "system_refused",
                "The system refused: {reason}; check the drive, its free space and its permissions.",
                reason=system_reason(error),
            )
        case _:
            return Message(
                "unexpected",
                "Unexpected {kind}: {text}; if it comes back, report it with the details "
                "(on the command line: --debug).",
                kind=type(error).__name__,
                text=first_line(error),
            )


def _ours(error: BaseException) -> BaseException:
    """Return the error of ours that a library's stands for: a package of an extra that is not installed."""
    return (missing_extra(error) or error) if isinstance(error, ImportError) else error


def first_line(error: BaseException) -> str:
    """Return the beginning of what a library's exception says, for a place in a sentence: one line, no full stop."""
    lines = str(error).strip().splitlines()
    return (" ".join(lines[0].split()) if lines else type(error).__name__)[:200].rstrip(".")
