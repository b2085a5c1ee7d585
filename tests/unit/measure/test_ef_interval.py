"""The EF interval of a study: never narrower than readers differ, and none where nothing is known of the error."""

import math
from dataclasses import replace

import numpy as np
import pytest

from cinecor.inference.outline.segmentation import Label, ModelIdentity, Runtime, Segmentation
from cinecor.inference.package.reliability import LEAST_HALF_WIDTH, EfInterval, Reliability
from cinecor.measure.ef_interval import EfRange, ef_range, interval_message
from cinecor.measure.measurements import measure
from cinecor.measure.moment import ByMoment
from cinecor.measure.ventricle import Ventricle
from cinecor.study.cine_stack import StackGeometry

EF = 60.0  # of squares of 400 and 160 pixels
GEOMETRY = StackGeometry(
    np.array([[0.0, 0.0, -10.0 * index] for index in range(3)]),
    np.array([1.0, 0, 0]),
    np.array([0, 1.0, 0]),
    (1.0, 1.0),
    10.0,
    np.full(3, 10.0),
)


def segmentation(*, below: float, above: float, unsure_px: float = 0.0, scale: tuple[float, ...] = (0.0, 0.0, 0.0)):
    """Three slices at ED and ES; every frame's cavity is unsure by as much, and the scale is 1 unless told."""
    labels = np.zeros((3, 2, 40, 40), np.uint8)
    labels[:, :, 5:30, 5:30] = Label.MYO
    labels[:, 0, 8:28, 8:28] = Label.LV
    labels[:, 1, 8:24, 8:18] = Label.LV
    uncertain = np.zeros((3, 2, len(Label)), np.float32)
    uncertain[..., Label.LV] = unsure_px
    constants = EfInterval(data="nobody", fitted=40, calibrated=80, scale=scale, below=below, above=above)
    known = Reliability(data="nobody", frames={}, limits={}, ef={"lv": constants})
    made_by, ran = ModelIdentity("model", "1", "0" * 64, "fp32"), Runtime("cpu", "CPU")
    return Segmentation(labels, np.ones((3, 2), np.float32), made_by, ran, (), (), uncertain, known)


def found(
    made: Segmentation, ventricle: Ventricle = Ventricle.LV, geometry: StackGeometry = GEOMETRY, **chosen: int | None
) -> EfRange | None:
    moments = ByMoment(chosen.get("ed", 0), chosen.get("es", 1))
    measurements = measure(made.labels, geometry=geometry, heart_rate_bpm=60.0, chosen=moments)
    return ef_range(ventricle, measurements=measurements, segmentation=made, geometry=geometry)


def ends(made: Segmentation) -> tuple[float, float]:
    told = found(made)
    assert told is not None
    return told.low_percent, told.high_percent


@pytest.mark.parametrize(
    ("below", "above", "expected"),
    [
        (-2.9, 2.9, (EF - LEAST_HALF_WIDTH, EF + LEAST_HALF_WIDTH)),
        (-3.1, 2.9, (EF - 3.1, EF + LEAST_HALF_WIDTH)),
        (-2.9, 3.1, (EF - LEAST_HALF_WIDTH, EF + 3.1)),
        (4.0, 9.0, (EF - LEAST_HALF_WIDTH, EF + 9.0)),  # a model that is always too low
        (-9.0, -4.0, (EF - 9.0, EF + LEAST_HALF_WIDTH)),
        (-70.0, 50.0, (0.0, 100.0)),
    ],
)
def test_that_each_side_reaches_three_points_at_least_and_no_side_beyond_0_and_100(below, above, expected):
    assert ends(segmentation(below=below, above=above)) == pytest.approx(expected)


def test_that_an_interval_is_wider_where_ed_and_es_are_less_sure():
    """Of 12 mL, 1.2 are unsure at ED and at ES each: a tenth."""
    weights = (0.0, 3.0, 7.0)
    sure = segmentation(below=-5, above=5, scale=weights)
    unsure = segmentation(below=-5, above=5, scale=weights, unsure_px=40.0)
    assert ends(sure) == pytest.approx((EF - 5, EF + 5))
    wider = 5 * math.exp(3.0 * 0.1 + 7.0 * 0.1)
    assert ends(unsure) == pytest.approx((EF - wider, EF + wider))


def test_that_an_interval_is_told_of_the_ventricle_that_has_constants_alone():
    assert found(segmentation(below=-5, above=5), Ventricle.RV) is None


@pytest.mark.parametrize("lacking", [{"reliability": None}, {"uncertain_px": None}])
def test_that_a_model_that_tells_nothing_of_its_errors_has_no_interval(lacking):
    assert found(replace(segmentation(below=-5, above=5), **lacking)) is None


def test_that_without_an_ejection_there_is_no_interval():
    assert found(segmentation(below=-5, above=5), es=0) is None


def test_that_the_sentence_says_whose_errors_it_is_about():
    text = str(interval_message(Ventricle.LV, low_percent=51.6, high_percent=70.2, patients=167))
    assert "LV EF between 52 and 70 %" in text
    assert "nine times in ten" in text
    assert "model error only" in text
    assert "167 patients" in text


@pytest.mark.parametrize(("spacing_mm", "told"), [(12.0, True), (12.1, False)])
def test_that_there_is_no_interval_where_slices_lie_farther_apart_than_those_it_was_calibrated_on(
    spacing_mm: float, told: bool
) -> None:
    wide = replace(GEOMETRY, slice_spacing_mm=spacing_mm, slice_extent_mm=np.full(3, spacing_mm))
    assert (found(segmentation(below=-5.0, above=5.0), geometry=wide) is not None) is told
