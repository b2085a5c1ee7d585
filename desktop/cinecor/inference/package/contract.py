"""What a model file says of itself: the one contract between training, export and the application."""

import hashlib
import json
from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cinecor.errors import ModelRefused
from cinecor.message import Message

CONTRACT_VERSION = 2  # 2: the graph decides labels on the image's own grid
METADATA_KEY = "cinecor.contract"


class InputContract(BaseModel):
    """How pixels become network input."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    spacing_mm: float = Field(gt=0.3, lt=5.0)
    size_px: int = Field(ge=32, le=1024)
    neighbours: int = Field(0, ge=0, le=3)  # slices on each side, as further channels
    neighbour_reach_mm: float = Field(13.0, gt=0)  # slices farther apart than this are not shown to each other

    @property
    def channels(self) -> int:
        """Channels of the graph's input."""
        return 2 * self.neighbours + 1

    normalisation: Literal["frame z-score, clipped, in the graph"] = "frame z-score, clipped, in the graph"
    orientation: Literal["customary short-axis view"] = "customary short-axis view"


class TrainingRecord(BaseModel):
    """Where the weights come from, and under which terms they may be used."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data: str
    licence: str
    patients: int = Field(ge=0)
    figures: dict[str, float]  # name → value, on validation patients only


class ModelContract(BaseModel):
    """Everything the application must know to run a model; travels in the ONNX file's `metadata_props`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    contract_version: int
    id: str = Field(min_length=1)
    version: str = Field(min_length=1)
    precision: Literal["fp32", "fp16", "int8"]
    input: InputContract
    labels: dict[int, str]
    papillary_muscles: Literal["in the cavity"] = "in the cavity"
    training: TrainingRecord
    fp32_parent_sha256: str | None = None
    digest: str = Field("0" * 64, pattern="^[0-9a-f]{64}$")  # of the whole file, see `file_digest`

    def to_metadata(self) -> dict[str, str]:
        """Return the entries for an ONNX file's `metadata_props`."""
        return {METADATA_KEY: self.model_dump_json()}


def file_digest(content: bytes, *, claimed: str) -> str:
    """Return the SHA-256 of a model file with the digest it claims for itself replaced by zeros."""
    return hashlib.sha256(content.replace(claimed.encode(), b"0" * 64)).hexdigest()


EXPECTED_LABELS = {0: "background", 1: "right ventricular cavity", 2: "myocardium", 3: "left ventricular cavity"}


def contract_from_metadata(metadata: Mapping[str, str]) -> ModelContract:
    """Read and check the contract of a model file.

    Raises `ModelRefused` when it is absent, malformed, of a newer version, or with another label map.
    """
    text = metadata.get(METADATA_KEY)
    if text is None:
        raise ModelRefused(
            Message("no_contract", "The model file carries no Cinecor contract; use a model made by export-onnx.")
        )
    try:
        raw = json.loads(text)
        version = int(raw["contract_version"])
    except (ValueError, KeyError, TypeError) as error:
        raise ModelRefused(
            Message("contract_unreadable", "The model's contract is unreadable; export the model again.")
        ) from error
    if version > CONTRACT_VERSION:
        raise ModelRefused(
            Message(
                "contract_too_new",
                "The model needs contract version {needed}, this Cinecor knows up to {known}; update Cinecor.",
                needed=version,
                known=CONTRACT_VERSION,
            )
        )
    if version < CONTRACT_VERSION:
        raise ModelRefused(
            Message(
                "contract_too_old",
                "The model was made for an earlier Cinecor (contract version {has}, needed: {known}); "
                "export it again from its training run.",
                has=version,
                known=CONTRACT_VERSION,
            )
        )
    try:
        contract = ModelContract.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        raise ModelRefused(
            Message(
                "contract_wrong",
                "The model's contract is wrong at '{where}': {what}; export it again.",
                where=".".join(str(part) for part in first["loc"]),
                what=first["msg"],
            )
        ) from error
    if contract.labels != EXPECTED_LABELS:
        raise ModelRefused(
            Message(
                "other_labels",
                "The model's label map is {has}, Cinecor needs {needed}.",
                has=str(contract.labels),
                needed=str(EXPECTED_LABELS),
            )
        )
    return contract
