"""`Failure`: an error as the window shows it: one sentence, and details behind a button."""

import traceback
from dataclasses import dataclass

from cinecor.errors import CinecorError
from cinecor.failure import failure_message
from cinecor.ui.look.texts import said


@dataclass(frozen=True, slots=True)
class Failure:
    """What went wrong, in a sentence with a remedy; `details` is for who mends it."""

    sentence: str
    details: str


def failure_of(error: BaseException) -> Failure:
    """Put an exception into words."""
    details = "".join(traceback.format_exception(error))
    sentence = said(failure_message(error))
    if isinstance(error, CinecorError) and error.on_screen is not None:
        sentence = f"{sentence} {said(error.on_screen)}"
    return Failure(sentence, details)
