"""Whether a folder of results may be learnt from: signed, unchanged since, and drawn by the model's convention."""

from pathlib import Path

from cinecor.errors import InputError
from cinecor.message import Message
from cinecor.report.results import Results
from cinecor.report.verification import verify_results
from cinecor_training.data.provenance import Provenance


def require_signed(folder: Path, results: Results) -> None:
    """Raise `InputError` for results that nobody signed, or that are no longer what was signed."""
    status = results.status
    if status is None or status.state != "signed":
        raise InputError(
            Message(
                "results_not_signed",
                "{folder}: nobody has signed it; sign it, or learn from unsigned results by “signed_only”: false.",
                folder=folder.name,
            )
        )
    faults = verify_results(folder).faults
    if faults:
        raise InputError(
            Message(
                "signed_results_changed",
                "{folder}: it is not what was signed ({fault})",
                folder=folder.name,
                fault=faults[0],
            )
        )


def require_convention(folder: Path, results: Results) -> None:
    """Raise `InputError` where papillary muscles are myocardium: the network learns them as cavity."""
    if results.choices.papillary != "cavity":
        raise InputError(
            Message(
                "papillary_as_mass",
                "{folder}: papillary muscles count as myocardium there, and the network learns them as cavity; save "
                "it again with papillary muscles in the cavity.",
                folder=folder.name,
            )
        )


def provenance_of(folder: Path, results: Results) -> Provenance:
    """Return which reading a folder of results holds."""
    status = results.status
    ledger = None if status is None else status.ledger
    signature = None if status is None else status.signature
    return Provenance(
        study=results.input_id or folder.name,
        version=1 if status is None else status.version,
        signature="" if ledger is None else ledger.last_hash,
        signed="" if signature is None else signature.time,
        model_sha256=results.model.sha256,
    )
