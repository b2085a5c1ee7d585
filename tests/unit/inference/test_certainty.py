"""How sure a model is of a frame, counted by hand."""

import numpy as np
import pytest

from cinecor.inference.outline.frame_model import CERTAIN, FrameLabels, certainty, heart_confidence
from cinecor.inference.outline.segmentation import Label

RIM = int(0.95 * CERTAIN)


def frame(*pixels: tuple[Label, int]) -> FrameLabels:
    """One frame whose first pixels have a label and a confidence, and the rest is background for certain."""
    labels, confidence = np.zeros((1, 8, 8), np.uint8), np.full((1, 8, 8), CERTAIN, np.uint8)
    for place, (label, sure) in enumerate(pixels):
        labels[0].flat[place], confidence[0].flat[place] = label, sure
    return FrameLabels(labels, confidence)


def test_that_heart_and_rim_count_and_the_rest_does_not() -> None:
    found = certainty(frame((Label.LV, 255), (Label.LV, 204), (Label.MYO, 153), (Label.BACKGROUND, 102)))
    assert found.confidence[0] == pytest.approx((255 + 204 + 153 + 102) / (4 * 255))
    assert found.uncertain_px[0] == pytest.approx([0.4 * 0.6, 0.0, 0.6 * 0.4, 0.8 * 0.2], abs=1e-6)


@pytest.mark.parametrize(("sure", "counts"), [(RIM, True), (RIM + 1, False)])
def test_that_background_belongs_to_the_rim_up_to_95_percent(sure: int, counts: bool) -> None:
    found = certainty(frame((Label.LV, 255), (Label.BACKGROUND, sure)))
    assert (found.uncertain_px[0, Label.BACKGROUND] > 0) == counts
    assert (found.confidence[0] < 1) == counts


def test_that_a_frame_without_a_heart_is_certain() -> None:
    found = certainty(frame())
    assert found.confidence[0] == 1
    assert found.uncertain_px[0].tolist() == [0, 0, 0, 0]


def test_that_each_frame_is_judged_on_its_own() -> None:
    one, other = frame((Label.LV, 204)), frame((Label.RV, 153))
    both = FrameLabels(np.concatenate((one.labels, other.labels)), np.concatenate((one.confidence, other.confidence)))
    found = certainty(both)
    assert found.confidence == pytest.approx([0.8, 0.6])
    np.testing.assert_array_equal(heart_confidence(both), found.confidence)
    assert found.uncertain_px[:, [Label.RV, Label.LV]] == pytest.approx(np.array([[0, 0.16], [0.24, 0]]), abs=1e-6)
