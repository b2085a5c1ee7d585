"""A folder of results as a review again: the model's outlines, what was drawn over them, and what was decided."""

import numpy as np

from cinecor.errors import InputError
from cinecor.inference.outline.segmentation import ModelIdentity, Runtime, Segmentation
from cinecor.measure.moment import Moment
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
)
from cinecor.review.base_rule import BaseRule
from cinecor.review.edit import ChooseBase
from cinecor.review.papillary_choice import PapillaryConvention
from cinecor.review.valve.line import Valve, ValveLine, ValveView


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
        *((ChooseBase(BaseRule.FRACTIONAL),) if choices.base == BaseRule.FRACTIONAL.value else ()),
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
