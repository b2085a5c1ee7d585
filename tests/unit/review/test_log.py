"""The log: any session of edits, undos and redos keeps the rules, and doing it again gives the same masks."""

import json
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from unit.review.frames import SHAPE, SPACING_MM
from unit.review.studies import PHASES, SLICES, small_review
from unit.review.test_review import EDITS

from cinecor.errors import InputError
from cinecor.measure.reference.table import Sex
from cinecor.measure.regional.insertion import SetInsertion
from cinecor.review import (
    AcceptFrames,
    BaseRule,
    Body,
    ChooseBase,
    ChoosePapillaries,
    DropSlice,
    Edit,
    FollowCurve,
    Gesture,
    History,
    Moment,
    Redraw,
    RemoveValveLines,
    Review,
    SetBody,
    SetInsertionPoints,
    SetPhase,
    SetValveLine,
    ToggleSlice,
    redraw_one,
)  # fmt: skip
from cinecor.review.borders import Border, broken_rules
from cinecor.review.carry import carry_over_phases, carry_over_slices, fill_between
from cinecor.review.log.frame_code import decoded, encoded
from cinecor.review.log.record import REDO, UNDO, Record, edit_of, record_of
from cinecor.review.log.replay import replayed
from cinecor.review.papillary_choice import PapillaryChoice, PapillaryConvention
from cinecor.review.tools.brush import brush, erase
from cinecor.review.tools.deletion import delete, model_again, onward
from cinecor.review.tools.drawn_line import drag_handle, new_outline, redraw_arc
from cinecor.review.tools.papillary import hull
from cinecor.review.tools.push import push
from cinecor.review.valve.line import Valve, ValveLine, ValveView

BASE = small_review()
VIEW = ValveView("1.2.840.7", Valve.TRICUSPID)
LINE = ValveLine((((0.5, 1.25, -3.0), (30.0, 1.0, 2.0)),) * 5, (0, 3), (4,), (0.0, 0.6, 0.8), None)
places = st.tuples(st.integers(0, SLICES - 1), st.integers(0, PHASES - 1))
spots = st.tuples(st.integers(0, SHAPE[1]), st.integers(0, SHAPE[0]))
ways = st.lists(spots, min_size=1, max_size=4)
borders = st.sampled_from(Border)
steps = st.one_of(
    st.sampled_from([(UNDO,), (REDO,)]),
    st.tuples(st.sampled_from([Gesture.PUSH, Gesture.BRUSH, Gesture.ERASE]), places, borders, ways, st.floats(1, 15)),
    st.tuples(st.sampled_from([Gesture.ARC, Gesture.OUTLINE]), places, borders,
              st.lists(spots, min_size=3, max_size=6, unique=True)),
    st.tuples(st.just(Gesture.HANDLE), places, borders, spots, spots),
    st.tuples(st.just(Gesture.HULL), places),
    st.tuples(st.sampled_from([Gesture.DELETE, Gesture.DELETE_ONWARD, Gesture.MODEL_AGAIN]), places,
              st.one_of(st.none(), borders)),
    st.tuples(st.sampled_from([Gesture.CARRY_PHASES, Gesture.CARRY_SLICES]), places),
    st.tuples(st.just(Gesture.FILL), st.integers(0, SLICES - 1)),
    st.tuples(st.just("edit"), st.sampled_from([
        AcceptFrames.of([(0, 1), (1, 2)]), SetPhase(Moment.ES, 1), FollowCurve(),
        ToggleSlice(1, Moment.ED), DropSlice(0),
        SetBody(Body(70.0, 180.0, 80.0, Sex.FEMALE, 63)), SetInsertionPoints(1, SetInsertion(250.0, 110.0)),
        SetInsertionPoints(1, None), SetValveLine(VIEW, LINE), SetValveLine(VIEW, None),
        SetValveLine(VIEW, LINE, BaseRule.FRACTIONAL), RemoveValveLines((VIEW,)),
        ChoosePapillaries(PapillaryChoice(PapillaryConvention.MASS, ((0, 0.25),))), ChooseBase(BaseRule.FRACTIONAL),
    ])),
)  # fmt: skip


def _edit(review: Review, step: tuple[Any, ...]) -> Edit:
    """What the desktop makes of a gesture."""
    gesture, *rest = step
    if gesture == "edit":
        return rest[0]
    assert review.labels is not None
    assert review.segmentation is not None
    labels = review.labels
    if gesture is Gesture.FILL:
        index = rest[0]
        filled = fill_between(
            labels, (index, 0), (index, PHASES - 1), pixel_spacing_mm=SPACING_MM, settled=review.corrections.settled
        )
        return Redraw(gesture, filled)
    place = rest[0]
    frame = labels[place]
    if gesture in (Gesture.CARRY_PHASES, Gesture.CARRY_SLICES):
        over_phases = partial(carry_over_phases, pixels=review.stack.pixels)
        carry = over_phases if gesture is Gesture.CARRY_PHASES else carry_over_slices
        carried = carry(
            labels, place, review.segmentation.labels[place], confidence=review.segmentation.confidence,
            pixel_spacing_mm=SPACING_MM, settled=review.corrections.settled,
        )  # fmt: skip
        return Redraw(gesture, carried.frames)
    if gesture is Gesture.DELETE_ONWARD:
        return Redraw(gesture, {there: delete(labels[there], rest[1]) for there in onward(labels, place, rest[1])})
    if gesture is Gesture.MODEL_AGAIN and rest[1] is None:
        return redraw_one(gesture, place, None)
    return redraw_one(gesture, place, _drawn(gesture, frame, review.segmentation.labels[place], rest[1:]))


def _drawn(
    gesture: Gesture, frame: NDArray[np.uint8], of_model: NDArray[np.uint8], rest: list[Any]
) -> NDArray[np.uint8]:
    drawn = {
        Gesture.PUSH: lambda held, way, mm: push(frame, way, radius_mm=mm, pixel_spacing_mm=SPACING_MM, held=held),
        Gesture.BRUSH: lambda border, way, mm: brush(frame, border, way, radius_mm=mm, pixel_spacing_mm=SPACING_MM),
        Gesture.ERASE: lambda border, way, mm: erase(frame, border, way, radius_mm=mm, pixel_spacing_mm=SPACING_MM),
        Gesture.ARC: lambda border, stroke: redraw_arc(frame, border, stroke, pixel_spacing_mm=SPACING_MM),
        Gesture.OUTLINE: lambda border, clicks: new_outline(frame, border, clicks, pixel_spacing_mm=SPACING_MM),
        Gesture.HANDLE: lambda border, a, b: drag_handle(frame, border, a, b, pixel_spacing_mm=SPACING_MM),
        Gesture.HULL: lambda: hull(frame),
        Gesture.DELETE: lambda border: delete(frame, border),
        Gesture.MODEL_AGAIN: lambda border: model_again(frame, of_model, border),
    }
    return drawn[gesture](*rest)


def _all(history: History) -> list[tuple[Any, ...]]:
    """Everything a history holds, from its first review to its last."""
    found = []
    while history.undo():
        pass
    while True:
        now = history.present
        assert now.labels is not None
        found.append((now.labels.tobytes(), dict(now.corrections.states), replace(now.choices, corrections=None)))  # type: ignore[arg-type]
        if not history.redo():
            return found


@given(st.lists(steps, max_size=8))
@settings(max_examples=60, deadline=None)
def test_that_any_session_keeps_the_rules_and_is_done_again_bit_for_bit(session: list[tuple[Any, ...]]) -> None:
    history, log = History(BASE), []
    for step in session:
        if step in ((UNDO,), (REDO,)):
            done = history.undo() if step == (UNDO,) else history.redo()
            kept = Record(step[0])
        else:
            edit = _edit(history.present, step)
            done, kept = history.apply(edit), record_of(edit)
        if done:
            log.append(kept)
        for frame in history.present.corrections.frames.values():
            assert broken_rules(frame) == ()
    again = replayed(BASE, log)
    assert again.present.labels is not None
    assert history.present.labels is not None
    assert (again.present.labels == history.present.labels).all()
    assert again.undo_name == history.undo_name
    assert again.redo_name == history.redo_name
    assert _all(again) == _all(history)


@given(places, st.binary(max_size=40))
def test_that_a_frame_is_encoded_and_decoded_bit_for_bit_and_nothing_else_is_taken_for_one(
    place: tuple[int, int], noise: bytes
) -> None:
    frame = BASE.labels[place]  # type: ignore[index]
    assert (decoded(encoded(frame)) == frame).all()
    assert len(encoded(frame)) < 600
    assert not decoded(encoded(np.zeros(SHAPE, np.uint8))).any()
    with pytest.raises(InputError, match="damaged"):
        decoded(encoded(frame)[:20] + noise)


@pytest.mark.parametrize("edit", [*EDITS, FollowCurve()], ids=lambda edit: edit.name)
def test_that_every_edit_can_be_kept(edit: Edit) -> None:
    again = edit_of(record_of(edit))
    assert record_of(again) == record_of(edit)
    assert again.name == edit.name
    assert again.places == edit.places


@pytest.mark.parametrize(
    "record",
    [Record("redraw.magic", '{"border":null,"frames":[]}'), Record("transplant"), Record("phase", '{"moment":"noon"}'),
     Record("drop", "{"), Record("redraw.push", '{"border":null,"frames":[[0,0,4]]}', b"12345")],
)  # fmt: skip
def test_that_a_step_nobody_understands_is_refused_and_not_left_out(record: Record) -> None:
    with pytest.raises(InputError, match=r"cannot be understood|damaged"):
        replayed(BASE, [record])


def test_that_a_record_is_plain_json() -> None:
    facts = json.loads(record_of(SetBody(Body(70.0))).facts)
    assert facts == {"heart_rate_bpm": 70.0, "height_cm": None, "weight_kg": None, "sex": None, "age_years": None}


def test_that_a_body_kept_before_sex_and_age_were_known_is_read() -> None:
    kept = Record("body", '{"heart_rate_bpm": 70.0, "height_cm": null, "weight_kg": null}')
    assert replayed(BASE, [kept]).present.body == Body(70.0)
