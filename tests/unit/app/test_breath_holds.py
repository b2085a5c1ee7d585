"""Slices that were shifted against long-axis cines, found again slice by slice."""

from dataclasses import replace

import numpy as np
import pytest

from cinecor.app.breath_holds import breath_hold_steps
from cinecor.errors import Cancelled
from cinecor.study.cine_stack import CineStack, StackGeometry
from cinecor_phantom import Acquisition, Phantom, make_phantom
from cinecor_phantom.long_axis import long_axis_planes
from cinecor_phantom.phantom import render_planes

PROTOCOL = Acquisition(slices=8, phases=8, rows=128, columns=144, pixel_spacing_mm=2.0, slice_gap_mm=7.0)


@pytest.fixture(scope="module")
def phantom() -> Phantom:
    return make_phantom(acquisition=PROTOCOL)


@pytest.fixture(scope="module")
def stack(phantom: Phantom) -> CineStack:
    return CineStack(phantom.pixels.astype(np.float32), phantom.geometry, None, None, None, ())


@pytest.fixture(scope="module")
def four_chambers(phantom: Phantom) -> CineStack:
    plane = long_axis_planes(phantom.acquisition)["4CH"]
    pixels = render_planes(phantom, [plane], phases=8).astype(np.float32)
    geometry = StackGeometry(
        plane.corner_mm[None], plane.column_axis, plane.row_axis, (plane.spacing_mm, plane.spacing_mm), 6.0,
        np.full(1, 6.0),
    )  # fmt: skip
    return CineStack(pixels, geometry, None, None, None, ())


def test_that_a_slice_of_another_breath_hold_is_found_by_its_shift(
    phantom: Phantom, stack: CineStack, four_chambers: CineStack
) -> None:
    pixels = stack.pixels.copy()
    pixels[3] = np.roll(pixels[3], 4, axis=-1)  # 8 mm to the right of the image
    moved = replace(stack, pixels=pixels)
    (steps,) = breath_hold_steps(moved, phantom.labels, [four_chambers], phase=0)
    along = long_axis_planes(phantom.acquisition)["4CH"].column_axis @ phantom.geometry.column_axis
    told = [None if step is None else step.offset_mm for step in steps]
    for index in (1, 2, 4, 5):
        assert told[index] == pytest.approx(0.0, abs=1.5)
    assert told[3] is not None
    assert abs(told[3]) == pytest.approx(8.0 * abs(along), abs=1.5)


def test_that_slices_without_a_cavity_tell_nothing(
    phantom: Phantom, stack: CineStack, four_chambers: CineStack
) -> None:
    labels = phantom.labels.copy()
    labels[2] = 0
    (steps,) = breath_hold_steps(stack, labels, [four_chambers], phase=0)
    assert steps[2] is None
    assert steps[3] is not None


def test_that_the_work_can_be_stopped(phantom: Phantom, stack: CineStack, four_chambers: CineStack) -> None:
    with pytest.raises(Cancelled):
        breath_hold_steps(stack, phantom.labels, [four_chambers], phase=0, cancelled=lambda: True)
