"""`SignedEf`: the ejection fraction that was signed, beside the one that the model alone had found."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from cinecor.measure.ventricle import Ventricle
from cinecor.review.ledger import Entry

SIGNED_EF: Final = "ef_percent"
"""Where a signature's facts tell the ejection fractions; signatures of earlier versions have none."""


@dataclass(frozen=True, slots=True)
class SignedEf:
    """One ventricle's, in percent; None where it could not be told."""

    final: float | None
    ai: float | None  # from the model's own outlines and phases

    @property
    def change_points(self) -> float | None:
        """Final less the model's; None where one of them is not known."""
        return None if self.final is None or self.ai is None else self.final - self.ai


def signed_ef_facts(signed: Mapping[Ventricle, SignedEf]) -> dict[str, Any]:
    """Return the ejection fractions as a signature's facts hold them."""
    return {ventricle.value: {"final": one.final, "ai": one.ai} for ventricle, one in signed.items()}


def signed_ef(signature: Entry, ventricle: Ventricle) -> SignedEf | None:
    """Return what a signature tells of a ventricle's ejection fraction; None where it tells nothing."""
    told = signature.act.facts.get(SIGNED_EF)
    one = None if told is None else told.get(ventricle.value)
    return None if one is None else SignedEf(one["final"], one["ai"])
