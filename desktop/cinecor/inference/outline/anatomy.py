"""What is anatomically possible: one left ventricle, myocardium around it, a right ventricle beside it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cinecor.inference.outline.pixel_runs import Index, PixelRuns, connected, largest, meeting, pieces, pixel_runs
from cinecor.inference.outline.segmentation import Label
from cinecor.study.cine_stack import StackGeometry

_TOUCH_MM = 6.0  # an RV piece farther than this from the left ventricle's wall is no RV
_MIN_AREA_MM2 = 20.0  # smaller than any apical cavity with its wall that a reader would draw
_MIN_PIECE = 0.15  # in one slice, a second RV piece smaller than this share of the first is noise
_REACH_SLICES = 3  # pieces with up to two empty slices between them may still be one ventricle


@dataclass(frozen=True, slots=True, eq=False)
class Cleaned:
    """Labels after the clean-up, and what it took away."""

    labels: NDArray[np.uint8]  # (slice, row, column)
    removed_px: NDArray[np.int64]  # (slice,)
    filled_px: NDArray[np.int64]  # (slice,)


def keep_possible_anatomy(
    labels: NDArray[np.uint8],
    *,
    pixel_spacing_mm: tuple[float, float],
    offsets_px: NDArray[np.int64] | None = None,
) -> Cleaned:
    """Return one phase's labels (slice, row, column) without what no heart has.

    Kept are the largest left ventricle (cavity and wall together, overlapping from slice to slice), in each slice its
    largest piece, and the right ventricle's largest body beside it. Holes inside the left ventricle become cavity. A
    slice in which nothing was found does not cut a ventricle in two. `offsets_px` (slice, 2) are the rows and columns
    by which each slice's grid is moved in the patient; None: all slices lie on one grid.
    """
    if offsets_px is None:
        offsets_px = np.zeros((len(labels), 2), dtype=np.int64)
    labels = labels.copy()
    heart = _box(labels)
    if not heart.size:
        return Cleaned(labels, *np.zeros((2, len(labels)), dtype=np.int64))
    before = heart.copy()
    _keep_one_left_ventricle(heart, pixel_spacing_mm[0] * pixel_spacing_mm[1], offsets_px)
    filled = _fill_holes(heart)
    _keep_one_right_ventricle(heart, pixel_spacing_mm, offsets_px)
    removed = np.count_nonzero((before != Label.BACKGROUND) & (heart == Label.BACKGROUND), axis=(1, 2))
    return Cleaned(labels, removed, filled)


def slice_offsets_px(geometry: StackGeometry) -> NDArray[np.int64]:
    """Return by how many rows and columns each slice's grid is moved against the first one's: (slice, 2)."""
    moved_mm = geometry.positions_mm - geometry.positions_mm[0]
    rows, columns = moved_mm @ geometry.row_axis, moved_mm @ geometry.column_axis
    return np.rint(np.stack((rows, columns), axis=1) / geometry.pixel_spacing_mm).astype(np.int64)


def _box(labels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the part of `labels` that holds everything outlined and a pixel around it; a view."""
    used = np.bitwise_or.reduce(labels, axis=0) != Label.BACKGROUND
    sides = []
    for axis in (1, 0):
        places = np.flatnonzero(used.any(axis=axis))
        sides.append(slice(max(0, int(places[0]) - 1), int(places[-1]) + 2) if places.size else slice(0, 0))
    return labels[:, sides[0], sides[1]]


def _bodies(runs: PixelRuns, piece: Index, offsets_px: NDArray[np.int64]) -> Index:
    """Return each run its body: pieces of nearby slices that overlap in the patient."""
    links = [(np.arange(len(runs)), piece)]
    for further in range(1, _REACH_SLICES + 1):
        there = np.minimum(runs.plane + further, len(offsets_px) - 1)
        moved = offsets_px[runs.plane] - offsets_px[there]
        links.append(meeting(runs, runs, planes=further, rows=moved[:, 0], columns=moved[:, 1]))
    return connected(len(runs), *links)


def _keep_one_left_ventricle(labels: NDArray[np.uint8], pixel_area_mm2: float, offsets_px: NDArray[np.int64]) -> None:
    runs = pixel_runs((labels == Label.LV) | (labels == Label.MYO))
    if not len(runs):
        return
    piece = pieces(runs, corners=True)
    body = _bodies(runs, piece, offsets_px)
    keep = body == largest(body, runs.length)
    area_px = np.bincount(piece, weights=runs.length * keep)
    for plane in np.unique(runs.plane[keep]):
        here = slice(*np.searchsorted(runs.plane, (plane, plane + 1)))
        winner = here.start + int(area_px[here].argmax())  # a piece bears the index of its first run
        keep[here] &= (piece[here] == winner) & (area_px[winner] * pixel_area_mm2 >= _MIN_AREA_MM2)
    runs.at(~keep).set(labels, Label.BACKGROUND)


def _fill_holes(labels: NDArray[np.uint8]) -> NDArray[np.int64]:
    left = (labels == Label.LV) | (labels == Label.MYO)
    runs = pixel_runs(~left)
    piece = pieces(runs, corners=False)
    rows, columns = labels.shape[1:]
    at_edge = (runs.row == 0) | (runs.row == rows - 1) | (runs.start == 0) | (runs.stop == columns)
    holes = runs.at(~np.isin(piece, piece[at_edge]))
    holes.set(labels, Label.LV)
    return np.bincount(holes.plane, weights=holes.length, minlength=len(labels)).astype(np.int64)


def _keep_one_right_ventricle(
    labels: NDArray[np.uint8], pixel_spacing_mm: tuple[float, float], offsets_px: NDArray[np.int64]
) -> None:
    runs = pixel_runs(labels == Label.RV)
    if not len(runs):
        return
    piece = pieces(runs, corners=True)
    body = _bodies(runs, piece, offsets_px)
    keep = body == largest(body, runs.length)
    wall = pixel_runs((labels == Label.MYO) | (labels == Label.LV))
    # The right ventricle reaches above the left one's base: a slice without a wall says nothing.
    near = np.isin(piece, piece[_within_touch(runs, wall, pixel_spacing_mm)]) | ~np.isin(runs.plane, wall.plane)
    area_px = np.bincount(piece, weights=runs.length * keep, minlength=len(runs))
    largest_px = np.zeros(len(labels))
    np.maximum.at(largest_px, runs.plane, area_px[piece])
    keep &= near & (area_px[piece] >= _MIN_PIECE * largest_px[runs.plane])
    runs.at(~keep).set(labels, Label.BACKGROUND)


def _within_touch(runs: PixelRuns, wall: PixelRuns, pixel_spacing_mm: tuple[float, float]) -> Index:
    """Return the indices of the runs that come as close to the left ventricle as the right one must."""
    between_rows_mm, between_columns_mm = pixel_spacing_mm
    steps = int(_TOUCH_MM / between_rows_mm)
    found = []
    for rows in range(-steps, steps + 1):
        aside_mm = np.sqrt(max(0.0, _TOUCH_MM**2 - (rows * between_rows_mm) ** 2))
        found.append(meeting(runs, wall, rows=rows, reach=int(aside_mm / between_columns_mm))[0])
    return np.unique(np.concatenate(found))
