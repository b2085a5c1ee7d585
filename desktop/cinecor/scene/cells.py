"""`Cell`: what is known of each frame of slice × phase; `reasons`: why one is doubtful; `marks`: what a person did."""

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from cinecor.measure.findings.finding import Finding, Severity
from cinecor.message import Message
from cinecor.review import FrameState, Review, ReviewResult, open_findings
from cinecor.scene.shown_labels import ShownLabels

_OF_THE_MODEL = frozenset({"low_confidence", "may_be_wrong", "may_go_on"})  # how sure it was, whatever was drawn since
_EVERYWHERE = 0.75  # a finding about most of the stack marks the numbers, not single cells


class Cell(IntEnum):
    """States of a frame; the later one wins."""

    IMAGE = 0
    UNFINISHED = 1  # outlined, and not yet cleaned together with the other slices of its phase
    SEGMENTED = 2
    DOUBTFUL = 3
    EXCLUDED = 4
    MISSING = 5


def cells(review: Review, *, found: ReviewResult | None, shown: ShownLabels | None) -> NDArray[np.uint8]:
    """Return the state of every frame, (slice, phase); `shown` are the labels that are there already."""
    state = np.full(review.stack.pixels.shape[:2], Cell.IMAGE, dtype=np.uint8)
    if shown is not None:
        state[shown.outlined] = Cell.UNFINISHED
        state[shown.final] = Cell.SEGMENTED
    if found is not None and review.segmentation is not None:
        told = _told(review, found)
        for finding in told:
            if finding.message.code in _OF_THE_MODEL:
                _mark(state, finding)
        _settle(state, review, FrameState.CORRECTED, FrameState.PROVISIONAL)  # how sure the model was no longer matters
        for finding in told:
            if finding.message.code not in _OF_THE_MODEL:
                _mark(state, finding)
        _settle(state, review, FrameState.ACCEPTED)  # somebody looked at it and found it right
        for index, moment in review.excluded:
            phase = found.moments[moment]
            if phase is not None:
                state[index, phase] = Cell.EXCLUDED
    if review.dropped:
        state[sorted(review.dropped)] = Cell.EXCLUDED
    state[~review.audit.complete] = Cell.MISSING
    return state


def reasons(place: tuple[int, int], *, review: Review, found: ReviewResult | None) -> tuple[Message, ...]:
    """Return why a frame (slice, phase) is marked as doubtful, gravest first; empty where it is not."""
    if found is None or review.segmentation is None:
        return ()
    size = review.stack.pixels.shape[0] * review.stack.pixels.shape[1]
    told = [one for one in _told(review, found) if _is_about(one, place, size=size)]
    settled = review.corrections.states.get(place)
    if settled in (FrameState.CORRECTED, FrameState.PROVISIONAL):
        told = [one for one in told if one.message.code not in _OF_THE_MODEL]
    return () if settled is FrameState.ACCEPTED else tuple(one.message for one in told)


def _told(review: Review, found: ReviewResult) -> list[Finding]:
    """Return the findings about frames that nobody has answered."""
    left = open_findings(found.quality.findings, review.answers)
    return [one for one in left if one.severity is not Severity.INFO and one.slices and one.phases]


def _is_about(finding: Finding, place: tuple[int, int], *, size: int) -> bool:
    if finding.frames:
        return place in finding.frames
    within = place[0] in finding.slices and place[1] in finding.phases
    return within and len(finding.slices) * len(finding.phases) < _EVERYWHERE * size


def _mark(state: NDArray[np.uint8], finding: Finding) -> None:
    if finding.frames:
        state[tuple(zip(*finding.frames, strict=True))] = Cell.DOUBTFUL
    elif len(finding.slices) * len(finding.phases) < _EVERYWHERE * state.size:
        state[np.ix_(finding.slices, finding.phases)] = Cell.DOUBTFUL


def marks(review: Review) -> NDArray[np.uint8]:
    """Return what a person did about every frame, (slice, phase): 0 nothing, else 1 + the place among `FrameState`."""
    mark = np.zeros(review.stack.pixels.shape[:2], dtype=np.uint8)
    order = list(FrameState)
    for place, state in review.corrections.states.items():
        mark[place] = 1 + order.index(state)
    return mark


def _settle(state: NDArray[np.uint8], review: Review, *what: FrameState) -> None:
    for place, one in review.corrections.states.items():
        if one in what and state[place] == Cell.DOUBTFUL:
            state[place] = Cell.SEGMENTED
