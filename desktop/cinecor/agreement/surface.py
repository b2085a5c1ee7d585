"""Distances between the surfaces of two masks, in mm."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class SurfaceDistances:
    """From every surface voxel of one mask to the nearest surface voxel of the other, both ways.

    A surface voxel is one that a binary erosion with the face neighbours takes away; beyond the image's border
    everything is background. Infinite where the other mask is empty; without values where the own mask is empty.
    """

    model_to_reader_mm: NDArray[np.float64]
    reader_to_model_mm: NDArray[np.float64]

    @property
    def hausdorff95_mm(self) -> float:
        """The larger of both directions' 95th percentiles (linear interpolation).

        NaN when both masks are empty, infinite when one is. MONAI's `compute_hausdorff_distance(percentile=95)`
        gives the same, but for one empty mask it may give NaN, because it interpolates between infinities.
        """
        if not self.model_to_reader_mm.size and not self.reader_to_model_mm.size:
            return float("nan")
        if not self.model_to_reader_mm.size or not self.reader_to_model_mm.size:
            return float("inf")
        return float(max(np.percentile(self.model_to_reader_mm, 95), np.percentile(self.reader_to_model_mm, 95)))

    @property
    def mean_mm(self) -> float:
        """The average symmetric surface distance: the mean over the surface voxels of both masks.

        NaN when both masks are empty, infinite when one is; equal to MONAI's
        `compute_average_surface_distance(symmetric=True)`.
        """
        both = np.concatenate((self.model_to_reader_mm, self.reader_to_model_mm))
        return float(both.mean()) if both.size else float("nan")


def surface_distances(
    model: NDArray[np.bool_], reader: NDArray[np.bool_], *, spacing_mm: Sequence[float]
) -> SurfaceDistances:
    """Return the surface distances of two masks of the same shape on a grid of `spacing_mm`, one value an axis.

    Raises `ValueError` when shapes and spacing do not belong together.
    """
    if model.shape != reader.shape or model.ndim != len(spacing_mm):
        raise ValueError(f"masks {model.shape} and {reader.shape} with spacing {tuple(spacing_mm)} do not fit")
    box = _bounding_box(model | reader)
    surfaces = [_surface(mask[box]) for mask in (model, reader)]
    return SurfaceDistances(
        _distances(surfaces[0], surfaces[1], spacing_mm), _distances(surfaces[1], surfaces[0], spacing_mm)
    )


def _bounding_box(mask: NDArray[np.bool_]) -> tuple[slice, ...]:
    """Return the smallest box that holds the mask: nothing outside it changes a distance, and the small one is fast."""
    found = scipy.ndimage.find_objects(mask.astype(np.uint8))
    box: tuple[slice, ...] = found[0] if found else tuple(slice(0, 0) for _ in mask.shape)
    return box


def _surface(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    if not mask.size:
        return mask
    return np.asarray(mask & ~scipy.ndimage.binary_erosion(mask))


def _distances(start: NDArray[np.bool_], goal: NDArray[np.bool_], spacing_mm: Sequence[float]) -> NDArray[np.float64]:
    if not goal.any():
        return np.full(np.count_nonzero(start), np.inf)
    everywhere = scipy.ndimage.distance_transform_edt(~goal, sampling=spacing_mm)
    return np.asarray(everywhere[start], dtype=np.float64)
