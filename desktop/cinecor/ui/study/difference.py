"""Who answers for the numbers of a study in words, and how they differ from the model's own."""

from cinecor.measure.quantity import QUANTITIES
from cinecor.measure.ventricle import Ventricle
from cinecor.scene.numbers import LEAST_CHANGE
from cinecor.ui.look.texts import number_text, said, tr, tr_counted
from cinecor.ui.study.study_desk import StudyDesk

_TOLD_CHANGES = ("edv_ml", "esv_ml", "ef_percent")


def standing_text(desk: StudyDesk) -> str:
    """Return who answers for the numbers, and how many doubts and warnings are open; empty before there are outlines.

    A signed study tells them only where it was signed with some.
    """
    session = desk.review.session
    if session is None or session.review.segmentation is None:
        return ""
    words = said(session.standing.message(touched=bool(session.history.edits)))
    left = len(desk.doubts.open)
    if session.standing.signature is not None and not left:
        return words
    if session.standing.signature is None and session.locked:
        return " · ".join((words, tr("open in another window, read only")))
    return f"{words} · {tr_counted('{n} open', '{n} open', n=left)}"


def difference_text(desk: StudyDesk) -> str:
    """Return how the doctor's result differs from the model's; empty before there are numbers."""
    review, result, model = desk.review.decided, desk.review.result, desk.review.model_numbers
    if review is None or result is None or model is None:
        return ""
    frames = len(review.corrections.frames)
    changes = [
        f"{said(quantity.called(side))} {number_text(now - before, 1, signed=True)} "
        f"{tr('points') if quantity.unit == '%' else quantity.unit}"
        for side in Ventricle
        for quantity in QUANTITIES
        if quantity.field in _TOLD_CHANGES
        and (now := quantity.of(result.measurements.of(side))) is not None
        and (before := quantity.of(model.of(side))) is not None
        and abs(now - before) >= LEAST_CHANGE
    ]
    if not changes and not frames:
        return tr("The result is the model’s own.")
    touched = tr_counted("{n} frame redrawn", "{n} frames redrawn", n=frames)
    return tr("Against the model: {parts}.", parts=", ".join((touched, *changes)))
