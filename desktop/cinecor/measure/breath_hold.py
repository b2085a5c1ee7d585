"""How far each slice lies from where a long-axis cine shows its tissue: breath-holds differ, and the heart moves."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import scipy
from numpy.typing import NDArray

from cinecor.study.image_plane import ImagePlane, crossing_mm

_STEP_MM: Final = 0.5
_FARTHEST_MM: Final = 15.0  # breath-holds of one examination seldom differ by more in the plane of a slice
_LEAST_MM: Final = 40.0  # of the line that both images must share
_LEAST_LIKENESS: Final = 0.6


@dataclass(frozen=True, slots=True)
class BreathHoldStep:
    """How far a slice's picture is shifted against a long-axis view's, along the line that they share."""

    offset_mm: float | None  # towards the slice's tissue in the long-axis view; None: the pictures do not tell
    likeness: float  # of the two pictures at that offset, −1 to 1


def breath_hold_step(
    frames: Sequence[NDArray[np.float32]],
    short_axis: ImagePlane,
    views: Sequence[NDArray[np.float32]],
    long_axis: ImagePlane,
    *,
    centre_mm: NDArray[np.float64],
    half_width_mm: float,
) -> BreathHoldStep | None:
    """Compare a slice and a long-axis view on the line where they cross; None where they share too little of it.

    `frames` and `views` are images (row, column) of the same moments in both. Their values on the line are compared by
    normalised correlation within `half_width_mm` of `centre_mm` (the heart's centre in the slice), summed over moments.
    """
    ends = crossing_mm(short_axis, long_axis)
    if ends is None:
        return None
    length = float(np.linalg.norm(ends[1] - ends[0]))
    along = (ends[1] - ends[0]) / length
    middle = float((centre_mm - ends[0]) @ along)
    start, end = max(0.0, middle - half_width_mm), min(length, middle + half_width_mm)
    if end - start < _LEAST_MM:
        return None
    inner = np.arange(start, end, _STEP_MM)
    reach = round(_FARTHEST_MM / _STEP_MM)
    outer = start + _STEP_MM * np.arange(-reach, len(inner) + reach)
    products = np.zeros(2 * reach + 1)
    weights = np.zeros(2 * reach + 1)
    own = 0.0
    for frame, view in zip(frames, views, strict=True):
        here = _on_line(frame, short_axis, ends[0] + inner[:, None] * along)
        there = np.lib.stride_tricks.sliding_window_view(
            _on_line(view, long_axis, ends[0] + outer[:, None] * along), len(inner)
        )
        here = here - here.mean()
        there = there - there.mean(axis=1, keepdims=True)
        products += there @ here
        weights += (there**2).sum(axis=1)
        own += float((here**2).sum())
    likeness = products / np.sqrt(np.maximum(weights * own, 1e-12))
    best = int(np.argmax(likeness))
    sure = 0 < best < 2 * reach and likeness[best] >= _LEAST_LIKENESS
    return BreathHoldStep((best - reach) * _STEP_MM if sure else None, float(likeness[best]))


def _on_line(image: NDArray[np.float32], plane: ImagePlane, points_mm: NDArray[np.float64]) -> NDArray[np.float64]:
    x, y = plane.to_px(points_mm).T - 0.5
    return np.asarray(scipy.ndimage.map_coordinates(image, [y, x], order=1, mode="nearest", output=np.float64))
