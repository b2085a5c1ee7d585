"""Reviews are values: edits make new ones, history walks between them, the AI result never changes."""

from dataclasses import replace

import numpy as np
import pytest

from cinecor.inference.outline.segmentation import ModelIdentity, Runtime, Segmentation
from cinecor.review import (
    Body,
    CorrectionLayer,
    DropSlice,
    Edit,
    History,
    Moment,
    RedrawFrame,
    Review,
    SetBody,
    SetPhase,
    ToggleSlice,
)
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
    RedrawFrame(1, 2, np.zeros(SHAPE[2:], np.uint8)),
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
    assert history.undo_name is None


def test_that_a_new_edit_ends_what_could_be_redone() -> None:
    history = History(review())
    history.apply(DropSlice(0))
    history.undo()
    history.apply(DropSlice(1))
    assert not history.redo()


def test_that_a_correction_lies_over_the_ai_result_and_is_sparse() -> None:
    start = review()
    drawn = RedrawFrame(1, 2, np.zeros(SHAPE[2:], np.uint8)).apply(start)
    assert start.segmentation is not None
    assert drawn.segmentation is start.segmentation
    assert drawn.labels is not None
    assert not drawn.labels[1, 2].any()
    assert (np.delete(drawn.labels.reshape(12, 8, 9), 6, axis=0) == 3).all()
    assert start.labels is start.segmentation.labels  # nothing is copied without a correction
    assert not drawn.labels.flags.writeable


def test_that_a_correction_can_be_taken_off_one_frame() -> None:
    layer = CorrectionLayer().with_frame((0, 0), np.zeros((2, 2))).with_frame((1, 1), np.ones((2, 2)))
    assert set(layer.without_frame((0, 0)).frames) == {(1, 1)}


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
        RedrawFrame(0, 0, np.zeros((2, 2), np.uint8)).apply(review())


def test_that_body_surface_is_mostellers() -> None:
    assert Body(None, 180.0, 80.0).surface_m2 == pytest.approx(2.0)
    assert Body(None, 180.0, None).surface_m2 is None
