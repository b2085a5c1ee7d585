"""Where anterior is in a short-axis image: from the septum and the way from base to apex, never from left and right.

With a the direction from base to apex and s that from the left ventricle to the right one, both in the patient, the
anterior wall lies towards s × a. Which end of the stack is the base is seen in the labels. Only when the result agrees
with where hearts lie (apex to the left, in front and below; anterior wall in front and above) is it trusted.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cinecor.inference.outline.segmentation import Label
from cinecor.measure.regional.middle import middles
from cinecor.message import Message
from cinecor.study.cine_stack import StackGeometry
from cinecor.study.series.series_kind import BASE_TO_APEX

Array = NDArray[np.float64]

_ANTERIOR: Final = np.array([0.0, -1.0, 1.0]) / np.sqrt(2.0)  # LPS: in front and above
_APEX: Final = np.asarray(BASE_TO_APEX) / np.linalg.norm(BASE_TO_APEX)
_LEAST_COSINE = 0.25  # 75 degrees from where it is usual
_LEAST_NARROWING = 1.15  # the basal third is so much larger than the apical one

NO_PATIENT: Final = Message(
    "regional_no_patient_directions",
    "The orientation is unknown: the file does not say how its slices lie in the patient.",
)
NOT_USUAL: Final = Message(
    "regional_unusual_orientation",
    "The orientation is unknown: by the headers this heart does not lie as hearts do.",
)
NO_BASE: Final = Message(
    "regional_base_unclear",
    "The orientation is unknown: the outlines do not show which end of the stack is the base.",
)
NO_RV: Final = Message(
    "regional_no_rv", "The orientation is unknown: no RV was found beside the left ventricle's wall."
)


@dataclass(frozen=True, slots=True)
class Orientation:
    """Which slice the base is at, and the way to the anterior wall in the image; None where it cannot be told."""

    base_first: bool | None
    anterior: tuple[float, float] | None  # unit vector: along the columns, along the rows
    reason: Message | None = None

    @property
    def known(self) -> bool:
        """Whether segments can be named."""
        return self.anterior is not None


def orientation(labels: NDArray[np.uint8], *, geometry: StackGeometry) -> Orientation:
    """Return the orientation of a stack by its labels (slice, row, column) at one phase."""
    left = (labels == Label.LV) | (labels == Label.MYO)
    areas = left.sum(axis=(1, 2))
    used = np.flatnonzero(areas)
    third = len(used) // 3
    if third == 0:
        return Orientation(None, None, NO_BASE)
    first, last = float(areas[used[:third]].mean()), float(areas[used[-third:]].mean())
    if max(first, last) < _LEAST_NARROWING * min(first, last):
        return Orientation(None, None, NO_BASE)
    base_first = first > last
    towards_rv = _towards_rv(labels, left, geometry.pixel_spacing_mm)
    if towards_rv is None:
        return Orientation(base_first, None, NO_RV)
    if not geometry.oriented:
        return Orientation(base_first, None, NO_PATIENT)
    down = geometry.positions_mm[used[-1]] - geometry.positions_mm[used[0]]
    normal = np.cross(geometry.column_axis, geometry.row_axis)
    apex = normal * np.sign(down @ normal) * (1.0 if base_first else -1.0)
    septum = towards_rv[0] * geometry.column_axis + towards_rv[1] * geometry.row_axis
    anterior = np.cross(septum, apex)
    if apex @ _APEX < _LEAST_COSINE or anterior @ _ANTERIOR < _LEAST_COSINE:
        return Orientation(base_first, None, NOT_USUAL)
    in_image = np.array([anterior @ geometry.column_axis, anterior @ geometry.row_axis])
    in_image /= np.linalg.norm(in_image)
    return Orientation(base_first, (float(in_image[0]), float(in_image[1])))


def _towards_rv(labels: NDArray[np.uint8], left: NDArray[np.bool_], spacing_mm: tuple[float, float]) -> Array | None:
    """Return the mean unit vector (along columns, along rows) from the middle of the left ventricle to the RV's."""
    right = labels == Label.RV
    both = left.any(axis=(1, 2)) & right.any(axis=(1, 2))
    if not both.any():
        return None
    down, across = (
        (to - begin) * step
        for to, begin, step in zip(middles(right[both]), middles(left[both]), spacing_mm, strict=True)
    )
    mean = (np.stack([across, down], axis=1) / np.hypot(down, across)[:, None]).mean(axis=0)
    return np.asarray(mean / np.linalg.norm(mean))
