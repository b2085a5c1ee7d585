"""A folder of results as a review again: the model's outlines, what was drawn over them, and what was decided."""

import math
from dataclasses import replace

import numpy as np

from cinecor.errors import InputError
from cinecor.inference.outline.segmentation import ModelIdentity, Runtime, Segmentation
from cinecor.measure.moment import Moment
from cinecor.measure.reference.table import Sex
from cinecor.message import Message
from cinecor.report.kept_results import KeptResults
from cinecor.report.results import OLDEST_TOLD, Results
from cinecor.review import (
    Answer,
    AnswerFinding,
    Body,
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


def body_of_results(results: Results, own: Body) -> Body:
    """Return the body that results go by: `own`, the study's, but for what is kept and differs from it."""
    rate = results.stack.heart_rate_bpm if results.choices.heart_rate == "reader" else own.heart_rate_bpm
    body = replace(own, heart_rate_bpm=rate)
    if results.body is not None:
        height, weight = results.body.height_cm, results.body.weight_kg
        body = replace(
            body,
            height_cm=own.height_cm if is_kept_as(own.height_cm, height) else height,
            weight_kg=own.weight_kg if is_kept_as(own.weight_kg, weight) else weight,
        )
    if results.reference is None:
        return body
    sex, age = results.reference.sex, results.reference.age_years
    if age == OLDEST_TOLD and own.age_years is not None and own.age_years > age:
        age = own.age_years  # it stands for this age and more
    return replace(body, sex=None if sex is None else Sex(sex), age_years=age)


def is_kept_as(value: float | None, kept: float | None) -> bool:
    """Return whether results.json, which rounds, holds a value as `kept`."""
    if value is None or kept is None:
        return value is kept
    return math.isclose(value, kept, abs_tol=0.001)


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
