"""What the doctor decides over the AI result: corrections, phases, slices that count; every step can be undone."""

from cinecor.review.correction import CorrectionLayer
from cinecor.review.edit import DropSlice, Edit, RedrawFrame, SetBody, SetPhase, ToggleSlice
from cinecor.review.history import History
from cinecor.review.review import Body, Choices, Moment, Review

__all__ = [
    "Body",
    "Choices",
    "CorrectionLayer",
    "DropSlice",
    "Edit",
    "History",
    "Moment",
    "RedrawFrame",
    "Review",
    "SetBody",
    "SetPhase",
    "ToggleSlice",
]
