"""Finding the heart: it need not be in the middle of the image."""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cinecor.inference.outline.context import phase_input
from cinecor.inference.outline.crop import Crop, Orientation, customary_orientation, pooling
from cinecor.inference.outline.frame_model import CERTAIN, FrameModel
from cinecor.inference.outline.segmentation import Label
from cinecor.study.cine_stack import CineStack, disc_ml

_TILE_STEP_MM = 150.0  # tiles overlap; a heart that two of them share is still seen in halves, as in training
_LOOKED_AT = (0.3, 0.5, 0.7)  # of the stack: slices in which both ventricles are large
_BLOCK_PX = 4  # network pixels that one pixel of the evidence stands for
END_SYSTOLE: Final = 0.37
"""When end-systole is, about, as a share of the cycle."""

_HEART_RADIUS_MM = 80.0
_HEART_SIGMA_MM = 20.0
_PLAIN_ML = 100.0  # a whole heart: smaller ones are searched for everywhere
_NEAR_MM = 35.0  # a heart of which the centre lies this near to a tile's is seen whole
_PLAIN_LOOKS = 2  # at the middle of the image, then where the first look saw the heart
_MIN_EVIDENCE_ML = 5.0  # less heart than this in the sampled frames is no heart


def find_heart(stack: CineStack, model: FrameModel, orientation: Orientation | None = None) -> tuple[Crop, bool]:
    """Return the network's window around the heart, and whether a heart was seen at all.

    The picture is laid down by `orientation`, by that of the stack's axes when it is None.

    The network looks at a tile in the middle of the image, of three middle slices, at the first phase and about
    end-systole; when it sees a whole heart there, at most a look from nearer by follows. Otherwise it looks at
    overlapping tiles of the whole image, and the window is centred where the ventricles it sees are densest. Without a
    heart the window is the middle of the image.
    """
    search = _Search(
        stack,
        model,
        orientation or customary_orientation(stack.geometry.column_axis, stack.geometry.row_axis),
    )
    centre_mm = search.middle_mm
    for _ in range(_PLAIN_LOOKS):
        evidence = search.evidence([centre_mm])
        if search.volume_ml(evidence) < _PLAIN_ML:
            break
        seen_mm = _densest_place(evidence, search.step_mm)
        if np.hypot(seen_mm[0] - centre_mm[0], seen_mm[1] - centre_mm[1]) <= _NEAR_MM:
            return search.window(seen_mm), True
        centre_mm = seen_mm
    evidence = search.evidence(list(_tile_centres(search.extent_mm, search.tile_mm)))
    if search.volume_ml(evidence) < _MIN_EVIDENCE_ML:
        return search.window(search.middle_mm), False
    return search.window(_densest_place(evidence, search.step_mm)), True


class _Search:
    """A stack that is looked at in tiles, and the map of what was seen in them."""

    def __init__(self, stack: CineStack, model: FrameModel, orientation: Orientation) -> None:
        self._stack = stack
        self._model = model
        self._contract = model.input_contract
        self._orientation = orientation
        self._spacing_mm = self._orientation.swap(stack.geometry.pixel_spacing_mm)
        sizes = self._orientation.swap((float(stack.rows), float(stack.columns)))
        self.extent_mm = ((sizes[0] - 1) * self._spacing_mm[0], (sizes[1] - 1) * self._spacing_mm[1])
        self.middle_mm = (self.extent_mm[0] / 2, self.extent_mm[1] / 2)
        self.tile_mm = self._contract.size_px * self._contract.spacing_mm
        self.step_mm = self._contract.spacing_mm * _BLOCK_PX
        self._slices = sorted({round((stack.slices - 1) * share) for share in _LOOKED_AT})
        self._phases = sorted({0, round(stack.phases * END_SYSTOLE) % stack.phases})

    def window(self, centre_mm: tuple[float, float]) -> Crop:
        """Return the network's window around a place."""
        contract = self._contract
        return Crop(centre_mm, self._spacing_mm, contract.spacing_mm, contract.size_px, self._orientation)

    def evidence(self, centres_mm: Sequence[tuple[float, float]]) -> NDArray[np.float64]:
        """Look at tiles and give the probability of a ventricle, mean over frames and looks, on a map of `step_mm`."""
        shape = (int(self.extent_mm[0] / self.step_mm) + 1, int(self.extent_mm[1] / self.step_mm) + 1)
        evidence, looks = np.zeros(shape), np.zeros(shape)
        blocks = pooling(self._contract.size_px, block_px=_BLOCK_PX)
        for centre in centres_mm:
            window = self.window(centre)
            frames = [
                phase_input(
                    self._stack, phase, window=window, contract=self._contract, slices=range(position, position + 1)
                )
                for position in self._slices
                for phase in self._phases
            ]
            seen = self._model.outline(np.concatenate(frames), to_rows=blocks, to_columns=blocks)
            certainty = seen.confidence / CERTAIN
            ventricles = np.where(seen.labels == Label.BACKGROUND, 1 - certainty, certainty).mean(axis=0)
            place = (centre[0] / self.step_mm, centre[1] / self.step_mm)
            _add_tile(evidence, looks, ventricles, centre_px=place)
        return evidence / np.maximum(looks, 1)

    def volume_ml(self, evidence: NDArray[np.float64]) -> float:
        """Return the volume of what was seen, as if every slice showed it."""
        return float(disc_ml(evidence.sum() * self.step_mm**2, self._stack.geometry.slice_extent_mm.sum()))


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
    """Return the centroid (mm) of the evidence within a heart's radius of its smoothed maximum."""
    smooth = _blur(evidence.shape[0], spacing_mm) @ evidence @ _blur(evidence.shape[1], spacing_mm)
    peak = np.unravel_index(int(smooth.argmax()), smooth.shape)
    rows, columns = np.ogrid[: evidence.shape[0], : evidence.shape[1]]
    near = (rows - peak[0]) ** 2 + (columns - peak[1]) ** 2 <= (_HEART_RADIUS_MM / spacing_mm) ** 2
    weights = evidence * near
    total = weights.sum()
    row = float((weights.sum(axis=1) * np.arange(evidence.shape[0])).sum() / total)
    column = float((weights.sum(axis=0) * np.arange(evidence.shape[1])).sum() / total)
    return row * spacing_mm, column * spacing_mm


def _blur(length: int, spacing_mm: float) -> NDArray[np.float64]:
    """Return the matrix (length, length) that smooths a line of the map as wide as a heart; nothing lies beyond it."""
    distance_mm = (np.arange(length)[:, None] - np.arange(length)) * spacing_mm
    return np.asarray(np.exp(-0.5 * (distance_mm / _HEART_SIGMA_MM) ** 2))
