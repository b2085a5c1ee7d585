"""Mosaics told by their picture: many slices in one image look like one another, as the parts of a picture never do."""

from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

_MOST: Final = 8  # slices side by side
_LEAST_PX: Final = 16  # of a side of one of them
_FEWEST: Final = 4  # slices that are no empty square
_ALIKE: Final = (
    0.45  # correlation from slice to slice: 0.47 to 0.88 in mosaics of real stacks, 0.40 at most in pictures
)


def mosaic_likeness(picture: NDArray[np.float32]) -> float:
    """Return how much squares of a picture (row, column) are like their neighbours, at the best size of squares."""
    rows, columns = picture.shape
    best = 0.0
    for across in range(2, _MOST + 1):
        if rows % across or columns % across or min(rows, columns) // across < _LEAST_PX:
            continue
        squares = picture.reshape(across, rows // across, across, columns // across).swapaxes(1, 2)
        flat = squares.reshape(across * across, -1).astype(np.float64)
        flat = flat - flat.mean(axis=1, keepdims=True)
        lengths = np.linalg.norm(flat, axis=1)
        seen = flat[lengths > 0.05 * lengths.max()] if lengths.max() > 0.0 else flat[:0]
        if len(seen) >= _FEWEST:
            likeness = [
                float(one @ other) / float(np.linalg.norm(one) * np.linalg.norm(other)) for one, other in pairwise(seen)
            ]
            best = max(best, float(np.median(likeness)))
    return best


def shows_mosaic(picture: NDArray[np.float32]) -> bool:
    """Return whether a picture (row, column) is many slices side by side."""
    return mosaic_likeness(picture) > _ALIKE
