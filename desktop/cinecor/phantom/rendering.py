"""From the heart's solids to the picture a scanner would have made of them."""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter


def render(labels: NDArray[np.uint8], *, seed: int) -> NDArray[np.uint16]:
    """Pixels of each frame; for now the labels in flat contrast, blurred and noisy."""
    generator = np.random.default_rng([seed, 2])
    signal = np.array([30.0, 380.0, 90.0, 400.0], dtype=np.float32)[labels]
    signal = gaussian_filter(signal, (0, 0, 0.7, 0.7))
    noise = generator.normal(0.0, 8.0, (2, *signal.shape)).astype(np.float32)
    return np.asarray(np.round(np.hypot(signal + noise[0], noise[1])), dtype=np.uint16)
