"""`NiftiFile`: the header and the values of one NIfTI file, compressed or not; the only door to such files.

The whole file is read, so that the checksum of a compressed one is compared and the size that its header gives is held
against the bytes that are there: a header that tells less than there is would lose slices without a word.
"""

import gzip
import io
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final, cast

import numpy as np
from numpy.typing import NDArray

from cinecor.errors import InputError
from cinecor.message import Message
from cinecor.own_size import most_pixel_bytes, own_size

_MAX_BYTES: Final = 4 * 1024**3
_MEMORY_BYTES: Final = 4  # of one value, once it is a pixel
_GZIP: Final = b"\x1f\x8b"
_FIRST_BYTES, _SECOND_BYTES = 348, 540  # of the headers of NIfTI-1 and NIfTI-2
_BLOCK_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True, eq=False)
class NiftiFile:
    """What one NIfTI file holds, as it stands in the file."""

    header: Any  # nibabel's, with what it mends (a size of zero or less) mended
    raw: Any  # the same header as it stands in the file: a volume must not rest on a guess
    content: bytes  # the header's bytes, without extensions
    values: NDArray[Any]  # (x, y, slice, phase), not scaled, in the file's type; read-only
    spare_bytes: int  # that follow the image


def is_nifti(path: Path) -> bool:
    """Return whether a file is (or claims to be) a NIfTI image, compressed or not, by name or content."""
    if path.name.lower().endswith((".nii", ".nii.gz", ".hdr", ".img", ".img.gz")):
        return True
    try:
        with _opened(path) as stream:
            start = stream.read(_FIRST_BYTES)
    except (OSError, EOFError, zlib.error):
        return False
    return start[344:348] in (b"n+1\0", b"ni1\0") or start[4:8] == b"n+2\0"


def nifti_header(content: bytes) -> Any:
    """Return nibabel's header for the bytes of one (`NiftiFile.content`); raises what nibabel raises."""
    import nibabel
    from nibabel.imageglobals import logger

    kind: Any = nibabel.Nifti2Header if _is_second(content) else nibabel.Nifti1Header
    logger.disabled = True  # what it mends is told by our own messages
    return kind.from_fileobj(io.BytesIO(content))


def read_nifti_file(path: Path) -> NiftiFile:
    """Return what a NIfTI file holds.

    Raises `InputError` for a damaged or truncated file, for one that holds more than its header tells, and for an image
    that is larger than a file of its size can honestly hold.
    """
    if path.name.lower().endswith((".hdr", ".img", ".img.gz")):
        raise InputError(
            Message(
                "nifti_two_files",
                "{name}: a two-file image (.hdr and .img) is not read; convert it to .nii.gz.",
                name=path.name,
            )
        )
    try:
        stream = _opened(path)
    except OSError as error:
        raise InputError(
            Message(
                "nifti_not_opened",
                "{name}: cannot be opened ({reason}); check its permissions.",
                name=path.name,
                reason=_plain(error),
            )
        ) from None
    with stream:
        content, header, raw, dtype = _read_header(stream, path)
        shape = _shape(header, path)
        offset = _offset(raw, content, path)
        count = int(np.prod(shape, dtype=np.int64))
        _refuse_too_large(path, count, dtype.itemsize, compressed=isinstance(stream, gzip.GzipFile))
        buffer, spare = _image_bytes(
            stream, path, skip=offset - len(content), size=count * dtype.itemsize, most_spare=shape[0] * shape[1]
        )
    values = np.frombuffer(buffer, dtype=dtype).reshape(shape, order="F")
    values.setflags(write=False)
    return NiftiFile(header, raw, content, values, spare)


def _read_header(stream: IO[bytes], path: Path) -> tuple[bytes, Any, Any, np.dtype[Any]]:
    """Return the header's bytes, nibabel's header for them mended and as they stand, and the type of the values."""
    try:
        start = stream.read(_FIRST_BYTES)
        content = start + stream.read(_SECOND_BYTES - len(start)) if _is_second(start) else start
        header = nifti_header(content)
        raw = type(header)(content, header.endianness, check=False)
        dtype = header.get_data_dtype()
    except Exception as error:  # noqa: BLE001 - nibabel raises its own and others' errors on damaged headers
        raise InputError(
            Message(
                "nifti_unreadable",
                "{name}: is no readable NIfTI file ({reason}); copy or export it again.",
                name=path.name,
                reason=_plain(error),
            )
        ) from None
    if dtype.fields is not None or dtype.kind not in "iuf":
        raise InputError(
            Message(
                "nifti_no_grey_values",
                "{name}: holds {kind} values (colour or complex); export the magnitude as grey values.",
                name=path.name,
                kind=str(dtype),
            )
        )
    return content, header, raw, dtype


def _opened(path: Path) -> IO[bytes]:
    with path.open("rb") as file:
        compressed = file.read(len(_GZIP)) == _GZIP
    return cast(IO[bytes], gzip.open(path) if compressed else path.open("rb"))


def _is_second(start: bytes) -> bool:
    return start[4:8] == b"n+2\0"


def _shape(header: Any, path: Path) -> tuple[int, int, int, int]:
    """Return the size along x, y, slice and phase."""
    given = tuple(int(size) for size in header.get_data_shape())
    shape = given
    while len(shape) > 4 and shape[-1] == 1:
        shape = shape[:-1]
    if len(shape) == 5 and shape[3] == 1:
        shape = (*shape[:3], shape[4])
    shape = shape + (1,) * (4 - len(shape)) if len(shape) in (2, 3) else shape
    if len(shape) != 4 or min(shape) < 1:
        raise InputError(
            Message(
                "nifti_shape",
                "{name}: has the shape {shape}; a 3D or 4D image (x, y, slice, time) is needed.",
                name=path.name,
                shape=_by(given),
            )
        )
    if np.prod(np.array(shape, dtype=np.float64)) * _MEMORY_BYTES > _MAX_BYTES:
        raise InputError(
            Message(
                "nifti_too_large",
                "{name}: with the shape {shape} it does not fit into memory; cut it to one study.",
                name=path.name,
                shape=_by(given),
            )
        )
    return shape[0], shape[1], shape[2], shape[3]


def _offset(raw: Any, content: bytes, path: Path) -> int:
    """Return where the values begin; 0 means right behind the header."""
    told = float(raw["vox_offset"])
    first = len(content) + 4
    if told == 0.0:
        return first
    if not np.isfinite(told) or told != int(told) or told < first:
        raise InputError(
            Message(
                "nifti_offset",
                "{name}: vox_offset {offset} is no place where the image can begin; export it again.",
                name=path.name,
                offset=f"{told:g}",
            )
        )
    return int(told)


def _refuse_too_large(path: Path, count: int, value_bytes: int, *, compressed: bool) -> None:
    most = most_pixel_bytes(own_size(path))
    in_memory = count * _MEMORY_BYTES
    if in_memory <= most:
        return
    if not compressed and path.stat().st_size < count * value_bytes:
        raise _broken_off(path, path.stat().st_size, count * value_bytes)
    raise InputError(
        Message(
            "nifti_bomb",
            "{name}: would take {size_mb:.0f} MB of memory, more than the limit of {most_mb:.0f} MB for a file of its "
            "size; if you trust it, store it without compression.",
            name=path.name,
            size_mb=in_memory / 1e6,
            most_mb=most / 1e6,
        )
    )


def _image_bytes(stream: IO[bytes], path: Path, *, skip: int, size: int, most_spare: int) -> tuple[bytearray, int]:
    """Return the bytes of the image and how many follow it; reads to the end, so that a checksum is compared."""
    try:
        skipped = 0
        while skipped < skip and (block := stream.read(min(skip - skipped, _BLOCK_BYTES))):
            skipped += len(block)
        buffer = bytearray(size)
        view, filled = memoryview(buffer), 0
        while filled < size and (count := stream.readinto(view[filled : filled + _BLOCK_BYTES])):  # type: ignore[attr-defined]
            filled += count
        view.release()
        spare = 0
        while spare <= most_spare and (block := stream.read(_BLOCK_BYTES)):
            spare += len(block)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(
            Message(
                "nifti_damaged",
                "{name}: is truncated or damaged ({reason}); copy it again.",
                name=path.name,
                reason=_plain(error),
            )
        ) from None
    if filled < size:
        raise _broken_off(path, filled, size)
    if spare > most_spare:
        raise InputError(
            Message(
                "nifti_longer_than_told",
                "{name}: holds more images than its header tells, so the header's sizes are wrong; export it again.",
                name=path.name,
            )
        )
    return buffer, spare


def _broken_off(path: Path, there: int, size: int) -> InputError:
    return InputError(
        Message(
            "nifti_truncated",
            "{name}: is truncated or damaged ({there} of {size} bytes of the image are there); copy it again.",
            name=path.name,
            there=there,
            size=size,
        )
    )


def _by(sizes: tuple[int, ...]) -> str:
    return " x ".join(str(size) for size in sizes)


def _plain(error: BaseException) -> str:
    reason = getattr(error, "strerror", None) or str(error)
    return (" ".join(str(reason).split()) or type(error).__name__)[:100].rstrip(".")
