"""`qt_needed`: what to do when a library of the system that Qt needs is not there."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from cinecor.errors import UsageError
from cinecor.message import Message

_PACKAGES: Final = "libegl1 libxkbcommon0 libdbus-1-3 libfontconfig1 libxcb-cursor0"


@contextmanager
def qt_needed() -> Iterator[None]:
    """Import the user interface in a `with` block. Raises `UsageError` with the remedy where Qt does not load."""
    try:
        yield
    except ImportError as error:
        if isinstance(error, ModuleNotFoundError):  # a part of what was installed
            raise UsageError(
                Message(
                    "desktop_part_missing",
                    "The desktop cannot start ({reason}); install Cinecor again.",
                    reason=str(error),
                )
            ) from error
        raise UsageError(
            Message(
                "qt_library_missing",
                "The desktop cannot start ({reason}); on Debian and Ubuntu: apt install {packages}.",
                reason=str(error),
                packages=_PACKAGES,
            )
        ) from error
