"""What one corrected frame does to others: which change is carried, where it may go, and what fills between."""

from collections.abc import Collection
from types import MappingProxyType

import numpy as np
import pytest
from faults import Fault, plant
from numpy.typing import NDArray
from unit.review.frames import SPACING_MM, heart

from cinecor.app.carry_change import (
    Along,
    CarryTo,
    Meant,
    Spread,
    back_to_models,
    carried,
    ends_around,
    filled_between,
    meant_at,
    provisional,
    still_wanted,
)
from cinecor.app.spread_told import told_of
from cinecor.inference.outline.segmentation import ModelIdentity, Runtime, Segmentation
from cinecor.review import AcceptFrames, FrameState, Gesture, History, Redraw, Review, redraw_one
from cinecor.review.borders import Border, region
from cinecor.review.carry.stop import Stop
from cinecor.study import CineStack, ImportAudit, StackGeometry

SLICES, PHASES = 3, 7
PLACE = (1, 3)


def _review(labels: NDArray[np.uint8]) -> Review:
    geometry = StackGeometry(
        np.arange(SLICES)[:, np.newaxis] * np.array([0.0, 0.0, -8.0]), np.array([1.0, 0, 0]), np.array([0, 1.0, 0]),
        SPACING_MM, 8.0, np.full(SLICES, 8.0),
    )  # fmt: skip
    grey = np.array([60.0, 200.0, 90.0, 220.0], np.float32)[labels]
    stack = CineStack(grey, geometry, None, 60.0, None, ())
    audit = ImportAudit(1, 1, (), None, np.ones((SLICES, PHASES), np.bool_), ())
    sure = np.full((SLICES, PHASES), 0.8, np.float32)
    found = Segmentation(labels, sure, ModelIdentity("model", "1", "", "int8"), Runtime("cpu", "CPU"), ())
    return Review(stack, audit, found)


@pytest.fixture
def truth() -> NDArray[np.uint8]:
    """Three slices of a heart that hardly beats: what is carried depends on the fault alone."""
    frames = [[heart(cavity_mm=18.0 + 0.3 * index + 0.2 * phase) for phase in range(PHASES)] for index in range(SLICES)]
    return np.array(frames)


@pytest.fixture
def spoiled(truth: NDArray[np.uint8]) -> History:
    """The review of a model that makes the same bulge everywhere."""
    labels = np.array([[plant(one, Fault.BULGE, pixel_spacing_mm=SPACING_MM).frame for one in row] for row in truth])
    return History(_review(labels))


def _correct(history: History, frame: NDArray[np.uint8], border: Border | None = Border.EPI) -> Meant:
    assert history.apply(redraw_one(Gesture.PUSH, PLACE, frame, border=border))
    meant = meant_at(PLACE, history.present, history.edits)
    assert meant is not None
    return meant


def test_that_only_what_a_hand_corrected_is_carried(spoiled: History, truth: NDArray[np.uint8]) -> None:
    assert meant_at(PLACE, spoiled.present, spoiled.edits) is None
    spoiled.apply(AcceptFrames.of([PLACE]))
    assert meant_at(PLACE, spoiled.present, spoiled.edits) is None
    assert _correct(spoiled, truth[PLACE]) == Meant(PLACE, frozenset({Border.EPI}))


def test_that_the_borders_meant_are_those_of_all_gestures_since_the_models(
    spoiled: History, truth: NDArray[np.uint8]
) -> None:
    other = truth[PLACE].copy()
    other[other == 1] = 0
    assert _correct(spoiled, other, Border.RV).borders == {Border.RV}
    assert _correct(spoiled, truth[PLACE]).borders == {Border.RV, Border.EPI}
    spoiled.apply(redraw_one(Gesture.MODEL_AGAIN, PLACE, None))
    assert _correct(spoiled, truth[PLACE]).borders == {Border.EPI}
    assert _correct(spoiled, other, None).borders == set(Border)


@pytest.mark.parametrize(("to", "axis"), [(CarryTo.PHASES, 1), (CarryTo.LATER_PHASES, 1), (CarryTo.SLICES, 0)], ids=str)
def test_that_a_change_goes_along_one_axis_and_stays_provisional(
    spoiled: History, truth: NDArray[np.uint8], to: CarryTo, axis: int
) -> None:
    meant = _correct(spoiled, truth[PLACE])
    edit = carried(meant, spoiled.present, to).edit
    assert edit.frames
    assert {place[1 - axis] for place in edit.frames} == {PLACE[1 - axis]}
    assert PLACE not in edit.frames
    if to is CarryTo.LATER_PHASES:
        assert all(phase > PLACE[1] for _, phase in edit.frames)
    for place, frame in edit.frames.items():
        assert frame is not None
        assert spoiled.present.segmentation is not None
        before = spoiled.present.segmentation.labels[place]
        assert region(frame, Border.EPI).sum() < region(before, Border.EPI).sum()
        assert np.array_equal(region(frame, Border.ENDO), region(before, Border.ENDO))
    spoiled.apply(edit)
    assert provisional(spoiled.present) == edit.places


def test_that_frames_that_somebody_settled_are_not_touched(spoiled: History, truth: NDArray[np.uint8]) -> None:
    meant = _correct(spoiled, truth[PLACE])
    spoiled.apply(AcceptFrames.of([(1, 4)]))
    spread = carried(meant, spoiled.present, CarryTo.PHASES)
    assert all(phase < PLACE[1] for _, phase in spread.edit.frames)
    assert spread.stops[1, 4] is Stop.SETTLED


def test_that_what_was_drawn_meanwhile_is_left_as_it_is(spoiled: History, truth: NDArray[np.uint8]) -> None:
    meant = _correct(spoiled, truth[PLACE])
    before = spoiled.present
    made = carried(meant, before, CarryTo.PHASES)
    assert {(1, 2), (1, 4)} <= set(made.edit.frames)
    spoiled.apply(redraw_one(Gesture.DELETE, (1, 2), np.zeros_like(truth[PLACE])))
    spoiled.apply(AcceptFrames.of([(1, 4)]))
    left = still_wanted(made, before, spoiled.present)
    assert set(made.edit.frames) - set(left.edit.frames) == {(1, 2), (1, 4)}
    assert left.edit.gesture is made.edit.gesture
    assert left.stops == made.stops


@pytest.mark.parametrize(
    ("settled", "at", "along", "ends"),
    [
        ([(1, 1), (1, 5)], (1, 3), Along.PHASES, ((1, 1), (1, 5))),
        ([(1, 1), (1, 3), (1, 5)], (1, 3), Along.PHASES, ((1, 3), (1, 5))),
        ([(1, 1), (1, 5)], (1, 5), Along.PHASES, ((1, 1), (1, 5))),
        ([(1, 1), (2, 5)], (1, 3), Along.PHASES, None),
        ([(1, 1)], (1, 3), Along.PHASES, None),
        ([], (1, 3), Along.PHASES, None),
        ([(0, 3), (2, 3)], (1, 3), Along.SLICES, ((0, 3), (2, 3))),
    ],
)
def test_that_filling_goes_between_the_nearest_settled_frames(
    spoiled: History, settled: list[tuple[int, int]], at: tuple[int, int], along: Along, ends: object
) -> None:
    spoiled.apply(AcceptFrames.of(settled))
    assert ends_around(at, spoiled.present, along) == ends


def test_that_filled_frames_lie_between_their_ends_and_are_provisional(truth: NDArray[np.uint8]) -> None:
    labels = truth.copy()
    labels[1, 2:5] = truth[1, 6]
    history = History(_review(labels))
    history.apply(AcceptFrames.of([(1, 1), (1, 5)]))
    edit = filled_between(((1, 1), (1, 5)), history.present).edit
    assert set(edit.frames) == {(1, 2), (1, 3), (1, 4)}
    history.apply(edit)
    assert history.present.labels is not None
    sizes = [int(region(history.present.labels[1, phase], Border.ENDO).sum()) for phase in range(1, 6)]
    assert sizes == sorted(sizes)
    assert history.present.corrections.states[1, 3] is FrameState.PROVISIONAL


def test_that_the_models_comes_back_only_where_something_was_done(spoiled: History, truth: NDArray[np.uint8]) -> None:
    _correct(spoiled, truth[PLACE])
    everywhere = [(index, phase) for index in range(SLICES) for phase in range(PHASES)]
    edit = back_to_models(spoiled.present, everywhere)
    assert edit.frames == {PLACE: None}
    one = back_to_models(spoiled.present, [PLACE], Border.EPI)
    assert one.border is Border.EPI
    assert spoiled.present.segmentation is not None
    frame = one.frames[PLACE]
    assert frame is not None
    assert np.array_equal(region(frame, Border.EPI), region(spoiled.present.segmentation.labels[PLACE], Border.EPI))
    assert not back_to_models(spoiled.present, [(0, 0)]).frames
    assert not spoiled.apply(Redraw(Gesture.MODEL_AGAIN, MappingProxyType({})))


def _told(spread: Spread, *, doubtful: Collection[tuple[int, int]] = ()) -> list[str]:
    return [str(message) for message in told_of(spread, doubtful=doubtful)]


def test_that_where_carrying_stopped_is_told_with_the_reason() -> None:
    edit = Redraw(Gesture.CARRY_PHASES, {(1, phase): np.zeros((4, 4), np.uint8) for phase in (2, 3, 4)})
    assert _told(Spread(edit, {(1, 1): Stop.SETTLED, (1, 5): Stop.FAR})) == [
        "Carried to slice 2, phases 3 to 5. Look at them, then Enter.",
        "It stopped before slice 2, phase 2, which was corrected or accepted already.",
        "It stopped before slice 2, phase 6: no change is carried farther than that.",
    ]
    assert _told(Spread(edit, {(1, 5): Stop.SOUND}))[1:] == [
        "It stopped before slice 2, phase 6, which does not show this fault."
    ]


def test_that_a_doubtful_frame_at_which_carrying_stopped_is_to_be_looked_at() -> None:
    stops = {(1, 5): Stop.SOUND, (1, 1): Stop.SOUND}
    nothing, some = (Redraw(Gesture.CARRY_PHASES, frames) for frames in ({}, {(1, 4): np.zeros((4, 4), np.uint8)}))
    doubtful = (
        "It stopped before slice 2, phase 6, which is doubtful but does not show this fault: look at it by itself."
    )
    assert _told(Spread(some, stops), doubtful=[(1, 5)])[2] == doubtful
    nowhere = "No other frame has the same fault: nothing was changed."
    assert _told(Spread(nothing, stops), doubtful=[(1, 5)]) == [nowhere, doubtful]
    assert _told(Spread(nothing, stops)) == [nowhere]


def test_that_what_was_filled_is_told_as_such() -> None:
    frames = {(index, 3): np.zeros((4, 4), np.uint8) for index in (1, 2)}
    assert _told(Spread(Redraw(Gesture.FILL, frames))) == ["Filled: slices 2 and 3, phase 4. Look at them, then Enter."]
