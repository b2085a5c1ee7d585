"""`Workers`: whatever works on the inputs of a cohort, seen from the one process that gives them out."""

from dataclasses import dataclass
from typing import Protocol

from cinecor.app.cohort.input_task import InputOutcome, InputTask
from cinecor.message import Message


@dataclass(frozen=True, slots=True)
class Died:
    """A worker ended by itself, or was ended, while it had these inputs; `why` where that is known."""

    tasks: tuple[int, ...]
    why: Message | None = None


class Workers(Protocol):
    """Processes, on this machine or others."""

    @property
    def held(self) -> int:
        """How many inputs they have."""

    def can_take(self, *, alone: bool = False) -> bool:
        """Return whether one of them can be given an input, and have no other until it has ended it."""

    def give(self, task: InputTask, *, alone: bool = False) -> None:
        """Give one of them an input."""

    def heard(self, *, wait_s: float) -> list[InputOutcome | Died]:
        """Return what they told since; waits for something no longer than that. Raises `ModelRefused`."""

    def close(self) -> None:
        """End them, whatever they do."""
