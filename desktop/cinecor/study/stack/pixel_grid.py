"""`PixelGrid`: the in-plane grid most frames share, and bringing a frame of another grid onto it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cinecor.study.dicom.header import Frame, Triple, cross, dot

_SAME_SPACING: Final = 0.01  # relative
_SAME_DIRECTION: Final = 0.9998  # cosine of about one degree
_SAME_PLACE_MM: Final = 0.5
_STILL_ALONG: Final = 0.966  # cosine of 15 degrees: planned again, not turned to another side


@dataclass(frozen=True, slots=True, eq=False)
class PixelGrid:
    """Matrix, pixel spacing and in-plane directions of the stack."""

    rows: int
    columns: int
    pixel_spacing_mm: tuple[float, float]
    column_axis: Triple
    row_axis: Triple

    def holds(self, frame: Frame) -> bool:
        """Return whether a frame lies on this grid apart from where its origin is."""
        spacing = frame.pixel_spacing_mm or self.pixel_spacing_mm
        return (
            (frame.header.rows, frame.header.columns) == (self.rows, self.columns)
            and all(abs(a / b - 1) < _SAME_SPACING for a, b in zip(spacing, self.pixel_spacing_mm, strict=True))
            and (frame.column_axis is None or dot(frame.column_axis, self.column_axis) > _SAME_DIRECTION)
            and (frame.row_axis is None or dot(frame.row_axis, self.row_axis) > _SAME_DIRECTION)
        )

    @property
    def normal(self) -> Triple:
        """Unit vector through the plane."""
        return cross(self.column_axis, self.row_axis)

    def turned_to(self, frame: Frame) -> "PixelGrid":
        """Return the grid in the plane of a frame that was planned again; itself for any other frame."""
        if frame.column_axis is None or frame.row_axis is None or self.holds(frame):
            return self
        turned = replace(self, column_axis=frame.column_axis, row_axis=frame.row_axis)
        tilted = (
            dot(turned.normal, self.normal) < _SAME_DIRECTION
            and min(dot(frame.column_axis, self.column_axis), dot(frame.row_axis, self.row_axis)) > _STILL_ALONG
        )
        return turned if tilted and turned.holds(frame) else self


def common_grid(frames: Iterable[Frame]) -> PixelGrid:
    """Return the grid most frames lie on."""

    def key(frame: Frame) -> tuple[object, ...]:
        spacing = frame.pixel_spacing_mm or (0.0, 0.0)
        column_axis = tuple(round(value, 1) for value in frame.column_axis or ())
        return frame.header.rows, frame.header.columns, round(spacing[0], 2), round(spacing[1], 2), column_axis

    members = list(frames)
    most = Counter(key(frame) for frame in members).most_common(1)[0][0]
    model = next(frame for frame in members if key(frame) == most)
    return PixelGrid(
        rows=model.header.rows,
        columns=model.header.columns,
        pixel_spacing_mm=model.pixel_spacing_mm or (1.0, 1.0),
        column_axis=model.column_axis or (1.0, 0.0, 0.0),
        row_axis=model.row_axis or (0.0, 1.0, 0.0),
    )


def same_place(frame: Frame, origin_mm: NDArray[np.float64]) -> bool:
    """Return whether a frame's first pixel lies at `origin_mm`, as far as the image plane goes."""
    if frame.position_mm is None or frame.column_axis is None or frame.row_axis is None:
        return True
    away = np.asarray(frame.position_mm) - origin_mm
    return bool(np.hypot(away @ np.asarray(frame.column_axis), away @ np.asarray(frame.row_axis)) < _SAME_PLACE_MM)


def resampled(
    values: NDArray[np.float32], frame: Frame, *, grid: PixelGrid, origin_mm: NDArray[np.float64]
) -> NDArray[np.float32]:
    """Return `values` of `frame` interpolated linearly at the pixels of `grid` with its first pixel at `origin_mm`.

    What lies outside the frame gets its darkest value.
    """
    from scipy.ndimage import affine_transform

    row_mm, column_mm = grid.pixel_spacing_mm
    own_row_mm, own_column_mm = frame.pixel_spacing_mm or grid.pixel_spacing_mm
    own_row = np.asarray(frame.row_axis or grid.row_axis)
    own_column = np.asarray(frame.column_axis or grid.column_axis)
    row, column = np.asarray(grid.row_axis), np.asarray(grid.column_axis)
    matrix = np.array(
        [
            [own_row @ row * row_mm / own_row_mm, own_row @ column * column_mm / own_row_mm],
            [own_column @ row * row_mm / own_column_mm, own_column @ column * column_mm / own_column_mm],
        ]
    )
    start = origin_mm - np.asarray(frame.position_mm if frame.position_mm is not None else origin_mm)
    offset = np.array([own_row @ start / own_row_mm, own_column @ start / own_column_mm])
    # One pixel of margin, so that rounding in a header does not darken the rim.
    result: NDArray[np.float32] = affine_transform(
        np.pad(values, 1, mode="edge"),
        matrix,
        offset + 1.0,
        output_shape=(grid.rows, grid.columns),
        order=1,
        cval=float(values.min()),
    )
    return result
