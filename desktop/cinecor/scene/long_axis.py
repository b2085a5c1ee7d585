"""`LongAxisCut`: the stack cut along the axis of the left ventricle, to judge base, apex and breath-hold shifts."""

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from cinecor.inference.outline.segmentation import Label
from cinecor.measure.heart_box import heart_box
from cinecor.study.cine_stack import CineStack, StackGeometry

_MARGIN_MM = 25.0
_STEP_MM = 1.0
_LEAST_LEAN = 0.08  # of half the ventricle's length: the hearts of ACDC lean by 0.09 to 0.61 towards their base at ED


@dataclass(frozen=True, slots=True, eq=False)
class LongAxisPlane:
    """A plane through the LV's long axis: where each of its pixels lies in the slices, by slice and column.

    Rows of the cut are the slices, base on top, each as high as the long axis it stands for; columns run across.
    """

    row_index: NDArray[np.float64]  # (slice, column): fractional row in the slice's image
    column_index: NDArray[np.float64]  # (slice, column)
    step_mm: float  # between columns
    heights_mm: NDArray[np.float64]  # (slice,)
    angle_degrees: float
    centres_px: NDArray[np.float64]  # (slice, 2): the axis in each slice


def long_axis_plane(
    stack: CineStack, labels: NDArray[np.uint8] | None, *, phase: int, angle_degrees: float
) -> LongAxisPlane:
    """Lay a plane through the LV's axis at `phase`, turned by `angle_degrees` about it (0: along the image's rows).

    The axis is the straight line fitted to the LV's centres; without labels it is the middle of the images. Slices that
    were planned again are cut where the plane meets them.
    """
    centres = _axis(stack, labels, phase)
    spacing = np.array(stack.geometry.pixel_spacing_mm)
    half_mm = _half_width_mm(stack, None if labels is None else labels[:, phase], centres)
    along_mm = np.arange(-half_mm, half_mm + _STEP_MM / 2, _STEP_MM)
    angle = np.deg2rad(angle_degrees)
    direction = np.array([np.sin(angle), np.cos(angle)])  # (row, column)
    if stack.geometry.slice_axes is None:
        rows = centres[:, :1] + along_mm * direction[0] / spacing[0]
        columns = centres[:, 1:] + along_mm * direction[1] / spacing[1]
    else:
        rows, columns, centres = _through_tilted_slices(
            stack.geometry, stack.geometry.slice_axes, centres, direction=direction, along_mm=along_mm
        )
    return LongAxisPlane(rows, columns, _STEP_MM, stack.geometry.slice_extent_mm, angle_degrees, centres)


def cut_pixels(frames: NDArray[np.float32], plane: LongAxisPlane) -> NDArray[np.float32]:
    """Sample one phase's frames (slice, row, column) on the plane: (slice, column), linear within the slices."""
    return np.stack(
        [
            scipy.ndimage.map_coordinates(frame, [rows, columns], order=1, mode="constant", cval=float(frame.min()))
            for frame, rows, columns in zip(frames, plane.row_index, plane.column_index, strict=True)
        ]
    )


def cut_labels(labels: NDArray[np.uint8], plane: LongAxisPlane) -> NDArray[np.uint8]:
    """Sample one phase's labels (slice, row, column) on the plane: (slice, column), nearest pixel."""
    rows = np.rint(plane.row_index).astype(np.intp)
    columns = np.rint(plane.column_index).astype(np.intp)
    inside = (rows >= 0) & (rows < labels.shape[1]) & (columns >= 0) & (columns < labels.shape[2])
    slices = np.broadcast_to(np.arange(len(labels))[:, None], rows.shape)
    cut = np.zeros(rows.shape, dtype=np.uint8)
    cut[inside] = labels[slices[inside], rows[inside], columns[inside]]
    return cut


def _axis(stack: CineStack, labels: NDArray[np.uint8] | None, phase: int) -> NDArray[np.float64]:
    middle = np.array([(stack.rows - 1) / 2, (stack.columns - 1) / 2])
    centres = np.tile(middle, (stack.slices, 1))
    if labels is None:
        return centres
    places, found = [], []
    box = heart_box(labels[:, phase : phase + 1])
    for index in range(stack.slices if box else 0):
        assert box is not None
        rows, columns = np.nonzero(labels[index, phase, box.top : box.bottom, box.left : box.right] == Label.LV)
        if rows.size:
            places.append(index)
            found.append((box.top + rows.mean(), box.left + columns.mean()))
    if not places:
        return centres
    if len(places) == 1:
        return np.tile(np.array(found[0]), (stack.slices, 1))
    offsets = np.arange(stack.slices)
    for axis in (0, 1):
        line = np.polyfit(places, [centre[axis] for centre in found], 1)
        centres[:, axis] = np.polyval(line, offsets)
    return centres


def _through_tilted_slices(
    geometry: StackGeometry,
    slice_axes: NDArray[np.float64],
    centres_px: NDArray[np.float64],
    *,
    direction: NDArray[np.float64],
    along_mm: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return where one plane of the patient meets slices that are tilted against each other, and where its axis does.

    The axis is the straight line (mm) that lies nearest to the centres; `direction` (row, column) is the way across it
    in the mean plane, along which the columns of the cut are as far apart in every slice. Gives fractional rows and
    columns, (slice, column) each, and the axis in each slice, (slice, 2).
    """
    row_mm, column_mm = geometry.pixel_spacing_mm
    slices = np.arange(len(centres_px))
    column_axes, row_axes = slice_axes[:, 0], slice_axes[:, 1]
    normals = np.cross(column_axes, row_axes)
    centres = (
        geometry.positions_mm + centres_px[:, :1] * row_mm * row_axes + centres_px[:, 1:] * column_mm * column_axes
    )
    step, start = (np.array(line) for line in np.polyfit(slices, centres, 1))
    step = step if np.linalg.norm(step) > 0.0 else np.cross(geometry.column_axis, geometry.row_axis)
    across = direction[0] * geometry.row_axis + direction[1] * geometry.column_axis
    far = np.einsum("si,si->s", geometry.positions_mm - start, normals) / (normals @ step)
    axis = start + far[:, np.newaxis] * step
    ways = np.cross(np.cross(step, across), normals)  # in each slice, along the plane that holds axis and direction
    ways /= (ways @ across)[:, np.newaxis]
    there = (
        axis[:, np.newaxis]
        + along_mm[np.newaxis, :, np.newaxis] * ways[:, np.newaxis]
        - geometry.positions_mm[:, np.newaxis]
    )
    rows = np.einsum("sci,si->sc", there, row_axes) / row_mm
    columns = np.einsum("sci,si->sc", there, column_axes) / column_mm
    from_corner = axis - geometry.positions_mm
    where = [np.einsum("si,si->s", from_corner, axes) for axes in (row_axes, column_axes)]
    return rows, columns, np.stack([where[0] / row_mm, where[1] / column_mm], axis=1)


def _half_width_mm(stack: CineStack, labels: NDArray[np.uint8] | None, centres: NDArray[np.float64]) -> float:
    """Return a width that holds both ventricles of one phase (slice, row, column) at any angle."""
    spacing = np.array(stack.geometry.pixel_spacing_mm)
    whole = min(stack.rows * spacing[0], stack.columns * spacing[1]) / 2
    if labels is None or not labels.any():
        return float(min(whole, 90.0))
    rows, columns = np.nonzero(labels.any(axis=0))
    centre = centres.mean(axis=0)
    reach = np.hypot((rows - centre[0]) * spacing[0], (columns - centre[1]) * spacing[1]).max()
    return float(min(whole, reach + _MARGIN_MM))


def usual_angle_degrees(labels: NDArray[np.uint8], pixel_spacing_mm: tuple[float, float]) -> float:
    """Return the angle at which a cut of one phase's labels (slice, row, column) shows both ventricles: LV to RV."""
    box = heart_box(labels[:, None])
    if box is None:
        return 0.0
    heart = labels[:, box.top : box.bottom, box.left : box.right]
    centres = []
    for label in (Label.LV, Label.RV):
        _, rows, columns = np.nonzero(heart == label)
        if not rows.size:
            return 0.0
        centres.append((rows.mean() * pixel_spacing_mm[0], columns.mean() * pixel_spacing_mm[1]))
    (lv_row, lv_column), (rv_row, rv_column) = centres
    return float(np.rad2deg(np.arctan2(lv_row - rv_row, lv_column - rv_column)) % 180)


def base_is_last(labels: NDArray[np.uint8]) -> bool | None:
    """Return whether the stack's last slice is the basal one, by one phase's labels (slice, row, column).

    A left ventricle is wide at its base and narrow at its apex, and the right one ends before the apex: what is told is
    on which side of the middle of the left ventricle's slices most of both cavities lies. None where both sides are
    alike, or fewer than three slices hold the left one.
    """
    areas = np.stack([(labels == label).sum(axis=(1, 2)) for label in (Label.LV, Label.RV)])
    slices = np.flatnonzero(areas[0])
    if len(slices) < 3:
        return None
    middle, reach = (slices[0] + slices[-1]) / 2, (slices[-1] - slices[0]) / 2
    lean = float((areas.sum(axis=0) * (np.arange(areas.shape[1]) - middle)).sum() / (areas.sum() * reach))
    return None if abs(lean) < _LEAST_LEAN else lean > 0
