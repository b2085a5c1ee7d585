"""How time grows with the number of frames: a power law through measured points."""

import time
from collections.abc import Sequence
from statistics import median

import numpy as np

from cinecor.inference.outline.frame_model import FrameModel
from cinecor.inference.outline.pipeline import segment
from cinecor.study import CineStack

_SHARES = ((1.0, 0.25), (0.5, 1.0), (1.0, 0.5), (1.0, 1.0), (1.0, 2.0), (1.0, 4.0))  # of its slices, of its phases


def exponent(sizes: Sequence[float], seconds: Sequence[float]) -> tuple[float, float]:
    """Give (b, seconds a unit) of the fit seconds = a × size^b; the second at the largest size."""
    slope, _ = np.polyfit(np.log(sizes), np.log(seconds), 1)
    return float(slope), seconds[-1] / sizes[-1]


def by_frames(stack: CineStack, model: FrameModel, *, repeats: int) -> list[tuple[int, float]]:
    """Give (slices × phases, median seconds of `segment`) for parts and repetitions of a stack."""
    points = []
    for slices, phases in _SHARES:
        some = _part(stack, round(stack.slices * slices), round(stack.phases * phases))
        taken = []
        for _ in range(repeats):
            start = time.perf_counter()
            segment(some, model)
            taken.append(time.perf_counter() - start)
        points.append((some.slices * some.phases, median(taken)))
    return sorted(points)


def _part(stack: CineStack, slices: int, phases: int) -> CineStack:
    from dataclasses import replace

    first = (stack.slices - slices) // 2
    keep = slice(first, first + slices)
    geometry = replace(
        stack.geometry,
        positions_mm=stack.geometry.positions_mm[keep],
        slice_extent_mm=stack.geometry.slice_extent_mm[keep],
    )
    pixels = stack.pixels[keep][:, np.arange(phases) % stack.phases]
    return replace(stack, pixels=pixels, geometry=geometry, frames=None, phase_times_ms=None)
