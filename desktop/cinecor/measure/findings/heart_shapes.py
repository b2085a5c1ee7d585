"""`HeartShapes`: the outlines of all structures in every frame as numbers, for the checks that share them."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cinecor.inference.outline.pixel_runs import label_runs
from cinecor.inference.outline.segmentation import Label
from cinecor.measure.curves import base_is_first
from cinecor.measure.findings.frame_shape import (
    FrameShapes,
    StructureShapes,
    hull_px,
    joined,
    piece_counts,
    reach_px,
    surrounded,
)
from cinecor.study.cine_stack import StackGeometry, disc_ml

_AT_ONCE_PX: Final = 1 << 22
"""Pixels whose shapes are taken at once: all of a usual study; a long cine goes slice by slice, to save memory."""

_STRUCTURES: Final = (Label.LV, Label.RV, Label.MYO)


@dataclass(frozen=True, slots=True, eq=False)
class HeartShapes:
    """Shapes of LV cavity, RV cavity, myocardium, and cavity with myocardium; arrays are (slice, phase)."""

    lv: StructureShapes
    rv: StructureShapes
    myo: StructureShapes
    whole: FrameShapes  # the left ventricle with its wall
    surrounded: NDArray[np.float64]  # see `frame_shape.surrounded`
    pixel_spacing_mm: tuple[float, float]
    slice_extent_mm: NDArray[np.float64]  # (slice,)
    base_first: bool  # whether the first slices are the basal ones; True when it cannot be told

    @property
    def pixel_mm2(self) -> float:
        """Area of a pixel."""
        return self.pixel_spacing_mm[0] * self.pixel_spacing_mm[1]

    def area_mm2(self, structure: FrameShapes) -> NDArray[np.float64]:
        """Return a structure's area in every frame, NaN where there is none."""
        return np.where(structure.found, structure.area_px * self.pixel_mm2, np.nan)

    def volume_ml(self, structure: FrameShapes) -> NDArray[np.float64]:
        """Return what each frame adds to a structure's volume."""
        return disc_ml(structure.area_px * self.pixel_mm2, self.slice_extent_mm[:, None])


def heart_shapes(labels: NDArray[np.uint8], *, geometry: StackGeometry) -> HeartShapes:
    """Return the shapes of all structures; `labels` is (slice, phase, row, column)."""
    at_once = max(1, _AT_ONCE_PX // max(labels[0].size, 1))
    blocks = [labels[first : first + at_once] for first in range(0, len(labels), at_once)]
    structures, wholes = zip(*map(_structures, blocks), strict=True)
    lv, rv, myo = (joined(of_blocks) for of_blocks in zip(*structures, strict=True))
    whole = joined(wholes)
    return HeartShapes(
        lv=lv,
        rv=rv,
        myo=myo,
        whole=whole,
        surrounded=np.concatenate([surrounded(block) for block in blocks]),
        pixel_spacing_mm=geometry.pixel_spacing_mm,
        slice_extent_mm=geometry.slice_extent_mm,
        base_first=base_is_first((whole.area_px + rv.area_px).sum(axis=1), with_lv=lv.found.any(axis=1)),
    )


def _structures(labels: NDArray[np.uint8]) -> tuple[tuple[StructureShapes, ...], FrameShapes]:
    """Return the shapes of LV cavity, RV cavity and myocardium, and those of cavity with myocardium."""
    shape, frames = labels.shape[:2], labels.shape[0] * labels.shape[1]
    runs, label = label_runs(labels.reshape(frames, *labels.shape[2:]))
    # The frames of one structure after those of another: a small study has little in each.
    own = [np.flatnonzero(label == one) for one in _STRUCTURES]
    begin = np.repeat(frames * np.arange(len(own)), [len(one) for one in own])
    runs = runs.at(np.concatenate(own))
    runs = replace(runs, plane=runs.plane + begin)
    length, middle = runs.length, (runs.start + runs.stop - 1) / 2
    planes, alone = len(own) * frames, (len(own), *shape)
    area, row, column = (
        np.bincount(runs.plane, weights=one, minlength=planes).astype(np.float64, copy=False)
        for one in (length, length * runs.row, length * middle)
    )
    pieces = piece_counts(runs, area).reshape(alone)
    reach = reach_px(runs, planes).reshape(-1, *alone)
    area, row, column = (one.reshape(alone) for one in (area, row, column))
    # Cavity with myocardium is the last: what it holds is that of both, and its hull reaches as far as either.
    area, row, column = (np.concatenate((one, one[:1] + one[2:])) for one in (area, row, column))
    reach = np.concatenate((reach, np.fmax(reach[:, :1], reach[:, 2:])), axis=1)
    safe = np.where(area > 0, area, np.nan)
    told = zip(area.astype(np.int64), row / safe, column / safe, safe / hull_px(reach), strict=True)
    *parts, whole = told
    return tuple(StructureShapes(*one, count) for one, count in zip(parts, pieces, strict=True)), FrameShapes(*whole)
