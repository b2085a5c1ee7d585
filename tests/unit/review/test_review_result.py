"""Numbers of a review: the slices that the doctor takes out are as if the model had not found them."""

from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pytest

from cinecor.app.doubts import place_of
from cinecor.errors import InputError
from cinecor.inference.outline.segmentation import Label, ModelIdentity, Runtime, Segmentation
from cinecor.inference.package.reliability import EfInterval, FrameKind, FrameRisk, MarkLimits, Reliability
from cinecor.measure.ef_interval import EfRange
from cinecor.measure.findings.finding import Finding
from cinecor.measure.measurements import measure
from cinecor.measure.moment import ByMoment, Moment
from cinecor.measure.quantity import QUANTITIES, number_name, numbers_in_doubt, quantity
from cinecor.measure.ventricle import Concern, Ventricle
from cinecor.review import (
    Answer,
    AnswerFinding,
    Body,
    Gesture,
    History,
    Review,
    ReviewResult,
    finding_keys,
    redraw_one,
    review_result,
)
from cinecor.review.live_numbers import LiveNumbers
from cinecor.review.redraw import AcceptFrames
from cinecor.review.result import final_labels
from cinecor.review.segmented_review import segmented_review
from cinecor.review.slice_effect import slice_effect
from cinecor.study import CineStack, ImportAudit, StackGeometry

SHAPE = (5, 10, 24, 30)
RADIUS = np.array([8.0, 7.8, 7.0, 6.0, 5.0, 5.3, 6.2, 7.0, 7.5, 7.9])
SPACING = (1.25, 2.0)

LEFT_OUT = {"left_out_at_ed", "left_out_at_es", "left_out_at_both", "slice_dropped"}


@pytest.fixture(scope="module")
def review() -> Review:
    rows, columns = np.mgrid[: SHAPE[2], : SHAPE[3]]
    labels = np.zeros(SHAPE, np.uint8)
    for index in range(SHAPE[0]):
        for phase, radius in enumerate(RADIUS):
            frame, wide = labels[index, phase], radius * (1.0 - 0.1 * index)
            frame[np.hypot(rows - 12, columns - 6) < wide * 0.6] = Label.RV
            frame[np.hypot(rows - 12, columns - 19) < wide + 2] = Label.MYO
            frame[np.hypot(rows - 12, columns - 19) < wide] = Label.LV
    labels.setflags(write=False)
    geometry = StackGeometry(
        np.array([[0.0, 0.0, -9.0 * index] for index in range(5)]),
        np.array([1.0, 0, 0]),
        np.array([0, 1.0, 0]),
        SPACING,
        9.0,
        np.full(5, 9.0),
    )
    times = tuple(80.0 * phase for phase in range(10))
    stack = CineStack(np.zeros(SHAPE, np.float32), geometry, times, 60.0, None, ())
    audit = ImportAudit(1, 1, (), None, np.ones(SHAPE[:2], np.bool_), ())
    made_by = ModelIdentity("model", "1", "0" * 64, "fp32")
    segmentation = Segmentation(labels, np.ones(SHAPE[:2], np.float32), made_by, Runtime("cpu", "CPU"), ())
    return Review(stack, audit, segmentation, body=Body(60.0, 180.0, 80.0))


def result_of(review: Review) -> ReviewResult:
    result = review_result(review)
    assert result is not None
    return result


def measured_by_hand(review: Review, labels: np.ndarray, chosen: ByMoment[int | None]) -> tuple[object, object]:
    found = measure(labels, geometry=review.stack.geometry, heart_rate_bpm=60.0, chosen=chosen)
    return found.lv, found.rv


def test_that_a_review_without_edits_has_the_numbers_of_its_labels(review: Review) -> None:
    assert review.segmentation is not None
    result = result_of(review)
    by_hand = measure(review.segmentation.labels, geometry=review.stack.geometry, heart_rate_bpm=60.0)
    assert (result.measurements.lv, result.measurements.rv) == (by_hand.lv, by_hand.rv)
    assert np.array_equal(result.curves.lv_slices_ml, by_hand.curves.lv_slices_ml)
    assert result.measurements is result.every_slice
    assert result.moments == ByMoment(0, 4)


@pytest.mark.parametrize(
    ("choices", "told"),
    [
        ({"dropped": frozenset({1})}, {"slice_dropped"}),
        ({"excluded": frozenset({(0, Moment.ES)})}, {"left_out_at_es"}),
        (
            {"excluded": frozenset({(0, Moment.ES), (4, Moment.ED)}), "dropped": frozenset({2})},
            {"left_out_at_ed", "left_out_at_es", "slice_dropped"},
        ),
        ({"excluded": frozenset({(0, Moment.ES), (0, Moment.ED)})}, {"left_out_at_both"}),
        ({"excluded": frozenset({(0, Moment.ED)}), "moments": ByMoment(None, 6)}, {"left_out_at_ed"}),
    ],
    ids=["dropped", "excluded", "several", "at both", "phase moved"],
)
def test_that_the_numbers_are_those_of_the_labels_that_are_saved(review: Review, choices: dict, told: set) -> None:
    chosen = replace(review, **choices)
    result = result_of(chosen)
    labels = final_labels(chosen, moments=result.whole.moments)
    assert (result.measurements.lv, result.measurements.rv) == measured_by_hand(chosen, labels, result.moments)
    assert result.measurements is not result.every_slice
    for index, moment in chosen.excluded:
        assert not labels[index, result.moments[moment]].any()
        assert index not in (result.quality.counted_slices.lv[moment] or ())
    for index in chosen.dropped:
        assert not labels[index].any()
    assert told == LEFT_OUT & {finding.code for finding in result.quality.findings}


def test_that_what_was_left_out_at_one_moment_alone_shows_that_moment_and_has_an_answer_of_its_own(
    review: Review,
) -> None:
    keys = set()
    for moment, other in ((Moment.ED, Moment.ES), (Moment.ES, Moment.ED)):
        result = result_of(replace(review, excluded=frozenset({(1, moment)})))
        findings = result.quality.findings
        (at,) = (number for number, one in enumerate(findings) if one.code in LEFT_OUT)
        assert place_of(findings[at]) == (1, result.moments[moment])
        assert set(findings[at].frames) == {(1, result.moments[moment]), (1, result.moments[other])}
        assert findings[at].moments == (moment,)
        keys.add(finding_keys(findings)[at])
    assert len(keys) == 2


def test_that_a_slice_left_out_at_one_moment_stays_in_the_curve_and_moves_no_phase(review: Review) -> None:
    chosen = replace(review, excluded=frozenset({(0, Moment.ED), (1, Moment.ED)}))
    result, before = result_of(chosen), result_of(review)
    assert result.moments == before.moments
    assert np.array_equal(result.curves.lv_ml, before.curves.lv_ml)
    assert result.measurements.curves.lv_ml[0] < before.curves.lv_ml[0]
    assert [message.code for message in result.measurements.phase_choice][-1] == "choice_by_all_slices"
    assert "volume_jump" not in {finding.code for finding in result.quality.findings}


def numbers_doubted(result: ReviewResult, code: str = "left_out_inside") -> set[str]:
    """Return the numbers that the findings of a code put in doubt, of which these few phases and slices have more."""
    found = [finding for finding in result.quality.findings if finding.code == code]
    return {number_name(side, one) for side, one in numbers_in_doubt(found)}


@pytest.mark.parametrize("moment", Moment)
def test_that_a_slice_left_out_at_one_moment_within_a_ventricle_puts_its_numbers_in_doubt(
    review: Review, moment: Moment
) -> None:
    result = result_of(replace(review, excluded=frozenset({(2, moment)})))
    volume = "edv_ml" if moment is Moment.ED else "esv_ml"
    mass = {"lv_mass_g"} if moment is Moment.ED else set()
    shared = {f"{side}_{name}" for side in ("lv", "rv") for name in (volume, "sv_ml", "ef_percent", "co_l_min")}
    assert numbers_doubted(result) == shared | mass
    told = [finding for finding in result.quality.findings if finding.code == "left_out_inside"]
    phase = result.moments[moment]
    assert [finding.told_ml for finding in told] == [
        pytest.approx(held[2, phase]) for held in (result.curves.lv_slices_ml, result.curves.rv_slices_ml)
    ]
    assert {finding.frames for finding in told} == {((2, phase),)}


@pytest.mark.parametrize("out", [{0}, {0, 1}, {4}], ids=["the base", "two at the base", "the apex"])
@pytest.mark.parametrize("moment", Moment)
def test_that_a_slice_left_out_at_an_end_of_the_ventricle_makes_no_hole(
    review: Review, moment: Moment, out: set[int]
) -> None:
    result = result_of(replace(review, excluded=frozenset((index, moment) for index in out)))
    assert "left_out_inside" not in {finding.code for finding in result.quality.findings}


def test_that_neighbours_left_out_together_are_one_hole_and_an_answer_ends_its_doubt(review: Review) -> None:
    chosen = replace(review, excluded=frozenset({(1, Moment.ED), (2, Moment.ED)}))
    found = result_of(chosen).quality.findings
    holes = {key: one for key, one in zip(finding_keys(found), found, strict=True) if one.code == "left_out_inside"}
    assert [one.slices for one in holes.values()] == [(1, 2), (1, 2)]
    answered = replace(chosen, answers=MappingProxyType(dict.fromkeys(holes, Answer.ACCEPTED)))
    assert numbers_doubted(result_of(chosen))
    assert not numbers_doubted(result_of(answered))


def test_that_a_dropped_slice_within_the_lv_puts_the_mass_in_doubt_as_one_left_out_does(review: Review) -> None:
    inside, end = (result_of(replace(review, dropped=frozenset({index}))) for index in (2, 0))
    assert {"lv_mass_g", "lv_edv_ml"} <= numbers_doubted(inside, "empty_slice_inside")
    assert not numbers_doubted(end, "empty_slice_inside")


def test_that_a_choice_of_both_phases_is_not_explained_by_slices(review: Review) -> None:
    chosen = replace(review, excluded=frozenset({(0, Moment.ED)}), moments=ByMoment(0, 4))
    assert [message.code for message in result_of(chosen).measurements.phase_choice] == [
        "ed_set_by_hand",
        "es_set_by_hand",
    ]


@pytest.mark.parametrize("moment", Moment)
@pytest.mark.parametrize("index", range(5))
def test_that_the_effect_of_a_slice_is_what_leaving_it_out_changes(review: Review, index: int, moment: Moment) -> None:
    before, out = result_of(review), replace(review, excluded=frozenset({(index, moment)}))
    effect = slice_effect(review, before, index=index, moment=moment)
    assert effect is not None
    after = result_of(out)
    assert after.measurements.lv.ef_percent == pytest.approx(before.measurements.lv.ef_percent + effect.lv_ef_points)
    change = after.change(quantity("edv_ml" if moment is Moment.ED else "esv_ml"), Ventricle.LV)
    assert change == pytest.approx(-effect.lv_ml)
    back = slice_effect(out, after, index=index, moment=moment)
    assert back is not None
    assert back.lv_ef_points == pytest.approx(-effect.lv_ef_points)


def test_that_a_dropped_slice_has_no_effect_and_neither_has_any_without_ed_and_es(review: Review) -> None:
    dropped = replace(review, dropped=frozenset({2}))
    assert slice_effect(dropped, result_of(dropped), index=2, moment=Moment.ED) is None
    assert review.segmentation is not None
    empty = replace(review, segmentation=replace(review.segmentation, labels=np.zeros(SHAPE, np.uint8)))
    assert slice_effect(empty, result_of(empty), index=2, moment=Moment.ED) is None


def test_that_values_per_m2_need_a_body_and_a_quantity_that_has_them(review: Review) -> None:
    result = result_of(review)
    assert result.indexed(quantity("edv_ml"), Ventricle.LV) == pytest.approx(result.measurements.lv.edv_ml / 2.0)
    assert result.indexed(quantity("ef_percent"), Ventricle.LV) is None
    assert result.indexed(quantity("mass_g"), Ventricle.RV) is None
    without = result_of(replace(review, body=Body(60.0)))
    assert {without.indexed(one, Ventricle.LV) for one in QUANTITIES} == {None}


def test_that_rates_are_of_the_slices_that_count_or_are_not_told(review: Review) -> None:
    per, whole = quantity("ejection_ml_s"), result_of(review)

    def told(*excluded: tuple[int, Moment], dropped: frozenset[int] = frozenset()) -> list[float | None]:
        result = result_of(replace(review, excluded=frozenset(excluded), dropped=dropped))
        return [result.value(per, ventricle) for ventricle in Ventricle]

    assert told() == [whole.value(per, ventricle) for ventricle in Ventricle]
    for moment in Moment:
        assert told((0, moment)) == [None, None]
    assert told((0, Moment.ED), (0, Moment.ES)) == told(dropped=frozenset({0})) != told()
    assert LiveNumbers.of(replace(review, excluded=frozenset({(0, Moment.ES)}))).result(whole).rates == {
        Ventricle.LV: None,
        Ventricle.RV: None,
    }


def test_that_leaving_a_basal_slice_out_hides_no_other_that_lacks_the_rv(review: Review) -> None:
    labels = review.segmentation.labels.copy()
    labels[:3][labels[:3] == Label.RV] = 0
    without_rv = replace(review, segmentation=replace(review.segmentation, labels=labels))

    def lacking(*excluded: tuple[int, Moment], dropped: frozenset[int] = frozenset()) -> set[tuple[int, ...]]:
        found = result_of(replace(without_rv, excluded=frozenset(excluded), dropped=dropped)).quality.findings
        return {one.slices for one in found if one.code == "rv_base_missing" and one.moments == (Moment.ED,)}

    assert lacking() == {(0, 1, 2)}
    assert lacking((0, Moment.ED)) == {(1, 2)}
    assert lacking((0, Moment.ED), (1, Moment.ED)) == lacking(dropped=frozenset({0, 1})) == {(2,)}
    assert lacking(*((index, Moment.ED) for index in range(3))) == lacking(dropped=frozenset({0, 1, 2})) == set()


def test_that_rates_are_values_too(review: Review) -> None:
    result = result_of(review)
    assert result.value(quantity("ejection_ml_s"), Ventricle.LV) == result.rates[Ventricle.LV].ejection_ml_s
    assert result_of(replace(review, stack=replace(review.stack, phase_times_ms=None))).rates[Ventricle.RV] is None


@pytest.mark.parametrize(
    ("height_cm", "weight_kg", "odd"),
    [(100.0, 17.64, False), (100.0, 17.6, True), (180.0, 180.0, False), (180.0, 180.1, True)],
)
def test_that_a_body_surface_outside_0_7_to_3_m2_is_odd(
    review: Review, height_cm: float, weight_kg: float, odd: bool
) -> None:
    result = result_of(replace(review, body=Body(60.0, height_cm, weight_kg)))
    assert ("odd_body_surface" in {finding.code for finding in result.quality.findings}) is odd


def test_that_a_change_too_small_to_be_shown_is_none(review: Review) -> None:
    result = result_of(review)
    assert {result.change(one, ventricle) for one in QUANTITIES for ventricle in Ventricle} == {None}


def test_that_nothing_is_measured_before_the_model_or_with_an_impossible_spacing(review: Review) -> None:
    assert review_result(replace(review, segmentation=None)) is None
    with pytest.raises(ValueError, match="not been segmented"):
        final_labels(replace(review, segmentation=None), moments=ByMoment(None, None))
    geometry = replace(review.stack.geometry, pixel_spacing_mm=(0.0, 1.0))
    flat = replace(review, stack=replace(review.stack, geometry=geometry))
    with pytest.raises(InputError, match="PixelSpacing"):
        review_result(flat)
    assert review.segmentation is not None
    assert segmented_review(flat, review.segmentation).result is None
    assert segmented_review(None, review.segmentation).result is None
    assert segmented_review(review, review.segmentation).result is not None


def with_interval(review: Review) -> Review:
    """The same result of a model whose LV EF lay within 5 points of the truth in nine of ten patients."""
    constants = EfInterval(data="nobody", fitted=40, calibrated=80, scale=(0.0, 0.0, 0.0), below=-5.0, above=5.0)
    known = Reliability(data="nobody", frames={}, limits={}, ef={"lv": constants})
    assert review.segmentation is not None
    uncertain = np.zeros((*SHAPE[:2], len(Label)), np.float32)
    return replace(review, segmentation=replace(review.segmentation, uncertain_px=uncertain, reliability=known))


def test_that_an_interval_tells_of_the_models_own_outlines(review: Review) -> None:
    result = result_of(with_interval(review))
    found, ef = result.ef_ranges[Ventricle.LV], result.measurements.lv.ef_percent
    assert found is not None
    assert ef is not None
    assert (found.low_percent, found.high_percent) == pytest.approx((ef - 5, ef + 5))
    assert result.ef_ranges[Ventricle.RV] is None


@pytest.mark.parametrize(
    "changed",
    [{"dropped": frozenset({1})}, {"excluded": frozenset({(0, Moment.ES)})}],
    ids=["dropped", "excluded"],
)
def test_that_there_is_no_interval_once_a_reader_changed_what_counts(review: Review, changed: dict) -> None:
    assert result_of(replace(with_interval(review), **changed)).ef_ranges[Ventricle.LV] is None


@pytest.mark.parametrize(("phase", "told"), [(0, False), (4, False), (2, True)])
def test_that_there_is_no_interval_once_a_reader_redrew_ed_or_es(review: Review, phase: int, told: bool) -> None:
    """ED is phase 0, ES phase 4; what is redrawn between bears on neither volume."""
    assert review.segmentation is not None
    assert (ef_range_redrawn(review, phase, Label.LV) is not None) is told


@pytest.mark.parametrize("phase", [0, 4])
def test_that_the_lvs_interval_stands_where_only_another_structure_was_redrawn(review: Review, phase: int) -> None:
    assert ef_range_redrawn(review, phase, Label.RV) is not None


def ef_range_redrawn(review: Review, phase: int, label: Label) -> EfRange | None:
    """The LV's interval once one pixel of a structure was painted out."""
    assert review.segmentation is not None
    frame = review.segmentation.labels[1, phase].copy()
    frame[tuple(np.argwhere(frame == label)[0])] = 0
    history = History(with_interval(review))
    history.apply(redraw_one(Gesture.BRUSH, (1, phase), frame))
    return result_of(history.present).ef_ranges[Ventricle.LV]


@pytest.mark.parametrize("moved", [ByMoment(None, 3), ByMoment(1, None)], ids=["es", "ed"])
def test_that_there_is_no_interval_where_ed_or_es_was_moved(review: Review, moved: ByMoment[int | None]) -> None:
    """ED is phase 0, ES phase 4: set to these by hand they are what they were."""
    known = with_interval(review)
    result = result_of(replace(known, moments=moved))
    assert result.ef_ranges[Ventricle.LV] is None
    assert result.no_ef_range[Ventricle.LV].code == "no_ef_interval_moved"
    assert result_of(replace(known, moments=ByMoment(0, 4))).ef_ranges[Ventricle.LV] is not None


def in_doubt(review: Review) -> Review:
    """A model by which every frame above the base, and every most basal one, is likelier wrong than not."""
    empty = FrameRisk(wrong=(3.0, 0.0, 0.0, 0.0), error=(0.0, 1.0))
    base = FrameRisk(wrong=(3.0, 0.0, 0.0, 0.0, 0.0, 0.0), error=(0.0, 0.0, 0.0, 1.0))
    limits = {"lv": MarkLimits(outlined=0.5, empty=0.5)}
    known = Reliability(
        data="nobody", frames={"lv": {FrameKind.ABOVE: empty, FrameKind.BASE: base}}, limits=limits, ef={}
    )
    assert review.segmentation is not None
    uncertain = np.zeros((*SHAPE[:2], len(Label)), np.float32)
    return replace(review, segmentation=replace(review.segmentation, uncertain_px=uncertain, reliability=known))


def undecided(review: Review) -> dict[tuple[int, int], Finding]:
    findings = result_of(review).quality.findings
    return {one.frames[0]: one for one in findings if one.code == "undecided_end_slice"}


def test_that_an_answered_doubt_puts_no_number_in_doubt_until_it_is_opened_again(review: Review) -> None:
    doubted = in_doubt(review)
    before = result_of(doubted)
    ef = quantity("ef_percent")
    keys = finding_keys(before.quality.findings)
    doubts = {
        key for key, one in zip(keys, before.quality.findings, strict=True) if one.doubts and Concern.LV in one.concerns
    }
    assert doubts
    assert before.doubts(ef, Ventricle.LV)
    history = History(doubted)
    for key in doubts:
        assert Concern.LV in result_of(history.present).quality.doubtful
        history.apply(AnswerFinding(key, Answer.ACCEPTED))
    after = result_of(history.present)
    assert after.doubts(ef, Ventricle.LV) == ()
    assert Concern.LV not in after.quality.doubtful
    assert finding_keys(after.quality.findings) == keys  # each is told as before
    history.apply(AnswerFinding(min(doubts), None))
    assert result_of(history.present).doubts(ef, Ventricle.LV)


def test_that_a_base_in_doubt_doubts_the_ejection_fraction_until_a_person_settled_it(review: Review) -> None:
    doubted = in_doubt(review)
    assert set(undecided(doubted)) == {(0, 0), (0, 4)}  # the base at ED and at ES
    assert set(undecided(doubted)[0, 0].concerns) == {Concern.LV, Concern.MASS}
    history = History(doubted)
    history.apply(AcceptFrames(frozenset({(0, 0)})))
    assert set(undecided(history.present)) == {(0, 4)}
    assert not any((0, 0) in one.frames for one in result_of(history.present).quality.findings)
    assert set(undecided(replace(doubted, excluded=frozenset({(0, Moment.ES)})))) == {(0, 0)}
    assert not any(index == 0 for index, _ in undecided(replace(doubted, dropped=frozenset({0}))))
