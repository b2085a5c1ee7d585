"""How long operations tell where they are, and how they are stopped."""

from collections.abc import Callable
from dataclasses import dataclass

from cinecor.errors import Cancelled
from cinecor.message import Message


@dataclass(frozen=True, slots=True)
class Progress:
    """One report of a running operation: `done` of `total` units of the named stage."""

    stage: Message
    done: int
    total: int


ProgressListener = Callable[[Progress], None]
CancelCheck = Callable[[], bool]


def silent(_: Progress) -> None:
    """Listen to nothing: the default listener."""


def never() -> bool:
    """Never cancel: the default check."""
    return False


def stop_if(cancelled: CancelCheck) -> None:
    """Raise `Cancelled` when the user has asked to stop."""
    if cancelled():
        raise Cancelled(Message("cancelled", "Stopped on request; nothing was written."))
