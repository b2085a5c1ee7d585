"""The chance and the size of an error in each frame, by constants whose sums are plain arithmetic."""

import math

import numpy as np
import pytest

from cinecor.inference.outline.segmentation import Label
from cinecor.inference.package.reliability import EfInterval, FrameKind, FrameRisk, MarkLimits, Reliability
from cinecor.measure.ef_interval import ef_features, ef_scale
from cinecor.measure.findings.finding import Severity
from cinecor.measure.findings.frame_doubt import KINDS, FrameDoubt, frame_doubt, frame_features
from cinecor.measure.findings.unsure_frames import unsure_findings
from cinecor.measure.moment import ByMoment
from cinecor.measure.quantity import QUANTITIES
from cinecor.measure.ventricle import Ventricle

SLICES_ML = np.array([[0.0], [0.0], [8.0], [10.0], [4.0], [0.0], [0.0]])
LIMITS = MarkLimits(outlined=0.2, empty=0.5)
LONE = ByMoment(0, 0)
LIMITED = Reliability(data="nobody", frames={}, limits={"lv": LIMITS})
EXPECTED = ("higher", "above", "base", "middle", "apex", "below", None)


def features(slices_ml=SLICES_ML, *, base_first=True, confidence=0.9, uncertain=0.5):
    shape = slices_ml.shape
    return frame_features(
        Ventricle.LV,
        slices_ml=slices_ml,
        confidence=np.full(shape, confidence, dtype=np.float32),
        uncertain_ml=np.full((*shape, len(Label)), uncertain),
        odd_shape=np.zeros(shape, dtype=bool),
        odd_area=np.zeros(shape, dtype=bool),
        base_first=base_first,
    )


def kinds(found) -> tuple[str | None, ...]:
    return tuple(None if kind < 0 else KINDS[kind].value for kind in found.kind[:, 0])


def told(doubt: FrameDoubt, reliability: Reliability, *, moments=LONE, slices_ml=SLICES_ML, **given):
    return tuple(
        unsure_findings(
            doubt,
            Ventricle.LV,
            reliability=reliability,
            moments=moments,
            slices_ml=slices_ml,
            spacing_mm=given.pop("spacing_mm", 10.0),
            **given,
        )
    )


def test_that_each_frame_has_its_place_on_the_ventricle():
    assert kinds(features()) == EXPECTED
    assert kinds(features(SLICES_ML[::-1].copy(), base_first=False)) == EXPECTED[::-1]


def test_that_a_lone_outlined_frame_is_the_base():
    assert kinds(features(np.array([[0.0], [5.0], [0.0]]))) == ("above", "base", "below")


def test_that_an_empty_frame_has_the_size_of_the_next_outlined_one():
    assert features().size_ml[:, 0].tolist() == [8.0, 8.0, 8.0, 10.0, 4.0, 4.0, 4.0]
    reversed_ml = features(SLICES_ML[::-1].copy(), base_first=False).size_ml[:, 0]
    assert reversed_ml.tolist() == [4.0, 4.0, 4.0, 10.0, 8.0, 8.0, 8.0]


def constants(*, log_odds: float) -> Reliability:
    """Chance and error of the frame above the base: by the intercept alone; uncertain mL once, chance × size twice."""
    above = FrameRisk(wrong=(log_odds, 0.0, 0.0, 0.0), error=(1.0, 2.0))
    return Reliability(data="nobody", frames={"lv": {FrameKind.ABOVE: above}}, limits={"lv": LIMITS})


def test_that_the_expected_error_is_the_sum_of_its_parts():
    doubt = frame_doubt(features(), Ventricle.LV, constants(log_odds=math.log(3.0)))  # a chance of 0.75
    assert doubt.wrong[:, 0].tolist() == pytest.approx([0, 0.75, 0, 0, 0, 0, 0])
    # Cavity, wall and background are uncertain by 0.5 mL each, and the frame below holds 8 mL.
    assert doubt.error_ml[1, 0] == pytest.approx(1.5 + 2 * 0.75 * 8.0)
    assert doubt.error_ml[3, 0] == pytest.approx(1.5)  # no constants for it: what is uncertain
    assert doubt.empty[:, 0].tolist() == [True, True, False, False, False, True, True]


@pytest.mark.parametrize(("log_odds", "marked"), [(-0.01, False), (0.01, True)])
def test_that_a_frame_is_marked_above_the_limit_alone(log_odds, marked):
    reliability = constants(log_odds=log_odds)
    doubt = frame_doubt(features(), Ventricle.LV, reliability)
    found = {finding.code: finding for finding in told(doubt, reliability)}
    assert set(found) == ({"may_go_on"} if marked else set())
    if marked:
        assert found["may_go_on"].frames == ((1, 0),)
        assert found["may_go_on"].told_ml == doubt.error_ml[1, 0]  # as its sentence says


@pytest.mark.parametrize(
    ("moments", "phases"), [(ByMoment(0, 2), (0, 2)), (ByMoment(1, None), (1,)), (ByMoment(None, None), (0, 1, 2, 3))]
)
def test_that_an_empty_frame_is_told_where_it_bears_on_a_number(moments, phases):
    reliability = constants(log_odds=1.0)
    doubt = frame_doubt(features(np.repeat(SLICES_ML, 4, axis=1)), Ventricle.LV, reliability)
    (found,) = told(doubt, reliability, moments=moments, slices_ml=np.repeat(SLICES_ML, 4, axis=1))
    assert (found.code, found.slices, found.phases) == ("may_go_on", (1,), phases)


@pytest.mark.parametrize(("error_ml", "heard"), [(0.4, False), (0.6, True)])
def test_that_an_empty_frame_that_lacks_about_nothing_is_not_told(error_ml, heard):
    above = FrameRisk(wrong=(3.0, 0.0, 0.0, 0.0), error=(error_ml / 1.5, 0.0))  # a mL that is unsure: 3 × 0.5
    reliability = Reliability(data="nobody", frames={"lv": {FrameKind.ABOVE: above}}, limits={"lv": LIMITS})
    doubt = frame_doubt(features(), Ventricle.LV, reliability)
    assert doubt.error_ml[1, 0] == pytest.approx(error_ml)
    assert bool(told(doubt, reliability)) is heard


VOLUMES_ML = np.array([[0.0, 0.0], [60.0, 30.0], [40.0, 20.0]])  # 100 mL at ED, 50 at ES


def errors(*, ed: tuple[float, ...] = (0, 0, 0), es: tuple[float, ...] = (0, 0, 0)) -> FrameDoubt:
    """Every frame is likelier wrong than not where it may be off."""
    error_ml = np.stack((ed, es), axis=1).astype(float)
    return FrameDoubt((error_ml > 0) * 0.9, error_ml, VOLUMES_ML == 0)


@pytest.mark.parametrize(("error_ml", "severity"), [(4.9, Severity.WARNING), (5.1, Severity.DOUBTFUL)])
def test_that_a_volume_is_doubtful_where_its_marked_frames_may_put_it_off_by_a_tenth(error_ml, severity):
    (one,) = told(errors(ed=(0, 1.0, 0), es=(0, 0, error_ml)), LIMITED, moments=ByMoment(0, 1), slices_ml=VOLUMES_ML)
    assert (one.code, one.severity) == ("may_be_wrong", severity)
    fields = {quantity.field for quantity in QUANTITIES if one.doubts and quantity.rests_on(one, Ventricle.LV)}
    assert fields == ({"esv_ml", "sv_ml", "ef_percent", "co_l_min"} if one.doubts else set())
    if one.doubts:
        assert one.frames[0] == (2, 1), "where the doubt is shown is where it is made"
        assert ": at ES by about 5 of 50 mL. In similar frames 20 percent" in str(one.message)
        assert one.told_ml == pytest.approx(error_ml)


def test_that_outlined_and_empty_frames_put_a_volume_in_doubt_together_by_one_finding():
    found = told(errors(es=(3.5, 2.0, 0)), LIMITED, moments=ByMoment(0, 1), slices_ml=VOLUMES_ML)
    assert {one.code: one.severity for one in found} == {
        "may_be_wrong": Severity.WARNING,
        "may_go_on": Severity.DOUBTFUL,
    }
    assert "its 50 mL at ES may lack about 4 mL" in str(found[1].message)


def test_that_no_volume_is_doubted_for_frames_that_do_not_count_or_lie_too_far_apart_to_tell():
    doubted = {"moments": ByMoment(0, 1), "slices_ml": VOLUMES_ML}
    doubt = errors(es=(0, 0, 6.0))
    assert told(doubt, LIMITED, **doubted)[0].doubts
    assert not told(doubt, LIMITED, **doubted, left_out=[(2, 1)])[0].doubts
    assert not told(doubt, LIMITED, **doubted, spacing_mm=12.1)[0].doubts
    assert not told(doubt.without([(2, 1)]), LIMITED, **doubted)


def test_that_outlined_and_empty_frames_have_limits_of_their_own():
    wrong = np.array([[0.19, 0.21, 0.49, 0.51]])
    doubt = FrameDoubt(wrong, np.zeros_like(wrong), np.array([[False, False, True, True]]))
    assert doubt.marked(LIMITS).tolist() == [[False, True, False, True]]


def test_that_the_model_has_no_doubt_of_what_a_person_settled():
    doubt = frame_doubt(features(), Ventricle.LV, constants(log_odds=3.0))
    without = doubt.without([(1, 0)])
    assert (without.wrong[1, 0], without.error_ml[1, 0]) == (0.0, 0.0)
    others = np.arange(len(SLICES_ML)) != 1
    assert without.error_ml[others].tolist() == doubt.error_ml[others].tolist()
    assert doubt.without(()) is doubt


def test_that_a_ventricle_without_constants_has_no_chance_of_an_error():
    doubt = frame_doubt(features(), Ventricle.RV, constants(log_odds=3.0))
    assert not doubt.wrong.any()


def test_that_the_interval_is_scaled_by_what_is_uncertain_at_ed_and_es():
    found = ef_features(edv_ml=100.0, uncertain_ml=np.array([4.0, 9.0, 6.0]), ed_phase=0, es_phase=2)
    assert found == pytest.approx((0.04, 0.06))
    assert ef_scale(found, (1.0, 10.0, 5.0)) == pytest.approx(math.exp(1.7))


def test_that_a_scale_stays_between_1_and_50():
    assert ef_scale((0.0,), (-3.0, 1.0)) == 1.0
    assert ef_scale((0.0,), (9.0, 1.0)) == pytest.approx(50.0)


def test_that_fewer_than_30_patients_calibrate_no_interval():
    good = {"data": "d", "fitted": 40, "calibrated": 30, "scale": (1.0,), "below": -1.0, "above": 1.0}
    assert EfInterval.model_validate(good).calibrated == 30
    with pytest.raises(ValueError, match="calibrated"):
        EfInterval.model_validate({**good, "calibrated": 29})
