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
_FEWEST_MOVED: Final = 6  # of five, not even least and largest hold the median of all with 95 % (they do with 94)
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

    `with_confidence` reads each study's AI result, some milliseconds each. `model_sha256` is the model in use, and the
    verdict is of its readings alone: a new round is worth it when at least 50 of them were corrected and signed, and,
    in the calendar month of the last one and the two before, a third of them was corrected, or the LV EF moved by 2
    points in the median of those in which it did. By how much it moved counts where at least half of the signatures of
    these months tell it, and six of them that it did.
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
    of_model = [reading for reading in readings if reading.model == model_sha256]
    worth_it, why = _verdict(of_model)
    return Drift(months, sum(reading.corrected for reading in of_model), worth_it, why)


def _month(month: str, readings: Sequence[_Reading]) -> MonthOfReadings:
    changes = _changes(readings)
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


def _changes(readings: Sequence[_Reading]) -> list[float]:
    """Return by how many points the LV EF moved in each reading whose signature tells it."""
    return [abs(one.ef_change) for one in readings if one.ef_change is not None]


def _last(readings: Sequence[_Reading]) -> list[_Reading]:
    """Return the readings of the calendar month of the last one, and of the two months before."""
    last = max(_month_number(one.month) for one in readings)
    return [one for one in readings if last - _month_number(one.month) < _LAST_MONTHS]


def _month_number(month: str) -> int:
    year, _, number = month.partition("-")
    return 12 * int(year) + int(number)


def _verdict(of_model: Sequence[_Reading]) -> tuple[bool, Message]:
    corrected = sum(one.corrected for one in of_model)
    if corrected < _ENOUGH:
        return False, Message(
            "round_too_early",
            "Not yet: {corrected} readings of the model in use were corrected and signed, of {enough} that a new round "
            "needs.",
            corrected=corrected,
            enough=_ENOUGH,
        )
    last = _last(of_model)
    share = sum(one.corrected for one in last) / len(last)
    changes = _changes(last)
    moved = [change for change in changes if change]
    told = 2 * len(changes) >= len(last)
    points = median(moved) if told and len(moved) >= _FEWEST_MOVED else None
    facts = {
        "signed": len(last),
        "since": min(one.month for one in last),
        "until": max(one.month for one in last),
        "percent": 100 * share,
        "moved": _moved(points, moved=len(moved), known=len(changes), signed=len(last)),
    }
    if share >= _SHARE or (points is not None and points >= _EF_POINTS):
        return True, Message(
            "round_worth_it",
            "Worth it: of {signed} readings of the model in use ({since} to {until}) {percent:.0f} percent were "
            "corrected, and {moved}; {corrected} of its corrected readings are signed in all.",
            **facts,
            corrected=corrected,
        )
    if not told:
        return False, Message(
            "round_not_known",
            "Cannot tell: of {signed} readings of the model in use ({since} to {until}) {percent:.0f} percent were "
            "corrected, and {moved}.",
            **facts,
        )
    return False, Message(
        "round_not_needed",
        "Not needed: of {signed} readings of the model in use ({since} to {until}) {percent:.0f} percent were "
        "corrected, and {moved}.",
        **facts,
    )


def _moved(points: float | None, *, moved: int, known: int, signed: int) -> Message:
    if 2 * known < signed:
        return Message(
            "ef_move_unknown",
            "by how much the LV EF moved is unknown: {known} of {signed} signatures tell it",
            known=known,
            signed=signed,
        )
    if points is None:
        return Message(
            "ef_moved_in_few",
            "the LV EF moved in {moved} of them, too few to tell by how much ({known} of {signed} signatures tell it)",
            moved=moved,
            known=known,
            signed=signed,
        )
    return Message(
        "ef_moved",
        "the LV EF moved by {points:.1f} points in the median of the {moved} in which it did ({known} of {signed} "
        "signatures tell it)",
        points=points,
        moved=moved,
        known=known,
        signed=signed,
    )
