"""`InPlaneWarp`: bends every slice of the heart a little, without changing an area."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class InPlaneWarp:
    """From image millimetres to heart coordinates by steps that keep area: rotation, shift, stretch and shears.

    A shear x → x + f(y, z) has the Jacobian determinant 1 whatever f is, so sums of sines along each axis in turn give
    the outlines an organic wobble and leave every closed-form area, and so every volume, as it was.
    """

    rotation_rad: float
    stretch: float  # x times it, y divided by it
    drift_mm: tuple[float, float]  # sideways lean of the long axis over 100 mm
    waves: tuple[tuple[float, float, float, float], ...]  # amplitude mm, wavelength mm, phase, phase per mm of z

    @classmethod
    def drawn(cls, generator: np.random.Generator, *, rotation_deg: float, strength: float = 1.0) -> "InPlaneWarp":
        """A warp of natural size: wobbles of about a millimetre and a half over 45 to 110 mm."""
        waves = tuple(
            (
                float(strength * generator.uniform(0.6, 1.8)),
                float(generator.uniform(45.0, 110.0)),
                float(generator.uniform(0.0, 2.0 * math.pi)),
                float(generator.uniform(-0.02, 0.02)),
            )
            for _ in range(4)
        )
        return cls(
            rotation_rad=math.radians(rotation_deg),
            stretch=float(1.0 + strength * generator.uniform(-0.05, 0.05)),
            drift_mm=(float(strength * generator.uniform(-5.0, 5.0)), float(strength * generator.uniform(-5.0, 5.0))),
            waves=waves,
        )

    def heart_xy(self, right_mm: Array, down_mm: Array, z_mm: Array) -> tuple[Array, Array]:
        """Heart x and y of points given by their distances from the long axis in the image; arrays broadcast."""
        cosine, sine = math.cos(self.rotation_rad), math.sin(self.rotation_rad)
        x = (right_mm * cosine + down_mm * sine - self.drift_mm[0] * z_mm / 100.0) * self.stretch
        y = (down_mm * cosine - right_mm * sine - self.drift_mm[1] * z_mm / 100.0) / self.stretch
        for number, (amplitude, wavelength, phase, twist) in enumerate(self.waves):
            if number % 2 == 0:
                x = x + amplitude * np.sin(2.0 * math.pi * y / wavelength + phase + twist * z_mm)
            else:
                y = y + amplitude * np.sin(2.0 * math.pi * x / wavelength + phase + twist * z_mm)
        return x, y
