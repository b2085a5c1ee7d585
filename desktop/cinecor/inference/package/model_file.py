"""A model on disk, whatever form it has: a package, or one bare ONNX file as development makes them."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from cinecor.errors import ModelRefused
from cinecor.inference.package.contract import contract_from_metadata, file_digest
from cinecor.inference.package.graph_file import graph_file, require_self_contained
from cinecor.inference.package.manifest import Precision
from cinecor.inference.package.model_bytes import model_bytes, unreadable
from cinecor.inference.package.model_package import CheckedGraph, ModelPackage, open_package
from cinecor.inference.package.reliability import Reliability
from cinecor.inference.package.signature import Trust, require_trust
from cinecor.message import Message

_ZIP = b"PK"


class ModelFile(Protocol):
    """One model with a graph in each of its precisions."""

    @property
    def name(self) -> str:
        """Its file's name, for messages."""

    @property
    def sha256(self) -> str:
        """What identifies the whole."""

    @property
    def precisions(self) -> tuple[Precision, ...]:
        """The precisions it has, the reference first."""

    @property
    def reliability(self) -> Reliability | None:
        """What is known of its errors. Raises `ModelRefused` when that is unreadable."""

    def checked(self, precision: Precision) -> CheckedGraph:
        """Return one graph. Raises `ModelRefused` when it is damaged or breaks the contract."""


@dataclass(frozen=True, slots=True)
class _PackageFile:
    package: ModelPackage

    @property
    def name(self) -> str:
        return self.package.name

    @property
    def sha256(self) -> str:
        return self.package.sha256

    @property
    def precisions(self) -> tuple[Precision, ...]:
        return self.package.manifest.precisions

    @property
    def reliability(self) -> Reliability | None:
        return self.package.reliability()

    def checked(self, precision: Precision) -> CheckedGraph:
        return self.package.checked(precision)


@dataclass(frozen=True, slots=True)
class _BareFile:
    name: str
    graph: CheckedGraph

    @property
    def sha256(self) -> str:
        return self.graph.sha256

    @property
    def precisions(self) -> tuple[Precision, ...]:
        return (self.graph.contract.precision,)

    @property
    def reliability(self) -> None:
        return None

    def checked(self, precision: Precision) -> CheckedGraph:
        assert precision == self.graph.contract.precision
        return self.graph


def open_model_file(path: Path, *, trust: Trust | None = None) -> ModelFile:
    """Open a model; of a package only the manifest is read now.

    Raises `ModelRefused` when the file is missing, damaged, too new, breaks the contract, or lacks a signature that
    `trust` demands.
    """
    try:
        with path.open("rb") as file:
            if file.read(len(_ZIP)) == _ZIP:
                return _PackageFile(open_package(path, trust=trust))
    except OSError as error:
        raise unreadable(path, error) from error
    content = model_bytes(path)  # from bytes: ONNX Runtime opens no non-ASCII path on Windows
    require_trust(trust or Trust(), signed_by=None, name=path.name)
    return _bare(content, name=path.name)


def _bare(content: bytes, *, name: str) -> ModelFile:
    facts = graph_file(content, name=name)
    require_self_contained(facts, name=name)
    contract = contract_from_metadata(facts.metadata)
    if file_digest(content, claimed=contract.digest) != contract.digest:
        raise ModelRefused(
            Message(
                "model_file_changed",
                "{name} is damaged: its bytes are not those that were exported; get it again.",
                name=name,
            )
        )
    return _BareFile(name, CheckedGraph(content, contract, hashlib.sha256(content).hexdigest()))
