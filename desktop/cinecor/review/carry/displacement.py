"""Where each pixel of one image lies in another one of the same slice: a small demons registration."""

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

_LEVELS = ((4, 30), (2, 20), (1, 8))  # by how much images are made smaller, and how many steps are taken there
_LARGEST_PX = 128  # finer pixels follow the heart no better and cost time
_SMOOTH_PX = 1.7  # of the displacement, at each level: less lets noise move borders
_IMAGE_PX = 0.8
_LONGEST_STEP_PX = 1.2
_LEAST_CONTRAST = 0.01  # squared, of images between 0 and 1: below it there is noise


@dataclass(frozen=True, slots=True, eq=False)
class Displacement:
    """For each pixel of a frame how far, in rows and columns, its tissue lies from there in another frame."""

    px: NDArray[np.float64]  # (2, row, column)

    @classmethod
    def none(cls, shape: tuple[int, int]) -> "Displacement":
        """Return the displacement of a frame to itself."""
        return cls(np.zeros((2, *shape)))

    def then(self, further: "Displacement") -> "Displacement":
        """Return the displacement from this one's frame through the frame between to `further`'s."""
        return Displacement(self.px + np.stack([self.sampled(one) for one in further.px]))

    def sampled(self, field: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return a field (row, column) of the other frame, as the tissue of this frame sees it."""
        at = self.px + np.indices(field.shape)
        return np.asarray(scipy.ndimage.map_coordinates(field, at, order=1, mode="nearest"))


def displacement(here: NDArray[np.float32], there: NDArray[np.float32]) -> Displacement:
    """Return where the tissue of image `here` (row, column) lies in image `there`, both of one slice.

    Demons with the gradients of both images (Thirion 1998, Wang 2005), from coarse to fine; the displacement is
    smoothed after every step. What has no edge of its own moves with what lies around it.
    """
    coarse = max(1, -(-max(here.shape) // _LARGEST_PX))
    low, high = np.percentile(here, (1, 99))
    scale = float(high - low) or 1.0
    images = [np.clip((image - low) / scale, 0.0, 1.2).astype(np.float64) for image in (here, there)]
    moved: NDArray[np.float64] | None = None
    for smaller, steps in _LEVELS:
        factor = smaller * coarse
        fixed, moving = (_smaller(image, factor) for image in images)
        if min(fixed.shape) < 8:
            continue
        moved = np.zeros((2, *fixed.shape)) if moved is None else _resized(moved, fixed.shape)
        _refine(moved, fixed, moving, steps)
    if moved is None:
        return Displacement.none((int(here.shape[0]), int(here.shape[1])))
    return Displacement(_resized(moved, here.shape))


def _refine(moved: NDArray[np.float64], fixed: NDArray[np.float64], moving: NDArray[np.float64], steps: int) -> None:
    grid = np.indices(fixed.shape)
    slope = _slope(fixed)
    for _ in range(steps):
        now = scipy.ndimage.map_coordinates(moving, grid + moved, order=1, mode="nearest")
        both = 0.5 * (slope + _slope(now))
        off = fixed - now
        step = off * both / ((both**2).sum(axis=0) + off**2 + _LEAST_CONTRAST)
        length = np.maximum(np.hypot(*step) / _LONGEST_STEP_PX, 1.0)
        for axis in (0, 1):
            moved[axis] = scipy.ndimage.gaussian_filter(moved[axis] + step[axis] / length, _SMOOTH_PX, mode="nearest")


def _slope(image: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.stack((np.gradient(image, axis=0), np.gradient(image, axis=1)))


def _smaller(image: NDArray[np.float64], factor: int) -> NDArray[np.float64]:
    if factor == 1:
        return np.asarray(scipy.ndimage.gaussian_filter(image, _IMAGE_PX))
    smooth = scipy.ndimage.gaussian_filter(image, 0.5 * factor, mode="nearest")
    rows, columns = (max(1, size // factor) for size in image.shape)
    return _resized_plane(smooth, (rows, columns))


def _resized(moved: NDArray[np.float64], shape: tuple[int, ...]) -> NDArray[np.float64]:
    if moved.shape[1:] == shape:
        return moved
    share = [new / old for new, old in zip(shape, moved.shape[1:], strict=True)]
    return np.stack([_resized_plane(plane, shape) * by for plane, by in zip(moved, share, strict=True)])


def _resized_plane(plane: NDArray[np.float64], shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Return a plane on another grid over the same area."""
    at = [(np.arange(new) + 0.5) * old / new - 0.5 for new, old in zip(shape, plane.shape, strict=True)]
    return np.asarray(scipy.ndimage.map_coordinates(plane, np.meshgrid(*at, indexing="ij"), order=1, mode="nearest"))
