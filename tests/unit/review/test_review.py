"""Reviews are values: edits make new ones, history walks between them, the AI result never changes."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from cinecor.inference.outline.segmentation import ModelIdentity, Runtime, Segmentation
from cinecor.measure.moment import AUTOMATIC
from cinecor.review import (
    AcceptFrames,
    Answer,
    AnswerFinding,
    Body,
    ChoosePapillaries,
    CorrectionLayer,
    DropSlice,
    Edit,
    FollowCurve,
    FrameState,
    Gesture,
    History,
    Moment,
    Redraw,
    Review,
    SetBody,
    SetPhase,
    ToggleSlice,
    finding_keys,
    open_findings,
    redraw_one,
)
from cinecor.review.answers import frames_of
from cinecor.review.papillary_choice import PapillaryChoice, PapillaryConvention
from cinecor.study import CineStack, ImportAudit, StackGeometry

SHAPE = (3, 4, 8, 9)


def review() -> Review:
    geometry = StackGeometry(
        np.zeros((3, 3)), np.array([1.0, 0, 0]), np.array([0, 1.0, 0]), (1.0, 1.0), 10.0, np.full(3, 10.0)
    )
    stack = CineStack(np.zeros(SHAPE, np.float32), geometry, None, 60.0, None, ())
    audit = ImportAudit(1, 1, (), None, np.ones(SHAPE[:2], np.bool_), ())
    labels = np.full(SHAPE, 3, np.uint8)
    labels.setflags(write=False)
    made_by = ModelIdentity("model", "1", "0" * 64, "fp32")
    segmentation = Segmentation(labels, np.ones(SHAPE[:2], np.float32), made_by, Runtime("cpu", "CPU"), ())
    return Review(stack, audit, segmentation)


EDITS: list[Edit] = [
    SetPhase(Moment.ED, 2),
    SetPhase(Moment.ES, 1),
    ToggleSlice(1, Moment.ES),
    DropSlice(0),
    SetBody(Body(70.0, 180.0, 80.0)),
    redraw_one(Gesture.PUSH, (1, 2), np.zeros(SHAPE[2:], np.uint8)),
    Redraw(Gesture.CARRY_PHASES, {(1, 2): np.zeros(SHAPE[2:], np.uint8), (1, 3): np.ones(SHAPE[2:], np.uint8)}),
    AcceptFrames.of([(0, 0)]),
    AnswerFinding("rim_open|1|", Answer.ACCEPTED, ((1, 0),)),
    ChoosePapillaries(PapillaryChoice(PapillaryConvention.MASS)),
]


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.name)
def test_that_an_edit_leaves_its_review_alone_and_undo_gives_it_back(edit: Edit) -> None:
    before = review()
    history = History(before)
    assert history.apply(edit)
    assert history.present is not before
    assert history.undo_name == edit.name
    assert history.undo()
    assert history.present is before
    assert history.redo()
    assert history.redo_name is None


def test_that_an_edit_that_changes_nothing_is_no_step() -> None:
    history = History(review())
    assert not history.apply(SetPhase(Moment.ED, None))
    assert not history.apply(FollowCurve())
    assert history.undo_name is None


def test_that_both_moments_go_back_to_the_curve_in_one_step() -> None:
    history = History(review())
    history.apply(SetPhase(Moment.ED, 2))
    history.apply(SetPhase(Moment.ES, 1))
    by_hand = history.present.moments
    assert history.apply(FollowCurve())
    assert history.present.moments == AUTOMATIC
    assert history.undo()
    assert history.present.moments == by_hand


def test_that_a_new_edit_ends_what_could_be_redone() -> None:
    history = History(review())
    history.apply(DropSlice(0))
    history.undo()
    history.apply(DropSlice(1))
    assert not history.redo()


def test_that_a_correction_lies_over_the_ai_result_and_is_sparse() -> None:
    start = review()
    drawn = redraw_one(Gesture.PUSH, (1, 2), np.zeros(SHAPE[2:], np.uint8)).apply(start)
    assert start.segmentation is not None
    assert drawn.segmentation is start.segmentation
    assert drawn.labels is not None
    assert not drawn.labels[1, 2].any()
    assert (np.delete(drawn.labels.reshape(12, 8, 9), 6, axis=0) == 3).all()
    assert start.labels is start.segmentation.labels  # nothing is copied without a correction
    assert not drawn.labels.flags.writeable


def test_that_a_correction_can_be_taken_off_one_frame() -> None:
    layer = CorrectionLayer().changed({(0, 0): np.zeros((2, 2)), (1, 1): np.ones((2, 2))}, FrameState.CORRECTED)
    back = layer.changed({(0, 0): None}, None)
    assert set(back.frames) == set(back.states) == {(1, 1)}
    assert set(layer.frames) == {(0, 0), (1, 1)}


def test_that_frames_are_corrected_provisional_or_accepted() -> None:
    empty = np.zeros(SHAPE[2:], np.uint8)
    history = History(review())
    history.apply(redraw_one(Gesture.BRUSH, (1, 1), empty))
    history.apply(Redraw(Gesture.FILL, {(1, 2): empty, (1, 3): empty}))
    history.apply(AcceptFrames.of([(0, 0), (1, 1), (1, 3)]))
    layer = history.present.corrections
    assert layer.states == {
        (0, 0): FrameState.ACCEPTED,  # the model's, looked at
        (1, 1): FrameState.CORRECTED,  # stays known as drawn by hand
        (1, 2): FrameState.PROVISIONAL,
        (1, 3): FrameState.ACCEPTED,
    }
    assert layer.settled == {(0, 0), (1, 1), (1, 3)}
    history.undo()
    assert history.present.corrections.settled == {(1, 1)}


def test_that_one_undo_takes_back_every_frame_a_gesture_touched_and_tells_where() -> None:
    history = History(review())
    edit = Redraw(Gesture.CARRY_PHASES, {(1, 3): np.zeros(SHAPE[2:], np.uint8), (0, 2): np.ones(SHAPE[2:], np.uint8)})
    history.apply(edit)
    assert history.undo_edit is edit
    assert edit.places == ((0, 2), (1, 3))
    history.undo()
    assert not history.present.corrections.frames


def test_that_history_is_as_long_as_the_study_needs() -> None:
    history = History(review())
    for number in range(500):
        history.apply(SetBody(Body(40.0 + number)))
    while history.undo():
        pass
    assert history.present.body == Body()
    assert len(history.edits) == 0


def test_that_redrawing_what_is_there_is_no_step() -> None:
    start = review()
    same = np.full(SHAPE[2:], 3, np.uint8)  # as the model has it
    assert redraw_one(Gesture.PUSH, (1, 2), same).apply(start) is start
    assert redraw_one(Gesture.MODEL_AGAIN, (1, 2), None).apply(start) is start


def test_that_a_frame_comes_back_to_the_models() -> None:
    history = History(review())
    history.apply(redraw_one(Gesture.PUSH, (1, 2), np.zeros(SHAPE[2:], np.uint8)))
    history.apply(redraw_one(Gesture.MODEL_AGAIN, (1, 2), None))
    assert history.present.labels is history.present.segmentation.labels  # type: ignore[union-attr]
    assert not history.present.corrections.states


def test_that_a_caller_cannot_change_a_frame_afterwards() -> None:
    mine = np.zeros(SHAPE[2:], np.uint8)
    drawn = redraw_one(Gesture.PUSH, (1, 2), mine).apply(review())
    mine[0, 0] = 3
    assert not drawn.corrections.frames[1, 2].any()


def test_that_the_ai_result_comes_under_every_step_of_the_history() -> None:
    whole = review()
    history = History(replace(whole, segmentation=None))
    history.apply(SetBody(Body(70.0)))
    history.rebase(lambda one: replace(one, segmentation=whole.segmentation))
    history.undo()
    assert history.present.segmentation is whole.segmentation


@pytest.mark.parametrize("phase", [-1, 4])
def test_that_a_phase_outside_the_cycle_is_refused(phase: int) -> None:
    with pytest.raises(ValueError, match="not among the 4 phases"):
        SetPhase(Moment.ED, phase).apply(review())


def test_that_a_frame_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="must be"):
        redraw_one(Gesture.PUSH, (0, 0), np.zeros((2, 2), np.uint8)).apply(review())


@pytest.mark.parametrize("place", [(-1, 0), (3, 0), (0, 4)])
def test_that_a_frame_outside_the_stack_is_refused(place: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="there is no frame"):
        redraw_one(Gesture.PUSH, place, np.zeros(SHAPE[2:], np.uint8)).apply(review())


def test_that_body_surface_is_mostellers() -> None:
    assert Body(None, 180.0, 80.0).surface_m2 == pytest.approx(2.0)
    assert Body(None, 180.0, None).surface_m2 is None


@dataclass(frozen=True)
class _Finding:
    code: str
    slices: tuple[int, ...] = ()
    phases: tuple[int, ...] = ()
    concerns: tuple[str, ...] = ()
    passed_on: str = ""


def test_that_one_answer_never_answers_two_questions() -> None:
    findings = (
        _Finding("odd_ef", concerns=("lv",)),
        _Finding("odd_ef", concerns=("rv",)),
        _Finding("import_doubt", passed_on="mixed_series"),
        _Finding("import_doubt", passed_on="other_patient"),
        _Finding("import_doubt", passed_on="other_patient"),
    )
    keys = finding_keys(findings)
    for at, key in enumerate(keys):
        assert open_findings(findings, {key: "accepted"}) == (*findings[:at], *findings[at + 1 :])
    assert finding_keys(findings[1:2]) == keys[1:2]  # the other one mended, this is still known


def test_that_a_finding_stays_open_until_it_is_answered_and_can_be_opened_again() -> None:
    findings = (_Finding("volume_jump", (), (3,)), _Finding("rim_open", (1,)), _Finding("rim_open", (2,)))
    history = History(review())
    key = finding_keys(findings)[1]
    history.apply(AnswerFinding(key, Answer.ACCEPTED, frames_of(findings[1], phases=range(2))))
    assert history.undo_edit is not None
    assert history.undo_edit.places == ((1, 0), (1, 1))
    assert open_findings(findings, history.present.answers) == (findings[0], findings[2])
    history.apply(AnswerFinding(key, None))
    assert open_findings(findings, history.present.answers) == findings
    assert not history.apply(AnswerFinding("never asked", None))
