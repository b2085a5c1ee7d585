"""`FILE.cinecor`: one model in several precisions, with its manifest, card, gates and signature."""

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cinecor.durable_file import give_name, write_new
from cinecor.errors import ModelRefused, OutputError, system_reason
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
from cinecor.inference.package.package_archive import entry_of, opened, require_entries, signer
from cinecor.inference.package.reliability import RELIABILITY, Reliability, reliability_from_json
from cinecor.inference.package.signature import Trust, key_of, require_trust, sign
from cinecor.message import Message

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
    name: str  # of the file, as people know it: a package on its way into place has another for a moment

    def graph(self, precision: Precision) -> bytes:
        """Return one ONNX graph. Raises `ModelRefused` when it is absent or not what the manifest promises."""
        return self.checked(precision).content

    def checked(self, precision: Precision) -> CheckedGraph:
        """Return one graph with its contract; raises as `graph`."""
        entry = GRAPHS[precision]
        if entry not in self.manifest.parts:
            raise ModelRefused(
                Message(
                    "graph_missing",
                    "{name} has no {precision} graph (it has {has}); export it again.",
                    name=self.name,
                    precision=precision,
                    has=self.manifest.precisions,
                )
            )
        content = self.part(entry)
        name = part_name(self.name, entry)
        facts = graph_file(content, name=name)
        require_self_contained(facts, name=name)
        contract = contract_from_metadata(facts.metadata)
        self._require_kinship(contract, precision=precision)
        return CheckedGraph(content, contract, self.manifest.parts[entry].sha256)

    def part(self, entry: str) -> bytes:
        """Return any part's bytes by the name of its entry; raises as `graph`."""
        promised = self.manifest.parts[entry]
        with opened(self.path, name=self.name) as archive:
            content = entry_of(archive, entry, most=promised.size_bytes, name=self.name)
        if len(content) != promised.size_bytes or hashlib.sha256(content).hexdigest() != promised.sha256:
            raise ModelRefused(
                Message(
                    "part_changed",
                    "{name} is damaged: its part {part} is not the one its manifest names; get it again.",
                    name=self.name,
                    part=entry,
                )
            )
        return content

    def verify(self) -> None:
        """Check every part. Raises `ModelRefused` with the first fault."""
        contracts = [self.checked(precision).contract for precision in self.manifest.precisions]
        if any(contract.input != contracts[0].input for contract in contracts):
            raise ModelRefused(
                Message("inputs_differ", "{name}: its graphs take different input; export it again.", name=self.name)
            )
        for entry in self.manifest.parts.keys() - set(GRAPHS.values()):
            self.part(entry)
        self.reliability()

    def reliability(self) -> Reliability | None:
        """Return what is known of the model's errors; None in packages without. Raises `ModelRefused` as `part`."""
        if RELIABILITY not in self.manifest.parts:
            return None
        return reliability_from_json(self.part(RELIABILITY), name=self.name)

    def _require_kinship(self, contract: ModelContract, *, precision: Precision) -> None:
        manifest = self.manifest
        parent = None if precision == "fp32" else manifest.parts[GRAPHS["fp32"]].sha256
        said = (contract.id, contract.version, contract.precision, contract.fp32_parent_sha256)
        if said != (manifest.id, manifest.version, precision, parent):
            raise ModelRefused(
                Message(
                    "foreign_part",
                    "{name}: its part {part} belongs to another model ({id} {version}, {precision}); export it again.",
                    name=self.name,
                    part=GRAPHS[precision],
                    id=contract.id,
                    version=contract.version,
                    precision=contract.precision,
                )
            )


def part_name(package: str, part: str) -> Message:
    """Return how a part of a package is called in sentences."""
    return Message("package_part", "{package}, part {part}", package=package, part=part)


def read_package(path: Path, *, trust: Trust | None = None, name: str | None = None) -> ModelPackage:
    """Return a package after every part of it was checked; messages call it `name` (default: its file's name).

    Raises `ModelRefused` when it is unreadable, damaged, too new, breaks the contract, needs other files or custom
    operators, has a wrong signature, or lacks the one that `trust` demands.
    """
    package = open_package(path, trust=trust, name=name)
    package.verify()
    return package


def open_package(path: Path, *, trust: Trust | None = None, name: str | None = None) -> ModelPackage:
    """Return a package after its manifest, list of entries and signature were checked; raises as `read_package`."""
    name = name or path.name
    with opened(path, name=name) as archive:
        text = entry_of(archive, MANIFEST, most=_SMALL, name=name)
        manifest = manifest_from_json(text, name=name)
        require_entries(archive, manifest, name=name)
        signed_by = None
        if SIGNATURE in archive.namelist():
            signed_by = signer(entry_of(archive, SIGNATURE, most=_SMALL, name=name), text, name=name)
    require_trust(trust or Trust(), signed_by=signed_by, name=name)
    return ModelPackage(path, manifest, hashlib.sha256(text).hexdigest(), signed_by, name)


def write_package(
    path: Path,
    *,
    id: str,  # noqa: A002  the manifest's own word
    version: str,
    graphs: Mapping[Precision, bytes],
    created: date,
    card: str | None = None,
    evaluation: str | None = None,
    reliability: Reliability | None = None,
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
    told = None if reliability is None else reliability.to_json()
    for entry, words in ((CARD, card), (EVALUATION, evaluation), (RELIABILITY, told)):
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
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        new = write_new(path.parent, buffer.getvalue(), suffix=SUFFIX)
        try:
            read_package(new, name=path.name)
        except BaseException:
            new.unlink(missing_ok=True)
            raise
        give_name(new, path)
    except OSError as error:
        raise OutputError(
            Message(
                "package_not_written",
                "{path} cannot be written ({reason}); choose another place.",
                path=path,
                reason=system_reason(error),
            )
        ) from error
    return open_package(path)
