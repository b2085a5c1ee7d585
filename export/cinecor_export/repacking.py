"""`repacked`: a package that exists with some of its parts replaced."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from cinecor.inference.package.manifest import CARD, EVALUATION, Gate, Precision
from cinecor.inference.package.model_package import ModelPackage, write_package
from cinecor.inference.package.reliability import Reliability
from cinecor.inference.package.signature import read_private_key


def repacked(
    package: ModelPackage,
    out: Path,
    *,
    graphs: Mapping[Precision, bytes] | None = None,
    card: str | None = None,
    reliability: Reliability | None = None,
    gates: Sequence[Gate] | None = None,
    key: Path | None = None,
) -> ModelPackage:
    """Write a package with what is given, and of `package` what is not, and return it.

    A signature is not kept: `key` (PEM, Ed25519) makes one. Raises as `write_package`.
    """
    manifest = package.manifest
    kept = {precision: package.graph(precision) for precision in manifest.precisions}

    def text(part: str) -> str | None:
        return package.part(part).decode() if part in manifest.parts else None

    return write_package(
        out,
        id=manifest.id,
        version=manifest.version,
        graphs={**kept, **(graphs or {})},
        created=manifest.created,
        card=text(CARD) if card is None else card,
        evaluation=text(EVALUATION),
        reliability=reliability or package.reliability(),
        gates=manifest.gates if gates is None else gates,
        compared_with=manifest.compared_with,
        allow_worse=manifest.allow_worse,
        signing_key=read_private_key(key) if key else None,
    )
