"""`InPlaneWarp`: bends every slice of the heart a little, without changing an area."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class InPlaneWarp:
    """A map of heart x and y at each height by steps that keep area: shift, stretch and shears.

    A shear x → x + f(y, z) has the Jacobian determinant 1 whatever f is, so sums of sines along each axis in turn give
    the outlines an organic wobble and leave every closed-form area, and so every volume, as it was.
    """

    stretch: float  # x times it, y divided by it
    drift_mm: tuple[float, float]  # sideways lean of the long axis over 100 mm
    waves: tuple[tuple[float, float, float, float], ...]  # amplitude mm, wavelength mm, phase, phase per mm of z

    @classmethod
    def drawn(cls, generator: np.random.Generator, *, strength: float = 1.0) -> "InPlaneWarp":
        """Return a warp of natural size: wobbles of about a millimetre over 50 to 110 mm."""
        waves = tuple(
            (
                float(strength * generator.uniform(0.4, 1.2)),
                float(generator.uniform(50.0, 110.0)),
                float(generator.uniform(0.0, 2.0 * math.pi)),
                float(generator.uniform(-0.02, 0.02)),
            )
            for _ in range(4)
        )
        return cls(
            stretch=float(1.0 + strength * generator.uniform(-0.05, 0.05)),
            drift_mm=(float(strength * generator.uniform(-5.0, 5.0)), float(strength * generator.uniform(-5.0, 5.0))),
            waves=waves,
        )

    def bend(self, x_mm: Array, y_mm: Array, z_mm: Array) -> tuple[Array, Array]:
        """Return the x and y at which the model's solids are looked up for points of the patient; arrays broadcast."""
        x = (x_mm - z_mm * (self.drift_mm[0] / 100.0)) * self.stretch
        y = (y_mm - z_mm * (self.drift_mm[1] / 100.0)) / self.stretch
        for number, (amplitude, wavelength, phase, twist) in enumerate(self.waves):
            if number % 2 == 0:
                x = x + amplitude * np.sin(y * (2.0 * math.pi / wavelength) + (phase + twist * z_mm))
            else:
                y = y + amplitude * np.sin(x * (2.0 * math.pi / wavelength) + (phase + twist * z_mm))
        return x, y

    def unbend(self, x_mm: Array, y_mm: Array, z_mm: Array) -> tuple[Array, Array]:
        """Return the x and y in the patient of points of the model's solids: `bend` undone, step by step."""
        x, y = x_mm, y_mm
        for number, (amplitude, wavelength, phase, twist) in reversed(list(enumerate(self.waves))):
            if number % 2 == 0:
                x = x - amplitude * np.sin(y * (2.0 * math.pi / wavelength) + (phase + twist * z_mm))
            else:
                y = y - amplitude * np.sin(x * (2.0 * math.pi / wavelength) + (phase + twist * z_mm))
        x = x / self.stretch + z_mm * (self.drift_mm[0] / 100.0)
        y = y * self.stretch + z_mm * (self.drift_mm[1] / 100.0)
        return x, y
