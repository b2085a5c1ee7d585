"""Slice levels: where along the ventricle's long axis a slice lies, by the reader's labels."""

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from cinecor.inference.outline.segmentation import Label


class Level(StrEnum):
    """Thirds of the reader's LV extent, and what lies beyond it on both sides."""

    ABOVE = "above"  # beyond the base: the reader drew no LV there
    BASE = "base"
    MID = "mid"
    APEX = "apex"
    BELOW = "below"  # beyond the apex


THIRDS = (Level.BASE, Level.MID, Level.APEX)


def base_comes_first(labels: NDArray[np.uint8]) -> bool:
    """Return whether the first slices of (slice, row, column) labels are the basal ones.

    NIfTI headers do not tell base from apex, but the heart does: the third of the LV's extent with more heart in it
    is the base. Best asked of the end-diastolic labels, where the ventricle is long. True when it cannot be told.
    """
    slices = np.flatnonzero((labels == Label.LV).any(axis=(1, 2)))
    if not slices.size:
        return True
    heart_px = np.count_nonzero(labels, axis=(1, 2))[slices[0] : slices[-1] + 1]
    third = max(1, len(heart_px) // 3)
    return bool(heart_px[:third].sum() >= heart_px[-third:].sum())


def slice_levels(labels: NDArray[np.uint8], *, base_first: bool) -> tuple[Level, ...]:
    """Return the level of each slice of the reader's (slice, row, column) labels.

    The extent runs from the first to the last slice with LV cavity; a slice's centre decides its third. Without any
    LV every slice lies above.
    """
    slices = np.flatnonzero((labels == Label.LV).any(axis=(1, 2)))
    if not slices.size:
        return (Level.ABOVE,) * len(labels)
    first, last = int(slices[0]), int(slices[-1])
    before, after, thirds = Level.ABOVE, Level.BELOW, THIRDS
    if not base_first:
        before, after, thirds = Level.BELOW, Level.ABOVE, THIRDS[::-1]

    def level(index: int) -> Level:
        if index < first:
            return before
        if index > last:
            return after
        return thirds[(2 * (index - first) + 1) * len(thirds) // (2 * (last - first + 1))]

    return tuple(level(index) for index in range(len(labels)))
