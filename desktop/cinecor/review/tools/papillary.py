"""Papillary muscles: dark muscle within the cavity told from bright blood, and outlines that cut it off."""

import numpy as np
import scipy
from numpy.typing import NDArray

from cinecor.inference.outline.segmentation import Label
from cinecor.review.borders import Border, filled, region, with_region

_BINS = 128
_LEAST_MM2 = 8.0  # smaller dark spots are noise or trabeculae that nobody would draw
_LEAST_PIXELS = 40  # fewer tell no threshold


def papillary_muscles(
    pixels: NDArray[np.float32],
    labels: NDArray[np.uint8],
    *,
    pixel_spacing_mm: tuple[float, float],
    shift: float = 0.0,
) -> NDArray[np.bool_]:
    """Return the muscle within the cavity of one slice (phase, row, column); none where intensity does not tell it.

    One threshold a slice, by Otsu (1979) over its cavity in all phases, moved by `shift` (−1 to 1) towards the mean of
    muscle or of blood. Nothing is muscle when what is darker does not look more like the wall than like the blood.
    """
    threshold = slice_threshold(pixels, labels, shift=shift)
    if threshold is None:
        return np.zeros(labels.shape, dtype=np.bool_)
    return np.stack(
        [
            muscle_of_frame(image, frame, threshold=threshold, pixel_spacing_mm=pixel_spacing_mm)
            for image, frame in zip(pixels, labels, strict=True)
        ]
    )


def slice_threshold(pixels: NDArray[np.float32], labels: NDArray[np.uint8], *, shift: float = 0.0) -> float | None:
    """Return the intensity below which one slice's cavity (phase, row, column) is muscle; None where nothing is."""
    return muscle_threshold(pixels[labels == Label.LV], pixels[labels == Label.MYO], shift=shift)


def muscle_of_frame(
    pixels: NDArray[np.float32],
    labels: NDArray[np.uint8],
    *,
    threshold: float,
    pixel_spacing_mm: tuple[float, float],
) -> NDArray[np.bool_]:
    """Return the muscle within the cavity of one frame (row, column), without specks of noise."""
    least = max(1, round(_LEAST_MM2 / (pixel_spacing_mm[0] * pixel_spacing_mm[1])))
    return _without_specks((labels == Label.LV) & (pixels < threshold), least)


def muscle_threshold(cavity: NDArray[np.float32], wall: NDArray[np.float32], *, shift: float = 0.0) -> float | None:
    """Return the intensity below which the cavity's pixels are muscle; None where the two cannot be told apart."""
    if cavity.size < _LEAST_PIXELS:
        return None
    low, high = np.percentile(cavity, (0.5, 99.5))
    if not high > low:
        return None
    count, edges = np.histogram(cavity, bins=_BINS, range=(float(low), float(high)))
    middle = 0.5 * (edges[1:] + edges[:-1])
    below, total = np.cumsum(count), count.sum()
    sum_below, sum_all = np.cumsum(count * middle), float((count * middle).sum())
    above = total - below
    with np.errstate(divide="ignore", invalid="ignore"):
        between = below * above * (sum_below / below - (sum_all - sum_below) / above) ** 2
    best = int(np.nan_to_num(between).argmax())
    muscle, blood = sum_below[best] / below[best], (sum_all - sum_below[best]) / above[best]
    if wall.size and abs(muscle - np.median(wall)) >= abs(muscle - blood):
        return None
    otsu = float(edges[best + 1])
    return otsu + shift * float(blood - otsu if shift > 0 else otsu - muscle)


def hull(labels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the frame (row, column) with the cavity made convex within its wall.

    It repairs an outline that cuts papillary muscles off; it does not tell muscle from blood.
    """
    from scipy.spatial import ConvexHull

    cavity = region(labels, Border.ENDO)
    rows, columns = np.nonzero(cavity)
    if not rows.size or np.ptp(rows) == 0 or np.ptp(columns) == 0:
        return labels
    corners = np.concatenate(
        [np.stack((columns + x, rows + y), axis=1) for x, y in ((0, 0), (1, 0), (0, 1), (1, 1))]
    ).astype(np.float64)
    convex = corners[ConvexHull(corners).vertices]
    return with_region(labels, Border.ENDO, filled((convex,), (int(labels.shape[0]), int(labels.shape[1]))) | cavity)


def _without_specks(dark: NDArray[np.bool_], least: int) -> NDArray[np.bool_]:
    piece, found = scipy.ndimage.label(dark)
    if not found:
        return dark
    kept = np.bincount(piece.ravel(), minlength=found + 1) >= least
    kept[0] = False
    return np.asarray(kept[piece])
