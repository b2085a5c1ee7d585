"""Answers to findings: each doubt is accepted, corrected or dropped by a person, and what is open stays counted."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Protocol, TypeVar

from cinecor.review.correction import Place
from cinecor.review.edit import DropSlice, ToggleSlice
from cinecor.review.review import Review


class Answer(StrEnum):
    """What a person made of a finding."""

    ACCEPTED = "accepted"  # looked at: the numbers stand
    CORRECTED = "corrected"  # the outlines were mended
    DROPPED = "dropped"  # the slice was taken out


class Placed(Protocol):
    """What is about slices and phases."""

    @property
    def slices(self) -> Sequence[int]:
        """Slices, from 0."""

    @property
    def phases(self) -> Sequence[int]:
        """Phases, from 0."""


class Located(Placed, Protocol):
    """A finding: what it is, where, and which numbers it bears on."""

    @property
    def code(self) -> str:
        """Which fact."""

    @property
    def passed_on(self) -> str:
        """The code of the message that it only passes on; empty for a finding of its own."""

    @property
    def concerns(self) -> Sequence[str]:
        """The numbers that it bears on."""


Found = TypeVar("Found", bound=Located)


def finding_keys(findings: Iterable[Located]) -> tuple[str, ...]:
    """Return by what each finding is known again after a correction, all of them different.

    It is code, place and the numbers it bears on, not words or values. What is alike in all of these is counted, so
    that one answer never answers two questions.
    """
    seen: Counter[str] = Counter()
    keys = []
    for finding in findings:
        places = (",".join(map(str, where)) for where in (finding.slices, finding.phases))
        key = "|".join((finding.code, *places, ",".join(finding.concerns), finding.passed_on)).rstrip("|")
        seen[key] += 1
        keys.append(key if seen[key] == 1 else f"{key}#{seen[key]}")
    return tuple(keys)


def open_findings(findings: Sequence[Found], answers: Mapping[str, str]) -> tuple[Found, ...]:
    """Return the findings that nobody has answered, in their order; `findings` are all of the review's."""
    keys = finding_keys(findings)
    return tuple(finding for finding, key in zip(findings, keys, strict=True) if key not in answers)


@dataclass(frozen=True, slots=True)
class AnswerFinding:
    """A finding is answered, and what the answer drops stops to count in the same step; None opens it again."""

    key: str
    answer: Answer | None
    frames: tuple[Place, ...] = ()  # where the view goes
    drops: tuple[DropSlice | ToggleSlice, ...] = ()
    name: str = field(default="edit.answer", init=False)

    @property
    def places(self) -> tuple[Place, ...]:
        """The frames that the finding is about."""
        return self.frames

    def apply(self, review: Review) -> Review:
        """Return the review with the answer."""
        if review.answers.get(self.key) == self.answer and not self.drops:
            return review
        for drop in self.drops:
            review = drop.apply(review)
        answers = {key: answer for key, answer in review.answers.items() if key != self.key}
        if self.answer is not None:
            answers[self.key] = self.answer
        return replace(review, answers=MappingProxyType(answers))


def frames_of(finding: Placed, *, phases: Iterable[int]) -> tuple[Place, ...]:
    """Return the frames that a finding is about; in every one of `phases` where it names slices alone."""
    among = finding.phases or tuple(phases)
    return tuple((index, phase) for index in finding.slices for phase in among)
