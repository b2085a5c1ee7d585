"""`parted_slices`: where a reader's valve lines say that an outline holds more than the ventricle."""

import numpy as np
from numpy.typing import NDArray

from cinecor.measure.fractional_base import FractionalBase

_ROUNDING_PX = 1e-6


def parted_slices(labels: NDArray[np.uint8], base: FractionalBase | None, *, phase: int) -> frozenset[int]:
    """Return the slices of (slice, row, column) labels whose outlines count in part, or not at all, at a phase.

    For a fractional base a reader outlines beyond the valve, and its plane tells what counts. What a network learns are
    whole slices: which of these the reader would have outlined by that rule, nobody said. Where whole slices count
    there are none.
    """
    if base is None:
        return frozenset()
    return frozenset(
        index
        for index, frame in enumerate(labels)
        if (np.bincount(frame.ravel(), minlength=4)[1:] - base.count(frame, (index, phase))[1:] > _ROUNDING_PX).any()
    )
