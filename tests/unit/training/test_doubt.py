"""What is learnt of a model's errors, on patients whose errors were put there: squares that model and reader drew."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cinecor.errors import ModelRefused
from cinecor.inference.outline.frame_model import FrameLabels
from cinecor.inference.outline.segmentation import Label, ModelIdentity
from cinecor.inference.package.contract import InputContract
from cinecor.inference.package.reliability import (
    LEAST_HALF_WIDTH,
    EfInterval,
    FrameKind,
    FrameRisk,
    MarkLimits,
    Reliability,
    reliability_from_json,
)
from cinecor.measure.findings.confidence import LEAST_CONFIDENCE
from cinecor.measure.moment import ByMoment
from cinecor.measure.ventricle import Ventricle
from cinecor.message import Message
from cinecor_training.data.acdc_source import AcdcSource
from cinecor_training.doubt.figures import coverage, doubt_figures, exact_interval
from cinecor_training.doubt.fit import (
    CAUGHT_EMPTY,
    MOST_GOOD_MARKED,
    EfPair,
    ef_pair,
    fit_ef_interval,
    fit_reliability,
    least_confidence,
)
from cinecor_training.doubt.frame_outcomes import LEAST_DICE, frame_outcomes
from cinecor_training.doubt.lv_interval import lv_interval
from cinecor_training.doubt.outlined_patient import OutlinedPatient, outlined_patients
from cinecor_training.doubt.page import doubt_page

PIXEL_ML = 0.01  # 1 × 1 × 10 mm
SIDES = (20, 20, 18, 14, 10)  # of the LV's square, from base to apex
Box = tuple[int, int] | None  # side and how far the square lies aside


def drawn(boxes: Sequence[Box]) -> np.ndarray:
    """An LV with a wall around it in each slice, (slice, row, column); nothing where there is no box."""
    labels = np.zeros((len(boxes), 64, 64), np.uint8)
    for frame, box in zip(labels, boxes, strict=True):
        if box is not None:
            side, aside = box
            frame[8 : 12 + side, 8 + aside : 12 + side + aside] = Label.MYO
            frame[10 : 10 + side, 10 + aside : 10 + side + aside] = Label.LV
    return labels


def patient(
    model: Sequence[Box], reader: Sequence[Box], *, es: Sequence[Box] | None = None, unsure: float = 1.0, **facts: Any
) -> OutlinedPatient:
    """Two phases as model and reader drew them; a frame whose squares differ is uncertain by `unsure` pixels more."""
    at_es = es or model
    labels = np.stack((drawn(model), drawn(at_es)), axis=1)
    read = np.stack((drawn(reader), drawn(reader if es is None else at_es)), axis=1)
    differs = (labels != read).any(axis=(2, 3))
    uncertain = np.where(differs, 5.0 + unsure, 5.0)[..., None] * np.array([0.2, 0.0, 0.3, 0.5])
    values: dict[str, Any] = {
        "patient": "1",
        "held_out": False,
        "labels": labels,
        "reader": read,
        "confidence": np.where(differs, 0.8, 0.95).astype(np.float32),
        "uncertain_px": uncertain.astype(np.float32),
        "pixel_mm": (1.0, 1.0),
        "extent_mm": np.full(len(labels), 10.0),
        "moments": ByMoment(0, 1),
        "true_ml": None,
    }
    return OutlinedPatient(**{**values, **facts})


def boxes(sides: Sequence[int] = SIDES) -> list[Box]:
    return [None, *((side, 0) for side in sides), None]


def spoilt(index: int, box: Box) -> list[Box]:
    made = boxes()
    made[index] = box
    return made


@pytest.mark.parametrize(("aside", "wrong"), [(6, False), (7, True)])
def test_that_a_frame_is_wrong_below_a_dice_of_seven_tenths(aside: int, wrong: bool) -> None:
    found = frame_outcomes(patient(spoilt(2, (20, aside)), boxes()), Ventricle.LV)
    assert found.dice[2, 0] == pytest.approx(1 - aside / 20)
    assert (1 - aside / 20 >= LEAST_DICE) is not wrong
    assert bool(found.wrong[2, 0]) is wrong
    assert found.error_ml[2, 0] == pytest.approx(0)  # moved, not larger


def test_that_a_frame_that_one_side_alone_drew_is_wrong_by_all_of_it() -> None:
    missed = frame_outcomes(patient(spoilt(1, None), boxes()), Ventricle.LV)
    invented = frame_outcomes(patient(boxes(), spoilt(1, None)), Ventricle.LV)
    for found in (missed, invented):
        assert found.dice[1, 0] == 0
        assert found.error_ml[1, 0] == pytest.approx(20 * 20 * PIXEL_ML)
    assert np.isnan(missed.dice[0, 0])  # neither drew it
    assert not missed.wrong[0, 0]


def some_patients(count: int = 30) -> list[OutlinedPatient]:
    """Every third is wrong inside and unsure there; every second lacks its most basal slice."""
    return [
        patient(
            [None if index % 2 else (20, 0), (20, 12 if index % 3 == 0 else 0), *boxes()[3:]],
            [(20, 0), *boxes()[2:]],
            unsure=4.0 + index % 5,
        )
        for index in range(count)
    ]


@pytest.fixture(scope="module")
def fitted() -> Reliability:
    outcomes = [frame_outcomes(one, Ventricle.LV) for one in some_patients()]
    return fit_reliability(outcomes, data="squares", ef={})


def test_that_an_unsure_frame_is_likelier_wrong_than_a_sure_one(fitted: Reliability) -> None:
    found = frame_outcomes(some_patients()[0], Ventricle.LV)
    doubt = found.doubt(fitted)
    assert found.wrong[1, 0]
    assert not found.wrong[3, 0]
    assert doubt.wrong[1, 0] > 0.5 > doubt.wrong[3, 0]
    assert doubt.error_ml[1, 0] >= 0


def test_that_the_limits_keep_to_their_shares_on_whom_they_were_fitted(fitted: Reliability) -> None:
    good, missed = [], []
    for one in (frame_outcomes(patient, Ventricle.LV) for patient in some_patients()):
        doubt = one.doubt(fitted)
        marked = doubt.marked(fitted.limits["lv"])
        good += marked[~one.wrong & ~doubt.empty].tolist()
        missed += (marked | one.shape_marks)[one.wrong & doubt.empty].tolist()
    assert np.mean(good) <= MOST_GOOD_MARKED
    assert np.mean(missed) >= CAUGHT_EMPTY


def test_that_a_share_of_the_good_outlines_is_less_sure_than_the_least_confidence() -> None:
    """Of 100 good outlines with confidences from 0.90 up, and wrong ones that are less sure still."""
    outcomes = [
        frame_outcomes(
            patient(spoilt(2, (20, 12)), boxes(), confidence=np.repeat(sure, 2).reshape(7, 2).astype(np.float32)),
            Ventricle.LV,
        )
        for sure in 0.90 + 0.001 * np.arange(25)[:, None] + np.array([0, 0, -0.5, 0, 0, 0, 0])
    ]
    assert least_confidence(outcomes) == pytest.approx(0.90, abs=0.005)
    assert MOST_GOOD_MARKED == 0.06


@pytest.mark.parametrize(("sure", "share"), [(LEAST_CONFIDENCE + 0.01, 0.0), (LEAST_CONFIDENCE - 0.01, 1.0)])
def test_that_outlines_below_the_least_confidence_are_counted_as_unsure(sure: float, share: float) -> None:
    one = patient(spoilt(2, (20, 12)), boxes(), confidence=np.full((7, 2), sure, np.float32))
    found = doubt_figures([frame_outcomes(one, Ventricle.LV)], flat(0.5), data="squares")
    assert (found.wrong, found.outlined_wrong_unsure, found.good_unsure) == (2, share, share)


def test_that_a_ventricle_of_too_few_frames_has_no_constants() -> None:
    outcomes = [frame_outcomes(one, Ventricle.LV) for one in some_patients(2)]  # four frames of each kind but one
    assert FrameKind.BASE not in fit_reliability(outcomes, data="squares", ef={}).frames.get("lv", {})
    assert "rv" not in fit_reliability(outcomes, data="squares", ef={}).limits


def test_that_without_constants_shape_alone_marks() -> None:
    outcomes = [frame_outcomes(some_patients()[0], Ventricle.LV)]
    nothing = fit_reliability(outcomes, data="squares", ef={})
    assert nothing.frames == {}
    found = doubt_figures(outcomes, nothing, data="squares")
    marks = outcomes[0].shape_marks
    assert found.wrong_marked == pytest.approx(marks[outcomes[0].wrong].mean())


def test_that_constants_without_limits_are_refused(fitted: Reliability) -> None:
    facts = fitted.model_dump(mode="json") | {"limits": {}}
    with pytest.raises(ModelRefused, match="unreadable"):
        reliability_from_json(json.dumps(facts).encode(), name="x")


def test_that_constants_read_back_as_they_were_written(fitted: Reliability) -> None:
    assert reliability_from_json(fitted.to_json().encode(), name="x") == fitted


def flat(chance: float) -> Reliability:
    """Every outlined frame has the same chance, and an expected error of what is uncertain in it."""
    odds = math.log(chance / (1 - chance))
    risk = FrameRisk(wrong=(odds, 0.0, 0.0, 0.0, 0.0, 0.0), error=(1.0, 1.0, 1.0, 0.0))
    kinds = (FrameKind.BASE, FrameKind.MIDDLE, FrameKind.APEX)
    return Reliability(
        data="nobody", frames={"lv": dict.fromkeys(kinds, risk)}, limits={"lv": MarkLimits(outlined=0.3, empty=0.3)}
    )


@pytest.mark.parametrize(("chance", "share"), [(0.29, 0.0), (0.31, 1.0)])
def test_that_frames_above_the_limit_are_counted_as_marked(chance: float, share: float) -> None:
    found = doubt_figures(
        [frame_outcomes(patient(spoilt(2, (20, 7)), boxes()), Ventricle.LV)], flat(chance), data="squares"
    )
    assert (found.patients, found.frames, found.outlined, found.wrong) == (1, 14, 10, 2)
    assert (found.wrong_marked, found.good_marked, found.empty_marked) == (share, share, 0.0)
    assert found.outlined_wrong_marked == share
    assert found.right_marked == pytest.approx(share * 8 / 12)


def test_that_a_missed_frame_is_wrong_and_nothing_that_the_model_drew() -> None:
    found = doubt_figures([frame_outcomes(patient(spoilt(1, None), boxes()), Ventricle.LV)], flat(0.9), data="squares")
    assert (found.wrong, found.wrong_marked) == (2, 0.0)
    assert math.isnan(found.outlined_wrong_marked)


def test_that_the_worst_tenth_holds_the_share_of_the_error_that_lies_there() -> None:
    """Of 14 frames one is a tenth: the one that is the least sure holds 1.56 of 1.56 + 1.56 mL."""
    one = patient(spoilt(2, (16, 0)), boxes())
    unsure = one.uncertain_px.copy()
    unsure[2, 0] += 1.0
    found = doubt_figures([frame_outcomes(replace(one, uncertain_px=unsure), Ventricle.LV)], flat(0.5), data="squares")
    assert found.error_ml == pytest.approx(2 * (400 - 256) * PIXEL_ML)
    assert found.error_in_worst == pytest.approx(0.5)
    assert found.error_in_worst_at_best == pytest.approx(0.5)


# The interval of the ejection fraction.


def pair(error: float, *, model: float = 50.0) -> EfPair:
    return EfPair("p", model, model + error, (0.0, 0.0))


def test_that_the_quantiles_leave_out_one_in_twenty_on_each_side() -> None:
    fitting = [pair(error) for error in (-4.0, 4.0) * 20]
    calibrating = [pair(error) for error in range(-19, 20)]  # 39: the second on each side, of ⌊40 × 0.05⌋
    found = fit_ef_interval(fitting, calibrating, data="nobody")
    assert math.exp(found.scale[0]) == pytest.approx(5.0, rel=1e-3)
    assert found.below * 5 == pytest.approx(-18, rel=1e-3)
    assert found.above * 5 == pytest.approx(18, rel=1e-3)
    assert (found.fitted, found.calibrated) == (40, 39)


def constants(low: float, high: float) -> EfInterval:
    return EfInterval(data="nobody", fitted=30, calibrated=30, scale=(0.0, 0.0, 0.0), below=low, above=high)


@pytest.mark.parametrize(("error", "inside"), [(-8.01, 0), (-7.99, 1), (4.99, 1), (5.01, 0)])
def test_that_the_truth_is_counted_inside_up_to_the_ends(error: float, inside: int) -> None:
    found = coverage([pair(error)], constants(-8, 5), data="nobody")
    assert (found.inside, found.patients, found.mean_width) == (inside, 1, 13.0)


def test_that_an_interval_is_never_narrower_than_readers_differ() -> None:
    assert coverage([pair(2.9)], constants(-0.1, 0.1), data="nobody").mean_width == 2 * LEAST_HALF_WIDTH
    assert coverage([pair(2.9)], constants(-0.1, 0.1), data="nobody").inside == 1


def test_that_an_interval_stays_between_0_and_100_percent() -> None:
    assert coverage([pair(0.0, model=5.0)], constants(-20, 20), data="nobody").mean_width == 25.0


@pytest.mark.parametrize(
    ("inside", "patients", "low", "high"),
    [(0, 10, 0.0, 0.3085), (10, 10, 0.6915, 1.0), (54, 63, 0.7461, 0.9325), (18, 20, 0.6830, 0.9877)],
)
def test_that_a_share_has_the_interval_of_clopper_and_pearson(
    inside: int, patients: int, low: float, high: float
) -> None:
    assert exact_interval(inside, patients) == pytest.approx((low, high), abs=5e-4)


def test_that_the_truth_is_the_readers_unless_a_whole_cine_is_asked_for() -> None:
    one = patient(boxes((20,)), boxes((22,)), es=boxes((10,)), true_ml=(5.0, 2.0))
    same, cine = (ef_pair(one, Ventricle.LV, whole_cine=whole) for whole in (False, True))
    assert same is not None
    assert cine is not None
    assert same.model == cine.model == pytest.approx(75.0)  # 400 and 100 pixels
    assert same.truth == pytest.approx(100 * (1 - 100 / 484))
    assert cine.truth == pytest.approx(60.0)


def test_that_a_heart_that_ejects_nothing_has_no_pair() -> None:
    assert ef_pair(patient(boxes((20,)), boxes((20,))), Ventricle.LV) is None
    assert ef_pair(patient(boxes((20,)), boxes((20,)), es=boxes((10,))), Ventricle.LV, whole_cine=True) is None


def competitors(numbers: Sequence[int], *, ef: float) -> list[OutlinedPatient]:
    """Patients of whom model and readers find an EF of 75 %, and whose true EF is another."""
    drew = boxes((20,))
    return [
        patient(drew, drew, es=boxes((10,)), patient=str(number), true_ml=(100.0, 100.0 - ef)) for number in numbers
    ]


SCALING, CALIBRATING = range(3, 93, 3), range(1, 90, 3)  # 30 each
REPORTED = range(100, 130)


def test_that_the_interval_promises_the_true_ejection_fraction() -> None:
    fitting = [*competitors(SCALING, ef=75.0), *competitors(CALIBRATING, ef=85.0)]
    found = lv_interval(fitting, competitors(REPORTED, ef=84.9), [])
    assert found is not None
    assert (found.fitted, found.calibrated) == (30, 30)
    assert found.above * math.exp(found.scale[0]) == pytest.approx(10.0, rel=1e-3)  # readers alone would say 0
    of_cines, of_frames = found.reported
    assert (of_cines.whole_cine, of_cines.inside, of_cines.patients) == (True, 30, 30)
    assert (of_frames.whole_cine, of_frames.patients) == (False, 30)


def test_that_who_makes_the_scale_and_who_is_reported_on_do_not_calibrate() -> None:
    calibrating = competitors(CALIBRATING, ef=80.0)
    one = lv_interval([*competitors(SCALING, ef=75.0), *calibrating], competitors(REPORTED, ef=75.0), [])
    other = lv_interval([*competitors(SCALING, ef=30.0), *calibrating], competitors(REPORTED, ef=30.0), [])
    assert one is not None
    assert other is not None
    assert (one.scale, one.below, one.above) == (other.scale, other.below, other.above)
    assert (one.reported[0].inside, other.reported[0].inside) == (30, 0)


@pytest.mark.parametrize("short", [0, 1, 2])
def test_that_twenty_nine_patients_in_any_group_make_no_interval(short: int) -> None:
    groups = [SCALING, CALIBRATING, REPORTED]
    groups[short] = groups[short][1:]
    scaling, calibrating, reported = (competitors(numbers, ef=75.0) for numbers in groups)
    assert lv_interval([*scaling, *calibrating], reported, []) is None


def test_that_the_page_tells_every_coverage_and_that_two_given_frames_are_no_promise(fitted: Reliability) -> None:
    reported = tuple(
        coverage([pair(0.0)], constants(-8, 5), data=name, whole_cine=whole)
        for name, whole in (("held out", True), ("same frames", False))
    )
    told = fitted.model_copy(update={"ef": {"lv": constants(-8, 5).model_copy(update={"reported": reported})}})
    figures = doubt_figures([frame_outcomes(some_patients()[1], Ventricle.LV)], told, data="squares")
    page = doubt_page([figures], told, identity=ModelIdentity("small", "1", "a" * 64, "fp32"))
    assert "| held out | 1 | 1 | 100 % |" in page
    assert "| same frames | 1 | 1 | 100 % |" in page
    assert "no promise" in page


# Outlines are made once.


@dataclass
class Thresholds:
    """A model that sees an LV where it is bright."""

    calls: int = 0
    reliability: None = None
    fallback: None = None
    provider_requested: str = "cpu"
    provider_used: str = "none"
    device_reason: Message = field(default_factory=lambda: Message("x", "x"))
    identity: ModelIdentity = field(default_factory=lambda: ModelIdentity("bright", "1", "a" * 64, "fp32"))
    input_contract: InputContract = field(
        default_factory=lambda: InputContract(spacing_mm=1.5, size_px=64, neighbours=0)
    )

    def outline(self, frames: np.ndarray, *, to_rows: np.ndarray, to_columns: np.ndarray) -> FrameLabels:
        self.calls += 1
        grey = to_rows @ frames[:, 0] @ to_columns.T
        labels = np.where(grey > 0.5 * frames.max(), Label.LV, Label.BACKGROUND).astype(np.uint8)
        return FrameLabels(labels, np.full(labels.shape, 220, np.uint8))


def test_that_a_patient_is_outlined_once_and_kept(small_acdc: Path, tmp_path: Path) -> None:
    source, model = AcdcSource(small_acdc), Thresholds()
    first = list(outlined_patients(source, model, keep=tmp_path / "kept"))
    calls = model.calls
    assert calls > 0
    again = list(outlined_patients(source, model, keep=tmp_path / "kept"))
    assert model.calls == calls
    assert len(first) == len(again) == 3
    for one, other in zip(first, again, strict=True):
        assert isinstance(one, OutlinedPatient)
        assert isinstance(other, OutlinedPatient)
        np.testing.assert_array_equal(one.labels, other.labels)
        assert one.held_out == (one.patient == "patient005")
        assert one.labels.shape == one.reader.shape
        assert one.true_ml is None


def test_that_a_patient_of_one_moment_is_left_out_with_the_reason(small_acdc: Path, tmp_path: Path) -> None:
    class OneMoment:
        name = "acdc"

        def find(self):
            found = AcdcSource(small_acdc).find()
            return replace(found, cases=tuple(case for case in found.cases if case.moment == "ED"))

    found = list(outlined_patients(OneMoment(), Thresholds(), keep=tmp_path))
    assert found[0] == "patient001: there are not both moments, ED and ES."
    assert len(found) == 3
