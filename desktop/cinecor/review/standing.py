"""`Standing`: how far a reading has come and who answers for it, as every output says."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from cinecor.measure.ventricle import Ventricle
from cinecor.message import Message
from cinecor.review.ledger import Entry
from cinecor.review.signed_ef import SIGNED_EF, SignedEf, signed_ef_facts


class ReviewState(StrEnum):
    """Who answers for the numbers."""

    AI_NOT_VERIFIED = "ai_not_verified"
    IN_REVIEW = "in_review"
    SIGNED = "signed"


@dataclass(frozen=True, slots=True)
class Standing:
    """The present version of a reading, with its ledger; a signature is the ledger's last entry."""

    version: int = 1
    ledger: tuple[Entry, ...] = ()
    belongs_to: str = ""  # what the ledger's first entry is bound to

    @property
    def signature(self) -> Entry | None:
        """The entry by which this version was signed; None while it is open."""
        last = self.ledger[-1] if self.ledger else None
        return last if last is not None and last.act.kind == "sign" else None

    def state(self, *, touched: bool) -> ReviewState:
        """Return the state; `touched` is whether anybody decided anything, kept or not."""
        if self.signature is not None:
            return ReviewState.SIGNED
        return ReviewState.IN_REVIEW if touched or self.ledger else ReviewState.AI_NOT_VERIFIED

    def message(self, *, touched: bool) -> Message:
        """Return the words that stand on every output."""
        signature = self.signature
        if signature is not None:
            return signed_message(name=signature.person.name, time=signature.time, version=self.version)
        return IN_REVIEW if self.state(touched=touched) is ReviewState.IN_REVIEW else AI_NOT_VERIFIED


IN_REVIEW: Final = Message("status_in_review", "In review")
AI_NOT_VERIFIED: Final = Message("status_ai", "AI, not verified")


def signed_message(*, name: str, time: str, version: int) -> Message:
    """Return the words for a signed version; `time` is that of the signature in ISO 8601."""
    return Message(
        "status_signed",
        "Signed by {name}, {date}, version {version}",
        name=name,
        date=time[:10],
        version=version,
    )


def unnamed_message(*, version: int) -> Message:
    """Return the words for a signed version without identity."""
    return Message("status_signed_unnamed", "Signed, version {version}; the name was removed", version=version)


def signature_facts(
    *,
    version: int,
    comment: str,
    reasons: Mapping[str, str],
    bound: Mapping[str, Any],
    ef: Mapping[Ventricle, SignedEf],
) -> dict[str, Any]:
    """Return what the entry of a signature says besides who and when.

    `reasons` tells for each finding still open, by its key, why it was signed all the same; `bound` holds the digests
    of final masks and of the fields of results.json; `ef` the ejection fractions that were signed.
    """
    return {
        "version": version,
        "comment": comment,
        "reasons": dict(reasons),
        "bound": dict(bound),
        SIGNED_EF: signed_ef_facts(ef),
    }
