"""`outlines`: the borders of labels as lines between pixels, the same that the tools move; `spline`: how they look."""

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Final

import numpy as np
import scipy
from numpy.typing import NDArray

from cinecor.inference.outline.segmentation import Label
from cinecor.review.borders import Border, Outline, outline, region

LABEL_OF: Final[Mapping[Border, Label]] = MappingProxyType(
    {Border.ENDO: Label.LV, Border.EPI: Label.MYO, Border.RV: Label.RV}
)
"""The structure in whose colour a border is drawn: the myocardium's line is its outer border."""


def outlines(
    labels: NDArray[np.uint8],
    pixel_spacing_mm: tuple[float, float],
    *,
    borders: Collection[Border] = tuple(Border),
) -> dict[Border, Outline]:
    """Return the borders of one frame (row, column) as closed lines; its first pixel covers x and y from 0 to 1.

    `epi` has no line where there is a cavity without any wall: it would be that of `endo` again.
    """
    traced = {}
    for border in borders:
        bare = border is Border.EPI and not (labels == Label.MYO).any()
        traced[border] = Outline(()) if bare else outline(region(labels, border), pixel_spacing_mm)
    return traced


_SIGMA_PX: Final = 1.5  # along a line: the steps of pixels go, and a circle of 5 pixels radius loses 0.2 of one
_SHORT: Final = 1 / 20  # of a line's length at most, so that a speck does not shrink


def spline(line: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a closed line (point, 2) as cubic curves to draw, (curve, 4, 2): start, two controls, end, in pixels.

    The points are smoothed along the line, by less than the half pixel that a mask knows its border to, and joined
    without corners (Catmull-Rom): at any zoom the line is a curve and not a polygon. What is counted is the mask.
    """
    closed = np.concatenate((line, line[:1]))
    along = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(closed, axis=0).T))))
    count = max(8, round(float(along[-1])))  # a point a pixel
    step = along[-1] / count
    even = np.stack([np.interp(np.arange(count) * step, along, closed[:, axis]) for axis in (0, 1)], axis=1)
    smooth = scipy.ndimage.gaussian_filter1d(
        even, min(_SIGMA_PX, _SHORT * float(along[-1])) / max(step, 1e-6), axis=0, mode="wrap"
    )
    before, after = np.roll(smooth, 1, axis=0), np.roll(smooth, -1, axis=0)
    tangent = (after - before) / 6.0
    return np.stack([smooth, smooth + tangent, after - np.roll(tangent, -1, axis=0), after], axis=1)
