"""What commands write to the terminal, and the one door from an exception to a command's end.

A program without a terminal (a desktop program on Windows) goes on in silence.
"""

import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from cinecor.errors import system_reason
from cinecor.extras import missing_extra
from cinecor.failure import INTERRUPTED, exit_code, failure_message
from cinecor.message import Message

_PROGRAM: Final = "cinecor"
_STOPPED: Final = Message("stopped", "stopped; results written so far are complete.")


def run(
    work: Callable[[], int],
    *,
    program: str = _PROGRAM,
    debug: bool = False,
    stopped: Message | Callable[[], Message] = _STOPPED,
) -> int:
    """Return the exit code of a command: what `work` returns, else that of the exception it ends in, told in one line.

    `stopped`, or what it returns then, is told when the user (Ctrl+C) or the system (SIGTERM) stops it; `debug` adds
    the traceback of what fails.
    """
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that nothing is left behind
    try:
        return work()
    except KeyboardInterrupt:
        complain(stopped if isinstance(stopped, Message) else stopped(), program=program)
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001  the border: no traceback without --debug
        return fail(error, program=program, debug=debug)


@contextmanager
def extras_needed(program: str) -> Iterator[None]:
    """Import in a `with` block; end the program by the same door where a package of an extra is absent."""
    try:
        yield
    except ImportError as error:
        if missing_extra(error) is None:
            raise
        raise SystemExit(fail(error, program=program)) from error


def fail(error: Exception, *, program: str = _PROGRAM, debug: bool = False, about: str = "") -> int:
    """Return the exit code of what failed, told in one line with the input that it is `about`."""
    if debug:
        traceback.print_exception(error)
    message = failure_message(error)
    if about:
        message = about_what(about, message)
    complain(message, program=program)
    return exit_code(error)


def about_what(about: object, message: Message) -> Message:
    """Return a message with what it is about before it: an input, a folder, a file."""
    return Message("about", "{about}: {message}", about=str(about), message=message)


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
            complain(
                Message(
                    "output_not_printed",
                    "the output could not be printed ({reason}); result files are written all the same.",
                    reason=system_reason(error),
                )
            )


def complain(message: Message, *, program: str = _PROGRAM) -> None:
    """Write a sentence to the error output, on one line, with the program's name before it."""
    if sys.stderr is not None:
        sys.stderr.write(f"{program}: {' '.join(str(message).split())}\n")
