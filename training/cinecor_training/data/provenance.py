"""Where a site's own cases come from, and by what right they are learnt from: kept beside the run."""

import csv
import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from cinecor.errors import UsageError
from cinecor.message import Message
from cinecor_training.data.case import Case


def patient_digest(patient_id: str) -> str:
    """Return what stands for a patient in the files of a run: the same wherever a study of theirs lies.

    It tells nobody who that is but those who have the site's list of patients.
    """
    return hashlib.sha256(patient_id.strip().encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Provenance:
    """Which signed reading a case is. No name of anybody: the signature's hash leads to it in the store's ledger."""

    study: str  # what the store or the folder of results knows it by
    version: int
    signature: str  # hash of the ledger's last entry, by which the reading was signed
    signed: str  # when: ISO 8601, UTC
    model_sha256: str  # whose outlines were corrected


@runtime_checkable
class SignedCase(Protocol):
    """A case that is a signed reading."""

    @property
    def provenance(self) -> Provenance:
        """Which reading it is."""


@dataclass(frozen=True, slots=True)
class Terms:
    """By what right patients' studies are learnt from, as the site says it."""

    consent: str  # "broad consent", "ethics vote 123/2026", …
    licence: str  # under which the weights may go on

    def require(self, kind: str) -> None:
        """Raise `UsageError` while nobody said by what right."""
        if not self.consent.strip():
            raise UsageError(
                Message(
                    "consent_not_said",
                    "--data {kind}: say by --consent on what ground patients' studies may be learnt from (such as "
                    "“ethics vote 123/2026”); it is kept with the run and the model.",
                    kind=kind,
                )
            )


def write_provenance(cases: Iterable[tuple[str, Case]], path: Path, *, terms: dict[str, Terms]) -> None:
    """Write one row a case that is a signed reading, with its source's terms; a case comes with its source's name."""
    names = ("source", "patient", "moment", "study", "version", "signature", "signed", "model_sha256")
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, fieldnames=(*names, "consent", "licence"))
        writer.writeheader()
        for source, case in cases:
            if isinstance(case, SignedCase):
                said = terms.get(source, Terms("", ""))
                row = {"source": source, "patient": case.patient, "moment": case.moment, **asdict(case.provenance)}
                writer.writerow({**row, "consent": said.consent, "licence": said.licence})
