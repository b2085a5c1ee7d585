"""`LevelWindow`: which pixel values are shown black and white."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

PRESETS = {"auto": (1.0, 99.5), "bright": (1.0, 97.5), "dark": (20.0, 100.0), "full": (0.0, 100.0)}
"""Percentiles of the stack's values that become black and white."""

_SAMPLES = 400_000  # enough for a percentile, on any stack in a few milliseconds


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

    def grey(self, frame: NDArray[np.float32]) -> NDArray[np.uint8]:
        """Return the frame (row, column) as grey values; what is not a number is black."""
        scaled = np.subtract(frame, np.float32(self.low), dtype=np.float32)
        scaled *= np.float32(255.0 / max(self.width, 1e-6))
        np.nan_to_num(scaled, copy=False, nan=0.0)
        np.clip(scaled, 0, 255, out=scaled)
        return scaled.astype(np.uint8)


def preset(name: str, pixels: NDArray[np.float32]) -> LevelWindow:
    """Return a window of `PRESETS` for a stack (slice, phase, row, column), from the values it really holds."""
    step = max(1, pixels.size // _SAMPLES)
    sample = pixels.reshape(-1)[::step]
    sample = sample[np.isfinite(sample)]
    if not sample.size:
        return LevelWindow(0.0, 1.0)
    low, high = (float(value) for value in np.percentile(sample, PRESETS[name]))
    return LevelWindow(low, high if high > low else low + 1.0)
