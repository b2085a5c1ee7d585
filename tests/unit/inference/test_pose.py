"""How a heart lies is found in the picture, whatever way the array lies."""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest

from cinecor.inference.outline.crop import ORIENTATIONS, Crop, Orientation
from cinecor.inference.outline.frame_model import CERTAIN, FrameLabels
from cinecor.inference.outline.heart import find_heart
from cinecor.inference.outline.pose import find_lying_heart
from cinecor.inference.outline.segmentation import Label
from cinecor.inference.package.contract import InputContract
from cinecor.study.cine_stack import CineStack, StackGeometry

GREY = {Label.RV: 100.0, Label.MYO: 200.0, Label.LV: 300.0}
SPACING_MM = 3.0


@dataclass(frozen=True)
class ReadsGrey:
    """A model that sees each structure by its grey value in any pose, surest where the mark lies in the lower half."""

    sees_right: bool = True
    most_right: int = 10_000  # blocks of a right ventricle that it sees of a frame
    surer: int = 20  # of 255, where the mark lies below
    counts: list[int] = field(default_factory=list)  # of frames, look by look
    input_contract: InputContract = field(
        default_factory=lambda: InputContract(spacing_mm=SPACING_MM, size_px=64, neighbours=0)
    )

    def outline(self, frames: np.ndarray, *, to_rows: np.ndarray, to_columns: np.ndarray) -> FrameLabels:
        self.counts.append(len(frames))
        grey = to_rows @ frames[:, 0] @ to_columns.T
        labels = np.zeros(grey.shape, np.uint8)
        for label, value in GREY.items():
            if label is not Label.RV or self.sees_right:
                labels[np.abs(grey - value) < 30] = label
        for frame in labels:
            frame[tuple(np.argwhere(frame == Label.RV)[self.most_right :].T)] = Label.BACKGROUND
        half = grey.shape[1] // 2
        marked_below = (np.abs(grey - 400) < 30)[:, half:].sum() > (np.abs(grey - 400) < 30)[:, :half].sum()
        sure = np.where(labels == Label.BACKGROUND, CERTAIN, 230 + self.surer * marked_below)
        return FrameLabels(labels, sure.astype(np.uint8))

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"{name} is not asked for")


def customary_picture(rows: int = 60, columns: int = 72) -> np.ndarray:
    """Return a picture with the right ventricle on the left of the left one, and a mark below."""
    picture = np.zeros((rows, columns), np.float32)
    y, x = np.mgrid[:rows, :columns]
    picture[np.hypot(y - 30, x - 42) < 12] = GREY[Label.MYO]
    picture[np.hypot(y - 30, x - 42) < 8] = GREY[Label.LV]
    picture[(np.abs(y - 30) < 9) & (x > 18) & (x < 30)] = GREY[Label.RV]
    picture[50:56, 38:48] = 400.0
    return picture


def stack_of(picture: np.ndarray, *, slices: int = 5) -> CineStack:
    return CineStack(
        pixels=np.broadcast_to(picture, (slices, 1, *picture.shape)).astype(np.float32),
        geometry=StackGeometry(
            positions_mm=np.arange(slices)[:, np.newaxis] * np.array([0.0, 0.0, 9.0]),
            column_axis=np.array([1.0, 0.0, 0.0]),
            row_axis=np.array([0.0, 1.0, 0.0]),
            pixel_spacing_mm=(SPACING_MM, SPACING_MM),
            slice_spacing_mm=9.0,
            slice_extent_mm=np.full(slices, 9.0),
            oriented=False,
        ),
        phase_times_ms=None,
        heart_rate_bpm=None,
        frames=None,
        series_uids=(),
    )


@pytest.mark.parametrize("lying", ORIENTATIONS)
def test_that_the_picture_is_laid_down_the_same_whatever_way_its_array_lies(lying: Orientation) -> None:
    picture = customary_picture()
    window, found = find_lying_heart(stack_of(lying.undo(picture)), ReadsGrey())
    assert found
    assert (window.orientation.apply(lying.undo(picture)) == picture).all()


@pytest.mark.parametrize(("surer", "mirrored"), [(1, False), (3, True)])
def test_that_a_mirror_image_must_look_clearly_surer(surer: int, mirrored: bool) -> None:
    upside_down = customary_picture()[::-1]  # its mirror image, and no turn of it, has the mark below
    window, _ = find_lying_heart(stack_of(upside_down), ReadsGrey(surer=surer))
    assert window.orientation.mirrors == mirrored


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_that_turns_do_not_mirror(orientation: Orientation) -> None:
    corner = np.array(((1.0, 0.0), (0.0, 1.0)))
    turned = np.array([orientation.apply_step(step) for step in corner])
    assert orientation.mirrors == (np.linalg.det(turned) < 0)


@pytest.mark.parametrize("lying", ORIENTATIONS)
def test_that_a_right_ventricle_that_is_not_seen_leaves_the_grid_as_it_is(lying: Orientation) -> None:
    stack, model = stack_of(lying.undo(customary_picture())), ReadsGrey(sees_right=False)
    assert find_lying_heart(stack, model) == find_heart(stack, model, Orientation())


@pytest.mark.parametrize(("blocks", "seen"), [(19, False), (20, True)])
def test_that_a_right_ventricle_of_fewer_than_20_blocks_tells_no_way(blocks: int, seen: bool) -> None:
    lying = next(one for one in ORIENTATIONS if one.mirrors)
    window, _ = find_lying_heart(stack_of(lying.undo(customary_picture())), ReadsGrey(most_right=blocks))
    assert window.orientation == (lying if seen else Orientation())


@pytest.mark.parametrize("index", [12, 20, 28])
def test_that_the_way_to_the_right_ventricle_is_looked_for_in_three_slices_of_the_middle(index: int) -> None:
    picture = customary_picture()[::-1, ::-1]
    stack = stack_of(np.where(picture == GREY[Label.RV], 0.0, picture), slices=41)
    pixels = stack.pixels.copy()
    pixels[index] = picture
    window, found = find_lying_heart(replace(stack, pixels=pixels), ReadsGrey())
    assert found
    assert (window.orientation.apply(picture) == customary_picture()).all()


@pytest.mark.parametrize(("slices", "compared"), [(11, 11), (45, 12)])
def test_that_ways_are_compared_in_twelve_slices_at_most(slices: int, compared: int) -> None:
    model = ReadsGrey()
    find_lying_heart(stack_of(customary_picture(), slices=slices), model)
    assert set(model.counts) == {3, compared}


def test_that_a_picture_without_a_heart_is_none_in_any_pose() -> None:
    window, found = find_lying_heart(stack_of(np.zeros((60, 72), np.float32)), ReadsGrey())
    assert not found
    assert window.orientation == Orientation()


@pytest.mark.parametrize("first", ORIENTATIONS)
@pytest.mark.parametrize("other", ORIENTATIONS)
def test_that_a_window_laid_down_otherwise_lies_on_the_same_place(first: Orientation, other: Orientation) -> None:
    rows, columns, place = 60, 72, (13, 41)
    image = np.zeros((rows, columns))
    image[place] = 1.0

    def centre_mm(orientation: Orientation) -> tuple[float, float]:
        row, column = np.argwhere(orientation.apply(image))[0]
        spacing = orientation.swap((1.25, 1.5))
        return row * spacing[0], column * spacing[1]

    window = Crop(centre_mm(first), first.swap((1.25, 1.5)), 2.0, 64, first).laid(other, rows=rows, columns=columns)
    assert window.centre_mm == pytest.approx(centre_mm(other))
    assert (window.orientation, window.pixel_spacing_mm) == (other, other.swap((1.25, 1.5)))


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_that_a_way_on_the_laid_down_grid_is_that_of_its_ends(orientation: Orientation) -> None:
    image = np.zeros((5, 7))
    image[1, 2], image[3, 6] = 1.0, 2.0
    laid = orientation.apply(image)
    way = np.argwhere(laid == 2.0)[0] - np.argwhere(laid == 1.0)[0]
    assert (orientation.apply_step(np.array([2.0, 4.0])) == way).all()
    assert (orientation.undo_step(way.astype(float)) == [2.0, 4.0]).all()
