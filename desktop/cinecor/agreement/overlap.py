"""Overlap of two masks."""

import numpy as np
from numpy.typing import NDArray


def dice(a: NDArray[np.bool_], b: NDArray[np.bool_]) -> float:
    """Return 2|A∩B| / (|A|+|B|) (Dice 1945): 1 for equal masks, 0 for disjoint ones, 1 when both are empty.

    Equal to MONAI's `compute_dice(..., ignore_empty=False)`. Raises `ValueError` when the shapes differ.
    """
    if a.shape != b.shape:
        raise ValueError(f"masks of different shapes: {a.shape} and {b.shape}")
    total = np.count_nonzero(a) + np.count_nonzero(b)
    return 2.0 * np.count_nonzero(a & b) / total if total else 1.0
