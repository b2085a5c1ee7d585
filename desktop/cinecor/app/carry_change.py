"""What one corrected frame does to others: its change carried on, or the frames between two corrected ones filled."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from types import MappingProxyType

from cinecor.review import Edit, FrameState, Gesture, Redraw, Review
from cinecor.review.borders import Border
from cinecor.review.carry import carry_over_phases, carry_over_slices, fill_between
from cinecor.review.carry.stop import Stop
from cinecor.review.correction import Place
from cinecor.review.tools.deletion import model_again


class CarryTo(Enum):
    """Where a change is carried to."""

    LATER_PHASES = "later"
    PHASES = "phases"  # both ways
    SLICES = "slices"  # at the same phase


class Along(Enum):
    """Which way lies between two frames that are filled between."""

    PHASES = "phases"
    SLICES = "slices"


@dataclass(frozen=True, slots=True)
class Meant:
    """A frame that was corrected by hand, with the borders that the hand meant."""

    place: Place
    borders: frozenset[Border]


def meant_at(place: Place, review: Review, edits: Sequence[Edit]) -> Meant | None:
    """Return what was corrected by hand in a frame; None where nothing was.

    `edits` are those that led to the review. A border that only gave way to another one was not meant.
    """
    if review.segmentation is None or review.corrections.states.get(place) is not FrameState.CORRECTED:
        return None
    borders: set[Border] = set()
    for edit in edits:
        if not isinstance(edit, Redraw) or place not in edit.frames:
            continue
        if edit.frames[place] is None:
            borders.clear()
        elif edit.state is FrameState.CORRECTED:
            borders |= set(Border) if edit.border is None else {edit.border}
    return Meant(place, frozenset(borders or Border))


@dataclass(frozen=True, slots=True, eq=False)
class Spread:
    """The edit that brings something from one frame to others, and where and why it goes no further."""

    edit: Redraw
    stops: Mapping[Place, Stop] = field(default_factory=lambda: MappingProxyType({}))


def carried(meant: Meant, review: Review, to: CarryTo) -> Spread:
    """Return what carries a frame's change to others; an edit without frames where none has the same fault.

    The change is from the model's outlines to those now. It takes seconds: for the background.
    """
    segmentation, stack = review.segmentation, review.stack
    assert segmentation is not None
    labels, settled = review.corrections.over(segmentation.labels), review.corrections.settled
    before = segmentation.labels[meant.place]
    if to is CarryTo.SLICES:
        found = carry_over_slices(
            labels,
            meant.place,
            before,
            confidence=segmentation.confidence,
            pixel_spacing_mm=stack.geometry.pixel_spacing_mm,
            settled=settled,
            borders=meant.borders,
        )
        return Spread(Redraw(Gesture.CARRY_SLICES, found.frames), found.stops)
    found = carry_over_phases(
        labels,
        meant.place,
        before,
        pixels=stack.pixels,
        confidence=segmentation.confidence,
        pixel_spacing_mm=stack.geometry.pixel_spacing_mm,
        settled=settled,
        borders=meant.borders,
        both_ways=to is CarryTo.PHASES,
    )
    return Spread(Redraw(Gesture.CARRY_PHASES, found.frames), found.stops)


def ends_around(place: Place, review: Review, along: Along) -> tuple[Place, Place] | None:
    """Return the settled frames, of those in a frame's slice or phase, between which it lies; None without both.

    A settled frame lies between itself and the next one, else between the one before and itself.
    """
    axis = 1 if along is Along.PHASES else 0
    at = place[axis]
    settled = sorted(one[axis] for one in review.corrections.settled if one[1 - axis] == place[1 - axis])
    before = [one for one in settled if one <= at]
    after = [one for one in settled if one > at]
    if before and not after and before[-1] == at:
        before, after = before[:-1], [at]
    if not before or not after:
        return None
    first, last = before[-1], after[0]
    return ((place[0], first), (place[0], last)) if axis else ((first, place[1]), (last, place[1]))


def filled_between(ends: tuple[Place, Place], review: Review) -> Spread:
    """Return what fills between two settled frames of one slice, or of one phase."""
    assert review.segmentation is not None
    frames = fill_between(
        review.corrections.over(review.segmentation.labels),
        *ends,
        pixel_spacing_mm=review.stack.geometry.pixel_spacing_mm,
        settled=review.corrections.settled,
    )
    return Spread(Redraw(Gesture.FILL, frames))


def still_wanted(made: Spread, before: Review, now: Review) -> Spread:
    """Return it without frames that were drawn otherwise, or settled, since it was begun."""
    ours, theirs, settled = before.corrections.frames, now.corrections.frames, now.corrections.settled
    frames = {
        place: frame
        for place, frame in made.edit.frames.items()
        if ours.get(place) is theirs.get(place) and place not in settled
    }
    return Spread(replace(made.edit, frames=MappingProxyType(frames)), made.stops)


def back_to_models(review: Review, places: Collection[Place], border: Border | None = None) -> Redraw:
    """Return the edit that gives frames the model's outlines again; with `border` that one alone."""
    touched = [place for place in sorted(places) if place in review.corrections.states]
    segmentation = review.segmentation
    if border is None or segmentation is None:
        return Redraw(Gesture.MODEL_AGAIN, MappingProxyType(dict.fromkeys(touched)))
    frames = {
        place: model_again(review.corrections.frame(segmentation.labels, place), segmentation.labels[place], border)
        for place in touched
    }
    return Redraw(Gesture.MODEL_AGAIN, MappingProxyType(frames), border)


def provisional(review: Review) -> tuple[Place, ...]:
    """Return the frames that were carried or filled and not looked at, slice by slice."""
    states = review.corrections.states
    return tuple(sorted(place for place, state in states.items() if state is FrameState.PROVISIONAL))
