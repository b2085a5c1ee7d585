"""One NIfTI file, 3D or 4D with time last, as a `CineStack`."""

import gzip
import zlib
from dataclasses import replace
from pathlib import Path
from typing import IO, Any, Final, cast

import numpy as np
from numpy.typing import NDArray

from cinecor.errors import InputError, UsageError
from cinecor.message import Message
from cinecor.study.audit import ImportAudit
from cinecor.study.cine_stack import CineStack, StackGeometry

_MAX_BYTES: Final = 4 * 1024**3
_MS_PER_UNIT: Final = {"sec": 1000.0, "msec": 1.0, "usec": 0.001}
_STEP_MS: Final = (5.0, 200.0)  # between two phases of a cine
_GZIP: Final = b"\x1f\x8b"
_HEADER_BYTES: Final = 540  # of NIfTI-2; NIfTI-1 has 348
_RAS_TO_LPS: Final = np.diag([-1.0, -1.0, 1.0])
_LEAST_UPRIGHT: Final = 0.2
_FEWEST_GREYS: Final = 8  # a picture has hundreds; a map of labels has one a structure


def is_nifti(path: Path) -> bool:
    """Tell by name or content whether a file is (or claims to be) a NIfTI image, compressed or not."""
    if path.name.lower().endswith((".nii", ".nii.gz", ".hdr", ".img", ".img.gz")):
        return True
    try:
        return _start(path)[344:348] in (b"n+1\0", b"ni1\0") or _start(path)[4:8] == b"n+2\0"
    except (OSError, EOFError, zlib.error):
        return False


def read_nifti(path: Path) -> tuple[CineStack, ImportAudit]:
    """Return the stack of a NIfTI file: array (x, y, z, t) as pixels (slice z, phase t, row y, column x).

    Slices stay in the order of the file, because the header does not tell base from apex. Phase times come from
    pixdim[4] where its unit makes them believable. Raises `UsageError` when `path` does not exist, `InputError` for
    anything that is no 3D or 4D image of real numbers with valid spacing.
    """
    if not path.exists():
        raise UsageError(f"{path}: there is no such file; check the path.")
    with _opened(path) as stream:
        image, header = _loaded(stream, path)
        shape = _shape(image, path)
        zooms = _zooms(header, path)
        values, warnings = _values(image, shape, path)
    doubts = _label_map(values)
    warnings[:0] = doubts
    ndim = 3 if len(shape) == 3 else 4
    if ndim == 3:
        values = values[..., np.newaxis]
    pixels = np.ascontiguousarray(values.transpose(2, 3, 1, 0), dtype=np.float32)
    pixels.setflags(write=False)
    phases = pixels.shape[1]
    affine = np.array(image.affine, dtype=np.float64)
    affine.setflags(write=False)
    geometry = _geometry(affine, zooms, slices=pixels.shape[0], warnings=warnings, path=path)
    cautions = _unoriented(header, affine, zooms)
    if cautions:
        geometry = replace(geometry, oriented=False)
        warnings.extend(cautions)
    times, rate = _timing(header, phases, warnings)
    complete = np.ones((pixels.shape[0], phases), dtype=np.bool_)
    complete.setflags(write=False)
    stack = CineStack(
        pixels=pixels,
        geometry=geometry,
        phase_times_ms=times,
        heart_rate_bpm=rate,
        frames=None,
        series_uids=(),
        nifti_affine=affine,
        nifti_ndim=ndim,
    )
    told, doubted, cautioned = (
        tuple(Message("nifti", "{text}", text=text) for text in texts) for texts in (warnings, doubts, cautions)
    )
    return stack, ImportAudit(1, 1, (), None, complete, told, doubted, cautioned)


def _opened(path: Path) -> IO[bytes]:
    if path.name.lower().endswith((".hdr", ".img", ".img.gz")):
        raise InputError(f"{path.name}: a two-file image (.hdr and .img) is not read; convert it to .nii.gz.")
    try:
        compressed = _start(path, unpacked=False)[:2] == _GZIP
        return cast(IO[bytes], gzip.open(path) if compressed else path.open("rb"))
    except OSError as error:
        raise InputError(f"{path.name}: cannot be opened ({_plain(error)}); check its permissions.") from None


def _start(path: Path, *, unpacked: bool = True) -> bytes:
    """Return the first bytes of a file, of its content when it is compressed."""
    with path.open("rb") as file:
        start = file.read(_HEADER_BYTES)
    if not unpacked or start[:2] != _GZIP:
        return start
    with gzip.open(path) as file:
        return file.read(_HEADER_BYTES)


def _loaded(stream: IO[bytes], path: Path) -> tuple[Any, Any]:
    """Return the image, not yet read, and its header as it stands in the file.

    nibabel mends a voxel size of zero or less with a guess on the way; a volume must not rest on that.
    """
    import nibabel
    from nibabel.imageglobals import LoggingOutputSuppressor

    try:
        start = stream.read(_HEADER_BYTES)
        stream.seek(0)
        kind: Any = nibabel.Nifti2Image if start[4:8] == b"n+2\0" else nibabel.Nifti1Image
        with LoggingOutputSuppressor():
            image = kind.from_stream(stream)
            size = int(image.header["sizeof_hdr"])
            header = kind.header_class(start[:size], image.header.endianness, check=False)
    except Exception as error:  # noqa: BLE001 - nibabel raises its own and others' errors on damaged headers
        raise InputError(
            f"{path.name}: is no readable NIfTI file ({_plain(error)}); copy or export it again."
        ) from None
    return image, header


def _shape(image: Any, path: Path) -> tuple[int, ...]:
    shape = tuple(int(size) for size in image.shape)
    while len(shape) > 4 and shape[-1] == 1:
        shape = shape[:-1]
    if len(shape) == 2:
        shape = (*shape, 1)
    if len(shape) == 5 and shape[3] == 1:
        shape = (*shape[:3], shape[4])
    if len(shape) not in (3, 4) or min(shape) < 1:
        raise InputError(
            f"{path.name}: has the shape {tuple(image.shape)}; a 3D or 4D image (x, y, slice, time) is needed."
        )
    if min(shape[:2]) < 16:
        raise InputError(f"{path.name}: images of {shape[0]} x {shape[1]} pixels are too small to be a heart.")
    if np.prod(np.array(shape, dtype=np.float64)) * 4 > _MAX_BYTES:
        raise InputError(f"{path.name}: with the shape {shape} it does not fit into memory; cut it to one study.")
    return shape


def _zooms(header: Any, path: Path) -> tuple[float, float, float]:
    zooms = np.asarray(header["pixdim"], dtype=np.float64)[1:4]
    if not np.all(np.isfinite(zooms)) or np.any(zooms <= 0.0) or np.any(zooms > 500.0):
        raise InputError(
            f"{path.name}: pixdim {tuple(float(zoom) for zoom in zooms)} is no voxel size in mm; correct the header."
        )
    scale = {"meter": 1000.0, "micron": 0.001}.get(header.get_xyzt_units()[0], 1.0)
    zooms = zooms * scale
    return float(zooms[0]), float(zooms[1]), float(zooms[2])


def _values(image: Any, shape: tuple[int, ...], path: Path) -> tuple[NDArray[np.float32], list[str]]:
    dtype = image.get_data_dtype()
    if dtype.fields is not None or dtype.kind not in "iuf":
        raise InputError(f"{path.name}: holds {dtype} values (colour or complex); export the magnitude as grey values.")
    try:
        values = np.asarray(image.dataobj, dtype=np.float32).reshape(shape)
    except Exception as error:  # noqa: BLE001 - gzip, zlib, mmap and nibabel all raise on a file that breaks off
        raise InputError(f"{path.name}: is truncated or damaged ({_plain(error)}); copy it again.") from None
    warnings = []
    finite = np.isfinite(values)
    if not finite.all():
        if not finite.any():
            raise InputError(f"{path.name}: holds no finite value; export it again.")
        count = int(values.size - finite.sum())
        values = np.where(finite, values, values[finite].min()).astype(np.float32)
        warnings.append(f"{count} values are not finite (NaN or infinite): they count as the darkest value.")
    if values.min() == values.max():
        raise InputError(f"{path.name}: all values are equal; there is no image in it.")
    return values, warnings


def _label_map(values: NDArray[np.float32]) -> tuple[str, ...]:
    """Doubt an image of a few grey values: outlines on a drawing of outlines would look as plausible as any."""
    if np.unique(values[tuple(slice(None, None, 3) for _ in values.shape)]).size > _FEWEST_GREYS:
        return ()  # a part of the values is enough to clear nearly every image, and takes a twentieth of the time
    greys = np.unique(values).size
    if greys > _FEWEST_GREYS:
        return ()
    return (
        f"The image has only {greys} grey values, as a label map has: outlines of a heart, not its picture; "
        "open the cine images themselves.",
    )


def _contradicts(lengths: NDArray[np.float64], zooms: tuple[float, float, float]) -> bool:
    """Tell whether the affine's voxel size is not that of pixdim."""
    return bool(np.any(np.abs(lengths - zooms) > 0.01 * np.asarray(zooms)))


def _unoriented(header: Any, affine: NDArray[np.float64], zooms: tuple[float, float, float]) -> tuple[str, ...]:
    """Say why the affine's axes are no directions in the patient: it belongs to another grid, or there is none."""
    if int(header["qform_code"]) == 0 and int(header["sform_code"]) == 0:
        why = "the header gives no orientation (qform and sform are unset)"
    elif _contradicts(np.linalg.norm(affine[:3, :3], axis=0), zooms):
        why = "the affine contradicts pixdim"
    else:
        return ()
    return (f"Which side of the patient is where is not known: {why}; the images carry no orientation letters.",)


def _geometry(
    affine: NDArray[np.float64], zooms: tuple[float, float, float], *, slices: int, warnings: list[str], path: Path
) -> StackGeometry:
    """Return patient geometry (LPS) from the RAS affine; sizes are those of pixdim."""
    lps = _RAS_TO_LPS @ affine[:3, :3]
    lengths = np.linalg.norm(lps, axis=0)
    if not np.all(np.isfinite(affine)) or np.any(lengths <= 0.0):
        raise InputError(f"{path.name}: the affine is not valid (no direction for an axis); correct the header.")
    axes = lps / lengths
    if _contradicts(lengths, zooms):
        warnings.append(
            f"The affine's voxel size ({_mm(lengths)}) is not that of pixdim ({_mm(zooms)}): pixdim counts for volumes."
        )
    upright = abs(float(np.linalg.det(axes)))  # 1 for a box, less for a sheared one: its share of the box's volume
    if upright < _LEAST_UPRIGHT:
        raise InputError(f"{path.name}: the affine's axes lie almost in one plane; correct the header.")
    spacing = zooms[2] * upright
    if upright < 1.0 - 1e-3:
        warnings.append(
            f"The affine is sheared: a slice stands for {spacing:.2f} mm, not for the {zooms[2]:.2f} mm of pixdim."
        )
    origin = _RAS_TO_LPS @ affine[:3, 3]
    positions = origin + np.arange(slices)[:, np.newaxis] * axes[:, 2] * zooms[2]
    extent = np.full(slices, spacing)
    column_axis, row_axis = axes[:, 0].copy(), axes[:, 1].copy()
    for array in (positions, extent, column_axis, row_axis):
        array.setflags(write=False)
    return StackGeometry(
        positions_mm=positions,
        column_axis=column_axis,
        row_axis=row_axis,
        pixel_spacing_mm=(zooms[1], zooms[0]),
        slice_spacing_mm=spacing,
        slice_extent_mm=extent,
    )


def _timing(header: Any, phases: int, warnings: list[str]) -> tuple[tuple[float, ...] | None, float | None]:
    if phases < 2:
        warnings.append("One phase only: stroke volume and ejection fraction are unknown.")
        return None, None
    step = float(header["pixdim"][4])
    unit = header.get_xyzt_units()[1]
    step_ms = step * _MS_PER_UNIT[unit] if unit in _MS_PER_UNIT else 0.0
    if not _STEP_MS[0] <= step_ms <= _STEP_MS[1]:
        warnings.append(
            f"Phase times are unknown: pixdim[4] = {step:g} with unit '{unit}' is no time between phases of a cycle."
        )
        return None, None
    cycle_ms = step_ms * phases
    rate = 60_000.0 / cycle_ms if phases >= 8 and 250.0 <= cycle_ms <= 2500.0 else None
    if rate is not None:
        warnings.append(f"Heart rate {rate:.0f}/min is taken from the phase times, as if they covered the whole cycle.")
    return tuple(step_ms * phase for phase in range(phases)), rate


def _mm(values: Any) -> str:
    return " x ".join(f"{float(value):.3g}" for value in values) + " mm"


def _plain(error: BaseException) -> str:
    return (" ".join(str(error).split()) or type(error).__name__)[:100].rstrip(".")
