"""What the doctor decides over the AI result: corrections, phases, slices that count; every step can be undone."""

from cinecor.measure.moment import Moment
from cinecor.review.answers import Answer, AnswerFinding, finding_keys, open_findings
from cinecor.review.base_rule import BaseRule
from cinecor.review.correction import CorrectionLayer, FrameState
from cinecor.review.edit import (
    ChooseBase,
    DropSlice,
    Edit,
    FollowCurve,
    RemoveValveLines,
    SetBody,
    SetInsertionPoints,
    SetPhase,
    SetValveLine,
    ToggleSlice,
)
from cinecor.review.history import History
from cinecor.review.redraw import AcceptFrames, ChoosePapillaries, Gesture, Redraw, redraw_one
from cinecor.review.result import ReviewResult, review_result
from cinecor.review.review import Body, Choices, Review

__all__ = [
    "AcceptFrames",
    "Answer",
    "AnswerFinding",
    "BaseRule",
    "Body",
    "Choices",
    "ChooseBase",
    "ChoosePapillaries",
    "CorrectionLayer",
    "DropSlice",
    "Edit",
    "FollowCurve",
    "FrameState",
    "Gesture",
    "History",
    "Moment",
    "Redraw",
    "RemoveValveLines",
    "Review",
    "ReviewResult",
    "SetBody",
    "SetInsertionPoints",
    "SetPhase",
    "SetValveLine",
    "ToggleSlice",
    "finding_keys",
    "open_findings",
    "redraw_one",
    "review_result",
]
