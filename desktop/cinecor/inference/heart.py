"""Finding the heart: it need not be in the middle of the image."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from cinecor.inference.context import slice_input
from cinecor.inference.frame_model import CERTAIN, FrameModel
from cinecor.inference.segmentation import Label
from cinecor.inference.window import Window, centred_window, customary_orientation, pooling
from cinecor.study.stack import CineStack

_TILE_STEP_MM = 150.0  # tiles overlap; a heart that two of them share is still seen in halves, as in training
_LOOKED_AT = (0.3, 0.5, 0.7)  # of the stack: slices in which both ventricles are large
_BLOCK_PX = 4  # network pixels that one pixel of the evidence stands for
_END_SYSTOLE = 0.37  # of the cycle, about
_HEART_RADIUS_MM = 80.0
_HEART_SIGMA_MM = 20.0
_MIN_EVIDENCE_ML = 5.0  # less heart than this in the sampled frames is no heart


def find_heart(stack: CineStack, model: FrameModel) -> tuple[Window, bool]:
    """Give the network's window around the heart, and whether a heart was seen at all.

    The network looks at overlapping tiles of three middle slices, at the first phase and about end-systole; the
    window is centred where the ventricles it sees are densest. Without a heart the window is the middle of the image.
    """
    contract = model.input_contract
    orientation = customary_orientation(stack.geometry.column_axis, stack.geometry.row_axis)
    spacing_mm = orientation.swap(stack.geometry.pixel_spacing_mm)
    sizes = orientation.swap((float(stack.rows), float(stack.columns)))
    extent_mm = ((sizes[0] - 1) * spacing_mm[0], (sizes[1] - 1) * spacing_mm[1])
    slices = sorted({round((stack.slices - 1) * share) for share in _LOOKED_AT})
    phases = sorted({0, round(stack.phases * _END_SYSTOLE) % stack.phases})

    step = contract.spacing_mm * _BLOCK_PX
    shape = (int(extent_mm[0] / step) + 1, int(extent_mm[1] / step) + 1)
    evidence = np.zeros(shape)
    looks = np.zeros(shape)
    blocks = pooling(contract.size_px, block_px=_BLOCK_PX)
    for centre in _tile_centres(extent_mm, contract.size_px * contract.spacing_mm):
        window = Window(centre, spacing_mm, contract.spacing_mm, contract.size_px, orientation)
        frames = np.concatenate(
            [
                slice_input(stack, position, phase, window=window, contract=contract)
                for position in slices
                for phase in phases
            ]
        )
        seen = model.outline(frames, to_rows=blocks, to_columns=blocks)
        certainty = seen.confidence / CERTAIN
        ventricles = np.where(seen.labels == Label.BACKGROUND, 1 - certainty, certainty).mean(axis=0)
        _add_tile(evidence, looks, ventricles, centre_px=(centre[0] / step, centre[1] / step))
    evidence /= np.maximum(looks, 1)

    seen_ml = evidence.sum() * step * step * float(stack.geometry.slice_extent_mm.sum()) / 1000
    if seen_ml < _MIN_EVIDENCE_ML:
        middle = centred_window(
            (stack.rows, stack.columns),
            pixel_spacing_mm=stack.geometry.pixel_spacing_mm,
            spacing_mm=contract.spacing_mm,
            size_px=contract.size_px,
            orientation=orientation,
        )
        return middle, False
    centre_mm = _densest_place(evidence, step)
    return Window(centre_mm, spacing_mm, contract.spacing_mm, contract.size_px, orientation), True


def _tile_centres(extent_mm: tuple[float, float], tile_mm: float) -> Iterator[tuple[float, float]]:
    axes = []
    for length in extent_mm:
        spare = max(0.0, length - tile_mm)
        count = int(np.ceil(spare / _TILE_STEP_MM)) + 1
        axes.append(length / 2 + (np.arange(count) - (count - 1) / 2) * (spare / max(count - 1, 1)))
    return ((float(row), float(column)) for row in axes[0] for column in axes[1])


def _add_tile(
    evidence: NDArray[np.float64],
    looks: NDArray[np.float64],
    tile: NDArray[np.float64],
    *,
    centre_px: tuple[float, float],
) -> None:
    """Add one tile to the map of the whole image, to the nearest of its pixels."""
    size = tile.shape[0]
    starts = [round(centre - (size - 1) / 2) for centre in centre_px]
    inner = [
        slice(max(0, -start), min(size, length - start)) for start, length in zip(starts, evidence.shape, strict=True)
    ]
    outer = [slice(part.start + start, part.stop + start) for part, start in zip(inner, starts, strict=True)]
    evidence[outer[0], outer[1]] += tile[inner[0], inner[1]]
    looks[outer[0], outer[1]] += 1


def _densest_place(evidence: NDArray[np.float64], spacing_mm: float) -> tuple[float, float]:
    """Centroid (mm) of the evidence within a heart's radius of its smoothed maximum."""
    smooth = ndimage.gaussian_filter(evidence, _HEART_SIGMA_MM / spacing_mm, mode="constant")
    peak = np.unravel_index(int(smooth.argmax()), smooth.shape)
    rows, columns = np.ogrid[: evidence.shape[0], : evidence.shape[1]]
    near = (rows - peak[0]) ** 2 + (columns - peak[1]) ** 2 <= (_HEART_RADIUS_MM / spacing_mm) ** 2
    weights = evidence * near
    total = weights.sum()
    row = float((weights.sum(axis=1) * np.arange(evidence.shape[0])).sum() / total)
    column = float((weights.sum(axis=0) * np.arange(evidence.shape[1])).sum() / total)
    return row * spacing_mm, column * spacing_mm
