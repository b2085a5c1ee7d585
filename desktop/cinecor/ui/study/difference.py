"""Who answers for the numbers of a study, and `Difference`: how the doctor's result differs from the model's."""

from cinecor.inference.outline.segmentation import Segmentation
from cinecor.measure.measurements import Measurements
from cinecor.measure.quantity import QUANTITIES
from cinecor.measure.ventricle import Ventricle
from cinecor.review import Review
from cinecor.review.live_numbers import LiveNumbers
from cinecor.ui.look.texts import number_text, said, tr, tr_counted
from cinecor.ui.study.study_desk import StudyDesk

_TOLD_CHANGES = ("edv_ml", "esv_ml", "ef_percent")
_LEAST_CHANGE = 0.05  # below it a difference is shown as 0.0


def standing_text(desk: StudyDesk) -> str:
    """Return who answers for the numbers, and how many doubts are open; empty before there are outlines."""
    session = desk.review.session
    if session is None or session.review.segmentation is None:
        return ""
    words = said(session.standing.message(touched=bool(session.history.edits)))
    if session.locked:
        return words
    return f"{words} · {tr_counted('{n} open', '{n} open', n=len(desk.doubts.open))}"


class Difference:
    """Of one desk; the model's own numbers are counted once."""

    def __init__(self, desk: StudyDesk) -> None:
        self._desk = desk
        self._model: tuple[Segmentation, Measurements] | None = None

    def text(self) -> str:
        """Return the difference in words; empty before there are numbers."""
        review, result = self._desk.review.decided, self._desk.review.result
        if review is None or review.segmentation is None or result is None:
            return ""
        if self._model is None or self._model[0] is not review.segmentation:
            own = LiveNumbers.of(Review(review.stack, review.audit, review.segmentation, body=review.body))
            assert own is not None
            self._model = review.segmentation, own.measurements
        model = self._model[1]
        frames = len(review.corrections.frames)
        changes = [
            f"{said(side.message)} {said(quantity.name)} {number_text(now - before, 1, signed=True)} "
            f"{tr('points') if quantity.unit == '%' else quantity.unit}"
            for side in Ventricle
            for quantity in QUANTITIES
            if quantity.field in _TOLD_CHANGES
            and (now := quantity.of(result.measurements.of(side))) is not None
            and (before := quantity.of(model.of(side))) is not None
            and abs(now - before) >= _LEAST_CHANGE
        ]
        if not changes and not frames:
            return tr("The result is the model’s own.")
        touched = tr_counted("{n} frame redrawn", "{n} frames redrawn", n=frames)
        return tr("Against the model: {parts}.", parts=", ".join((touched, *changes)))
