"""What holds a result together: digests of masks, numbers and choices, and who signed them."""

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecor.measure.ventricle import Ventricle
from cinecor.report.results import Bound, LedgerFacts, Results, SignatureFacts, StatusFacts
from cinecor.review.ledger.entry import digest
from cinecor.review.signed_ef import SignedEf
from cinecor.review.standing import Standing

_NUMBERS = ("volumes_ml", "ed_phase", "es_phase", "lv", "rv", "reference", "regional")
_WHERE_THERE = ("valve_planes",)  # bound where they are told: results from before they were have other digests else
_SHORT = 8


def bound(results: Results, labels: NDArray[np.uint8]) -> Bound:
    """Return the digests of the final labels (slice, phase, row, column) and of what `results.json` says of them."""
    document = results.model_dump(mode="json")
    frames = [[hashlib.sha256(frame.tobytes()).hexdigest() for frame in phases] for phases in labels]
    return Bound(
        masks=digest([list(labels.shape), frames]),
        frames=[[one[:_SHORT] for one in row] for row in frames],
        numbers=digest({name: document[name] for name in (*_NUMBERS, *_WHERE_THERE) if _counts(name, document)}),
        choices=digest(document["choices"]),
        model=results.model.sha256,
    )


def ef_beside_models(results: Results) -> dict[Ventricle, SignedEf]:
    """Return the final ejection fractions beside the model's: the same where nobody changed anything."""
    alone = results if results.ai is None else results.ai
    return {
        Ventricle.LV: SignedEf(results.lv.ef_percent, alone.lv.ef_percent),
        Ventricle.RV: SignedEf(results.rv.ef_percent, alone.rv.ef_percent),
    }


def _counts(name: str, document: dict[str, Any]) -> bool:
    return name in _NUMBERS or document[name] is not None


def status_facts(results: Results, labels: NDArray[np.uint8], standing: Standing) -> StatusFacts:
    """Return how far the reading has come, with everything that a change of the files would break."""
    touched = results.ai is not None or bool(results.choices.answers or results.choices.frames_accepted)
    signature, last = standing.signature, standing.ledger[-1] if standing.ledger else None
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
        bound=bound(results, labels),
    )


def _texts(values: Any) -> dict[str, str]:
    return {str(name): str(value) for name, value in dict(values).items()}
