"""`PackageManifest`: what a model package says of itself."""

import json
from datetime import date
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cinecor.errors import ModelRefused
from cinecor.inference.package.contract import CONTRACT_VERSION
from cinecor.message import Message

Precision = Literal["fp32", "int8", "fp16"]
FORMAT_VERSION: Final = 1
MANIFEST, SIGNATURE, CARD, EVALUATION = "manifest.json", "signature.json", "card.md", "evaluation.json"
GRAPHS: Final[dict[Precision, str]] = {"fp32": "fp32.onnx", "int8": "int8.onnx", "fp16": "fp16.onnx"}
_LARGEST = 1 << 30  # bytes of a part; more would only serve to fill the memory


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class PackagePart(_Part):
    """One entry of the package, as it must be."""

    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    size_bytes: int = Field(ge=0, le=_LARGEST)
    precision: Precision | None = None  # None: no graph


class Gate(_Part):
    """One figure that had to stay within its limit before the package was written."""

    name: str
    value: float
    limit: float
    unit: str


class Comparison(_Part):
    """The model that this one was compared with, and where it is worse."""

    id: str
    version: str
    sha256: str
    margin: float
    worse: dict[str, tuple[float, float]]  # figure → (old, new)
    allowed_worse: bool


class PackageManifest(_Part):
    """What a package says of itself; its bytes are what the signature signs."""

    format_version: int
    id: str = Field(min_length=1)
    version: str = Field(min_length=1)
    contract_version: int
    created: date
    parts: dict[str, PackagePart]
    gates: tuple[Gate, ...] = ()
    compared_with: Comparison | None = None
    allow_worse: bool = False

    @property
    def precisions(self) -> tuple[Precision, ...]:
        """The precisions it has a graph of, fp32 first."""
        return tuple(precision for precision, entry in GRAPHS.items() if entry in self.parts)


def manifest_from_json(text: bytes, *, name: str) -> PackageManifest:
    """Read a manifest. Raises `ModelRefused` when it is malformed, or made for another version of Cinecor."""
    try:
        raw = json.loads(text)
        version, contract_version = int(raw["format_version"]), int(raw["contract_version"])
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise ModelRefused(
            Message("manifest_unreadable", "{name}: its manifest is unreadable; export the model again.", name=name)
        ) from error
    _require_version(version, known=FORMAT_VERSION, what=Message("package_format", "format"), name=name)
    _require_version(contract_version, known=CONTRACT_VERSION, what=Message("package_contract", "contract"), name=name)
    try:
        return PackageManifest.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        raise ModelRefused(
            Message(
                "manifest_wrong",
                "{name}: its manifest is wrong at '{where}': {what}; export the model again.",
                name=name,
                where=".".join(str(part) for part in first["loc"]),
                what=first["msg"],
            )
        ) from error


def _require_version(has: int, *, known: int, what: Message, name: str) -> None:
    if has > known:
        raise ModelRefused(
            Message(
                "package_too_new",
                "{name} needs package {what} version {needed}, this Cinecor knows up to {known}; update Cinecor.",
                name=name,
                what=what,
                needed=has,
                known=known,
            )
        )
    if has < known:
        raise ModelRefused(
            Message(
                "package_too_old",
                "{name} was made for an earlier Cinecor ({what} version {has}, needed: {known}); export it again.",
                name=name,
                what=what,
                has=has,
                known=known,
            )
        )
