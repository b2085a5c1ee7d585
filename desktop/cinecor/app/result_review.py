"""A folder of results as a review again, or beside the reader's own: what differs, frame by frame."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cinecor.agreement.overlap import dice
from cinecor.errors import InputError
from cinecor.inference.outline.segmentation import Label, ModelIdentity, Runtime, Segmentation
from cinecor.measure.moment import Moment
from cinecor.measure.ventricle import Ventricle
from cinecor.message import Message
from cinecor.report.kept_results import KeptResults
from cinecor.review import (
    Answer,
    AnswerFinding,
    DropSlice,
    Edit,
    Gesture,
    Redraw,
    Review,
    SetPhase,
    SetValveLine,
    ToggleSlice,
    review_result,
)
from cinecor.review.papillary_choice import PapillaryConvention
from cinecor.review.result import final_labels
from cinecor.review.valve.line import Valve, ValveLine, ValveView

_MM3_PER_ML = 1000.0


def require_same_stack(review: Review, kept: KeptResults) -> None:
    """Raise `InputError` when results were not made from the stack of a review."""
    stack = review.stack
    if stack.pixels.shape != kept.labels.shape or set(stack.series_uids) != set(kept.results.stack.series_uids):
        raise InputError(
            Message(
                "results_of_other_stack",
                "{folder} holds results of another stack than the one that is open; "
                "open the study they were made from.",
                folder=kept.folder,
            )
        )


def segmentation_of(kept: KeptResults) -> Segmentation:
    """Return the model's own result as the folder holds it; what is not in its files is not known."""
    results = kept.results
    model, runtime = results.model, results.runtime
    told = [[np.nan if value is None else value for value in row] for row in results.quality.confidence]
    confidence = np.array(told, dtype=np.float32)
    confidence.setflags(write=False)
    return Segmentation(
        kept.ai_labels,
        confidence,
        ModelIdentity(model.id, model.version, model.sha256, model.precision),
        Runtime(runtime.provider_requested, runtime.provider_used, dict(runtime.seconds)),
        notes=(),
    )


def edits_of(kept: KeptResults) -> tuple[Edit, ...]:
    """Return the edits that make the folder's final result of the model's.

    Raises `InputError` where the files do not hold what was drawn: final masks with papillary muscles counted as wall.
    """
    choices, results = kept.results.choices, kept.results
    if choices.frames_redrawn and choices.papillary == PapillaryConvention.MASS.value:
        raise InputError(
            Message(
                "results_hold_counted_masks",
                "{folder} holds masks with papillary muscles counted as mass: what was drawn cannot be told from them. "
                "They can be compared with, and not gone on with.",
                folder=kept.folder,
            )
        )
    out = choices.slices_left_out
    empty = {(index, phase) for index in out.ed for phase in (results.ed_phase,)}
    empty |= {(index, phase) for index in out.es for phase in (results.es_phase,)}
    drawn = {
        place: kept.labels[place] for place in choices.frames_redrawn if place not in empty and place[0] not in out.all
    }
    moments = ((Moment.ED, choices.ed_phase, results.ed_phase), (Moment.ES, choices.es_phase, results.es_phase))
    return (
        *((Redraw(Gesture.IMPORT, drawn),) if drawn else ()),
        *(SetPhase(moment, phase) for moment, who, phase in moments if who == "reader"),
        *(DropSlice(index) for index in out.all),
        *(ToggleSlice(index, Moment.ED) for index in out.ed),
        *(ToggleSlice(index, Moment.ES) for index in out.es),
        *(AnswerFinding(key, Answer(answer)) for key, answer in choices.answers.items()),
        *_valve_lines(kept),
    )


def _valve_lines(kept: KeptResults) -> tuple[SetValveLine, ...]:
    planes = kept.results.valve_planes
    return tuple(
        SetValveLine(
            ValveView(line.series_uid, Valve(line.valve)),
            ValveLine(
                tuple(line.ends_mm),
                tuple(line.drawn_phases),
                tuple(line.unsure_phases),
                line.view_normal,
                line.chambers,
            ),
        )
        for line in (() if planes is None else planes.lines)
    )


@dataclass(frozen=True, slots=True)
class FrameDifference:
    """How two readings of one frame differ."""

    slice: int
    phase: int
    dice: dict[Label, float | None]  # None where neither drew the structure
    change_ml: dict[Label, float]  # theirs − mine


@dataclass(frozen=True, slots=True)
class Comparison:
    """Theirs against mine: frames that differ, and ejection fractions."""

    frames: tuple[FrameDifference, ...]  # the most different first
    frames_equal: int
    ef_change: dict[Ventricle, float | None]  # theirs − mine, percentage points


def compared(review: Review, kept: KeptResults) -> Comparison:
    """Return how a folder's final result differs from the review's. Raises `InputError` for another stack."""
    require_same_stack(review, kept)
    result = review_result(review)
    if result is None:
        raise InputError(Message("nothing_to_compare", "There are no outlines yet to compare with."))
    mine = final_labels(review, moments=result.whole.moments)
    theirs, geometry = kept.labels, review.stack.geometry
    rows_mm, columns_mm = geometry.pixel_spacing_mm
    frames = [
        FrameDifference(
            index,
            phase,
            {label: _dice(mine[index, phase] == label, theirs[index, phase] == label) for label in _STRUCTURES},
            {
                label: float(
                    (np.count_nonzero(theirs[index, phase] == label) - np.count_nonzero(mine[index, phase] == label))
                    * rows_mm * columns_mm * geometry.slice_extent_mm[index] / _MM3_PER_ML
                )
                for label in _STRUCTURES
            },
        )
        for index, phase in np.argwhere((mine != theirs).any(axis=(2, 3))).tolist()
    ]  # fmt: skip
    frames.sort(key=lambda one: min(value for value in one.dice.values() if value is not None))
    told = {Ventricle.LV: kept.results.lv, Ventricle.RV: kept.results.rv}
    change = {side: _difference(told[side].ef_percent, result.measurements.of(side).ef_percent) for side in Ventricle}
    return Comparison(tuple(frames), mine.shape[0] * mine.shape[1] - len(frames), change)


_STRUCTURES = (Label.LV, Label.MYO, Label.RV)


def _dice(mine: NDArray[np.bool_], theirs: NDArray[np.bool_]) -> float | None:
    return dice(mine, theirs) if mine.any() or theirs.any() else None


def _difference(theirs: float | None, mine: float | None) -> float | None:
    return None if theirs is None or mine is None else theirs - mine
