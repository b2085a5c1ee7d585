"""`Moment`: end-diastole or end-systole, and `ByMoment`: one value for each."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from cinecor.message import Message

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Moment(StrEnum):
    """The two moments of the cycle that decide the numbers."""

    ED = "ed"
    ES = "es"

    @property
    def message(self) -> Message:
        """What it is called in a sentence."""
        return Message("ed", "ED") if self is Moment.ED else Message("es", "ES")


@dataclass(frozen=True, slots=True)
class ByMoment(Mapping[Moment, T_co]):
    """A mapping that always holds both moments, ED first."""

    ed: T_co
    es: T_co

    def __getitem__(self, moment: Moment) -> T_co:
        """Return the value of a moment. Raises `KeyError` for anything else."""
        if moment not in (Moment.ED, Moment.ES):
            raise KeyError(moment)
        return self.ed if moment == Moment.ED else self.es

    def __iter__(self) -> Iterator[Moment]:
        """Go through ED and ES."""
        return iter(Moment)

    def __len__(self) -> int:
        """Count the moments."""
        return len(Moment)

    def replaced(self, moment: Moment, value: T) -> "ByMoment[T_co | T]":
        """Return the mapping with another value for one moment."""
        return ByMoment(value, self.es) if moment is Moment.ED else ByMoment(self.ed, value)

    def of_phase(self, phase: int) -> tuple[Moment, ...]:
        """Return the moments whose value is this phase: none, one, or both."""
        return tuple(moment for moment, value in self.items() if value == phase)


AUTOMATIC: ByMoment[int | None] = ByMoment(None, None)
"""No phase set by hand: the volume curve tells both."""


def same_moment(phase: int, *, phases: int, of: int) -> int:
    """Return the phase of a cine of `of` phases that shows the moment of `phase` in one of `phases`.

    By the share of the cycle that has passed: breath-holds differ in heart rate, so times do not match, shares do.
    """
    return int(phase / phases * of + 0.5) % of
