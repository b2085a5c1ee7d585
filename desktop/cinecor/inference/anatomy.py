"""What is anatomically possible: one left ventricle, myocardium around it, a right ventricle beside it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from cinecor.inference.segmentation import Label
from cinecor.study.stack import StackGeometry

_TOUCH_MM = 6.0  # an RV piece farther than this from the left ventricle's wall is no RV
_MIN_AREA_MM2 = 20.0  # smaller than any apical cavity with its wall that a reader would draw
_MIN_PIECE = 0.15  # in one slice, a second RV piece smaller than this share of the first is noise
_IN_PLANE = ndimage.generate_binary_structure(2, 2)
_REACH_SLICES = 3  # pieces with up to two empty slices between them may still be one ventricle


@dataclass(frozen=True, slots=True, eq=False)
class Cleaned:
    """Labels after the clean-up, and what it took away."""

    labels: NDArray[np.uint8]  # (slice, row, column)
    removed_px: int
    filled_px: int


def keep_possible_anatomy(
    labels: NDArray[np.uint8],
    *,
    pixel_spacing_mm: tuple[float, float],
    offsets_px: NDArray[np.int64] | None = None,
) -> Cleaned:
    """Give one phase's labels (slice, row, column) without what no heart has.

    Kept are the largest left ventricle (cavity and wall together, overlapping from slice to slice), in each slice its
    largest piece, and the right ventricle's largest body beside it. Holes inside the left ventricle become cavity. A
    slice in which nothing was found does not cut a ventricle in two. `offsets_px` (slice, 2) are the rows and columns
    by which each slice's grid is moved in the patient; None: all slices lie on one grid.
    """
    if offsets_px is None:
        offsets_px = np.zeros((len(labels), 2), dtype=np.int64)
    before = labels
    labels = labels.copy()
    _keep_one_left_ventricle(labels, pixel_spacing_mm[0] * pixel_spacing_mm[1], offsets_px)
    filled = _fill_holes(labels)
    _keep_one_right_ventricle(labels, pixel_spacing_mm, offsets_px)
    removed = int(np.count_nonzero((before != Label.BACKGROUND) & (labels == Label.BACKGROUND)))
    return Cleaned(labels, removed, filled)


def slice_offsets_px(geometry: StackGeometry) -> NDArray[np.int64]:
    """Give by how many rows and columns each slice's grid is moved against the first one's: (slice, 2)."""
    moved_mm = geometry.positions_mm - geometry.positions_mm[0]
    rows, columns = moved_mm @ geometry.row_axis, moved_mm @ geometry.column_axis
    return np.rint(np.stack((rows, columns), axis=1) / geometry.pixel_spacing_mm).astype(np.int64)


def _largest_piece(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The largest connected piece of one plane."""
    pieces, count = ndimage.label(mask, _IN_PLANE)
    if count <= 1:
        return mask
    sizes = np.bincount(pieces.ravel())
    sizes[0] = 0
    return np.asarray(pieces == sizes.argmax())


def _one_body(mask: NDArray[np.bool_], offsets_px: NDArray[np.int64]) -> NDArray[np.bool_]:
    """The largest body of `mask` (slice, row, column): pieces of nearby slices that overlap in the patient."""
    pieces = np.zeros(mask.shape, dtype=np.int32)
    total = 0
    for index in range(len(mask)):
        plane, count = ndimage.label(mask[index], _IN_PLANE)
        pieces[index] = np.where(plane > 0, plane + total, 0)
        total += count
    if total <= 1:
        return mask.copy()

    places = [np.argwhere(mask[index]) for index in range(len(mask))]
    links: list[tuple[int, int]] = []
    for upper in range(len(mask)):
        for lower in range(upper + 1, min(upper + _REACH_SLICES + 1, len(mask))):
            moved = places[upper] + offsets_px[upper] - offsets_px[lower]
            inside = ((moved >= 0) & (moved < mask.shape[1:])).all(axis=1)
            here, there = places[upper][inside], moved[inside]
            pairs = np.stack((pieces[upper][here[:, 0], here[:, 1]], pieces[lower][there[:, 0], there[:, 1]]), axis=1)
            links += [(int(a), int(b)) for a, b in np.unique(pairs, axis=0) if b]
    first = np.array([link[0] for link in links], dtype=np.int64)
    second = np.array([link[1] for link in links], dtype=np.int64)
    weights = np.ones(len(links), dtype=np.float64)
    graph = csr_array((weights, (first, second)), shape=(total + 1, total + 1))
    body = connected_components(graph, directed=False)[1]
    sizes = np.bincount(body, weights=np.bincount(pieces.ravel(), minlength=total + 1))
    sizes[body[0]] = 0
    return np.asarray((body[pieces] == sizes.argmax()) & mask)


def _keep_one_left_ventricle(labels: NDArray[np.uint8], pixel_area_mm2: float, offsets_px: NDArray[np.int64]) -> None:
    left = (labels == Label.LV) | (labels == Label.MYO)
    keep = _one_body(left, offsets_px)
    for index in np.flatnonzero(keep.any(axis=(1, 2))):
        keep[index] = _largest_piece(keep[index])
        keep[index] &= np.count_nonzero(keep[index]) * pixel_area_mm2 >= _MIN_AREA_MM2
    labels[left & ~keep] = Label.BACKGROUND


def _fill_holes(labels: NDArray[np.uint8]) -> int:
    filled = 0
    for plane in labels:
        left = (plane == Label.LV) | (plane == Label.MYO)
        if left.any():
            holes = ndimage.binary_fill_holes(left) & ~left
            filled += int(np.count_nonzero(holes))
            plane[holes] = Label.LV
    return filled


def _keep_one_right_ventricle(
    labels: NDArray[np.uint8], pixel_spacing_mm: tuple[float, float], offsets_px: NDArray[np.int64]
) -> None:
    right = labels == Label.RV
    keep = _one_body(right, offsets_px)
    wall = (labels == Label.MYO) | (labels == Label.LV)
    for index in np.flatnonzero(keep.any(axis=(1, 2))):
        pieces, count = ndimage.label(keep[index], _IN_PLANE)
        sizes = np.bincount(pieces.ravel())[1:]
        near = _near(wall[index], pixel_spacing_mm)
        for piece in range(1, count + 1):
            here = pieces == piece
            isolated = near is not None and not (here & near).any()
            if sizes[piece - 1] < _MIN_PIECE * sizes.max() or isolated:
                keep[index][here] = False
    labels[right & ~keep] = Label.BACKGROUND


def _near(wall: NDArray[np.bool_], pixel_spacing_mm: tuple[float, float]) -> NDArray[np.bool_] | None:
    """Pixels within reach of the left ventricle; None in a slice without one (the RV reaches above its base)."""
    if not wall.any():
        return None
    distance = ndimage.distance_transform_edt(~wall, sampling=pixel_spacing_mm)
    return np.asarray(distance <= _TOUCH_MM)
