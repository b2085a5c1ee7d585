"""`ShownLabels`: the labels that views show: growing while the model works, whole when it is done."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from cinecor.inference.outline.outlined_frames import OutlinedFrames
from cinecor.inference.outline.segmentation import Label
from cinecor.measure.curves import volume_curves
from cinecor.measure.heart_box import cut_to_heart
from cinecor.study.cine_stack import StackGeometry


class ShownLabels:
    """Labels of a stack with what is known of each frame: not outlined yet, outlined for now, final.

    `values` is (slice, phase, row, column); `outlined` and `final` are (slice, phase).
    """

    def __init__(self, values: NDArray[np.uint8], *, final: bool) -> None:
        self.values = values
        self._own = False  # whether nobody else holds the array
        self.outlined: NDArray[np.bool_] = np.full(values.shape[:2], final)
        self.final: NDArray[np.bool_] = self.outlined.copy()

    @classmethod
    def none_yet(cls, shape: tuple[int, ...]) -> "ShownLabels":
        """Begin without any label."""
        return cls(np.zeros(shape, dtype=np.uint8), final=False)

    def take(self, part: OutlinedFrames) -> None:
        """Lay frames over what is there."""
        at = slice(part.slices.start, part.slices.stop)
        self.values[at, part.phase] = part.labels
        self.outlined[at, part.phase] = True
        self.final[at, part.phase] = part.final

    def redraw(self, place: tuple[int, int], frame: NDArray[np.uint8]) -> None:
        """Lay one frame (row, column) that a person drew over what is there."""
        if not self._own:  # once: the AI result stays as it is
            self.values, self._own = self.values.copy(), True
        self.values[place] = frame

    def frame(self, place: tuple[int, int]) -> NDArray[np.uint8] | None:
        """Return one frame's labels (row, column); None where the model has not been yet."""
        return self.values[place] if self.outlined[place] else None

    @property
    def whole_phases(self) -> NDArray[np.intp]:
        """Phases of which every slice is final."""
        return np.flatnonzero(self.final.all(axis=0))

    def volumes_ml(self, phase: int, *, geometry: StackGeometry) -> Mapping[Label, float]:
        """Return the volumes (mL) of LV, RV and myocardium at one phase, for curves that grow with the labels."""
        curves = volume_curves(cut_to_heart(self.values[:, phase : phase + 1]), geometry=geometry)
        found = {Label.LV: curves.lv_ml, Label.RV: curves.rv_ml, Label.MYO: curves.myo_ml}
        return {label: float(volume_ml[0]) for label, volume_ml in found.items()}
