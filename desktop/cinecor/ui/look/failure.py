"""`Failure`: an error as the window shows it: one sentence, and details behind a button."""

import traceback
from dataclasses import dataclass

from cinecor.errors import CinecorError
from cinecor.ui.look.engine_text import engine_text
from cinecor.ui.look.texts import tr


@dataclass(frozen=True, slots=True)
class Failure:
    """What went wrong, in a sentence with a remedy; `details` is for who mends it."""

    sentence: str
    details: str


def failure_of(error: BaseException) -> Failure:
    """Put an exception into words."""
    details = "".join(traceback.format_exception(error))
    if isinstance(error, CinecorError):
        return Failure(engine_text(str(error)), details)
    if isinstance(error, MemoryError):
        return Failure(tr("There is not enough memory: close other studies and try again."), details)
    if isinstance(error, OSError) and error.filename:
        return Failure(
            tr(
                "{path}: {reason}. Check the drive and its permissions, then open it again.",
                path=error.filename,
                reason=engine_text(error.strerror or "?"),
            ),
            details,
        )
    return Failure(
        tr(
            "Unexpected {kind}: {text}. Try again; if it comes back, report it with the details.",
            kind=type(error).__name__,
            text=error,
        ),
        details,
    )
