"""A fractional base by lines along the phantom's own rings, against the phantom's closed-form volumes."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from unit.review.valve.rings import BOTH, MITRAL, drawn

from cinecor.inference.outline.segmentation import Label
from cinecor.measure.ventricle import Ventricle
from cinecor.report.composition import compose_results
from cinecor.review import (
    BaseRule,
    ChooseBase,
    DropSlice,
    Gesture,
    History,
    Moment,
    Review,
    ToggleSlice,
    redraw_one,
    review_result,
)
from cinecor.review.live_numbers import LiveNumbers
from cinecor.review.result import ReviewResult
from cinecor.review.valve.line import Valve
from cinecor_phantom import Phantom
from cinecor_phantom.labels import draw_labels
from cinecor_phantom.phantom import Beating
from cinecor_phantom.plane import stack_planes

FRACTIONAL = ChooseBase(BaseRule.FRACTIONAL)
BEYOND_MM = 20.0


def outlined(review: Review, phantom: Phantom) -> Review:
    """The review with the ventricles outlined beyond their valves, as a reader does it for a fractional base."""
    beating = Beating.of_phantom(phantom)
    open_ended = [
        replace(
            moment,
            **{
                name: replace(solid, base_mm=solid.base_mm - BEYOND_MM)
                for name, solid in (("endo", moment.endo), ("epi", moment.epi), ("rv", moment.rv))
            },
        )
        for moment in beating.moments
    ]
    planes = stack_planes(phantom.geometry, phantom.acquisition)
    labels = draw_labels(beating.beat, open_ended, planes=planes, warp=beating.warp)
    assert review.segmentation is not None
    return replace(review, segmentation=replace(review.segmentation, labels=labels))


def result_of(review: Review) -> ReviewResult:
    result = review_result(review)
    assert result is not None
    return result


def test_that_the_fractional_base_ends_at_the_ring_and_whole_slices_jump(plain: Review, phantom: Phantom) -> None:
    review = drawn(plain, phantom, *MITRAL)
    whole = result_of(review).curves.lv_ml
    parts = result_of(FRACTIONAL.apply(outlined(review, phantom))).curves.lv_ml
    truth = phantom.truth.lv_ml
    assert np.abs(parts - truth).max() < 1.0
    assert np.abs(whole - truth).max() > 2.0


def test_that_whole_slices_count_until_it_is_asked_for_and_where_no_line_was_drawn(
    plain: Review, phantom: Phantom
) -> None:
    lined = drawn(plain, phantom, *MITRAL)
    before, usual, asked = (result_of(one) for one in (plain, lined, FRACTIONAL.apply(plain)))
    for other in (usual, asked):
        assert other.curves.lv_ml == pytest.approx(before.curves.lv_ml)
        assert other.fractional == ()
    on = result_of(FRACTIONAL.apply(lined))
    assert on.fractional == (Ventricle.LV,)
    assert on.curves.rv_ml == pytest.approx(before.curves.rv_ml)  # no line of the tricuspid valve
    assert not np.allclose(on.curves.lv_ml, before.curves.lv_ml)
    assert result_of(FRACTIONAL.apply(drawn(plain, phantom, *BOTH))).fractional == (Ventricle.LV, Ventricle.RV)


def test_that_it_is_named_in_conventions_choices_and_ranges_and_takes_the_interval_away(
    plain: Review, phantom: Phantom
) -> None:
    told = {}
    for review in (drawn(plain, phantom, *MITRAL), FRACTIONAL.apply(drawn(plain, phantom, *MITRAL))):
        results = compose_results(review, result_of(review), input_path=Path("study"))
        told[results.choices.base] = results
    whole, parts = told["whole"], told["fractional"]
    assert "base" not in whole.conventions
    assert whole.fractional_base is None
    assert "slab below the valve's plane" in parts.conventions["base"]
    assert "no basal interpolation" not in parts.conventions["volume"]
    assert parts.fractional == (Ventricle.LV,)
    assert parts.fractional_base is not None
    assert np.shape(parts.fractional_base.lv) == (*phantom.labels.shape[:2], 3)
    assert parts.ef_interval.lv is None
    assert parts.reference is not None
    with_caution = {one.measure for one in parts.reference.comparisons if "reference_fractional_base" in one.cautions}
    assert with_caution
    assert all(one.startswith("lv.") for one in with_caution)
    assert whole.reference is not None
    assert "reference_fractional_base" not in whole.reference.cautions
    assert parts.ai is not None  # the model's own count whole slices
    assert parts.ai.volumes_ml.lv == whole.volumes_ml.lv


def test_that_a_cut_slice_without_an_outline_is_asked_for_only_then(plain: Review, phantom: Phantom) -> None:
    review = drawn(plain, phantom, *MITRAL)
    base = result_of(review).valves.bases[Valve.MITRAL].ed
    assert base is not None
    assert base.shares is not None
    first = int(np.argmax(base.shares >= 0.1))
    assert review.segmentation is not None
    labels = review.segmentation.labels.copy()
    labels[: first + 1] = Label.BACKGROUND
    empty = replace(review, segmentation=replace(review.segmentation, labels=labels))
    codes = {"slice_partly_below_valve", "slice_below_valve"}

    def told(one: Review) -> set[str]:
        return {
            finding.code
            for finding in result_of(one).quality.findings
            if finding.code in codes and first in finding.slices and 0 in finding.phases
        }

    partly = base.shares[first] < 0.5
    assert told(empty) == (set() if partly else {"slice_below_valve"})
    assert told(FRACTIONAL.apply(empty)) == {"slice_partly_below_valve" if partly else "slice_below_valve"}
    assert told(FRACTIONAL.apply(outlined(review, phantom))) == set()


def test_that_slices_that_a_reader_leaves_out_stay_out(plain: Review, phantom: Phantom) -> None:
    review = FRACTIONAL.apply(outlined(drawn(plain, phantom, *MITRAL), phantom))
    all_ml = result_of(review)
    index = int(np.argmax(all_ml.curves.lv_slices_ml[:, 0] > 0))
    part = all_ml.curves.lv_slices_ml[index, 0]
    assert 0 < part < all_ml.curves.lv_slices_ml[index + 1, 0] * 1.2
    left = result_of(ToggleSlice(index, Moment.ED).apply(review))
    assert left.measurements.lv.edv_ml == pytest.approx(all_ml.curves.lv_ml[0] - part)
    assert result_of(DropSlice(index).apply(review)).curves.lv_slices_ml[index] == pytest.approx(0.0)


def test_that_live_numbers_are_those_of_the_result_whatever_counts_at_the_base(plain: Review, phantom: Phantom) -> None:
    history = History(drawn(plain, phantom, *MITRAL))
    live = LiveNumbers.of(history.present)
    assert live is not None
    for edit in (FRACTIONAL, DropSlice(8), ChooseBase(BaseRule.WHOLE)):
        history.apply(edit)
        live = live.after(history.present, edit.places)
        assert live.whole.curves.lv_ml == pytest.approx(result_of(history.present).curves.lv_ml)
    history.undo()
    live = live.after(history.present, ())
    frame = np.zeros(phantom.labels.shape[2:], np.uint8)
    frame[40:60, 40:60] = Label.LV
    index = int(np.argmax(result_of(history.present).curves.lv_slices_ml[:, 0] > 0))
    edit = redraw_one(Gesture.OUTLINE, (index, 0), frame)
    history.apply(edit)
    live = live.after(history.present, edit.places)
    assert live.whole.curves.lv_ml == pytest.approx(result_of(history.present).curves.lv_ml)
