"""Who answers for the numbers of a study in words, and how they differ from the model's own."""

from typing import Final

from cinecor.measure.measurements import Measurements
from cinecor.measure.moment import Moment
from cinecor.measure.quantity import QUANTITIES, quantity
from cinecor.measure.ventricle import Ventricle
from cinecor.message import Slices
from cinecor.review import Review, ReviewResult
from cinecor.review.papillary_choice import PapillaryConvention
from cinecor.scene.numbers import LEAST_CHANGE
from cinecor.ui.look.texts import number_text, said, tr, tr_counted
from cinecor.ui.study.study_desk import StudyDesk

_EF: Final = quantity("ef_percent")


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
    """Return how the doctor's result differs from the model's, and by which choices; empty before there are numbers."""
    review, result, model = desk.review.decided, desk.review.result, desk.review.model_numbers
    if review is None or result is None or model is None:
        return ""
    parts = [*_frames(desk, review), *_choices(review, result, model), *changes(model, result.measurements)]
    if not parts:
        return tr("The result is the model’s own.")
    return tr("Against the model: {parts}.", parts=", ".join(parts))


def beside_models(desk: StudyDesk) -> list[str]:
    """Return each ventricle's ejection fraction with the model's own, also where they are the same."""
    result, model = desk.review.result, desk.review.model_numbers
    if result is None or model is None:
        return []
    return [
        tr("{ef} {value} · the model’s own {model}", ef=said(_EF.called(side)), value=value, model=of_model)
        for side in Ventricle
        for value, of_model in ((_ef_text(result.measurements, side), _ef_text(model, side)),)
    ]


def _ef_text(numbers: Measurements, side: Ventricle) -> str:
    percent = _EF.of(numbers.of(side))
    return "–" if percent is None else f"{number_text(percent, _EF.decimals)} {_EF.unit}"


def _frames(desk: StudyDesk, review: Review) -> list[str]:
    """Return how many frames are others than the model's: redrawn, and carried or filled from those."""
    history, frames = desk.review.history, review.corrections.frames
    n = 0 if history is None else len(history.carried & frames.keys())
    redrawn = len(frames) - n
    told = [tr_counted("{n} frame redrawn", "{n} frames redrawn", n=redrawn)] if redrawn else []
    return [*told, tr_counted("{n} carried or filled", "{n} carried or filled", n=n)] if n else told


def changes(before: Measurements, now: Measurements) -> list[str]:
    """Return the volumes, EF and mass that are others than before, and by how much."""
    return [
        f"{said(one.called(side))} {number_text(change, 1, signed=True)} "
        f"{tr('points') if one.unit == '%' else one.unit}"
        for side in Ventricle
        for one in QUANTITIES
        if one.headline and side in one.codes
        for value, earlier in ((one.of(now.of(side)), one.of(before.of(side))),)
        if value is not None and earlier is not None and abs(change := value - earlier) >= LEAST_CHANGE
    ]


def changed_text(before: Measurements, now: Measurements) -> str:
    """Return by how much an act changed the numbers, or that it did not."""
    told = changes(before, now)
    return (
        tr("Changed: {parts}.", parts=", ".join(told))
        if told
        else tr("Volumes at ED and ES, EF and mass stay as they were.")
    )


def left_out(review: Review, since: Review | None = None) -> list[str]:
    """Return which slices count no more, in all or `since` another review: "slice 2 left out at ED"."""
    dropped = review.dropped if since is None else review.dropped - since.dropped
    excluded = review.excluded if since is None else review.excluded - since.excluded
    told = []
    for moment in Moment:
        slices = sorted({index for index, at in excluded if at is moment} - review.dropped)
        if slices:
            told.append(tr("{slices} left out at {moment}", slices=Slices(tuple(slices)), moment=moment.message))
    if dropped:
        told.append(tr("{slices} dropped at every phase", slices=Slices(tuple(sorted(dropped)))))
    return told


def _choices(review: Review, result: ReviewResult, model: Measurements) -> list[str]:
    """Return what was chosen besides the outlines, in words."""
    told = left_out(review)
    for moment, phase in result.moments.items():
        before = model.moments[moment]
        if phase is not None and before is not None and phase != before:
            told.append(tr("{moment} {before}→{after}", moment=moment.message, before=before + 1, after=phase + 1))
    if result.fractional:
        told.append(tr("fractional base"))
    if review.papillaries.convention is PapillaryConvention.MASS:
        told.append(tr("papillary muscles as mass"))
    return told
