"""Answers to findings: each doubt is accepted, corrected or dropped by a person, and what is open stays counted."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Protocol, TypeVar

from cinecor.review.correction import Place
from cinecor.review.review import Review


class Answer(StrEnum):
    """What a person made of a finding."""

    ACCEPTED = "accepted"  # looked at: the numbers stand
    CORRECTED = "corrected"  # the outlines were mended
    DROPPED = "dropped"  # the slice was taken out


class Located(Protocol):
    """A finding: what it is, and where."""

    @property
    def code(self) -> str:
        """Which fact."""

    @property
    def slices(self) -> Sequence[int]:
        """Slices, from 0."""

    @property
    def phases(self) -> Sequence[int]:
        """Phases, from 0."""


Found = TypeVar("Found", bound=Located)


def finding_key(finding: Located) -> str:
    """Return by what a finding is known again after a correction: its code and place, not its words or numbers."""
    places = "|".join(",".join(map(str, where)) for where in (finding.slices, finding.phases))
    return f"{finding.code}|{places}"


def open_findings(findings: Sequence[Found], answers: Mapping[str, str]) -> tuple[Found, ...]:
    """Return the findings that nobody has answered, in their order."""
    return tuple(finding for finding in findings if finding_key(finding) not in answers)


@dataclass(frozen=True, slots=True)
class AnswerFinding:
    """A finding is answered; None opens it again."""

    key: str
    answer: Answer | None
    frames: tuple[Place, ...] = ()  # where the view goes
    name: str = field(default="edit.answer", init=False)

    @property
    def places(self) -> tuple[Place, ...]:
        """The frames that the finding is about."""
        return self.frames

    def apply(self, review: Review) -> Review:
        """Return the review with the answer."""
        if review.answers.get(self.key) == self.answer:
            return review
        answers = {key: answer for key, answer in review.answers.items() if key != self.key}
        if self.answer is not None:
            answers[self.key] = self.answer
        return replace(review, answers=MappingProxyType(answers))


def frames_of(finding: Located, *, phases: Iterable[int]) -> tuple[Place, ...]:
    """Return the frames that a finding is about; in every one of `phases` where it names slices alone."""
    among = finding.phases or tuple(phases)
    return tuple((index, phase) for index in finding.slices for phase in among)
