"""`Border`: the lines a doctor moves."""

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from cinecor.inference.outline.segmentation import Label


class Border(StrEnum):
    """A line between structures."""

    ENDO = "endo"  # round the LV cavity
    EPI = "epi"  # round the LV's wall
    RV = "rv"  # round the RV cavity


def region(labels: NDArray[np.uint8], border: Border) -> NDArray[np.bool_]:
    """Return what lies within a border of one frame (row, column)."""
    if border is Border.ENDO:
        return np.asarray(labels == Label.LV)
    if border is Border.EPI:
        return np.asarray(labels >= Label.MYO)
    return np.asarray(labels == Label.RV)
