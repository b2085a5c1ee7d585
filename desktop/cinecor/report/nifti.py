"""The labels as `segmentation.nii.gz`, on the input's own grid."""

import zlib
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecor.inference.outline.segmentation import Label
from cinecor.report.nifti_header import label_header
from cinecor.study.cine_stack import CineStack, StackGeometry
from cinecor.study.nifti.nifti_file import nifti_header

_LPS_TO_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])
_SHEAR_TOLERANCE = 1e-4  # cosine; a quaternion cannot hold more shear than a rounding error
_COMPRESSION = 4  # label maps are nearly empty: higher levels cost time and win little
_MS_PER_S = 1000.0
_GZIP_FORMAT = 31  # zlib's name for it
_DESCRIPTION = b"Cinecor. Research use only. Not for diagnosis. Verify every result."  # 80 bytes are there


def nifti_bytes(labels: NDArray[np.uint8], *, stack: CineStack) -> bytes:
    """Return the labels as a gzip-compressed NIfTI file of uint8 on axes (x, y, slice, phase): x = column, y = row.

    For a NIfTI input: its header's grid, affine, sform and qform with their codes, zooms and units, bit for bit,
    and its shape, axes of length one included. For DICOM: NIfTI-1 with `stack_affine` as sform, and as qform unless
    it is sheared.
    """
    if stack.nifti is None:
        return _gzipped(_dicom_header(stack), (labels[:, phase] for phase in range(stack.phases)))
    import nibabel

    header = nifti_header(stack.nifti.header)
    # (column, row, slice, phase), then in the order of the file's axes.
    data = labels.transpose(3, 2, 0, 1).transpose(*np.argsort(stack.nifti.axes), 3).reshape(header.get_data_shape())
    header.set_data_dtype(np.uint8)
    header.set_slope_inter(1.0, 0.0)
    header.set_intent("label")
    header["cal_min"], header["cal_max"] = 0.0, 3.0
    # The input's free text may name the patient; its extensions were not even kept.
    header["descrip"] = _DESCRIPTION
    for free_text in {"aux_file", "db_name", "data_type"}.intersection(header.keys()):
        header[free_text] = b""

    image_class: Any = nibabel.Nifti2Image if isinstance(header, nibabel.Nifti2Header) else nibabel.Nifti1Image
    # With affine None nibabel leaves the header's own sform and qform untouched.
    image = image_class(np.asfortranarray(data), None, header)
    return _gzipped(image.to_bytes(), ())


def _gzipped(start: bytes, planes: Iterable[NDArray[np.uint8]]) -> bytes:
    """Compress a file piece by piece, so that it never lies in memory whole; the same labels give the same bytes."""
    packer = zlib.compressobj(_COMPRESSION, zlib.DEFLATED, _GZIP_FORMAT)
    return b"".join([packer.compress(start), *(packer.compress(one.tobytes()) for one in planes), packer.flush()])


def _dicom_header(stack: CineStack) -> bytes:
    affine = stack_affine(stack.geometry)
    between_rows_mm, between_columns_mm = stack.geometry.pixel_spacing_mm
    return label_header(
        (stack.columns, stack.rows, stack.slices, stack.phases),
        affine=affine,
        # The step of the affine, because a reader who multiplies zooms means the whole stack.
        spacing_mm=(between_columns_mm, between_rows_mm, float(np.linalg.norm(affine[:3, 2]))),
        step_s=_phase_step_s(stack),
        rigid=not _is_sheared(affine),
        largest=max(Label),
        description=_DESCRIPTION,
    )


def _phase_step_s(stack: CineStack) -> float | None:
    """Return the mean time between phases; None when it is unknown."""
    if stack.phase_times_ms is None or stack.phases == 1:
        return None
    step_ms = (stack.phase_times_ms[-1] - stack.phase_times_ms[0]) / (stack.phases - 1)
    return step_ms / _MS_PER_S if step_ms > 0 else None


def stack_affine(geometry: StackGeometry) -> NDArray[np.float64]:
    """Return the (4, 4) matrix from (column, row, slice, 1) to NIfTI's patient space (RAS, mm), in float64.

    The slice step is the mean step of the positions, so that the first and last slice of an uneven stack lie
    where they were taken. A single slice steps along the normal.
    """
    positions = geometry.positions_mm.astype(np.float64)
    between_rows_mm, between_columns_mm = geometry.pixel_spacing_mm
    if len(positions) > 1:
        slice_step = (positions[-1] - positions[0]) / (len(positions) - 1)
    else:
        slice_step = np.cross(geometry.column_axis, geometry.row_axis) * geometry.slice_spacing_mm
    affine = np.eye(4)
    affine[:3, 0] = geometry.column_axis * between_columns_mm
    affine[:3, 1] = geometry.row_axis * between_rows_mm
    affine[:3, 2] = slice_step
    affine[:3, 3] = positions[0]
    return np.asarray(_LPS_TO_RAS @ affine, dtype=np.float64)


def _is_sheared(affine: NDArray[np.float64]) -> bool:
    axes = affine[:3, :3] / np.linalg.norm(affine[:3, :3], axis=0)
    return bool(np.max(np.abs(axes.T @ axes - np.eye(3))) > _SHEAR_TOLERANCE)
