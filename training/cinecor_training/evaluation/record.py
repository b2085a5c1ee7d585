"""`evaluation.json`: an evaluation as a file, checked when it is read back."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from cinecor.agreement.estimate import Estimate
from cinecor.errors import InputError, system_reason
from cinecor.inference.outline.segmentation import ModelIdentity
from cinecor.measure.conventions import NOTICE
from cinecor.message import Message
from cinecor_training.evaluation.contoured_study import ContouredStudy
from cinecor_training.evaluation.demographics import GroupDemographics
from cinecor_training.evaluation.evaluation import Skipped
from cinecor_training.evaluation.patient_result import PatientResult
from cinecor_training.evaluation.source_result import SourceResult
from cinecor_training.evaluation.unlabelled_study import UnlabelledStudy

RECORD_NAME = "evaluation.json"
SCHEMA_VERSION = 1


class EvaluationRecord(BaseModel):
    """Figures only, no pixels: this may be published where the images may not.

    `summary` holds the headline values of `figures`; `export-onnx --figures` writes it into the model's contract.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: int = SCHEMA_VERSION
    notice: str = NOTICE
    model: ModelIdentity
    provider_used: str
    split: str  # which patients were judged, in words
    trained_on: tuple[str, ...] = ()  # of the judged, whom the model saw in training, as far as it is known
    summary: dict[str, float]
    figures: dict[str, Estimate]
    patients: tuple[PatientResult, ...]
    skipped: tuple[Skipped, ...] = ()
    demographics: dict[str, tuple[GroupDemographics, ...]] = {}
    contoured: ContouredStudy | None = None
    unlabelled: UnlabelledStudy | None = None
    sources: tuple[SourceResult, ...] = ()  # further data sets, labelled in part
    beside: "EvaluationRecord | None" = None  # a peer's on the same patients and data sets

    @classmethod
    def from_file(cls, path: Path) -> "EvaluationRecord":
        """Read a record; raises `InputError` that names the field at fault."""
        try:
            return cls.model_validate_json(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise InputError(
                Message(
                    "evaluation_unreadable",
                    "{path}: cannot be read ({reason}); run cinecor-evaluate first.",
                    path=path,
                    reason=system_reason(error),
                )
            ) from error
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            raise InputError(
                Message(
                    "evaluation_wrong",
                    "{path}: '{where}': {what}; run cinecor-evaluate again.",
                    path=path,
                    where=where,
                    what=first["msg"],
                )
            ) from error

    def write(self, path: Path) -> None:
        """Write the record as JSON."""
        path.write_text(self.model_dump_json(indent=1) + "\n", encoding="utf-8")
