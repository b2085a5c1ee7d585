"""`LevelWindow`: which pixel values are shown black and white, of a whole stack, and slice by slice."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cinecor.measure.heart_box import HeartBox

PRESETS = {"auto": (1.0, 99.5), "bright": (1.0, 97.5), "dark": (20.0, 100.0), "full": (0.0, 100.0)}
"""Percentiles of the values around the heart that become black and white, or of the whole images without outlines."""

_MARGIN: Final = 0.25  # of the heart box's sides, on each side: the tissue that borders on the heart
_LEAST_SPREAD: Final = 1.15  # brightest over darkest slice, from which a coil shades enough to be evened out
_MOST_GAIN: Final = 2.0

_SAMPLES: Final = 50_000  # enough for a percentile, of any stack in a millisecond or two


@dataclass(frozen=True, slots=True)
class LevelWindow:
    """Values at or below `low` are black, at or above `high` white."""

    low: float
    high: float

    @property
    def level(self) -> float:
        """The value in the middle."""
        return (self.low + self.high) / 2

    @property
    def width(self) -> float:
        """From black to white."""
        return self.high - self.low

    def dragged(self, *, level_by: float, width_by: float) -> "LevelWindow":
        """Return the window after a drag, both as shares of the present width; never narrower than a thousandth."""
        width = max(self.width * (1 + width_by), 1e-3)
        level = self.level + level_by * self.width
        return LevelWindow(level - width / 2, level + width / 2)

    def scaled(self, factor: float) -> "LevelWindow":
        """Return the window for a picture that is `factor` times as bright."""
        return LevelWindow(self.low * factor, self.high * factor)

    def grey(self, frame: NDArray[np.float32]) -> NDArray[np.uint8]:
        """Return the frame (row, column) as grey values; what is not a number is black."""
        scaled = np.subtract(frame, np.float32(self.low), dtype=np.float32)
        scaled *= np.float32(255.0 / max(self.width, 1e-6))
        np.nan_to_num(scaled, copy=False, nan=0.0)
        np.clip(scaled, 0, 255, out=scaled)
        return scaled.astype(np.uint8)


def preset(name: str, pixels: NDArray[np.float32], heart: HeartBox | None = None) -> LevelWindow:
    """Return a window of `PRESETS` for a stack (slice, phase, row, column), from the values it really holds.

    With `heart` from those in it and around it: chest wall and fat beside the coil are brighter than any heart. The
    full range is that of every pixel, any other of pixels spread evenly over them.
    """
    around = pixels if heart is None else _around(pixels, heart)
    sample = around[np.isfinite(around)] if name == "full" else _sample(around)
    if not sample.size:
        return LevelWindow(0.0, 1.0)
    low, high = (float(value) for value in np.percentile(sample, PRESETS[name]))
    return LevelWindow(low, high if high > low else low + 1.0)


def slice_gains(pixels: NDArray[np.float32], heart: HeartBox) -> tuple[float, ...]:
    """Return how bright each slice is around the heart against the middle one of all, 1 where they differ little.

    `pixels` is (slice, phase, row, column). A surface coil shades along the stack: the apex, near it, is brighter than
    the base. What is compared is the 90th percentile, blood and fat, and a straight line through its logarithm over the
    slices is what counts: tissue that only one slice shows is no shading.
    """
    around = _around(pixels, heart)
    if len(around) < 3:
        return (1.0,) * len(around)
    bright = np.array([_bright(one) for one in around])
    if not np.all(np.isfinite(bright) & (bright > 0)):
        return (1.0,) * len(around)
    slices = np.arange(len(bright))
    line = np.polyval(np.polyfit(slices, np.log(bright), 1), slices)
    gains = np.exp(line - np.median(line))
    if gains.max() / gains.min() < _LEAST_SPREAD:
        return (1.0,) * len(around)
    return tuple(np.clip(gains, 1 / _MOST_GAIN, _MOST_GAIN).tolist())


def _around(pixels: NDArray[np.float32], heart: HeartBox) -> NDArray[np.float32]:
    down, right = round(_MARGIN * heart.height), round(_MARGIN * heart.width)
    rows = slice(max(0, heart.top - down), heart.bottom + down)
    columns = slice(max(0, heart.left - right), heart.right + right)
    return pixels[:, :, rows, columns]


def _bright(values: NDArray[np.float32]) -> float:
    known = _sample(values)
    return float(np.percentile(known, 90)) if known.size else float("nan")


def _sample(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return values spread evenly over images (…, row, column); what is not a number is left out."""
    step = max(1, math.ceil((values.size / _SAMPLES) ** (1 / 3)))
    every = tuple(slice(None, None, step if size >= 4 * step else 1) for size in values.shape)
    thinned = values[every]
    return thinned[np.isfinite(thinned)]
