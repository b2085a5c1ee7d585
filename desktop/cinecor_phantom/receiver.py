"""What the scanner adds: coil shading, banding at the edge of the field, a limited k-space and Rician noise."""

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from cinecor_phantom.acquisition import Acquisition
from cinecor_phantom.patient import base_centre_mm, heart_axes
from cinecor_phantom.plane import ImagePlane

Field = NDArray[np.float32]
BLOOD_LEVEL = 400.0  # stored value of blood in the ventricles

# Centres of the coil elements (LPS, mm): an array on the chest, and another in the table.
_COILS_MM = tuple(
    (x, y, z)
    for y, columns in ((-150.0, (-60.0, 40.0, 125.0)), (150.0, (-70.0, 70.0)))
    for x in columns
    for z in (-70.0, 60.0)
)


def shading(plane: ImagePlane, *, strength: float) -> Field:
    """Return the sensitivity of the coils on a plane, (row, column), 1 in the ventricles; strength 0 is flat."""
    field = _sensitivity(*plane.patient_points())
    heart = base_centre_mm() + 45.0 * heart_axes()[2]
    middle = _sensitivity(*(np.array(value) for value in heart))
    return np.asarray((field / middle) ** strength, dtype=np.float32)


def _sensitivity(x: NDArray[np.floating], y: NDArray[np.floating], z: NDArray[np.floating]) -> NDArray[np.floating]:
    total = np.zeros(np.shape(x))
    for cx, cy, cz in _COILS_MM:
        total = total + 1.0 / (1.0 + ((x - cx) ** 2 + (y - cy) ** 2 + (z - cz) ** 2) / 75.0**2)
    return total


def banding(plane: ImagePlane, *, tilt: float) -> Field:
    """Return the BSSFP pass band of a plane (row, column): 1 in an even field, dark bands far from the isocentre."""
    x, y, z = plane.patient_points()
    phase = 2.4 * (np.hypot(x - 20.0, y + 10.0) / 185.0) ** 4 + 1.6 * (np.abs(z) / 170.0) ** 3 + tilt * x / 200.0
    off = np.abs(np.mod(phase, 2.0 * np.pi) - np.pi)
    return np.asarray(1.0 - 0.85 * np.exp(-((off / 0.28) ** 2)), dtype=np.float32)


def received(signed: Field, *, acquisition: Acquisition, generator: np.random.Generator) -> NDArray[np.uint16]:
    """Return stored pixels (row, column) of a signed signal: noise, acquired part of k-space, magnitude, 12 bits."""
    rows, columns = signed.shape
    noise = generator.standard_normal((rows, columns, 2), dtype=np.float32).view(np.complex64)[..., 0]
    # A window that passes a share r of each axis passes r² of the noise power.
    sigma = np.float32(acquisition.noise / acquisition.resolution)
    spectrum = scipy.fft.fft2(signed + sigma * noise)
    spectrum *= window(rows, share=acquisition.resolution)[:, None]
    spectrum *= window(columns, share=min(1.0, acquisition.resolution + 0.1))[None, :]
    image = np.abs(scipy.fft.ifft2(spectrum))
    return np.asarray(np.clip(np.round(image * np.float32(BLOOD_LEVEL)), 0, 4095), dtype=np.uint16)


def window(length: int, *, share: float) -> NDArray[np.float32]:
    """Return the weight of each spatial frequency (FFT order): 1 inside, a cosine over the outer third, 0 beyond."""
    frequency = np.abs(np.fft.fftfreq(length)) * 2.0 / share
    return np.asarray(
        np.where(frequency < 1.0, np.cos(np.pi / 2.0 * np.clip((frequency - 0.55) / 0.45, 0, 1)), 0.0), dtype=np.float32
    )
