"""`drift`: how much readers correct the model, month by month, and whether another round of training is worth it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean, median
from typing import Final

from cinecor.measure.ventricle import Ventricle
from cinecor.message import Message
from cinecor.review.signed_ef import signed_ef
from cinecor.review.store.study_store import StudyStore
from cinecor.review.store.worklist import Status

_ENOUGH: Final = 50  # corrected readings of the model in use: fewer teach a network little
_SHARE: Final = 1 / 3  # of the readings of the last months
_EF_POINTS: Final = 2.0  # two readers differ by 4.6 (Suinesiaputra 2015); half of that is more than chance
_LAST_MONTHS: Final = 3


@dataclass(frozen=True, slots=True)
class MonthOfReadings:
    """The readings that were signed in one month."""

    month: str  # "2026-11"
    signed: int
    corrected: int  # of these, with outlines that are not the model's
    ef_known: int  # of these, with a signature that tells the LV EF and the model's
    ef_change_points: float | None  # median size of final less the model's where they differ; None where none is known
    confidence: float | None  # mean of the model's, 0 to 1; None where it was not asked for

    @property
    def share_corrected(self) -> float:
        """How many of the readings were corrected, 0 to 1."""
        return self.corrected / self.signed


@dataclass(frozen=True, slots=True)
class Drift:
    """What the store tells of a model's use."""

    months: tuple[MonthOfReadings, ...]  # oldest first
    corrected_of_model: int  # corrected and signed readings of the model in use
    worth_it: bool
    why: Message


@dataclass(frozen=True, slots=True)
class _Reading:
    month: str
    corrected: bool
    ef_change: float | None  # None where the signature does not tell
    model: str
    confidence: float | None


def drift(store: StudyStore, *, model_sha256: str, with_confidence: bool = False) -> Drift:
    """Return how the signed readings of a store differ from what models outlined, by month.

    `with_confidence` reads each study's AI result, some milliseconds each. `model_sha256` is the model in use: a new
    round is worth it when at least 50 of its outlines were corrected and signed, and in the last three months a third
    of the readings was corrected, or the LV EF moved by 2 points in the median. By how much it moved counts where at
    least half of the signatures of these months tell it.
    """
    readings = []
    for row in store.worklist(status=Status.SIGNED):
        signature = store.signature(row.id)
        if signature is None:
            continue
        ef = signed_ef(signature, Ventricle.LV)
        readings.append(
            _Reading(
                month=signature.time[:7],
                corrected=bool(store.redrawn_when_signed(row.id)),
                ef_change=None if ef is None else ef.change_points,
                model=signature.model,
                confidence=store.confidence(row.id) if with_confidence else None,
            )
        )
    by_month: dict[str, list[_Reading]] = defaultdict(list)
    for reading in readings:
        by_month[reading.month].append(reading)
    months = tuple(_month(month, by_month[month]) for month in sorted(by_month))
    corrected = sum(reading.corrected and reading.model == model_sha256 for reading in readings)
    worth_it, why = _verdict(months[-_LAST_MONTHS:], corrected)
    return Drift(months, corrected, worth_it, why)


def _month(month: str, readings: Sequence[_Reading]) -> MonthOfReadings:
    changes = [abs(one.ef_change) for one in readings if one.ef_change is not None]
    moved = [change for change in changes if change]
    confidence = [one.confidence for one in readings if one.confidence is not None]
    return MonthOfReadings(
        month,
        signed=len(readings),
        corrected=sum(one.corrected for one in readings),
        ef_known=len(changes),
        ef_change_points=median(moved or [0.0]) if changes else None,
        confidence=mean(confidence) if confidence else None,
    )


def _verdict(months: Sequence[MonthOfReadings], corrected: int) -> tuple[bool, Message]:
    if corrected < _ENOUGH:
        return False, Message(
            "round_too_early",
            "Not yet: {corrected} readings of the model in use were corrected and signed, of {enough} that a new round "
            "needs.",
            corrected=corrected,
            enough=_ENOUGH,
        )
    signed = sum(month.signed for month in months)
    known = sum(month.ef_known for month in months)
    share = sum(month.corrected for month in months) / max(signed, 1)
    points = max((month.ef_change_points or 0.0 for month in months), default=0.0) if 2 * known >= signed else None
    moved = _moved(points, known=known, signed=signed)
    if share >= _SHARE or (points is not None and points >= _EF_POINTS):
        return True, Message(
            "round_worth_it",
            "Worth it: in the last months {percent:.0f} percent of the readings were corrected, {moved}, and "
            "{corrected} corrected readings of the model in use are signed.",
            percent=100 * share,
            moved=moved,
            corrected=corrected,
        )
    if points is None:
        return False, Message(
            "round_not_known",
            "Cannot tell: in the last months {percent:.0f} percent of the readings were corrected, and {moved}.",
            percent=100 * share,
            moved=moved,
        )
    return False, Message(
        "round_not_needed",
        "Not needed: in the last months {percent:.0f} percent of the readings were corrected, and {moved}.",
        percent=100 * share,
        moved=moved,
    )


def _moved(points: float | None, *, known: int, signed: int) -> Message:
    if points is None:
        return Message(
            "ef_move_unknown",
            "by how much the LV EF moved is unknown: {known} of {signed} signatures tell it",
            known=known,
            signed=signed,
        )
    return Message(
        "ef_moved",
        "the LV EF moved by {points:.1f} points at most in the median of a month ({known} of {signed} signatures tell "
        "it)",
        points=points,
        known=known,
        signed=signed,
    )
