"""`PlannedFile`: one DICOM file before its pixels are encoded."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset


@dataclass(frozen=True, slots=True, eq=False)
class PlannedFile:
    """Where a file goes, its attributes, and its pixels: (row, column), or (frame, row, column) for a multi-frame."""

    path: str  # relative to the DICOM folder, with forward slashes
    dataset: Dataset
    pixels: NDArray[np.uint16]
    brightest: float  # of the view, in stored values: one scale for all its files when reduced to 8 bits
    signed: bool = False  # whether this scanner stores 16-bit signed numbers where the transfer syntax allows
