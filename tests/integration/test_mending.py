"""Planted faults are mended by a few gestures, and the change carried over the cycle mends others and harms none."""

import statistics
from pathlib import Path

import numpy as np
import pytest
from mending import Repair, mend_study

from cinecor.app.session import open_session
from cinecor.inference.outline.pipeline import segment
from cinecor.study import open_input
from cinecor_phantom import Acquisition, make_phantom


@pytest.fixture(scope="module")
def on_phantom() -> list[Repair]:
    phantom = make_phantom(acquisition=Acquisition(phases=12))
    unsure = np.full(phantom.labels.shape[:2], 0.9, np.float32)
    return mend_study(
        phantom.labels,
        phantom.pixels.astype(np.float32),
        unsure,
        pixel_spacing_mm=phantom.geometry.pixel_spacing_mm,
    )


def _check(repairs: list[Repair]) -> None:
    assert statistics.median(one.gestures for one in repairs) <= 2
    assert statistics.median(one.mended for one in repairs) >= 0.97
    for one in repairs:
        assert one.mended > one.spoiled, one
        assert one.mended >= 0.97, one
        assert one.run.after > one.run.before, one
        assert one.run.worst > -0.01, one
        assert one.alone.worst > -0.01, one


def test_that_faults_of_the_phantom_are_mended_and_the_change_is_carried(on_phantom: list[Repair]) -> None:
    _check(on_phantom)


@pytest.mark.real
def test_that_faults_of_a_real_study_are_mended_and_the_change_is_carried(sunnybrook: Path) -> None:
    stack, _ = open_input(sunnybrook / "SCD0000101")
    found = segment(stack, open_session(device="cpu"))
    _check(mend_study(found.labels, stack.pixels, found.confidence, pixel_spacing_mm=stack.geometry.pixel_spacing_mm))
