"""Ground-truth labels as a NIfTI file, (x, y, slice, phase) with the RAS affine of the stack."""

from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
from numpy.typing import NDArray

from cinecor_phantom.phantom import Phantom


def ras_affine(phantom: Phantom) -> NDArray[np.float64]:
    """Return the (4, 4) matrix from (column, row, slice) to RAS millimetres."""
    geometry = phantom.geometry
    normal = np.cross(geometry.column_axis, geometry.row_axis)
    if phantom.acquisition.slices > 1:
        step = (geometry.positions_mm[-1] - geometry.positions_mm[0]) / (phantom.acquisition.slices - 1)
    else:
        step = normal * geometry.slice_spacing_mm
    lps = np.eye(4)
    lps[:3, 0] = geometry.column_axis * geometry.pixel_spacing_mm[1]
    lps[:3, 1] = geometry.row_axis * geometry.pixel_spacing_mm[0]
    lps[:3, 2] = step
    lps[:3, 3] = geometry.positions_mm[0]
    return np.asarray(np.diag([-1.0, -1.0, 1.0, 1.0]) @ lps)


def write_labels(phantom: Phantom, path: Path, *, labels: NDArray[np.uint8] | None = None) -> None:
    """Write the phantom's labels, or others on its grid, to `path` (.nii.gz)."""
    labels = phantom.labels if labels is None else labels
    image: Any = nib.Nifti1Image(np.ascontiguousarray(labels.transpose(3, 2, 0, 1)), ras_affine(phantom))  # type: ignore[no-untyped-call]
    image.header.set_xyzt_units("mm", "msec")
    image.header["pixdim"][4] = phantom.shape.rr_ms / phantom.acquisition.phases
    image.header["descrip"] = b"Cinecor phantom: 1 RV, 2 MYO, 3 LV. Research use only."
    nib.save(image, path)
