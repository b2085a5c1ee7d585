"""`outlines`: the borders of labels as smooth lines between pixels."""

import contourpy
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from cinecor.inference.outline.segmentation import Label

_SIGMA_PX = 0.6  # rounds the steps of the pixels; a circle of 5 pixels radius keeps its area within 1 %
_MARGIN_PX = 3
STRUCTURES = (Label.RV, Label.MYO, Label.LV)


def outlines(labels: NDArray[np.uint8]) -> dict[Label, list[NDArray[np.float64]]]:
    """Trace every structure of one frame (row, column): closed lines of points (n, 2) as x, y.

    Pixel (row 0, column 0) covers x and y from 0 to 1. The line of the myocardium is its outer border (the
    epicardium): the inner one is that of the LV.
    """
    box = _box(labels)
    if box is None:
        return {label: [] for label in STRUCTURES}
    rows, columns = box
    part = np.pad(labels[rows, columns], _MARGIN_PX)
    offset = np.array([columns.start, rows.start]) - _MARGIN_PX + 0.5
    traced: dict[Label, list[NDArray[np.float64]]] = {}
    for label in STRUCTURES:
        mask = part == label if label is not Label.MYO else (part == Label.MYO) | (part == Label.LV)
        if label is Label.MYO and not (part == Label.MYO).any():
            traced[label] = []
            continue
        smooth = ndimage.gaussian_filter(mask.astype(np.float32), _SIGMA_PX)
        lines = contourpy.contour_generator(z=smooth, name="serial").lines(0.5)
        traced[label] = [np.asarray(line, dtype=np.float64) + offset for line in lines]
    return traced


def _box(labels: NDArray[np.uint8]) -> tuple[slice, slice] | None:
    rows = np.flatnonzero(labels.any(axis=1))
    if not rows.size:
        return None
    columns = np.flatnonzero(labels.any(axis=0))
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)
