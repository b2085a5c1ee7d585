"""`Texture`: a smooth random field that fills space, for what no anatomy explains."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, map_coordinates

Volume = NDArray[np.float32]
_CELLS = 40


@dataclass(frozen=True, slots=True, eq=False)
class Texture:
    """Gaussian noise of unit variance on a periodic lattice, smooth over about one cell; arrays are read-only."""

    lattice: Volume

    @classmethod
    def drawn(cls, generator: np.random.Generator) -> "Texture":
        """Return a texture from a generator."""
        lattice = gaussian_filter(generator.standard_normal((_CELLS,) * 3).astype(np.float32), 1.0, mode="wrap")
        lattice /= lattice.std()
        lattice.flags.writeable = False
        return cls(lattice)

    def at(self, *points_mm: NDArray[np.floating[Any]], scale_mm: float) -> Volume:
        """Return values at points (three broadcastable coordinates); features are about twice `scale_mm` wide."""
        points = np.broadcast_arrays(*(np.asarray(axis, dtype=np.float32) / np.float32(scale_mm) for axis in points_mm))
        return map_coordinates(self.lattice, points, order=1, mode="grid-wrap", output=np.float32, prefilter=False)
