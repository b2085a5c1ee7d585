"""Contrast that passes: images of perfusion, or after an inversion, grow brighter or darker; those of a cine do not.

Where nothing but the pictures tells a first passage from a heartbeat (times removed, names removed), this does.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

MOST: Final = 0.25  # of the mean brightness: 0.04 to 0.1 in real cines, 0.15 in phantoms, 0.5 in perfusion
SLICE_MOST: Final = 0.3
SLICE_ALONE: Final = 2.0  # times what is usual in the other slices


def brightness_range(pictures: NDArray[np.float32]) -> float:
    """Return by which share of its mean the brightness of pictures (phase, row, column) changes.

    From the tenth to the ninetieth of a hundred, so that a bright first image does not count.
    """
    brightness = pictures.mean(axis=(1, 2), dtype=np.float64)
    low, high = np.percentile(brightness, (10.0, 90.0))
    return float(high - low) / max(abs(float(brightness.mean())), 1e-9)


def shows_passage(pictures: NDArray[np.float32]) -> bool:
    """Return whether contrast passes through pictures (phase, row, column) of one slice."""
    return brightness_range(pictures) > MOST


def slices_of_passage(pictures: NDArray[np.float32]) -> tuple[int, ...]:
    """Return the slices of (slice, phase, row, column) through which contrast passes; all when most are so."""
    ranges = [brightness_range(one) for one in pictures]
    usual = float(np.median(ranges))
    if usual > MOST:
        return tuple(range(len(ranges)))
    return tuple(number for number, one in enumerate(ranges) if one > max(SLICE_MOST, SLICE_ALONE * usual))
