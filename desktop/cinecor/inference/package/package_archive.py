"""The archive that a model package is: its entries, and whether they are those that its manifest names."""

import json
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cinecor.errors import ModelRefused
from cinecor.inference.package.graph_file import graph_file
from cinecor.inference.package.manifest import CARD, EVALUATION, GRAPHS, MANIFEST, SIGNATURE, PackageManifest
from cinecor.inference.package.model_bytes import (
    FREE_BYTES,
    MAX_MODEL_BYTES,
    MAX_UNPACKED_RATIO,
    model_bytes,
    unreadable,
)
from cinecor.inference.package.reliability import RELIABILITY
from cinecor.inference.package.signature import is_signed
from cinecor.message import Message

_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


@contextmanager
def opened(path: Path, *, name: str) -> Iterator[zipfile.ZipFile]:
    """Yield the archive at `path` for a `with` block; whatever is wrong with it becomes `ModelRefused`."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except OSError as error:
        raise unreadable(path, error) from error
    except zipfile.BadZipFile as error:
        if _is_graph(path):
            raise ModelRefused(
                Message(
                    "bare_onnx",
                    "{name} is a bare ONNX file, no model package (FILE.cinecor); export-onnx makes packages.",
                    name=name,
                )
            ) from error
        raise ModelRefused(_no_package(name)) from error
    except (zlib.error, EOFError, ValueError, NotImplementedError, RuntimeError) as error:
        raise ModelRefused(_no_package(name)) from error


def _no_package(name: str) -> Message:
    return Message("no_package", "{name} is damaged or no model package; get it again.", name=name)


def _is_graph(path: Path) -> bool:
    try:
        graph_file(model_bytes(path), name=path.name)
    except ModelRefused:
        return False
    return True


def entry_of(archive: zipfile.ZipFile, entry: str, *, most: int, name: str) -> bytes:
    """Return the bytes of an entry of at most `most` bytes. Raises `ModelRefused` when it is absent or larger."""
    try:
        info = archive.getinfo(entry)
    except KeyError:
        raise ModelRefused(
            Message(
                "entry_missing",
                "{name} is no model package: it has no {part}; make it with export-onnx.",
                name=name,
                part=entry,
            )
        ) from None
    unpacked = max(FREE_BYTES, MAX_UNPACKED_RATIO * info.compress_size)
    if info.file_size > min(most, unpacked, MAX_MODEL_BYTES):
        raise ModelRefused(
            Message(
                "part_too_large",
                "{name} is damaged: its part {part} is larger than it may be; get it again.",
                name=name,
                part=entry,
            )
        )
    return archive.read(info)


def require_entries(archive: zipfile.ZipFile, manifest: PackageManifest, *, name: str) -> None:
    """Raise `ModelRefused` unless the entries are those that the manifest names, each once."""
    promised = manifest.parts
    known = {entry: precision for precision, entry in GRAPHS.items()}
    plain = (CARD, EVALUATION, RELIABILITY)
    for entry, part in promised.items():
        if entry not in (*known, *plain) or part.precision != known.get(entry):
            raise ModelRefused(
                Message(
                    "unknown_part",
                    "{name}: its manifest names a part {part} that no package has; export it again.",
                    name=name,
                    part=repr(entry),
                )
            )
    names = archive.namelist()
    for entry in names:
        if entry not in promised and entry not in (MANIFEST, SIGNATURE):
            raise ModelRefused(
                Message(
                    "unnamed_part",
                    "{name} holds {part}, which its manifest does not name; get it again.",
                    name=name,
                    part=repr(entry),
                )
            )
        if names.count(entry) > 1:
            raise ModelRefused(
                Message("part_twice", "{name} holds {part} more than once; get it again.", name=name, part=repr(entry))
            )
        if archive.getinfo(entry).compress_type not in _METHODS:
            raise ModelRefused(
                Message(
                    "unusual_packing",
                    "{name}: {part} is packed in an unusual way; export it again.",
                    name=name,
                    part=entry,
                )
            )
    missing = sorted(({GRAPHS["fp32"]} | promised.keys()) - set(names))
    if missing:
        raise ModelRefused(
            Message(
                "part_missing_in_package", "{name} lacks its part {part}; get it again.", name=name, part=missing[0]
            )
        )


def signer(text: bytes, signed: bytes, *, name: str) -> str:
    """Return the public key that signed the manifest. Raises `ModelRefused` when the signature is wrong."""
    try:
        raw = json.loads(text)
        algorithm, key, signature = (str(raw[field]) for field in ("algorithm", "public_key", "signature"))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ModelRefused(
            Message("signature_unreadable", "{name}: its signature is unreadable; get it again.", name=name)
        ) from error
    if algorithm != "ed25519":
        raise ModelRefused(
            Message(
                "other_signature",
                "{name} is signed with {algorithm}, Cinecor knows ed25519; export it again.",
                name=name,
                algorithm=repr(algorithm),
            )
        )
    if not is_signed(signed, signature=signature, key=key):
        raise ModelRefused(
            Message(
                "signature_wrong",
                "{name}: its signature does not belong to it; do not use it, and get it from its source.",
                name=name,
            )
        )
    return key.lower()
