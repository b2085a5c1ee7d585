"""`Canvas`: signal that is laid over signal, with soft edges, in the order in which organs hide each other."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class Canvas:
    """A signed signal under construction; edges are as wide as a pixel. `signal` is written in place."""

    signal: Field
    edge_mm: float

    def put(self, depth_mm: Field, value: float | Field, *, strength: float | Field = 1.0) -> None:
        """Lay a value where the depth (mm, positive inside) says so; a strength below 1 lets shine through."""
        mask = depth_mm * np.float32(1.0 / self.edge_mm)
        mask += np.float32(0.5)
        np.clip(mask, 0.0, 1.0, out=mask)
        mask *= strength
        mask *= value - self.signal
        np.add(self.signal, mask, out=self.signal)
