"""Where in the image plane the network looks, and how pixels get there and labels come back.

Resampling is one matrix for the rows and one for the columns, so the same few lines serve reduction (a triangle
filter as wide as an output pixel, which keeps small structures from aliasing), enlargement (linear), the crop and
the way back, and a whole cine is two matrix products. Training calls the same `network_input` as the application.
"""

import functools
import itertools
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Frames = NDArray[np.float32]
_Value = TypeVar("_Value", bound=np.generic)


@dataclass(frozen=True, slots=True)
class Orientation:
    """One of the eight ways to lay a pixel grid down: transposed first, then flipped.

    The network sees the heart as a short-axis view is customarily shown: columns run to the patient's left and
    back, rows run to the feet, so that the right ventricle lies on the left of the picture.
    """

    transpose: bool = False
    flip_rows: bool = False
    flip_columns: bool = False

    @property
    def mirrors(self) -> bool:
        """Whether the picture laid down is a mirror image of the one stored, however it is turned."""
        return (self.transpose + self.flip_rows + self.flip_columns) % 2 == 1

    def apply(self, frames: NDArray[_Value]) -> NDArray[_Value]:
        """Return `frames` (..., row, column) laid down this way; a view, nothing is copied."""
        if self.transpose:
            frames = np.swapaxes(frames, -1, -2)
        if self.flip_rows:
            frames = frames[..., ::-1, :]
        if self.flip_columns:
            frames = frames[..., ::-1]
        return frames

    def undo(self, frames: NDArray[_Value]) -> NDArray[_Value]:
        """Return `frames` (..., row, column) back on the grid they came from; the inverse of `apply`."""
        if self.flip_columns:
            frames = frames[..., ::-1]
        if self.flip_rows:
            frames = frames[..., ::-1, :]
        if self.transpose:
            frames = np.swapaxes(frames, -1, -2)
        return frames

    def apply_step(self, step: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return a way (rows, columns) on the stored grid as a way on the laid-down one."""
        rows, columns = step[::-1] if self.transpose else step
        return np.array((-rows if self.flip_rows else rows, -columns if self.flip_columns else columns))

    def undo_step(self, step: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return a way (rows, columns) on the laid-down grid as one on the stored grid; the inverse of `apply_step`."""
        turned = np.array((-step[0] if self.flip_rows else step[0], -step[1] if self.flip_columns else step[1]))
        return turned[::-1] if self.transpose else turned

    def swap(self, pair: tuple[float, float]) -> tuple[float, float]:
        """Return a (row, column) pair of sizes or spacings in the order of the laid-down grid; its own inverse."""
        return (pair[1], pair[0]) if self.transpose else pair


ORIENTATIONS = tuple(Orientation(*flags) for flags in itertools.product((False, True), repeat=3))
"""All eight, the grid as it is first."""

# Customary directions of the short-axis view in LPS: to the right of the picture, and down.
_VIEW_RIGHT = np.array([0.75, 0.62, -0.22])
_VIEW_DOWN = np.array([0.05, 0.45, -0.89])


def customary_orientation(column_axis: NDArray[np.float64], row_axis: NDArray[np.float64]) -> Orientation:
    """Return the orientation that brings a grid closest to the customary short-axis view.

    `column_axis` and `row_axis` are unit vectors in LPS along which the column and the row index grow.
    """

    def agreement(orientation: Orientation) -> float:
        right, down = (row_axis, column_axis) if orientation.transpose else (column_axis, row_axis)
        right = -right if orientation.flip_columns else right
        down = -down if orientation.flip_rows else down
        return float(right @ _VIEW_RIGHT + down @ _VIEW_DOWN)

    return max(ORIENTATIONS, key=agreement)  # max keeps the first of equals: the grid as it is


@dataclass(frozen=True, slots=True)
class Crop:
    """A square of `size_px` × `size_px` network pixels of `spacing_mm`, laid over an image plane.

    `centre_mm` is the window's centre as (row, column) distance in mm from the centre of pixel (0, 0) of the
    grid after `orientation` was applied; `pixel_spacing_mm` is that grid's (row, column) spacing.
    """

    centre_mm: tuple[float, float]
    pixel_spacing_mm: tuple[float, float]
    spacing_mm: float
    size_px: int
    orientation: Orientation = Orientation()

    def laid(self, orientation: Orientation, *, rows: int, columns: int) -> "Crop":
        """Return the window on the same place of an image of `rows` × `columns` stored pixels, laid down otherwise."""
        stored_mm = self.orientation.swap(self.pixel_spacing_mm)
        middle_mm = np.array(((rows - 1) / 2 * stored_mm[0], (columns - 1) / 2 * stored_mm[1]))
        off_middle = self.orientation.undo_step(np.array(self.centre_mm) - self.orientation.swap(tuple(middle_mm)))
        centre = orientation.apply_step(off_middle) + orientation.swap(tuple(middle_mm))
        return Crop(
            (float(centre[0]), float(centre[1])),
            orientation.swap(stored_mm),
            self.spacing_mm,
            self.size_px,
            orientation,
        )

    def _offsets_px(self, axis: int) -> NDArray[np.float64]:
        """Return the positions of the window's pixels on the image's axis, in image pixels."""
        steps_mm = (np.arange(self.size_px) - (self.size_px - 1) / 2) * self.spacing_mm
        return np.asarray((self.centre_mm[axis] + steps_mm) / self.pixel_spacing_mm[axis], dtype=np.float64)


def centred_window(
    rows_columns: tuple[int, int],
    *,
    pixel_spacing_mm: tuple[float, float],
    spacing_mm: float,
    size_px: int,
    orientation: Orientation = Orientation(),
) -> Crop:
    """Return the window on the middle of an image of `rows_columns` pixels (as stored, before `orientation`)."""
    spacing = orientation.swap(pixel_spacing_mm)
    sizes = orientation.swap((float(rows_columns[0]), float(rows_columns[1])))
    centre = ((sizes[0] - 1) / 2 * spacing[0], (sizes[1] - 1) / 2 * spacing[1])
    return Crop(centre, spacing, spacing_mm, size_px, orientation)


def _weights(positions_px: NDArray[np.float64], *, length: int, reach: float, border: bool) -> NDArray[np.float32]:
    """Return the matrix (len(positions), length) that samples a line of `length` pixels at `positions_px`.

    `reach` is the half width of the triangle filter in input pixels. Past the ends the last pixel is repeated
    when `border` is set, otherwise everything is zero.
    """
    first = np.floor(positions_px - reach).astype(int)
    taps = first[:, None] + np.arange(int(np.ceil(2 * reach)) + 2)[None, :]
    weights = np.maximum(0.0, 1.0 - np.abs(taps - positions_px[:, None]) / reach)
    weights /= weights.sum(axis=1, keepdims=True)
    if not border:
        weights[(taps < 0) | (taps >= length)] = 0.0
    matrix = np.zeros((len(positions_px), length))
    np.add.at(matrix, (np.arange(len(positions_px))[:, None], np.clip(taps, 0, length - 1)), weights)
    return matrix.astype(np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Resampling:
    """How pixels of one image grid become network pixels; read-only."""

    to_rows: NDArray[np.float32]  # (size_px, box rows)
    to_columns: NDArray[np.float32]  # (box columns, size_px)
    rows: slice  # the box: what the window covers, on the grid after transposition, before flips
    columns: slice
    transpose: bool

    def apply(self, frames: Frames) -> Frames:
        """Return `frames` (..., row, column) as the network sees them: (..., size_px, size_px) float32, contiguous."""
        laid = np.swapaxes(frames, -1, -2) if self.transpose else frames
        return np.ascontiguousarray(self.to_rows @ laid[..., self.rows, self.columns] @ self.to_columns)


@functools.lru_cache(maxsize=64)  # a study asks for the same few windows frame after frame
def resampling(window: Crop, *, rows: int, columns: int) -> Resampling:
    """Return the way from an image of `rows` × `columns` pixels (as stored, before orientation) into `window`."""
    orientation = window.orientation
    matrices, boxes = [], []
    for axis, length in enumerate((columns, rows) if orientation.transpose else (rows, columns)):
        reach = max(1.0, window.spacing_mm / window.pixel_spacing_mm[axis])
        matrix = _weights(window._offsets_px(axis), length=length, reach=reach, border=True)
        # The matrix is flipped, not the pixels: a product with pixels in reverse order is many times slower.
        if (orientation.flip_rows, orientation.flip_columns)[axis]:
            matrix = matrix[:, ::-1]
        used = np.flatnonzero(matrix.any(axis=0))
        boxes.append(slice(int(used[0]), int(used[-1]) + 1))
        matrices.append(matrix[:, boxes[-1]])
    matrices = [np.ascontiguousarray(matrices[0]), np.ascontiguousarray(matrices[1].T)]
    for matrix in matrices:
        matrix.setflags(write=False)
    return Resampling(matrices[0], matrices[1], boxes[0], boxes[1], orientation.transpose)


def network_input(frames: Frames, window: Crop) -> Frames:
    """Return `frames` (..., row, column) as the network sees them: (..., size_px, size_px) float32, contiguous.

    Intensities are only interpolated, never scaled: the graph normalises each frame itself.
    """
    return resampling(window, rows=frames.shape[-2], columns=frames.shape[-1]).apply(frames)


@dataclass(frozen=True, slots=True, eq=False)
class Readout:
    """How what the network sees comes back to an image grid: one matrix for the rows, one for the columns.

    The grid is a box of the image, laid down as the network sees it: the part that the window covers. Outside the box
    everything is background. `to_rows` @ probabilities @ `to_columns`.T are the probabilities in the box.
    """

    to_rows: NDArray[np.float32]  # (box rows, size_px)
    to_columns: NDArray[np.float32]  # (box columns, size_px)
    rows: slice
    columns: slice

    def placed(self, box: NDArray[_Value], window: Crop, *, rows: int, columns: int) -> NDArray[_Value]:
        """Return `box` (n, box rows, box columns) in its place among zeros on the image grid: (n, rows, columns)."""
        whole = np.zeros((len(box), rows, columns), dtype=box.dtype)
        window.orientation.apply(whole)[:, self.rows, self.columns] = box
        return whole


def readout(window: Crop, *, rows: int, columns: int) -> Readout:
    """Return the way back from `window` to an image of `rows` × `columns` pixels (as stored, before orientation)."""
    sizes = (columns, rows) if window.orientation.transpose else (rows, columns)
    matrices, boxes = [], []
    for axis, length in enumerate(sizes):
        scale = window.pixel_spacing_mm[axis] / window.spacing_mm
        positions = np.arange(length) * scale - window._offsets_px(axis)[0] * scale
        reach = max(1.0, scale)
        inside = np.flatnonzero((positions > -reach) & (positions < window.size_px - 1 + reach))
        box = slice(int(inside[0]), int(inside[-1]) + 1) if inside.size else slice(0, 1)
        matrices.append(_weights(positions[box], length=window.size_px, reach=reach, border=False))
        boxes.append(box)
    return Readout(matrices[0], matrices[1], boxes[0], boxes[1])


def pooling(size_px: int, *, block_px: int) -> NDArray[np.float32]:
    """Return the matrix that takes means of `block_px` neighbours on an axis: (size_px // block_px, size_px)."""
    blocks = np.arange(size_px) // block_px
    matrix = np.zeros((size_px // block_px, size_px), dtype=np.float32)
    matrix[blocks, np.arange(size_px)] = 1 / block_px
    return matrix
