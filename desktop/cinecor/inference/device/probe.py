"""The frames that every device is tried on: a few of the phantom's, kept as a file.

Drawing the phantom takes seconds; the first study after an installation must not wait for it. A test draws it again
and compares.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cinecor.inference.outline.context import with_neighbours
from cinecor.inference.outline.crop import centred_window, network_input, readout
from cinecor.inference.package.contract import InputContract
from cinecor_resources import probe_frames


@dataclass(frozen=True, slots=True, eq=False)
class Probe:
    """Input for one run of a graph, as a study gives it: several slices and the way back to the image's grid."""

    frames: NDArray[np.float32]  # (n, channel, size, size)
    to_rows: NDArray[np.float32]
    to_columns: NDArray[np.float32]


def probe(contract: InputContract) -> Probe:
    """Return the frames as this model wants them: three neighbouring slices at end-diastole and at end-systole."""
    with np.load(probe_frames()) as stored:
        pixels = stored["pixels"].astype(np.float32)  # (slice, phase, row, column)
        spacing_mm = float(stored["pixel_spacing_mm"])
    rows, columns = pixels.shape[2:]
    window = centred_window(
        (rows, columns),
        pixel_spacing_mm=(spacing_mm, spacing_mm),
        spacing_mm=contract.spacing_mm,
        size_px=contract.size_px,
    )
    frames = [
        with_neighbours(network_input(pixels[:, phase], window), neighbours=contract.neighbours)
        for phase in range(pixels.shape[1])
    ]
    back = readout(window, rows=rows, columns=columns)
    return Probe(np.concatenate(frames), back.to_rows, back.to_columns)
