"""Rules of the neighbouring slices that the network sees beside each frame."""

import numpy as np
import pytest

from cinecor.inference.outline.context import phase_input, with_neighbours
from cinecor.inference.outline.crop import Crop
from cinecor.inference.package.contract import InputContract
from cinecor.study import CineStack
from cinecor_phantom import Acquisition, make_phantom


def _planes(count: int) -> np.ndarray:
    return np.arange(1, count + 1, dtype=np.float32)[:, None, None] * np.ones((1, 4, 4), np.float32)


def test_that_each_plane_stands_between_its_neighbours() -> None:
    channels = with_neighbours(_planes(4), neighbours=1)[:, :, 0, 0]
    np.testing.assert_array_equal(channels, [[0, 1, 2], [1, 2, 3], [2, 3, 4], [3, 4, 0]])


def test_that_no_neighbours_gives_the_planes_alone() -> None:
    np.testing.assert_array_equal(with_neighbours(_planes(3), neighbours=0)[:, 0], _planes(3))


@pytest.mark.parametrize("count", [1, 2])
def test_that_a_stack_shorter_than_its_context_has_zero_channels(count: int) -> None:
    channels = with_neighbours(_planes(count), neighbours=2)[:, :, 0, 0]
    assert channels.shape == (count, 5)
    np.testing.assert_array_equal(channels[0], [0, 0, 1, 2 if count == 2 else 0, 0])


def test_that_far_slices_are_not_shown_to_each_other() -> None:
    channels = with_neighbours(_planes(3), neighbours=1, near=False)[:, :, 0, 0]
    np.testing.assert_array_equal(channels, [[0, 1, 0], [0, 2, 0], [0, 3, 0]])


@pytest.mark.slow
@pytest.mark.parametrize("position", [0, 3, 9])
def test_that_one_slice_alone_is_what_it_is_among_all(position: int) -> None:
    phantom = make_phantom(acquisition=Acquisition(slices=12, phases=2, rows=96, columns=96, pixel_spacing_mm=3.0))
    stack = CineStack(phantom.pixels.astype(np.float32), phantom.geometry, None, None, None, ())
    contract = InputContract(spacing_mm=3.0, size_px=64, neighbours=1)
    window = Crop((140.0, 140.0), (3.0, 3.0), 3.0, 64)
    alone = phase_input(stack, 1, window=window, contract=contract, slices=range(position, position + 1))
    np.testing.assert_allclose(alone, phase_input(stack, 1, window=window, contract=contract)[[position]], rtol=1e-5)
