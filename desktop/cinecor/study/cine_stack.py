"""`CineStack`: the pixels of one short-axis cine on the axes slice × phase, and where they lie in the patient."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

_MM3_PER_ML: Final = 1000.0
LARGEST_GREY: Final = 1e15  # no signal intensity comes near it, and sums of its squares still fit single precision


def pixel_volume_ml(
    pixel_spacing_mm: tuple[float, float], slice_extent_mm: Sequence[float] | NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the volume that one pixel of each slice stands for, (slice,), mL: its area × the slice's extent."""
    between_rows_mm, between_columns_mm = pixel_spacing_mm
    return disc_ml(between_rows_mm * between_columns_mm, np.asarray(slice_extent_mm, dtype=np.float64))


def disc_ml(area_mm2: float | NDArray[np.floating[Any]], extent_mm: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what an area adds to a volume over the extent of a slice, mL: area × extent, by the method of discs."""
    return np.asarray(area_mm2 * extent_mm / _MM3_PER_ML)


@dataclass(frozen=True, slots=True)
class SourceFrame:
    """The image that a frame of the stack was read from, as DICOM references it."""

    path: str  # of the file, relative to the input
    sop_class_uid: str | None
    sop_instance_uid: str | None
    number: int | None  # ReferencedFrameNumber, from 1; None where the file holds one image


@dataclass(frozen=True, slots=True, eq=False)
class StackGeometry:
    """Where the pixels of a stack lie in patient space (DICOM LPS, mm).

    `positions_mm[s]` is the centre of pixel (row 0, column 0) of slice `s`. `column_axis` is the unit vector
    along which the column index grows (the first triple of ImageOrientationPatient), `row_axis` the one along
    which the row index grows (the second triple); the mean ones where slices are tilted against each other.
    """

    positions_mm: NDArray[np.float64]  # (slice, 3)
    column_axis: NDArray[np.float64]  # (3,)
    row_axis: NDArray[np.float64]  # (3,)
    pixel_spacing_mm: tuple[float, float]  # between rows, between columns: the order of DICOM PixelSpacing
    slice_spacing_mm: float  # centre to centre, thickness + gap: the median step along the normal
    slice_extent_mm: NDArray[np.float64]
    """(slice,) mm of the long axis that each slice stands for; uneven when slices are missing."""
    slice_axes: NDArray[np.float64] | None = None
    """(slice, 2, 3): column and row axis of each slice where some were planned again; None: all have the stack's."""
    oriented: bool = True  # False: the axes are no directions in the patient, only those of the array

    @property
    def pixel_ml(self) -> NDArray[np.float64]:
        """What one pixel of each slice stands for, (slice,), mL."""
        return pixel_volume_ml(self.pixel_spacing_mm, self.slice_extent_mm)


@dataclass(frozen=True, slots=True)
class NiftiGrid:
    """The grid of a NIfTI input, for labels that are to lie on it bit for bit."""

    header: bytes  # as it stands in the file, without the extensions, which may name the patient
    axes: tuple[int, int, int] = (0, 1, 2)  # which of the file's axes are columns, rows and slices


@dataclass(frozen=True, slots=True, eq=False)
class CineStack:
    """One short-axis cine, base to apex, phase 0 first as the scanner has it; arrays are read-only.

    A NIfTI input keeps the slice order of its file, because its header does not tell base from apex.
    """

    pixels: NDArray[np.float32]  # (slice, phase, row, column), modality units (rescale applied), MONOCHROME2 sense
    geometry: StackGeometry
    phase_times_ms: tuple[float, ...] | None  # one value a phase (median over slices); None when unknown
    heart_rate_bpm: float | None
    frames: tuple[tuple[SourceFrame | None, ...], ...] | None  # [slice][phase]; None: frame missing; None for NIfTI
    series_uids: tuple[str, ...]
    nifti: NiftiGrid | None = None  # of a NIfTI input, else None

    @property
    def files(self) -> tuple[tuple[str | None, ...], ...] | None:
        """The file of every frame, [slice][phase], relative to the input; None for NIfTI, which is one file."""
        if self.frames is None:
            return None
        return tuple(tuple(None if frame is None else frame.path for frame in row) for row in self.frames)

    @property
    def slices(self) -> int:
        """Number of slice positions."""
        return int(self.pixels.shape[0])

    @property
    def phases(self) -> int:
        """Number of phases of the cycle."""
        return int(self.pixels.shape[1])

    @property
    def rows(self) -> int:
        """Pixels from top to bottom."""
        return int(self.pixels.shape[2])

    @property
    def columns(self) -> int:
        """Pixels from left to right."""
        return int(self.pixels.shape[3])
