"""`phase_volumes`: the points of the volume curves while the model still works, a phase at a time."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from cinecor.inference.outline.segmentation import Label
from cinecor.measure.curves import volume_curves
from cinecor.measure.heart_box import cut_to_heart
from cinecor.study.cine_stack import StackGeometry


def phase_volumes(labels: NDArray[np.uint8], phase: int, *, geometry: StackGeometry) -> Mapping[Label, float]:
    """Return the volumes (mL) of LV, RV and myocardium at one phase of labels (slice, phase, row, column)."""
    curves = volume_curves(cut_to_heart(labels[:, phase : phase + 1]), geometry=geometry)
    return {
        Label.LV: float(curves.lv_ml[0]),
        Label.RV: float(curves.rv_ml[0]),
        Label.MYO: float(curves.myo_ml[0]),
    }
