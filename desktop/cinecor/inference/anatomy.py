"""What is anatomically possible: one left ventricle, myocardium around it, a right ventricle beside it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from cinecor.inference.segmentation import Label

_TOUCH_MM = 6.0  # an RV piece farther than this from the left ventricle's wall is no RV
_MIN_AREA_MM2 = 20.0  # smaller than any apical cavity with its wall that a reader would draw
_MIN_PIECE = 0.15  # in one slice, a second RV piece smaller than this share of the first is noise
_IN_PLANE = ndimage.generate_binary_structure(2, 2)
_IN_VOLUME = ndimage.generate_binary_structure(3, 3)


@dataclass(frozen=True, slots=True, eq=False)
class Cleaned:
    """Labels after the clean-up, and what it took away."""

    labels: NDArray[np.uint8]  # (slice, row, column)
    removed_px: int
    filled_px: int


def keep_possible_anatomy(labels: NDArray[np.uint8], *, pixel_spacing_mm: tuple[float, float]) -> Cleaned:
    """Give one phase's labels (slice, row, column) without what no heart has.

    Kept are the largest left ventricle (cavity and wall together, connected through the slices), in each slice its
    largest piece, and the right ventricle's largest body beside it. Holes inside the left ventricle become cavity.
    """
    before = labels
    labels = labels.copy()
    _keep_one_left_ventricle(labels, pixel_spacing_mm[0] * pixel_spacing_mm[1])
    filled = _fill_holes(labels)
    _keep_one_right_ventricle(labels, pixel_spacing_mm)
    removed = int(np.count_nonzero((before != Label.BACKGROUND) & (labels == Label.BACKGROUND)))
    return Cleaned(labels, removed, filled)


def _largest(mask: NDArray[np.bool_], structure: NDArray[np.bool_]) -> NDArray[np.bool_]:
    pieces, count = ndimage.label(mask, structure)
    if count <= 1:
        return mask
    sizes = np.bincount(pieces.ravel())
    sizes[0] = 0
    return np.asarray(pieces == sizes.argmax())


def _keep_one_left_ventricle(labels: NDArray[np.uint8], pixel_area_mm2: float) -> None:
    left = (labels == Label.LV) | (labels == Label.MYO)
    keep = _largest(left, _IN_VOLUME).copy()
    for index in np.flatnonzero(keep.any(axis=(1, 2))):
        keep[index] = _largest(keep[index], _IN_PLANE)
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


def _keep_one_right_ventricle(labels: NDArray[np.uint8], pixel_spacing_mm: tuple[float, float]) -> None:
    right = labels == Label.RV
    keep = _largest(right, _IN_VOLUME).copy()
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
