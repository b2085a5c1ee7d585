"""`Doubt`: what a reader has to answer before signing, worst first."""

from collections.abc import Sequence
from dataclasses import dataclass

from cinecor.app.review_session import PROVISIONAL
from cinecor.measure.findings.finding import Finding, Severity
from cinecor.measure.moment import ByMoment
from cinecor.message import Message
from cinecor.review import (
    AcceptFrames,
    Answer,
    AnswerFinding,
    DropSlice,
    Edit,
    FrameState,
    Moment,
    Review,
    ToggleSlice,
    finding_keys,
)
from cinecor.review.answers import frames_of


@dataclass(frozen=True, slots=True)
class Doubt:
    """One finding, or the frames that nobody has looked at, with what a person made of it."""

    key: str
    message: Message
    severity: Severity
    slices: tuple[int, ...] = ()  # from 0
    phases: tuple[int, ...] = ()  # from 0
    answer: Answer | None = None  # None: open

    @property
    def code(self) -> str:
        """Which fact."""
        return self.message.code


def doubts_of(review: Review, findings: Sequence[Finding]) -> tuple[Doubt, ...]:
    """Return every finding that is more than a remark, in the order given, then the frames that were only carried."""
    doubts = [
        Doubt(key, finding.message, finding.severity, finding.slices, finding.phases, answer)
        for finding, key in zip(findings, finding_keys(findings), strict=True)
        if finding.severity is not Severity.INFO
        for answer in (None if key not in review.answers else Answer(review.answers[key]),)
    ]
    waiting = _provisional(review)
    if waiting:
        message = Message.counted(
            "frames_provisional",
            "{n} frame was drawn by carrying or filling, and nobody has looked at it.",
            "{n} frames were drawn by carrying or filling, and nobody has looked at them.",
            n=len(waiting),
        )
        slices = tuple(sorted({index for index, _ in waiting}))
        phases = tuple(sorted({phase for index, phase in waiting if index == slices[0]}))
        doubts.append(Doubt(PROVISIONAL, message, Severity.DOUBTFUL, slices, phases))
    return tuple(doubts)


def answered(doubt: Doubt, answer: Answer | None, review: Review, moments: ByMoment[int | None]) -> tuple[Edit, ...]:
    """Return the edits by which a doubt is answered; None opens it again.

    What is dropped stops to count: at ED or ES where the doubt is about such a phase alone, else at every phase.
    Frames that were carried can only be accepted.
    """
    if doubt.key == PROVISIONAL:
        return (AcceptFrames.of(_provisional(review)),) if answer is Answer.ACCEPTED else ()
    places = frames_of(doubt, phases=[phase for phase in moments.values() if phase is not None])
    mark = AnswerFinding(doubt.key, answer, places)
    return (*_drops(doubt, review, moments), mark) if answer is Answer.DROPPED else (mark,)


def is_corrected(doubt: Doubt, review: Review) -> bool:
    """Return whether somebody redrew a frame that a doubt is about."""
    return any(
        index in doubt.slices and (not doubt.phases or phase in doubt.phases)
        for index, phase in review.corrections.frames
    )


def _drops(doubt: Doubt, review: Review, moments: ByMoment[int | None]) -> tuple[Edit, ...]:
    about = tuple(moment for moment in Moment if moments[moment] in doubt.phases)
    if doubt.phases and len(about) == len(doubt.phases):
        return tuple(
            ToggleSlice(index, moment) for index in doubt.slices for moment in about if review.counts(index, moment)
        )
    return tuple(DropSlice(index) for index in doubt.slices if index not in review.dropped)


def _provisional(review: Review) -> tuple[tuple[int, int], ...]:
    states = review.corrections.states
    return tuple(sorted(place for place, state in states.items() if state is FrameState.PROVISIONAL))
