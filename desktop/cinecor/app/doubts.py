"""`Doubt`: what a reader has to answer before signing, worst first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cinecor.measure.curves import VolumeCurves
from cinecor.measure.findings.deciding_slices import UNDECIDED_TOGETHER
from cinecor.measure.findings.finding import Finding, Severity
from cinecor.measure.moment import ByMoment
from cinecor.measure.ventricle import Concern, Ventricle
from cinecor.message import Message, Slices
from cinecor.review import (
    AcceptFrames,
    Answer,
    AnswerFinding,
    DropSlice,
    Edit,
    Moment,
    Review,
    ToggleSlice,
    finding_keys,
)
from cinecor.review.answers import frames_of
from cinecor.review.correction import Place
from cinecor.review.provisional import PROVISIONAL, provisional_frames, provisional_message

_AT_AN_END: Final = 2
"""Slices at the base or the apex that leaving out may answer: readers differ by one or two there."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """One finding, or the frames that nobody has looked at, with what a person made of it."""

    key: str
    message: Message
    severity: Severity
    slices: tuple[int, ...] = ()  # from 0
    phases: tuple[int, ...] = ()  # from 0
    answer: Answer | None = None  # None: open
    frames: tuple[Place, ...] = ()  # (slice, phase), where it is not about every slice in every phase named
    at_stake_ml: int | None = None  # whole mL, see `Finding.at_stake_ml`
    tells_ml: bool = False  # whether its sentence speaks of them
    concerns: tuple[Concern, ...] = ()  # the numbers that it bears on

    @property
    def code(self) -> str:
        """Which fact."""
        return self.message.code


def place_of(found: Doubt | Finding) -> tuple[int | None, int | None]:
    """Return the slice and the phase in which to look first: a frame that is really meant where these are known."""
    if found.frames:
        return found.frames[0]
    return found.slices[0] if found.slices else None, found.phases[0] if found.phases else None


def is_about(doubt: Doubt, place: Place) -> bool:
    """Return whether a doubt names a frame (slice, phase); a slice without phases is meant in every one."""
    if doubt.frames:
        return place in doubt.frames
    return place[0] in doubt.slices and (not doubt.phases or place[1] in doubt.phases)


def narrowest(doubts: Sequence[Doubt], *, phases: int) -> Doubt | None:
    """Return the doubt about the fewest frames of a cycle of so many phases; of two alike the first."""
    return min(doubts, key=lambda one: len(one.frames) or len(one.slices) * (len(one.phases) or phases), default=None)


def doubts_of(
    review: Review, findings: Sequence[Finding], *, expected_error_ml: NDArray[np.float64] | None = None
) -> tuple[Doubt, ...]:
    """Return every finding that is more than a remark, and the frames that were only carried, worst first.

    What is open comes before what is answered, and what makes a number doubtful before what is worth a look.
    The carried frames come after the other open doubts and before the warnings; else the order is the one given.
    `expected_error_ml` is (slice, phase), where the model tells of its errors.
    """
    doubts = [
        Doubt(
            key,
            finding.message,
            finding.severity,
            finding.slices,
            finding.phases,
            answer,
            finding.frames,
            None if (ml := finding.at_stake_ml(expected_error_ml)) is None else round(ml),
            finding.told_ml is not None,
            finding.concerns,
        )
        for finding, key in zip(findings, finding_keys(findings), strict=True)
        if finding.severity is not Severity.INFO
        for answer in (None if key not in review.answers else Answer(review.answers[key]),)
    ]
    waiting = provisional_frames(review)
    if waiting:
        message = provisional_message(len(waiting))
        slices = tuple(sorted({index for index, _ in waiting}))
        phases = tuple(sorted({phase for _, phase in waiting}))
        doubts.append(Doubt(PROVISIONAL, message, Severity.DOUBTFUL, slices, phases, frames=waiting))
    return tuple(sorted(doubts, key=lambda one: (one.answer is not None, one.severity is not Severity.DOUBTFUL)))


def open_doubts(review: Review, findings: Sequence[Finding]) -> tuple[Doubt, ...]:
    """Return the doubts that nobody has answered, in their order."""
    return tuple(doubt for doubt in doubts_of(review, findings) if doubt.answer is None)


def answered(doubt: Doubt, answer: Answer | None, review: Review, moments: ByMoment[int | None]) -> Edit | None:
    """Return the one step by which a doubt is answered; with the answer None it is open again.

    What is dropped stops to count: at ED or ES where the doubt is about such a phase alone, else at every phase.
    None for any other answer than an acceptance to frames that were carried: they can only be accepted.
    """
    if doubt.key == PROVISIONAL:
        return AcceptFrames.of(provisional_frames(review)) if answer is Answer.ACCEPTED else None
    places = doubt.frames or frames_of(doubt, phases=[phase for phase in moments.values() if phase is not None])
    return AnswerFinding(doubt.key, answer, places, _drops(doubt, review, moments) if answer is Answer.DROPPED else ())


def is_corrected(doubt: Doubt, review: Review) -> bool:
    """Return whether somebody redrew a frame that a doubt is about."""
    if doubt.key == PROVISIONAL:  # drawn, but by no hand
        return False
    redrawn = review.corrections.frames
    if doubt.frames:
        return not redrawn.keys().isdisjoint(doubt.frames)
    return any(index in doubt.slices and (not doubt.phases or phase in doubt.phases) for index, phase in redrawn)


def why_not_dropped(
    doubt: Doubt, review: Review, curves: VolumeCurves, moments: ByMoment[int | None]
) -> Message | None:
    """Return why leaving slices out is no answer to a doubt; None where it is one.

    Something that the doubt is about must be outlined there, and what goes must lie at an end of each ventricle that
    counts in it: without a slice between counted ones a volume is short by it, whatever was wrong with the outline.
    `curves` are of the slices that were not dropped. Frames that were carried can only be accepted.
    """
    places = doubt.frames or frames_of(doubt, phases=range(curves.heart.shape[1]))
    if not doubt.slices or doubt.key == PROVISIONAL or not any(_outlined(doubt, curves)[place] for place in places):
        return Message(
            "nothing_to_drop", "Nothing is outlined that could be left out for this doubt: it can be accepted (F5)."
        )
    if doubt.code == UNDECIDED_TOGETHER:
        return Message(
            "drop_one_by_one",
            "Each of these slices is a choice of its own: leave out at ED (Shift+D), at ES (Shift+S) or everywhere "
            "(Shift+X) the one that does not belong.",
        )
    gone = _gone(doubt, review, moments)
    for ventricle, outlined in (
        (Ventricle.LV, curves.lv_slices_ml + curves.myo_slices_ml > 0),
        (Ventricle.RV, curves.rv_slices_ml > 0),
    ):
        inside: set[int] = set()
        for moment, phase in moments.items():
            if phase is None:
                continue
            held = [one for one in np.flatnonzero(outlined[:, phase]).tolist() if review.counts(one, moment)]
            going = {index for index, at in gone if at is moment}.intersection(held)
            if going and len(going) == len(held):
                return Message(
                    "drop_leaves_nothing",
                    "Without {slices} nothing of the {ventricle} would count at {moment}: correct the outlines "
                    "instead.",
                    slices=Slices(tuple(held)),
                    ventricle=ventricle.message,
                    moment=moment.message,
                )
            inside |= _inside(held, going)
        if inside:
            return Message.counted(
                "drop_inside",
                "Between others in which the {ventricle} counts, {slices} cannot be left out: correct it instead.",
                "Between others in which the {ventricle} counts, {slices} cannot be left out: correct them instead.",
                n=len(inside),
                slices=Slices(tuple(sorted(inside))),
                ventricle=ventricle.message,
            )
    return None


def _gone(doubt: Doubt, review: Review, moments: ByMoment[int | None]) -> set[tuple[int, Moment]]:
    """Return where slices would count no more if a doubt was answered by dropping."""
    return {
        (drop.index, moment)
        for drop in _drops(doubt, review, moments)
        for moment in (Moment if isinstance(drop, DropSlice) else (drop.moment,))
    }


def _inside(counted: Sequence[int], going: set[int]) -> set[int]:
    """Return which of the slices that would go do not lie at an end of those that count."""
    stay = [index for index in counted if index not in going]
    outermost = (*counted[:_AT_AN_END], *counted[-_AT_AN_END:])
    return {index for index in going if index not in outermost or stay[0] < index < stay[-1]}


def _outlined(doubt: Doubt, curves: VolumeCurves) -> NDArray[np.bool_]:
    """Return where a ventricle that a doubt is about is outlined, (slice, phase); either, if it is about no one's."""
    about = set(doubt.concerns)
    if about == {Concern.RV}:
        return np.asarray(curves.rv_slices_ml > 0)
    if about and about <= {Concern.LV, Concern.MASS}:
        return np.asarray(curves.lv_slices_ml + curves.myo_slices_ml > 0)
    return curves.heart


def _drops(doubt: Doubt, review: Review, moments: ByMoment[int | None]) -> tuple[DropSlice | ToggleSlice, ...]:
    about = tuple(moment for moment in Moment if moments[moment] in doubt.phases)
    if doubt.phases and {moments[moment] for moment in about} == set(doubt.phases):
        return tuple(
            ToggleSlice(index, moment)
            for index in doubt.slices
            for moment in about
            if review.counts(index, moment) and (not doubt.frames or (index, moments[moment]) in doubt.frames)
        )
    return tuple(DropSlice(index) for index in doubt.slices if index not in review.dropped)
