"""`read_nrrd`: a label map of 3D Slicer or others in NRRD, with its place in the patient and its segments' names."""

import gzip
import io
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cinecor.errors import InputError
from cinecor.message import Message

_TYPES: Final = {
    "signed char": "i1", "int8": "i1", "int8_t": "i1", "uchar": "u1", "unsigned char": "u1", "uint8": "u1",
    "uint8_t": "u1",
    "short": "i2", "short int": "i2", "int16": "i2", "int16_t": "i2", "ushort": "u2", "unsigned short": "u2",
    "uint16": "u2", "uint16_t": "u2", "int": "i4", "int32": "i4", "int32_t": "i4", "uint": "u4", "unsigned int": "u4",
    "uint32": "u4", "uint32_t": "u4", "float": "f4", "double": "f8",
}  # fmt: skip
_TO_RAS: Final = {
    "left-posterior-superior": (-1.0, -1.0, 1.0), "lps": (-1.0, -1.0, 1.0),
    "right-anterior-superior": (1.0, 1.0, 1.0), "ras": (1.0, 1.0, 1.0),
    "left-anterior-superior": (-1.0, 1.0, 1.0), "las": (-1.0, 1.0, 1.0),
}  # fmt: skip
_LARGEST: Final = 2 * 1024**3


@dataclass(frozen=True, slots=True, eq=False)
class NrrdFile:
    """Values on three axes of space and one more, and what the header says of them."""

    values: NDArray[np.generic]  # (x, y, z, other); other: time, or layers of segments that overlap
    affine: NDArray[np.float64]  # from (x, y, z, 1) to RAS in mm
    segments: tuple[tuple[str, int, int], ...]  # name, value, layer; of a Slicer segmentation, else empty


def read_nrrd(path: Path) -> NrrdFile:
    """Return a NRRD file. Raises `InputError` for what cannot be read or is of a kind that is not known."""
    try:
        content = path.read_bytes()
        head, _, data = content.partition(b"\n\n")
        if not content.startswith(b"NRRD") or not data:
            raise ValueError("no NRRD header")
        fields, keys = _header(head.decode("utf-8", "replace"))
        return _file(fields, keys, data)
    except (OSError, ValueError, KeyError, IndexError, EOFError, zlib.error) as error:
        raise InputError(
            Message(
                "nrrd_unreadable", "{name}: this NRRD cannot be read ({reason}).", name=path.name, reason=str(error)
            )
        ) from error


def _header(text: str) -> tuple[dict[str, str], dict[str, str]]:
    fields, keys = {}, {}
    for line in text.splitlines()[1:]:
        if line.startswith("#") or ":" not in line:
            continue
        if ":=" in line:
            name, _, value = line.partition(":=")
            keys[name] = value
        else:
            name, _, value = line.partition(":")
            fields[name.strip().lower()] = value.strip()
    return fields, keys


def _file(fields: dict[str, str], keys: dict[str, str], data: bytes) -> NrrdFile:
    if "data file" in fields or "datafile" in fields:
        raise ValueError("its data lie in another file")
    if any(fields.get(name, "0") != "0" for name in ("byte skip", "byteskip", "line skip", "lineskip")):
        raise ValueError("its data begin after bytes or lines to be skipped")
    sizes = [int(size) for size in fields["sizes"].split()]
    kind = np.dtype(_TYPES[fields["type"].lower()]).newbyteorder(">" if fields.get("endian", "") == "big" else "<")
    count = int(np.prod(sizes, dtype=np.int64))
    if len(sizes) not in (3, 4) or not 0 < count * kind.itemsize <= _LARGEST:
        raise ValueError(f"sizes {fields['sizes']}")
    encoding = fields["encoding"].lower()
    if encoding in ("gzip", "gz"):
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as packed:
            data = packed.read(count * kind.itemsize + 1)  # and no more, whatever a few bytes unpack to
        if len(data) > count * kind.itemsize:
            raise ValueError("it holds more than its sizes say")
    elif encoding != "raw":
        raise ValueError(f"encoding {encoding}")
    values = np.frombuffer(data, dtype=kind, count=count).reshape(sizes, order="F")
    directions = fields["space directions"].replace("none", "(nan,nan,nan)").split(")")
    vectors = [[float(one) for one in part.strip(" (,").split(",")] for part in directions if part.strip(" (,")]
    spatial = [axis for axis, vector in enumerate(vectors) if np.isfinite(vector).all()]
    if len(vectors) != len(sizes) or len(spatial) != 3:
        raise ValueError("space directions")
    others = [axis for axis in range(len(sizes)) if axis not in spatial]
    values = values.transpose(*spatial, *others).reshape(*(sizes[axis] for axis in spatial), -1)
    signs = np.array(_TO_RAS[fields["space"].lower()])
    affine = np.eye(4)
    for column, axis in enumerate(spatial):
        affine[:3, column] = signs * np.array(vectors[axis])
    affine[:3, 3] = signs * np.array([float(one) for one in fields["space origin"].strip("()").split(",")])
    return NrrdFile(values, affine, _segments(keys))


def _segments(keys: dict[str, str]) -> tuple[tuple[str, int, int], ...]:
    found = []
    number = 0
    while f"Segment{number}_ID" in keys or f"Segment{number}_Name" in keys:
        name = keys.get(f"Segment{number}_Name", keys.get(f"Segment{number}_ID", ""))
        value = int(keys.get(f"Segment{number}_LabelValue", "1"))
        found.append((name, value, int(keys.get(f"Segment{number}_Layer", "0"))))
        number += 1
    return tuple(found)
