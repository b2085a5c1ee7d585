"""`signed_distance_mm`: a region as a smooth field whose sign is the region, pixel by pixel."""

import numpy as np
import scipy
from numpy.typing import NDArray

from cinecor.review.borders.pieces import Region

FAR_MM = 1e3
"""The distance from a region that is not there."""
_SIGMA_PX = 0.7  # rounds the steps of the pixels; a circle of 5 pixels radius keeps its area within 2 %
_LEAST_PX = 0.05  # of a pixel's side: how near a border may come to the middle of a pixel


def signed_distance_mm(region: Region, pixel_spacing_mm: tuple[float, float]) -> NDArray[np.float64]:
    """Return each pixel's distance from the region's border in mm, negative inside; (row, column).

    The field is smooth, so that its zero line is no staircase, yet every pixel keeps its side: `field < 0` is the
    region, bit for bit. Without a region it is `FAR_MM` everywhere.
    """
    if not region.any():
        return np.full(region.shape, FAR_MM)
    half = 0.5 * min(pixel_spacing_mm)
    outside = scipy.ndimage.distance_transform_edt(~region, sampling=pixel_spacing_mm)
    inside = scipy.ndimage.distance_transform_edt(np.pad(region, 1), sampling=pixel_spacing_mm)[1:-1, 1:-1]
    steps = np.where(region, half - inside, outside - half)
    return with_signs(scipy.ndimage.gaussian_filter(steps, _SIGMA_PX, mode="nearest"), region, pixel_spacing_mm)


def with_signs(
    field_mm: NDArray[np.float64], region: Region, pixel_spacing_mm: tuple[float, float]
) -> NDArray[np.float64]:
    """Return the field with each pixel on the region's side of its border."""
    least = _LEAST_PX * min(pixel_spacing_mm)
    return np.where(region, np.minimum(field_mm, -least), np.maximum(field_mm, least))
