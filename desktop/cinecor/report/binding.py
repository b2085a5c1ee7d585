"""What holds a result together: digests of masks and of every field of results.json, and who signed them."""

import hashlib
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cinecor.measure.ventricle import Ventricle
from cinecor.report.results import Bound, LedgerFacts, Results, SignatureFacts, StatusFacts
from cinecor.review.ledger.entry import digest
from cinecor.review.signed_ef import SignedEf
from cinecor.review.standing import Standing

_UNBOUND: Final = ("input", "input_id", "status")  # where the input lay, which may move; and what holds the digests
_UNSIGNED: Final = ("stack", "runtime", "audit")  # of one reading of the files, which may be read again after signing
DERIVED: Final = ("schema_version", "notice", "ef_interval", "quality", "reference", "regional", "conventions")
"""Fields that a version makes of masks, numbers and choices by its own rules; another may make others of the same."""
_SHORT: Final = 8


def bound(results: Results, labels: NDArray[np.uint8]) -> Bound:
    """Return the digests of the final labels (slice, phase, row, column) and of what `results.json` says of them."""
    frames = [[hashlib.sha256(frame.tobytes()).hexdigest() for frame in phases] for phases in labels]
    return Bound(
        masks=digest([list(labels.shape), frames]),
        frames=[[one[:_SHORT] for one in row] for row in frames],
        fields=field_digests(results.model_dump(mode="json")),
    )


def bound_anew(results: Results) -> Results:
    """Return results whose fields were changed on purpose bound as they are now; masks stay bound as they were."""
    status = results.status
    if status is None or status.bound is None:
        return results
    again = status.bound.model_copy(update={"fields": field_digests(results.model_dump(mode="json"))})
    return results.model_copy(update={"status": status.model_copy(update={"bound": again})})


def field_digests(document: Mapping[str, Any]) -> dict[str, str]:
    """Return the digest of each field of results.json as its file holds it, but for those that may change."""
    return {name: _digest(value) for name, value in document.items() if name not in _UNBOUND}


def signed_part(bound: Bound) -> dict[str, Any]:
    """Return what a signature holds of the digests: all that does not tell how the files were read."""
    held = bound.model_dump(mode="json")
    return {**held, "fields": {name: one for name, one in bound.fields.items() if name not in _UNSIGNED}}


def made_anew(bound: Bound, signature: Mapping[str, Any]) -> list[str]:
    """Return the fields that the signature does not hold as they are, and may differ from what it holds.

    Those that the version which signed did not have, and those that each version makes by its own rules (`DERIVED`).
    `signature` are the facts of the entry by which it was signed.
    """
    signed = signed_fields(signature)
    now = signed_part(bound)["fields"] if signed else {}
    return [name for name, one in now.items() if signed.get(name) != one and (name in DERIVED or name not in signed)]


def signed_fields(signature: Mapping[str, Any]) -> Mapping[str, str]:
    """Return the digests of the fields that a signature binds, by name; empty where it binds none."""
    held = signature.get("bound")
    fields = held.get("fields") if isinstance(held, dict) else None
    return fields if isinstance(fields, dict) else {}


def _digest(value: Any) -> str:
    try:
        return digest(value)
    except ValueError:  # an endless number, which nothing of ours writes: equal to no digest
        return ""


def ef_beside_models(results: Results) -> dict[Ventricle, SignedEf]:
    """Return the final ejection fractions beside the model's: the same where nobody changed anything."""
    alone = results if results.ai is None else results.ai
    return {
        Ventricle.LV: SignedEf(results.lv.ef_percent, alone.lv.ef_percent),
        Ventricle.RV: SignedEf(results.rv.ef_percent, alone.rv.ef_percent),
    }


def status_facts(results: Results, labels: NDArray[np.uint8], standing: Standing) -> StatusFacts:
    """Return how far the reading has come, with everything that a change of the files would break."""
    touched = results.ai is not None or bool(results.choices.answers or results.choices.frames_accepted)
    signature, last = standing.signature, standing.ledger[-1] if standing.ledger else None
    bound_now = bound(results, labels)
    return StatusFacts(
        state=standing.state(touched=touched).value,
        text=str(standing.message(touched=touched)),
        version=standing.version,
        signature=None
        if signature is None
        else SignatureFacts(
            name=signature.person.name,
            organisation=signature.person.organisation,
            user=signature.person.user,
            time=signature.time,
            comment=str(signature.act.facts.get("comment", "")),
            reasons=_texts(signature.act.facts.get("reasons", {})),
        ),
        ledger=None
        if last is None
        else LedgerFacts(entries=len(standing.ledger), belongs_to=standing.belongs_to, last_hash=last.hash),
        bound=bound_now,
        anew=[] if signature is None else made_anew(bound_now, signature.act.facts),
    )


def _texts(values: Any) -> dict[str, str]:
    return {str(name): str(value) for name, value in dict(values).items()}
