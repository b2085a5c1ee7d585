"""Rules of the way into the network and back."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cinecor.inference.outline.crop import (
    Crop,
    Orientation,
    centred_window,
    customary_orientation,
    network_input,
    pooling,
    readout,
)

ORIENTATIONS = [Orientation(t, r, c) for t in (False, True) for r in (False, True) for c in (False, True)]


def _back(seen: np.ndarray, window: Crop, *, rows: int, columns: int) -> np.ndarray:
    """What the network sees, brought back to the image grid."""
    way = readout(window, rows=rows, columns=columns)
    return way.placed(way.to_rows @ seen @ way.to_columns.T, window, rows=rows, columns=columns)


def _disc(rows: int, columns: int, *, centre: tuple[float, float], radius: float) -> np.ndarray:
    y, x = np.mgrid[:rows, :columns]
    return ((y - centre[0]) ** 2 + (x - centre[1]) ** 2 <= radius**2).astype(np.float32)


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_that_undoing_an_orientation_gives_the_frame_back(orientation: Orientation) -> None:
    frame = np.random.default_rng(0).normal(size=(2, 5, 7)).astype(np.float32)
    np.testing.assert_array_equal(orientation.undo(orientation.apply(frame)), frame)


def test_that_the_customary_view_is_left_as_it_is() -> None:
    assert customary_orientation(np.array([0.7, 0.6, -0.3]), np.array([0.1, 0.5, -0.8])) == Orientation()


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_that_any_stored_orientation_is_brought_to_the_customary_view(orientation: Orientation) -> None:
    """Store a customary frame in each of eight ways: the network must always see the same picture."""
    customary = np.random.default_rng(1).normal(size=(40, 40)).astype(np.float32)
    right, down = np.array([0.75, 0.62, -0.22]), np.array([0.05, 0.45, -0.89])
    stored = orientation.undo(customary)
    axes = {
        "column": right * (-1 if orientation.flip_columns else 1),
        "row": down * (-1 if orientation.flip_rows else 1),
    }
    if orientation.transpose:
        axes = {"column": axes["row"], "row": axes["column"]}
    found = customary_orientation(axes["column"], axes["row"])
    np.testing.assert_array_equal(found.apply(stored), customary)


def test_that_a_window_of_the_image_itself_changes_nothing() -> None:
    frame = np.random.default_rng(2).normal(size=(3, 32, 32)).astype(np.float32)
    window = centred_window((32, 32), pixel_spacing_mm=(1.5, 1.5), spacing_mm=1.5, size_px=32)
    np.testing.assert_allclose(network_input(frame, window), frame, rtol=0, atol=1e-5)
    np.testing.assert_allclose(_back(frame, window, rows=32, columns=32), frame, rtol=0, atol=1e-5)


def test_that_outside_the_image_the_nearest_pixel_is_repeated() -> None:
    frame = np.full((10, 10), 7.0, dtype=np.float32)
    window = centred_window((10, 10), pixel_spacing_mm=(1.0, 1.0), spacing_mm=1.0, size_px=64)
    np.testing.assert_allclose(network_input(frame, window), 7.0, rtol=1e-6)


def test_that_outside_the_window_no_structure_is_claimed() -> None:
    window = Crop((50.0, 50.0), (1.0, 1.0), 1.0, 32)
    back = _back(np.ones((1, 32, 32), np.float32), window, rows=100, columns=100)
    assert back[0, :30].max() == 0
    assert back[0, 50, 50] == pytest.approx(1)


@settings(max_examples=40)
@given(
    row_spacing=st.floats(0.6, 2.5),
    column_spacing=st.floats(0.6, 2.5),
    shift=st.floats(-20, 20),
    orientation=st.sampled_from(ORIENTATIONS),
)
def test_that_the_area_of_a_disc_survives_the_way_there_and_back(
    row_spacing: float, column_spacing: float, shift: float, orientation: Orientation
) -> None:
    rows, columns = round(240 / row_spacing), round(200 / column_spacing)
    y, x = np.mgrid[:rows, :columns]
    disc = (((y * row_spacing - 120 - shift) / 30) ** 2 + ((x * column_spacing - 100) / 30) ** 2 <= 1).astype(
        np.float32
    )
    window = centred_window(
        (rows, columns),
        pixel_spacing_mm=(row_spacing, column_spacing),
        spacing_mm=1.5,
        size_px=160,
        orientation=orientation,
    )
    back = _back(network_input(disc, window)[None], window, rows=rows, columns=columns)[0] > 0.5
    assert np.count_nonzero(back) == pytest.approx(disc.sum(), rel=0.02)
    both = np.count_nonzero(back & (disc > 0.5))
    assert 2 * both / (np.count_nonzero(back) + disc.sum()) > 0.97


def test_that_reduction_does_not_alias_a_fine_pattern() -> None:
    stripes = np.tile(np.array([0.0, 1.0], np.float32), (128, 64))
    window = centred_window((128, 128), pixel_spacing_mm=(0.7, 0.7), spacing_mm=1.5, size_px=40)
    inner = network_input(stripes, window)[8:-8, 8:-8]
    assert np.abs(inner - 0.5).max() < 0.1


def test_that_a_window_beside_the_image_claims_nothing() -> None:
    window = Crop((500.0, 500.0), (1.0, 1.0), 1.0, 32)
    assert not _back(np.ones((1, 32, 32), np.float32), window, rows=60, columns=60).any()


def test_that_pooling_takes_means_of_blocks() -> None:
    line = np.arange(8, dtype=np.float32)
    np.testing.assert_allclose(pooling(8, block_px=4) @ line, [1.5, 5.5])


@pytest.mark.parametrize("transpose", [False, True])
@pytest.mark.parametrize("flip_rows", [False, True])
@pytest.mark.parametrize("flip_columns", [False, True])
def test_that_turned_frames_are_seen_as_if_they_had_been_turned_before(
    transpose: bool, flip_rows: bool, flip_columns: bool
) -> None:
    """The flips are in the matrices, not in the pixels; both must be the same picture."""
    frames = np.random.default_rng(0).random((3, 60, 50)).astype(np.float32)
    orientation = Orientation(transpose, flip_rows, flip_columns)
    turned = np.ascontiguousarray(orientation.apply(frames))
    window = Crop((48.0, 55.0), (2.0, 2.0), 1.5, 40, orientation)
    as_it_is = Crop((48.0, 55.0), (2.0, 2.0), 1.5, 40)
    np.testing.assert_allclose(network_input(frames, window), network_input(turned, as_it_is), rtol=1e-5)
