"""`breath_hold_steps`: how far every slice of a stack lies off the long-axis cines of its study."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cinecor.inference.outline.segmentation import Label
from cinecor.measure.breath_hold import BreathHoldStep, breath_hold_step
from cinecor.measure.moment import same_moment
from cinecor.progress import CancelCheck, never, stop_if
from cinecor.study.cine_stack import CineStack
from cinecor.study.image_plane import plane_of

_MOMENTS: Final = 8  # of the cycle that are compared: more tell nothing new
_MARGIN_MM: Final = 15.0  # around the ventricles: what lies beside them moves with the breath too


def breath_hold_steps(
    stack: CineStack,
    labels: NDArray[np.uint8],
    cines: Sequence[CineStack],
    *,
    phase: int,
    cancelled: CancelCheck = never,
) -> tuple[tuple[BreathHoldStep | None, ...], ...]:
    """Return for each cine and slice how its picture is shifted, (cine, slice); None where the two share too little.

    Of a cine of several parallel planes the middle one is compared. `labels` is (slice, phase, row, column); at `phase`
    they tell where the heart stands in each slice. Raises `Cancelled` on request.
    """
    phases = np.unique(np.linspace(0, stack.phases, _MOMENTS, endpoint=False).astype(int)).tolist()
    found = []
    for cine in cines:
        middle = cine.slices // 2
        views = [cine.pixels[middle, same_moment(one, phases=stack.phases, of=cine.phases)] for one in phases]
        steps: list[BreathHoldStep | None] = []
        for index in range(stack.slices):
            stop_if(cancelled)
            rows, columns = np.nonzero(labels[index, phase] != Label.BACKGROUND)
            if not (labels[index, phase] == Label.LV).any():  # at the apex there is too little to compare
                steps.append(None)
                continue
            plane = plane_of(stack, index)
            corners = np.array([[columns.min(), rows.min()], [columns.max() + 1.0, rows.max() + 1.0]])
            low, high = plane.to_mm(corners.astype(np.float64))
            steps.append(
                breath_hold_step(
                    [stack.pixels[index, one] for one in phases],
                    plane,
                    views,
                    plane_of(cine, middle),
                    centre_mm=(low + high) / 2,
                    half_width_mm=float(np.linalg.norm(high - low)) / 2 + _MARGIN_MM,
                )
            )
        found.append(tuple(steps))
    return tuple(found)
