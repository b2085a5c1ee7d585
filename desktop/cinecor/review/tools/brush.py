"""`brush` and `erase`: paint what lies within a border, pixel by pixel."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cinecor.review.borders import MOST_RV_PIECES, Border, region, with_region
from cinecor.review.tools.swept_disc import Point, SweptDisc


def brush(
    labels: NDArray[np.uint8],
    border: Border,
    path: Sequence[Point],
    *,
    radius_mm: float,
    pixel_spacing_mm: tuple[float, float],
) -> NDArray[np.uint8]:
    """Return the frame with what the brush covered taken into a border; apart from the RV, it is a second RV piece."""
    covered = _covered(labels, path, radius_mm, pixel_spacing_mm)
    pieces = MOST_RV_PIECES if border is Border.RV else None
    return with_region(labels, border, region(labels, border) | covered, rv_pieces=pieces)


def erase(
    labels: NDArray[np.uint8],
    border: Border,
    path: Sequence[Point],
    *,
    radius_mm: float,
    pixel_spacing_mm: tuple[float, float],
) -> NDArray[np.uint8]:
    """Return the frame with what the brush covered taken out of a border."""
    covered = _covered(labels, path, radius_mm, pixel_spacing_mm)
    return with_region(labels, border, region(labels, border) & ~covered)


def _covered(
    labels: NDArray[np.uint8], path: Sequence[Point], radius_mm: float, pixel_spacing_mm: tuple[float, float]
) -> NDArray[np.bool_]:
    shape = (int(labels.shape[0]), int(labels.shape[1]))
    return SweptDisc(radius_mm, pixel_spacing_mm, shape).covered(list(path))
