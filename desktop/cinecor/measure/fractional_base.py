"""`FractionalBase`: of the slabs that a valve's plane cuts the part below it alone counts, pixel by pixel."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cinecor.inference.outline.segmentation import Label
from cinecor.measure.ventricle import Ventricle
from cinecor.study.image_plane import ImagePlane

Cuts = NDArray[
    np.float64
]  # (slice, phase, 3): share below at the first pixel, and by how much it grows a row, a column

_ENDED_BY: Final[Mapping[Ventricle, tuple[Label, ...]]] = MappingProxyType(
    {Ventricle.LV: (Label.LV, Label.MYO), Ventricle.RV: (Label.RV,)}
)
"""The structures that end at a ventricle's valve."""
_FLAT: Final = 1e-6  # cosine: a plane that stands upright in the slices parts them at a line


@dataclass(frozen=True, slots=True, eq=False)
class FractionalBase:
    """Of each ventricle whose valve's plane is known how it cuts the slabs; of the others whole slices count.

    The share of a pixel's slab that lies on the apex's side of the plane is `cut[0] + row * cut[1] + column * cut[2]`,
    kept within 0 and 1.
    """

    cuts: Mapping[Ventricle, Cuts]

    def count(self, frame: NDArray[np.uint8], place: tuple[int, int]) -> NDArray[np.float64]:
        """Return how many pixels of each label a whole frame (row, column) has at (slice, phase): (label,)."""
        counts = np.bincount(frame.ravel(), minlength=len(Label)).astype(np.float64)
        for ventricle, cuts in self.cuts.items():
            first, a_row, a_column = cuts[place].tolist()
            down, right = a_row * (frame.shape[0] - 1), a_column * (frame.shape[1] - 1)
            corners = (first, first + down, first + right, first + down + right)
            if min(corners) >= 1.0:
                continue
            for label in _ENDED_BY[ventricle]:
                if max(corners) <= 0.0:
                    counts[label] = 0.0
                elif counts[label]:
                    rows, columns = np.nonzero(frame == label)
                    counts[label] = np.clip(first + a_row * rows + a_column * columns, 0.0, 1.0).sum()
        return counts

    def counts(self, labels: NDArray[np.uint8]) -> NDArray[np.float64]:
        """Return how many pixels of each label every whole frame has, of labels (slice, phase, row, column).

        (slice, phase, label), as `pixel_counts` gives them for whole slices.
        """
        slices, phases = labels.shape[:2]
        return np.stack(
            [[self.count(labels[index, phase], (index, phase)) for phase in range(phases)] for index in range(slices)]
        )


def cuts_of(
    points_mm: NDArray[np.float64], normals: NDArray[np.float64], *, slices: Sequence[ImagePlane],
    extents_mm: NDArray[np.float64],
) -> Cuts:  # fmt: skip
    """Return how a plane that moves through the cycle cuts the slabs of slices: (slice, phase, 3).

    At every phase the plane goes through a point (phase, 3) with a unit normal (phase, 3) towards the apex; a slab
    reaches half of its extent (slice,) to either side of its image. All in patient space, mm.
    """
    cuts = np.empty((len(slices), len(points_mm), 3))
    for index, (image, extent_mm) in enumerate(zip(slices, extents_mm.tolist(), strict=True)):
        between_rows, between_columns = image.pixel_spacing_mm
        across = normals @ image.normal
        # Along the slice's normal, as a slab is a column above each of its pixels.
        per_mm = 1.0 / (np.maximum(np.abs(across), _FLAT) * extent_mm)
        cuts[index, :, 0] = 0.5 + np.einsum("pi,pi->p", image.origin_mm - points_mm, normals) * per_mm
        cuts[index, :, 1] = between_rows * (normals @ image.row_axis) * per_mm
        cuts[index, :, 2] = between_columns * (normals @ image.column_axis) * per_mm
    return cuts
