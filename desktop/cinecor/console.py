"""What commands write to the terminal; a program without one (a desktop program on Windows) goes on in silence."""

import os
import sys


def say(text: str) -> None:
    """Print `text`; a reader that is gone, a full disk or a closed output must not stop the work."""
    if sys.stdout is None:
        return
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            complain(f"the output could not be printed ({error.strerror}); result files are written all the same.")


def complain(sentence: str) -> None:
    """Write a sentence to the error output, with the program's name before it."""
    if sys.stderr is not None:
        sys.stderr.write(f"cinecor: {sentence}\n")
