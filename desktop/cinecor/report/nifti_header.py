"""The header of a NIfTI-1 file of labels, for input that was no NIfTI file.

Written out here because a library that does it takes as long to load as a third of the study takes to segment. A test
holds it against nibabel's.
"""

import struct
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_LAYOUT = struct.Struct("<i10s18sihcB8h3f4h8f3fhBB4f2i80s24s2h6f12f16s4s4x")  # 348 bytes, and no extensions
_SIZE = 348
_LABEL_INTENT, _UINT8, _SCANNER = 1002, 2, 1
_MM, _SECONDS = 2, 8


def label_header(
    shape: Sequence[int],
    *,
    affine: NDArray[np.float64],
    spacing_mm: Sequence[float],
    step_s: float | None,
    rigid: bool,
    largest: int,
    description: bytes,
) -> bytes:
    """Return the 352 bytes before the values of a file of `shape` (x, y, slice, phase) uint8.

    `affine` is the sform, and the qform too when it is `rigid`: rotation, spacing and place without shear. `step_s` is
    the time between phases; None when it is unknown.
    """
    dim = (len(shape), *shape, *(1,) * (7 - len(shape)))
    handedness, quaternion, offset_mm = _qform(affine) if rigid else (1.0, (0.0, 0.0, 0.0), (0.0, 0.0, 0.0))
    pixdim = (handedness, *spacing_mm, 1.0 if step_s is None else step_s, 1.0, 1.0, 1.0)
    units = _MM if step_s is None else _MM | _SECONDS
    return _LAYOUT.pack(
        *(_SIZE, b"", b"", 0, 0, b"\0", 0),
        *dim,
        *(0.0, 0.0, 0.0, _LABEL_INTENT, _UINT8, 8, 0),
        *pixdim,
        *(float(_LAYOUT.size), 1.0, 0.0, 0, 0, units),
        *(float(largest), 0.0, 0.0, 0.0, 0, 0, description, b""),
        *(_SCANNER if rigid else 0, _SCANNER, *quaternion, *offset_mm),
        *affine[:3].ravel().tolist(),
        *(b"", b"n+1"),
    )


def _qform(affine: NDArray[np.float64]) -> tuple[float, tuple[float, ...], tuple[float, ...]]:
    """Return the sign of the slice axis, the rotation as the last three parts of a unit quaternion, and the place."""
    axes = affine[:3, :3] / np.linalg.norm(affine[:3, :3], axis=0)
    handedness = 1.0
    if np.linalg.det(axes) < 0:
        handedness = -1.0
        axes = axes * (1.0, 1.0, -1.0)
    left, _, right = np.linalg.svd(axes)  # the nearest rotation: positions are rounded
    xx, xy, xz, yx, yy, yz, zx, zy, zz = (left @ right).ravel()
    # Bar-Itzhack, J. Guidance 23 (2000) 1085: the quaternion is the eigenvector of the largest eigenvalue.
    matrix = np.array(
        (
            (xx - yy - zz, xy + yx, xz + zx, zy - yz),
            (xy + yx, yy - xx - zz, yz + zy, xz - zx),
            (xz + zx, yz + zy, zz - xx - yy, yx - xy),
            (zy - yz, xz - zx, yx - xy, xx + yy + zz),
        )
    )
    vector = np.linalg.eigh(matrix / 3)[1][:, -1]
    x, y, z, _ = (vector if vector[3] >= 0 else -vector).tolist()
    return handedness, (x, y, z), tuple(affine[:3, 3].tolist())
