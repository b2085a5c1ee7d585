"""Tagging: a grid or stripes over the pictures, told by the sharp peaks that evenly spaced lines have in a spectrum."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

_LONGEST_MM: Final = 14.0  # between two lines; 4 to 10 mm is usual
_SHORTEST_PX: Final = 2.5
_SHARP: Final = (
    60.0  # height of the peak over what is usual at its distance: 24 at most in cines, 117 and more in grids
)
_SHARE: Final = 0.08  # of all fine structure: 0.08 at most in cines, 0.10 and more in grids, faint ones too


def shows_grid(picture: NDArray[np.float32], *, pixel_spacing_mm: tuple[float, float]) -> bool:
    """Return whether evenly spaced lines run through a picture (row, column)."""
    sharp, share = grid_strength(picture, pixel_spacing_mm=pixel_spacing_mm)
    return sharp > _SHARP and share > _SHARE


def grid_strength(picture: NDArray[np.float32], *, pixel_spacing_mm: tuple[float, float]) -> tuple[float, float]:
    """Return how far the highest peak stands out at its distance, and its share of the power of all fine structure."""
    rows, columns = picture.shape
    window = np.hanning(rows)[:, np.newaxis] * np.hanning(columns)
    power = np.abs(np.fft.rfft2((picture - picture.mean()) * window)) ** 2
    down = np.fft.fftfreq(rows)[:, np.newaxis]
    right = np.fft.rfftfreq(columns)[np.newaxis, :]
    per_mm = np.hypot(down / pixel_spacing_mm[0], right / pixel_spacing_mm[1])
    per_pixel = np.hypot(down, right)
    fine = (per_mm > 1.0 / _LONGEST_MM) & (per_pixel < 1.0 / _SHORTEST_PX)
    if not fine.any() or power[fine].sum() == 0.0:
        return 0.0, 0.0
    at = np.unravel_index(int(np.argmax(np.where(fine, power, 0.0))), power.shape)
    ring = fine & (np.abs(per_pixel - per_pixel[at]) < 0.02)
    near = (np.abs(down - down[at[0], 0]) < 2.5 / rows) & (np.abs(right - right[0, at[1]]) < 2.5 / columns)
    usual = float(np.mean(power[ring & ~near])) if (ring & ~near).any() else 0.0
    peak = float(power[near & fine].sum())
    return float(power[at]) / max(usual, 1e-12), peak / float(power[fine].sum())
