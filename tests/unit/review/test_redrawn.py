"""`redrawn_places`: a log tells which frames stand redrawn as the review does, whatever was undone on the way."""

import random

import numpy as np
import pytest
from unit.review.studies import PHASES, SLICES, small_review

from cinecor.review import Edit, Gesture, History, Moment, Redraw, SetPhase
from cinecor.review.log.record import REDO, UNDO, Record, record_of
from cinecor.review.log.redrawn import redrawn_places


def _edit(draw: random.Random, history: History) -> Edit:
    """A redraw of some frames, back to the model's, or a choice that moves no outline."""
    labels = history.present.labels
    assert labels is not None
    places = draw.sample([(index, phase) for index in range(SLICES) for phase in range(PHASES)], k=2)
    kind = draw.choice(["redraw", "redraw", "model", "phase"])
    if kind == "phase":
        return SetPhase(Moment.ED, draw.randrange(PHASES))
    if kind == "model":
        return Redraw(Gesture.MODEL_AGAIN, dict.fromkeys(places))
    row = draw.randrange(labels.shape[2])
    frames = {place: labels[place].copy() for place in places}
    for frame in frames.values():
        frame[row] = (frame[row] + 1) % 4
    return Redraw(Gesture.BRUSH, frames)


@pytest.mark.parametrize("seed", range(8))
def test_that_a_log_tells_which_frames_stand_redrawn(seed: int) -> None:
    draw = random.Random(seed)
    history = History(small_review())
    log: list[Record] = []
    for _ in range(40):
        step = draw.choice(["edit", "edit", "undo", "redo"])
        if step == "undo" and history.undo():
            log.append(Record(UNDO))
        elif step == "redo" and history.redo():
            log.append(Record(REDO))
        elif step == "edit" and history.apply(edit := _edit(draw, history)):
            log.append(record_of(edit))
        assert redrawn_places(log) == set(history.present.corrections.frames)
    assert np.any([record.kind == REDO for record in log])
    while history.undo():
        log.append(Record(UNDO))
    assert redrawn_places(log) == frozenset()
