"""`OtherReading`: another reading of an open study, beside the reader's own: what differs, frame by frame."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from cinecor.agreement.overlap import dice
from cinecor.app.result_review import require_same_stack
from cinecor.inference.outline.segmentation import Label
from cinecor.measure.moment import AUTOMATIC
from cinecor.measure.ventricle import Ventricle
from cinecor.report.incoming.read_labels import ReadLabels
from cinecor.report.kept_results import KeptResults
from cinecor.review import Review, ReviewResult
from cinecor.review.correction import CorrectionLayer, Frame, Place
from cinecor.review.counting import counted_labels
from cinecor.review.live_numbers import LiveNumbers
from cinecor.review.result import final_labels
from cinecor.study.cine_stack import StackGeometry

_STRUCTURES = (Label.LV, Label.MYO, Label.RV)
_ALL = frozenset(_STRUCTURES)


class Whose(StrEnum):
    """Whose reading lies beside the reader's own."""

    MODEL = "model"
    OTHER = "other"


@dataclass(frozen=True, slots=True, eq=False)
class OtherReading:
    """What somebody else, or the model, made of a stack."""

    name: str  # who or what; empty for the model
    labels: NDArray[np.uint8]  # (slice, phase, row, column), as they count
    ef_percent: Mapping[Ventricle, float | None]
    drawn: Mapping[Place, frozenset[Label]] | None = None  # which structures on which frames; None: all on all

    def structures(self, place: Place) -> frozenset[Label]:
        """Return what it draws on a frame, also where that is empty there."""
        return _ALL if self.drawn is None else self.drawn.get(place, frozenset())


@dataclass(frozen=True, slots=True)
class FrameDifference:
    """How two readings of one frame differ."""

    slice: int
    phase: int
    dice: dict[Label, float | None]  # None where neither drew the structure, or they did not say
    change_ml: dict[Label, float | None]  # mine − theirs; None where they did not say


@dataclass(frozen=True, slots=True)
class Comparison:
    """Theirs against mine: frames that differ, and ejection fractions."""

    frames: tuple[FrameDifference, ...]  # the most different first
    frames_equal: int  # of those that they drew on
    ef_change: dict[Ventricle, float | None]  # mine − theirs, percentage points


def reading_of_results(review: Review, kept: KeptResults) -> OtherReading:
    """Return what a folder of results holds of a review's stack. Raises `InputError` for another stack."""
    require_same_stack(review, kept)
    results = kept.results
    signature = None if results.status is None else results.status.signature
    name = kept.folder.name if signature is None else signature.name
    return OtherReading(name, kept.labels, {Ventricle.LV: results.lv.ef_percent, Ventricle.RV: results.rv.ef_percent})


def reading_of_outlines(read: ReadLabels, name: str) -> OtherReading:
    """Return outlines that somebody else drew, as far as they go; volumes are nobody's then, and no EF is told."""
    return OtherReading(name, read.labels, dict.fromkeys(Ventricle), read.drawn)


def reading_of_model(review: Review) -> OtherReading | None:
    """Return what the model made of a review's stack, by the reader's convention for papillary muscles; None before.

    Its phases are its own, and every slice counts. Raises `InputError` for an impossible spacing.
    """
    own = replace(review, corrections=CorrectionLayer(), moments=AUTOMATIC, excluded=frozenset(), dropped=frozenset())
    labels, live = counted_labels(own), LiveNumbers.of(own)
    if labels is None or live is None:
        return None
    numbers = live.measurements
    return OtherReading("", labels, {side: numbers.of(side).ef_percent for side in Ventricle})


def compared(review: Review, result: ReviewResult, other: OtherReading) -> Comparison:
    """Return how another reading differs from a review, whose numbers are `result`."""
    mine, theirs = final_labels(review, moments=result.whole.moments), other.labels
    frames, equal = [], 0
    for place in np.ndindex(mine.shape[0], mine.shape[1]):
        structures = other.structures(place)
        if any(((mine[place] == label) != (theirs[place] == label)).any() for label in structures):
            frames.append(
                frame_difference(
                    mine[place], theirs[place], place, structures=structures, geometry=review.stack.geometry
                )
            )
        elif structures:
            equal += 1
    frames.sort(key=lambda one: min(value for value in one.dice.values() if value is not None))
    return Comparison(tuple(frames), equal, ef_change(result, other))


def ef_change(result: ReviewResult, other: OtherReading) -> dict[Ventricle, float | None]:
    """Return the review's ejection fractions less the other's, in percentage points; None where one is unknown."""
    mine = {side: result.measurements.of(side).ef_percent for side in Ventricle}
    return {side: _difference(mine[side], other.ef_percent[side]) for side in Ventricle}


def frame_difference(
    mine: Frame, theirs: Frame, place: Place, *, geometry: StackGeometry, structures: Collection[Label] = _STRUCTURES
) -> FrameDifference:
    """Return how two readings of the frame (row, column) at a place differ; nothing is told of other structures."""
    pixel_ml = float(geometry.pixel_ml[place[0]])
    masks = {label: (mine == label, theirs == label) for label in structures}
    overlaps = {label: dice(*both) for label, both in masks.items() if both[0].any() or both[1].any()}
    more = {label: pixel_ml * (np.count_nonzero(a) - np.count_nonzero(b)) for label, (a, b) in masks.items()}
    return FrameDifference(
        *place,
        {label: overlaps.get(label) for label in _STRUCTURES},
        {label: more.get(label) for label in _STRUCTURES},
    )


def _difference(mine: float | None, theirs: float | None) -> float | None:
    return None if mine is None or theirs is None else mine - theirs
