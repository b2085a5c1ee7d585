"""Where the heart is looked for, how often, and from how much on it is one: by a model that sees what it is told."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pytest

from cinecor.inference.outline.crop import ORIENTATIONS, Orientation
from cinecor.inference.outline.frame_model import CERTAIN, FrameLabels
from cinecor.inference.outline.heart import find_heart
from cinecor.inference.outline.segmentation import Label
from cinecor.inference.package.contract import InputContract
from cinecor.study.cine_stack import CineStack, StackGeometry

SIZE_PX = 64
BLOCKS = 16  # of four pixels, along a side
STEP_MM = 12.0  # from block to block, at 3 mm a pixel
TILE_MM = 192.0
MIDDLE = ((7, 7), (7, 8), (8, 7), (8, 8))
Blocks = Sequence[tuple[int, int]]


class Sees:
    """A model that sees a ventricle in certain blocks of what it looks at, and remembers the looks.

    How sure it is of a block, of 255, is `sure`'s where it says so.
    """

    def __init__(
        self,
        blocks: Callable[[int], Blocks],
        *,
        spacing_mm: float = 3.0,
        sure: Mapping[tuple[int, int], int] = MappingProxyType({}),
    ) -> None:
        self.input_contract = InputContract(spacing_mm=spacing_mm, size_px=SIZE_PX, neighbours=0)
        self.looks: list[np.ndarray] = []
        self._blocks = blocks
        self._sure = sure

    def outline(self, frames: np.ndarray, *, to_rows: np.ndarray, to_columns: np.ndarray) -> FrameLabels:
        labels = np.zeros((len(frames), len(to_rows), len(to_columns)), np.uint8)
        for row, column in self._blocks(len(self.looks)):
            labels[:, row, column] = Label.LV
        self.looks.append(frames)
        confidence = np.full(labels.shape, CERTAIN, np.uint8)
        for (row, column), sure in self._sure.items():
            confidence[:, row, column] = sure
        return FrameLabels(labels, confidence)


def stack_of(pixels: np.ndarray, *, height_mm: float) -> CineStack:
    """A stack (slice, phase, row, column) of pixels of 1 mm that is so high."""
    slices = len(pixels)
    thick_mm = height_mm / slices
    return CineStack(
        pixels=pixels.astype(np.float32),
        geometry=StackGeometry(
            positions_mm=np.arange(slices)[:, np.newaxis] * np.array([0.0, 0.0, thick_mm]),
            column_axis=np.array([1.0, 0.0, 0.0]),
            row_axis=np.array([0.0, 1.0, 0.0]),
            pixel_spacing_mm=(1.0, 1.0),
            slice_spacing_mm=thick_mm,
            slice_extent_mm=np.full(slices, thick_mm),
        ),
        phase_times_ms=None,
        heart_rate_bpm=None,
        frames=None,
        series_uids=(),
    )


def plain(rows_mm: float, columns_mm: float, *, height_mm: float = 1500.0) -> CineStack:
    """A stack of three slices and one phase, of which the middles of the outer pixels are so far apart."""
    return stack_of(np.zeros((3, 1, int(rows_mm) + 1, int(columns_mm) + 1)), height_mm=height_mm)


def shifted(rows: int) -> Blocks:
    return [(row + rows, column) for row, column in MIDDLE]


def high_for(volume_ml: float, blocks: int) -> float:
    """How high a stack is in which so many blocks of 12 mm make a volume."""
    return 1000.0 * volume_ml / (blocks * STEP_MM**2)


def test_that_the_first_look_is_at_three_slices_of_the_middle_at_the_first_phase_and_about_end_systole() -> None:
    codes = 1000.0 * np.arange(41)[:, None] + np.arange(100)
    model = Sees(lambda _: MIDDLE)
    find_heart(stack_of(np.broadcast_to(codes[..., None, None], (41, 100, 9, 9)), height_mm=400.0), model)
    seen = sorted(round(float(frame[0, 32, 32])) for frame in model.looks[0])
    assert seen == [12_000, 12_037, 20_000, 20_037, 28_000, 28_037]


@pytest.mark.parametrize(
    ("spacing_mm", "blocks", "looks"),
    [
        pytest.param(1.75, 5, 1, id="35 mm"),
        pytest.param(1.75, 6, 2, id="42 mm"),
        pytest.param(3.0, 3, 2, id="36 mm"),
    ],
)
def test_that_a_heart_more_than_35_mm_aside_is_looked_at_from_nearer(
    spacing_mm: float, blocks: int, looks: int
) -> None:
    step_mm = 4 * spacing_mm
    model = Sees(lambda look: MIDDLE if look else shifted(blocks), spacing_mm=spacing_mm)
    window, seen = find_heart(plain(31 * step_mm, 35 * step_mm), model)
    assert seen
    assert len(model.looks) == looks
    assert window.centre_mm == pytest.approx(((15.5 + blocks) * step_mm, 17.5 * step_mm))


def test_that_a_heart_that_stays_aside_is_searched_for_everywhere_after_two_looks() -> None:
    model = Sees(lambda _: shifted(3))
    find_heart(plain(35 * STEP_MM, 33 * STEP_MM), model)
    assert len(model.looks) == 2 + 9


@pytest.mark.parametrize(("volume_ml", "looks"), [(99.5, 1 + 9), (100.5, 1)])
def test_that_less_than_a_whole_heart_in_the_middle_is_searched_for_everywhere(volume_ml: float, looks: int) -> None:
    model = Sees(lambda _: MIDDLE)
    stack = plain(35 * STEP_MM, 33 * STEP_MM, height_mm=high_for(volume_ml, len(MIDDLE)))
    assert find_heart(stack, model)[1]
    assert len(model.looks) == looks


@pytest.mark.parametrize(("volume_ml", "found"), [(4.9, False), (5.1, True)])
def test_that_less_than_5_ml_is_no_heart_and_the_window_is_the_middle_then(volume_ml: float, found: bool) -> None:
    aside = shifted(2)
    stack = plain(11 * STEP_MM, 13 * STEP_MM, height_mm=high_for(volume_ml, len(aside)))
    window, seen = find_heart(stack, Sees(lambda _: aside))
    assert seen == found
    assert window.centre_mm == pytest.approx(((7.5 if found else 5.5) * STEP_MM, 6.5 * STEP_MM))


@pytest.mark.parametrize(("spare_mm", "centres_mm"), [(0, [96.0]), (149, [96.0, 245.0]), (151, [96.0, 171.5, 247.0])])
@pytest.mark.parametrize("along", ["rows", "columns"])
def test_that_tiles_reach_every_edge_and_lie_150_mm_apart_at_most(
    spare_mm: int, centres_mm: list[float], along: str
) -> None:
    row = np.arange(int(TILE_MM) + spare_mm + 1.0)
    grid = np.broadcast_to(row[:, None], (len(row), 151))
    model = Sees(lambda _: ())
    find_heart(stack_of((grid if along == "rows" else grid.T)[None, None], height_mm=8.0), model)
    middle = slice(SIZE_PX // 2 - 1, SIZE_PX // 2 + 1)
    looked_at = [float(look[0, 0, middle, middle].mean()) for look in model.looks]
    assert looked_at[0] == pytest.approx(row[-1] / 2, abs=0.01)
    assert looked_at[1:] == pytest.approx(centres_mm, abs=0.01)


@pytest.mark.parametrize(("column", "pulled"), [(13, True), (15, False)])
def test_that_what_lies_more_than_80_mm_from_the_densest_place_does_not_pull_the_window(
    column: int, pulled: bool
) -> None:
    model = Sees(lambda _: [*MIDDLE, (7, column), (8, column)])
    window, _ = find_heart(plain(31 * STEP_MM, 35 * STEP_MM), model)
    aside = (column - 7.5) / 3 if pulled else 0.0
    assert window.centre_mm == pytest.approx((15.5 * STEP_MM, (17.5 + aside) * STEP_MM))


@pytest.mark.parametrize(("sure", "looks"), [(202, 1 + 9), (206, 1)])
def test_that_what_is_seen_counts_as_much_as_the_model_is_sure_of_it(sure: int, looks: int) -> None:
    """125 mL make a whole heart, which has 100, where the model is sure of four fifths: 204 of 255."""
    model = Sees(lambda _: MIDDLE, sure=dict.fromkeys(MIDDLE, sure))
    find_heart(plain(35 * STEP_MM, 33 * STEP_MM, height_mm=high_for(125.0, len(MIDDLE))), model)
    assert len(model.looks) == looks


@pytest.mark.parametrize(("sure", "column"), [(190, 1.0), (196, 12.5)])
def test_that_the_densest_place_is_that_of_a_mean_as_wide_as_a_heart(sure: int, column: float) -> None:
    """Two blocks 36 mm apart make as much as one where they are 0.756 as sure, by a normal curve of 20 mm."""
    alone, pair = (7, 1), ((7, 11), (7, 14))
    model = Sees(lambda _: [alone, *pair], sure=dict.fromkeys(pair, sure))
    window, _ = find_heart(plain(15 * STEP_MM, 15 * STEP_MM, height_mm=100.0), model)
    assert window.centre_mm == pytest.approx((7 * STEP_MM, column * STEP_MM))


@pytest.mark.parametrize(("spacing_mm", "blocks", "pulled"), [(2.5, 8, True), (2.25, 9, False)])
def test_that_what_lies_80_mm_from_the_densest_place_pulls_the_window_and_81_mm_do_not(
    spacing_mm: float, blocks: int, pulled: bool
) -> None:
    step_mm, aside = 4 * spacing_mm, (7, 3 + blocks)
    model = Sees(lambda _: [(7, 3), aside], spacing_mm=spacing_mm, sure={aside: 51})
    window, _ = find_heart(plain(15 * step_mm, 15 * step_mm, height_mm=400.0), model)
    column = 3 + (blocks / 6 if pulled else 0)  # of the weights 1 and 1/5
    assert window.centre_mm == pytest.approx((7 * step_mm, column * step_mm))


def test_that_the_middle_is_that_of_millimetres_where_pixels_are_not_square() -> None:
    stack = plain(90.0, 60.0)
    oblong = replace(stack, geometry=replace(stack.geometry, pixel_spacing_mm=(2.0, 1.5)))
    window, seen = find_heart(oblong, Sees(lambda _: ()))
    assert not seen
    assert window.centre_mm == pytest.approx((90.0, 45.0))
    assert window.pixel_spacing_mm == (2.0, 1.5)


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_that_the_picture_is_laid_down_as_is_customary_whatever_way_its_axes_run(orientation: Orientation) -> None:
    """Customary columns run to the patient's left and back, rows to the feet."""
    right, down = np.array([0.75, 0.62, -0.22]), np.array([0.05, 0.45, -0.89])
    right = -right if orientation.flip_columns else right
    down = -down if orientation.flip_rows else down
    column, row = (down, right) if orientation.transpose else (right, down)
    stack = plain(30.0, 30.0)
    turned = replace(stack, geometry=replace(stack.geometry, column_axis=column, row_axis=row))
    window, _ = find_heart(turned, Sees(lambda _: ()))
    assert window.orientation == orientation
