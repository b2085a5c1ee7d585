"""`FILE.cinecor`: one model in several precisions, with its manifest, card, gates and signature."""

import hashlib
import io
import json
import os
import secrets
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cinecor.errors import CinecorError, ModelRefused, OutputError
from cinecor.inference.package.contract import CONTRACT_VERSION, ModelContract, contract_from_metadata
from cinecor.inference.package.graph_file import graph_file, require_self_contained
from cinecor.inference.package.manifest import (
    CARD,
    EVALUATION,
    FORMAT_VERSION,
    GRAPHS,
    MANIFEST,
    SIGNATURE,
    Comparison,
    Gate,
    PackageManifest,
    PackagePart,
    Precision,
    manifest_from_json,
)
from cinecor.inference.package.signature import Trust, is_signed, key_of, require_trust, sign

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

__all__ = [
    "GRAPHS",
    "SUFFIX",
    "CheckedGraph",
    "Comparison",
    "Gate",
    "ModelPackage",
    "PackageManifest",
    "PackagePart",
    "Precision",
    "open_package",
    "read_package",
    "write_package",
]

SUFFIX: Final = ".cinecor"
_SMALL = 1 << 22  # bytes of the manifest and the signature
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


@dataclass(frozen=True, slots=True, eq=False)
class CheckedGraph:
    """The bytes of one graph, found to be what the manifest promises, and its contract."""

    content: bytes
    contract: ModelContract
    sha256: str


@dataclass(frozen=True, slots=True)
class ModelPackage:
    """A package on disk whose manifest and signature hold; a part is checked when it is read."""

    path: Path
    manifest: PackageManifest
    sha256: str  # of the manifest, which holds those of all parts
    signed_by: str | None  # public key (hexadecimal) whose signature was verified; None: not signed

    def graph(self, precision: Precision) -> bytes:
        """Give one ONNX graph. Raises `ModelRefused` when it is absent or not what the manifest promises."""
        return self.checked(precision).content

    def checked(self, precision: Precision) -> CheckedGraph:
        """Give one graph with its contract; raises as `graph`."""
        entry = GRAPHS[precision]
        if entry not in self.manifest.parts:
            has = ", ".join(self.manifest.precisions)
            raise ModelRefused(f"{self.path.name} has no {precision} graph (it has {has}); export it again.")
        content = self.part(entry)
        name = f"{self.path.name}, part {entry}"
        facts = graph_file(content, name=name)
        require_self_contained(facts, name=name)
        contract = contract_from_metadata(facts.metadata)
        self._require_kinship(contract, precision=precision)
        return CheckedGraph(content, contract, self.manifest.parts[entry].sha256)

    def part(self, entry: str) -> bytes:
        """Give any part's bytes by the name of its entry; raises as `graph`."""
        promised = self.manifest.parts[entry]
        with _opened(self.path) as archive:
            content = _entry(archive, entry, most=promised.size_bytes, name=self.path.name)
        if len(content) != promised.size_bytes or hashlib.sha256(content).hexdigest() != promised.sha256:
            raise ModelRefused(
                f"{self.path.name} is damaged: its part {entry} is not the one its manifest names; get it again."
            )
        return content

    def verify(self) -> None:
        """Check every part. Raises `ModelRefused` with the first fault."""
        contracts = [self.checked(precision).contract for precision in self.manifest.precisions]
        if any(contract.input != contracts[0].input for contract in contracts):
            raise ModelRefused(f"{self.path.name}: its graphs take different input; export it again.")
        for entry in self.manifest.parts.keys() - set(GRAPHS.values()):
            self.part(entry)

    def _require_kinship(self, contract: ModelContract, *, precision: Precision) -> None:
        manifest = self.manifest
        parent = None if precision == "fp32" else manifest.parts[GRAPHS["fp32"]].sha256
        said = (contract.id, contract.version, contract.precision, contract.fp32_parent_sha256)
        if said != (manifest.id, manifest.version, precision, parent):
            raise ModelRefused(
                f"{self.path.name}: its part {GRAPHS[precision]} belongs to another model "
                f"({contract.id} {contract.version}, {contract.precision}); export it again."
            )


def read_package(path: Path, *, trust: Trust | None = None) -> ModelPackage:
    """Give a package after every part of it was checked.

    Raises `ModelRefused` when it is unreadable, damaged, too new, breaks the contract, needs other files or custom
    operators, has a wrong signature, or lacks the one that `trust` demands.
    """
    package = open_package(path, trust=trust)
    package.verify()
    return package


def open_package(path: Path, *, trust: Trust | None = None) -> ModelPackage:
    """Give a package after its manifest, list of entries and signature were checked; raises as `read_package`."""
    with _opened(path) as archive:
        text = _entry(archive, MANIFEST, most=_SMALL, name=path.name)
        manifest = manifest_from_json(text, name=path.name)
        _require_entries(archive, manifest, name=path.name)
        signed_by = None
        if SIGNATURE in archive.namelist():
            signed_by = _signer(_entry(archive, SIGNATURE, most=_SMALL, name=path.name), text, name=path.name)
    require_trust(trust or Trust(), signed_by=signed_by, name=path.name)
    return ModelPackage(path, manifest, hashlib.sha256(text).hexdigest(), signed_by)


def write_package(
    path: Path,
    *,
    id: str,  # noqa: A002  the manifest's own word
    version: str,
    graphs: Mapping[Precision, bytes],
    created: date,
    card: str | None = None,
    evaluation: str | None = None,
    gates: Sequence[Gate] = (),
    compared_with: Comparison | None = None,
    allow_worse: bool = False,
    signing_key: "Ed25519PrivateKey | None" = None,
) -> ModelPackage:
    """Write a package, whole or not at all, and give it as `read_package` does.

    `graphs` must hold fp32. The same arguments give the same bytes. Raises `ModelRefused` when what was written would
    be refused (nothing is written then), and `OutputError` when the file cannot be written.
    """
    contents: dict[str, tuple[bytes, Precision | None]] = {
        entry: (graphs[precision], precision) for precision, entry in GRAPHS.items() if precision in graphs
    }
    for entry, words in ((CARD, card), (EVALUATION, evaluation)):
        if words is not None:
            contents[entry] = (words.encode(), None)
    manifest = PackageManifest(
        format_version=FORMAT_VERSION,
        id=id,
        version=version,
        contract_version=CONTRACT_VERSION,
        created=created,
        parts={
            entry: PackagePart(sha256=hashlib.sha256(content).hexdigest(), size_bytes=len(content), precision=precision)
            for entry, (content, precision) in contents.items()
        },
        gates=tuple(gates),
        compared_with=compared_with,
        allow_worse=allow_worse,
    )
    text = (manifest.model_dump_json(indent=2) + "\n").encode()
    entries = {MANIFEST: text, **{entry: content for entry, (content, _) in contents.items()}}
    if signing_key is not None:
        signed = {"algorithm": "ed25519", "public_key": key_of(signing_key), "signature": sign(text, signing_key)}
        entries[SIGNATURE] = (json.dumps(signed, indent=2) + "\n").encode()
    return _put(path, entries)


def _put(path: Path, entries: Mapping[str, bytes]) -> ModelPackage:
    """Write entries beside `path`, read them again as a package, and give the file its name."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for entry, content in entries.items():
            info = zipfile.ZipInfo(entry)  # with a fixed time: the same model gives the same file
            # Weights hardly shrink, and unpacking them would cost every start of the program.
            info.compress_type = zipfile.ZIP_STORED if entry in GRAPHS.values() else zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
    temporary = path.with_name(f".{secrets.token_hex(8)}{SUFFIX}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("xb") as file:
            file.write(buffer.getvalue())
            file.flush()
            os.fsync(file.fileno())
        try:
            read_package(temporary)
        except CinecorError as error:
            raise ModelRefused(str(error).replace(temporary.name, path.name)) from error
        temporary.replace(path)
    except OSError as error:
        raise OutputError(f"{path} cannot be written ({error.strerror}); choose another place.") from error
    finally:
        temporary.unlink(missing_ok=True)
    return open_package(path)


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """The archive at `path`; whatever is wrong with it becomes `ModelRefused`."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except OSError as error:
        raise ModelRefused(f"The model file {path} cannot be read ({error.strerror}); check the path.") from error
    except zipfile.BadZipFile as error:
        if _is_graph(path):
            raise ModelRefused(
                f"{path.name} is a bare ONNX file, no model package (FILE.cinecor); export-onnx makes packages."
            ) from error
        raise ModelRefused(f"{path.name} is damaged or no model package; get it again.") from error
    except (zlib.error, EOFError, ValueError, NotImplementedError, RuntimeError) as error:
        raise ModelRefused(f"{path.name} is damaged or no model package; get it again.") from error


def _is_graph(path: Path) -> bool:
    try:
        graph_file(path.read_bytes(), name=path.name)
    except (OSError, ModelRefused):
        return False
    return True


def _entry(archive: zipfile.ZipFile, entry: str, *, most: int, name: str) -> bytes:
    try:
        info = archive.getinfo(entry)
    except KeyError:
        raise ModelRefused(f"{name} is no model package: it has no {entry}; make it with export-onnx.") from None
    if info.file_size > most:
        raise ModelRefused(f"{name} is damaged: its part {entry} is larger than it may be; get it again.")
    return archive.read(info)


def _require_entries(archive: zipfile.ZipFile, manifest: PackageManifest, *, name: str) -> None:
    """Every entry is one that the manifest names, once, and nothing that it names is missing."""
    promised = manifest.parts
    known = {**{entry: precision for precision, entry in GRAPHS.items()}, CARD: None, EVALUATION: None}
    for entry, part in promised.items():
        if entry not in known or part.precision != known[entry]:
            raise ModelRefused(f"{name}: its manifest names a part {entry!r} that no package has; export it again.")
    names = archive.namelist()
    for entry in names:
        if entry not in promised and entry not in (MANIFEST, SIGNATURE):
            raise ModelRefused(f"{name} holds {entry!r}, which its manifest does not name; get it again.")
        if names.count(entry) > 1:
            raise ModelRefused(f"{name} holds {entry!r} more than once; get it again.")
        if archive.getinfo(entry).compress_type not in _METHODS:
            raise ModelRefused(f"{name}: {entry} is packed in an unusual way; export it again.")
    missing = sorted(({GRAPHS["fp32"]} | promised.keys()) - set(names))
    if missing:
        raise ModelRefused(f"{name} lacks its part {missing[0]}; get it again.")


def _signer(text: bytes, signed: bytes, *, name: str) -> str:
    """Give the public key that signed the manifest. Raises `ModelRefused` when the signature is wrong."""
    try:
        raw = json.loads(text)
        algorithm, key, signature = (str(raw[field]) for field in ("algorithm", "public_key", "signature"))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ModelRefused(f"{name}: its signature is unreadable; get it again.") from error
    if algorithm != "ed25519":
        raise ModelRefused(f"{name} is signed with {algorithm!r}, Cinecor knows ed25519; export it again.")
    if not is_signed(signed, signature=signature, key=key):
        raise ModelRefused(f"{name}: its signature does not belong to it; do not use it, and get it from its source.")
    return key.lower()
