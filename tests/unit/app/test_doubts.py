"""Doubts: what a reader has to answer, and the edits by which each answer is given."""

from dataclasses import replace

import numpy as np
from unit.report.test_verification import pushed
from unit.review.studies import small_review

from cinecor.app.doubts import Doubt, answered, doubts_of, is_corrected, place_of, why_not_dropped
from cinecor.measure.curves import VolumeCurves, volume_curves
from cinecor.measure.findings.deciding_slices import UNDECIDED_TOGETHER
from cinecor.measure.findings.finding import Finding, Severity
from cinecor.measure.moment import ByMoment
from cinecor.measure.ventricle import Concern
from cinecor.message import Message
from cinecor.review import (
    AcceptFrames,
    Answer,
    DropSlice,
    Gesture,
    History,
    Moment,
    Redraw,
    Review,
    ToggleSlice,
)  # fmt: skip
from cinecor.review.log.record import edit_of, record_of
from cinecor.review.provisional import PROVISIONAL

MOMENTS = ByMoment(0, 2)


def finding(severity: Severity, *, slices: tuple[int, ...] = (), phases: tuple[int, ...] = ()) -> Finding:
    return Finding(Message("odd", "Something is odd."), severity, slices, phases)


def edited(review: Review, *edits: object) -> Review:
    history = History(review)
    for edit in edits:
        history.apply(edit)  # type: ignore[arg-type]
    return history.present


def test_that_remarks_are_no_doubts_and_answers_stay_with_theirs() -> None:
    review = small_review()
    findings = (
        finding(Severity.DOUBTFUL, slices=(0,)),
        finding(Severity.WARNING, phases=(1,)),
        finding(Severity.INFO),
    )
    first, second = doubts_of(review, findings)
    assert (first.severity, second.severity) == (Severity.DOUBTFUL, Severity.WARNING)
    assert first.answer is second.answer is None
    mark = answered(first, Answer.ACCEPTED, review, MOMENTS)
    other, one = doubts_of(edited(review, mark), findings)  # what is open comes first
    assert (one.answer, other.answer) == (Answer.ACCEPTED, None)
    reopened = answered(one, None, edited(review, mark), MOMENTS)
    assert [doubt.answer for doubt in doubts_of(edited(review, mark, reopened), findings)] == [None, None]


def test_that_what_is_dropped_stops_to_count_where_the_doubt_is() -> None:
    review = small_review()
    everywhere = Doubt("a", Message("odd", "x"), Severity.DOUBTFUL, slices=(1,))
    at_ed = Doubt("b", Message("odd", "x"), Severity.DOUBTFUL, slices=(1,), phases=(0,))
    elsewhere = Doubt("c", Message("odd", "x"), Severity.DOUBTFUL, slices=(1,), phases=(0, 1))
    for doubt, drop in ((everywhere, DropSlice(1)), (at_ed, ToggleSlice(1, Moment.ED)), (elsewhere, DropSlice(1))):
        mark = answered(doubt, Answer.DROPPED, review, MOMENTS)
        assert mark is not None
        assert edited(review, mark).choices == edited(review, drop, replace(mark, drops=())).choices  # type: ignore[type-var]
    gone = edited(review, DropSlice(1))
    mark = answered(everywhere, Answer.DROPPED, gone, MOMENTS)  # and is not brought back
    assert edited(gone, mark).dropped == {1}


def test_that_an_answer_and_what_it_drops_are_one_step_that_is_kept_as_it_is() -> None:
    review = small_review()
    history = History(review)
    for doubt in (
        Doubt("a", Message("odd", "x"), Severity.DOUBTFUL, slices=(1,)),
        Doubt("b", Message("odd", "x"), Severity.DOUBTFUL, slices=(0,), phases=(2,)),
    ):
        step = answered(doubt, Answer.DROPPED, history.present, MOMENTS)
        assert step is not None
        before = history.present
        assert history.apply(step)
        assert edit_of(record_of(step)) == step
        assert history.undo()
        assert history.present is before
        history.redo()
    assert history.present.dropped == {1}
    assert history.present.excluded == {(0, Moment.ES)}
    assert history.present.answers == {"a": "dropped", "b": "dropped"}


def test_that_a_doubt_about_single_frames_leads_to_one_of_them_and_drops_no_other() -> None:
    review = small_review()
    frames = ((0, 2), (1, 0))
    doubt = Doubt("a", Message("odd", "x"), Severity.DOUBTFUL, slices=(0, 1), phases=(0, 2), frames=frames)
    assert place_of(doubt) == (0, 2)  # not the first slice at the first phase
    step = answered(doubt, Answer.DROPPED, review, MOMENTS)
    assert step is not None
    assert edited(review, step).excluded == {(0, Moment.ES), (1, Moment.ED)}
    assert place_of(replace(doubt, frames=())) == (0, 0)
    assert place_of(replace(doubt, slices=(), phases=(), frames=())) == (None, None)


def curves_of(review: Review) -> VolumeCurves:
    assert review.labels is not None
    return volume_curves(review.labels, geometry=review.stack.geometry)


def held(lv: str, rv: str) -> VolumeCurves:
    """Return curves of slices that hold a ventricle, or do not, the same at every phase."""
    lv_ml, rv_ml = (np.repeat([[float(one)] for one in which], 4, axis=1) for which in (lv, rv))
    return VolumeCurves(lv_ml, rv_ml, lv_ml)


def refused(doubt: Doubt, curves: VolumeCurves) -> str | None:
    why = why_not_dropped(doubt, small_review(), curves, MOMENTS)
    return None if why is None else why.code


def test_that_nothing_is_dropped_where_nothing_is_outlined_of_what_a_doubt_is_about() -> None:
    whole = Doubt("a", Message("odd", "x"), Severity.DOUBTFUL, slices=(0,))
    curves = held("1111", "0111")
    assert refused(whole, curves) is None
    left, right = (replace(whole, concerns=about) for about in ((Concern.LV, Concern.MASS), (Concern.RV,)))
    assert refused(left, curves) is None
    assert refused(right, curves) == "nothing_to_drop"
    assert refused(replace(whole, slices=()), curves) == "nothing_to_drop"
    only_es = VolumeCurves(*(np.array([[0, 0, 1.0, 0]] + [[1.0] * 4] * 3),) * 3)
    assert refused(replace(whole, phases=(0, 1)), only_es) == "nothing_to_drop"
    assert refused(replace(whole, phases=(1, 2)), only_es) is None
    assert refused(replace(whole, phases=(1, 2), frames=((0, 1),)), only_es) == "nothing_to_drop"


def test_that_slices_that_are_a_choice_each_are_not_dropped_together() -> None:
    """Whether the base belongs and whether the apex belongs are two questions, though one doubt asks both."""
    both = Doubt("a", Message("odd", "x"), Severity.DOUBTFUL, slices=(0, 3), phases=(0, 2))
    assert refused(both, held("1111", "0111")) is None
    together = replace(both, message=Message(UNDECIDED_TOGETHER, "x"))
    assert refused(together, held("1111", "0111")) == "drop_one_by_one"


def test_that_only_slices_at_an_end_of_what_counts_are_dropped() -> None:
    curves = held("01111110", "11111000")

    def of(*slices: int, phases: tuple[int, ...] = ()) -> str | None:
        return refused(Doubt("a", Message("odd", "x"), Severity.DOUBTFUL, slices=slices, phases=phases), curves)

    assert of(0) is of(0, 1) is of(6) is of(5, 6) is of(0, 6) is None
    assert of(6, phases=(0,)) is None
    assert of(3) == of(3, 5, 6) == of(3, phases=(2,)) == "drop_inside"
    assert of(1) == "drop_inside"  # an end of the LV, and a hole in the RV
    assert of(4) == "drop_inside"  # an end of the RV, and a hole in the LV
    assert of(0, 1, 2) == "drop_inside"  # more than readers differ by
    assert of(*range(8)) == "drop_leaves_nothing"


def test_that_a_doubt_is_corrected_only_where_something_was_redrawn() -> None:
    review = edited(small_review(), pushed(small_review(), 0))
    (index, phase) = next(iter(review.corrections.frames))
    here = Doubt("a", Message("odd", "x"), Severity.DOUBTFUL, slices=(index,), phases=(phase,))
    beside = Doubt("b", Message("odd", "x"), Severity.DOUBTFUL, slices=(index,), phases=(phase + 1,))
    assert is_corrected(here, review)
    assert not is_corrected(beside, review)
    assert not is_corrected(here, small_review())


def test_that_frames_nobody_looked_at_are_a_doubt_until_they_are_accepted() -> None:
    review = small_review()
    assert review.labels is not None
    frame = review.labels[0, 1].copy()
    frame[:30] = 0
    carried = edited(review, Redraw(Gesture.CARRY_PHASES, {(0, 1): frame}))
    (doubt,) = doubts_of(carried, ())
    assert (doubt.key, doubt.slices, doubt.phases) == (PROVISIONAL, (0,), (1,))
    assert answered(doubt, Answer.DROPPED, carried, MOMENTS) is None
    why = why_not_dropped(doubt, carried, curves_of(carried), MOMENTS)
    assert why is not None
    assert why.code == "nothing_to_drop"
    assert not is_corrected(doubt, carried)
    accept = answered(doubt, Answer.ACCEPTED, carried, MOMENTS)
    assert isinstance(accept, AcceptFrames)
    assert doubts_of(edited(carried, accept), ()) == ()


def test_that_a_doubt_says_in_whole_ml_what_is_at_stake() -> None:
    error_ml = np.array([[0.4, 2.0, 0.0, 0.0], [5.6, 0.0, 0.0, 0.0]])
    findings = (finding(Severity.WARNING, slices=(1,), phases=(0,)), finding(Severity.WARNING, phases=(1,)))
    at_stake, nowhere = doubts_of(small_review(), findings, expected_error_ml=error_ml)
    assert (at_stake.at_stake_ml, nowhere.at_stake_ml) == (6, None)
    assert not at_stake.tells_ml


def test_that_a_doubt_whose_sentence_tells_ml_has_the_same_at_its_head() -> None:
    """Beside 6 mL that the model's errors let expect, the slice's own 62.6 mL, of which its sentence speaks."""
    error_ml = np.array([[0.0, 0.0, 0.0, 0.0], [5.6, 0.0, 0.0, 0.0]])
    told = replace(finding(Severity.DOUBTFUL, slices=(1,), phases=(0,)), told_ml=62.6)
    for known in (error_ml, None):
        (doubt,) = doubts_of(small_review(), (told,), expected_error_ml=known)
        assert (doubt.at_stake_ml, doubt.tells_ml) == (63, True)
