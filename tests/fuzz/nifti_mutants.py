"""Mutants of a NIfTI file: its header's fields, its bytes before and after compression."""

import gzip
import random
import struct
from typing import Final

import nibabel
import numpy as np

from cinecor.study import CineStack
from fuzz.clean_study import CleanStudy
from fuzz.invisible import Invisible
from fuzz.mutant import Mutant, damaged

PLAIN: Final = "image.nii"
PACKED: Final = "image.nii.gz"
_FIELDS: Final = {  # where each lies in a NIfTI-1 header, and its type
    **{"sizeof_hdr": (0, "i"), "datatype": (70, "h"), "bitpix": (72, "h"), "vox_offset": (108, "f")},
    **{f"dim{axis}": (40 + 2 * axis, "h") for axis in range(6)},
    **{f"pixdim{axis}": (76 + 4 * axis, "f") for axis in range(5)},
    **{"scl_slope": (112, "f"), "scl_inter": (116, "f"), "xyzt_units": (123, "B")},
    **{"qform_code": (252, "h"), "sform_code": (254, "h"), "quatern_b": (256, "f"), "magic": (344, "i")},
    **{f"srow{row}{column}": (280 + 16 * row + 4 * column, "f") for row in range(3) for column in range(4)},
}
_HEADER_BYTES: Final = 352
_ROUNDING: Final = 5e-4


def nifti_bytes_of(stack: CineStack) -> bytes:
    """Return a stack as a NIfTI-1 file, on a short axis as converters write it."""
    data = np.ascontiguousarray(stack.pixels.transpose(3, 2, 0, 1)).astype(np.int16)
    geometry = stack.geometry
    affine = np.eye(4)
    affine[:3, 0] = geometry.column_axis * geometry.pixel_spacing_mm[1]
    affine[:3, 1] = geometry.row_axis * geometry.pixel_spacing_mm[0]
    affine[:3, 2] = np.cross(geometry.column_axis, geometry.row_axis) * geometry.slice_spacing_mm
    image = nibabel.Nifti1Image(data, np.diag([-1.0, -1.0, 1.0, 1.0]) @ affine)
    image.header.set_xyzt_units("mm", "sec")
    image.header["pixdim"][4] = 0.1
    return image.to_bytes()


def nifti_mutant(clean: CleanStudy, seed: int) -> Mutant:
    """Return the mutant of a seed: of the file, or of what it is after compression."""
    rng = random.Random(seed)
    content = clean.files[PLAIN]
    if rng.random() < 0.6:
        what, changed, invisible = _field(content, rng)
    else:
        how, changed = damaged(content, rng, until=rng.choice((None, _HEADER_BYTES)))
        what, invisible = f"bytes {how}", _why_invisible(content, changed)
    if rng.random() < 0.5:
        return Mutant(what, {PLAIN: changed}, invisible)
    packed = gzip.compress(changed, 1, mtime=0)
    if rng.random() < 0.4:
        how, packed = damaged(gzip.compress(content, 1, mtime=0), rng)
        what, invisible = f"packed {how}", None
    return Mutant(what, {PLAIN: None, PACKED: packed}, invisible)


def _field(content: bytes, rng: random.Random) -> tuple[str, bytes, Invisible | None]:
    name = rng.choice(list(_FIELDS))
    at, kind = _FIELDS[name]
    (old,) = struct.unpack_from(f"<{kind}", content, at)
    if kind == "f":
        odd = (0.0, 1.0, float("nan"), float("inf"), 1e30, 3e38)
        new = rng.choice((*odd, -old, old * 2, old / 2, old * 1.02, old + 2))
    else:
        new = rng.choice((0, 1, 2, 4, 7, 16, 64, 255, old + 1, old * 2, old // 2, 512, 768, 1792)) % (
            256 if kind == "B" else 32768
        )
    changed = bytearray(content)
    struct.pack_into(f"<{kind}", changed, at, new)
    return f"field {name}", bytes(changed), _why_invisible(content, bytes(changed))


def _why_invisible(content: bytes, changed: bytes) -> Invisible | None:
    """Return the class of a change that no file tells, None for every other."""
    if len(changed) != len(content):
        return None
    different = [at for at, (one, other) in enumerate(zip(content, changed, strict=True)) if one != other]
    if all(at >= _HEADER_BYTES for at in different):
        return Invisible.PIXEL_BYTES
    shift = {at for at, kind in (_FIELDS[f"srow{row}3"] for row in range(3)) for at in range(at, at + 4)}
    if set(different) <= shift:
        return Invisible.PLACE
    for at, kind in _FIELDS.values():
        old, new = (struct.unpack_from(f"<{kind}", one, at)[0] for one in (content, changed))
        if kind == "f" and old != new and not abs(new - old) <= _ROUNDING * abs(old):
            return None
        if kind != "f" and old != new:
            return None
    return Invisible.ROUNDING
