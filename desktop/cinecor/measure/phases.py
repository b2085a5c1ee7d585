"""`CardiacPhases`: which phase is end-diastole, which end-systole, and why."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cinecor.measure.moment import AUTOMATIC, ByMoment, Moment
from cinecor.message import Message, Phases

SINGLE_PHASE: Final = Message(
    "single_phase",
    "The stack has one phase only: it has volumes, but no phase times, no ED and ES, no stroke volume and no ejection "
    "fraction.",
)


@dataclass(frozen=True, slots=True)
class CardiacPhases:
    """End-diastole and end-systole of both ventricles; None where the curve cannot tell them."""

    moments: ByMoment[int | None]
    explanation: tuple[Message, ...]  # how they were chosen, or the one reason why they could not be


def choose_phases(lv_ml: NDArray[np.float64], *, chosen: ByMoment[int | None] = AUTOMATIC) -> CardiacPhases:
    """Return end-diastole = largest, end-systole = smallest LV cavity volume of the curve (first phase on a tie).

    `lv_ml` is (phase,). Phases without any LV cavity are left out of the choice: a ventricle never empties, so a
    volume of 0 is a failed segmentation, and would make an ejection fraction of 100 %. The curve is not smoothed;
    an extreme that stands out against its neighbours is told by a finding instead, so that the published EDV and
    ESV are always volumes of a phase that can be looked at.

    `chosen` are a reader's own phases and are taken as they are. Raises `ValueError` for one outside the curve.
    """
    for given in chosen.values():
        if given is not None and not 0 <= given < len(lv_ml):
            raise ValueError(f"phase {given} is not among the {len(lv_ml)} phases")
    found = np.flatnonzero(lv_ml > 0)
    if chosen.ed is None or chosen.es is None:
        untold = _why_untold(lv_ml, found)
        if untold is not None:
            return CardiacPhases(chosen, (untold,))
    ed = int(found[np.argmax(lv_ml[found])]) if chosen.ed is None else chosen.ed
    es = int(found[np.argmin(lv_ml[found])]) if chosen.es is None else chosen.es
    told = [_why_ed(ed, float(lv_ml[ed]), by_hand=chosen.ed is not None)]
    told.append(_why_es(es, float(lv_ml[es]), by_hand=chosen.es is not None))
    if chosen.ed is None or chosen.es is None:
        told.append(_among(int(found.size), without=int(len(lv_ml) - found.size)))
    return CardiacPhases(ByMoment(ed, es), tuple(told))


def moved_phases(before: ByMoment[int | None], after: ByMoment[int | None]) -> tuple[Message, ...]:
    """Return what is told where the curve chooses another ED or ES than before; nothing of one that is not known."""
    ed, es = (_way(before[moment], after[moment]) for moment in Moment)
    told = []
    if ed is not None:
        told.append(Message("ed_moved", "ED is {now} now, no longer {before}: the LV volume is largest there.", **ed))
    if es is not None:
        told.append(Message("es_moved", "ES is {now} now, no longer {before}: the LV volume is smallest there.", **es))
    return tuple(told)


def _way(before: int | None, after: int | None) -> dict[str, Phases] | None:
    """Return from which phase to which a moment moved; None where it did not, or is not known."""
    if before is None or after is None or before == after:
        return None
    return {"before": Phases((before,)), "now": Phases((after,))}


def _why_untold(lv_ml: NDArray[np.float64], found: NDArray[np.intp]) -> Message | None:
    if len(lv_ml) < 2:
        return SINGLE_PHASE
    if found.size == 0:
        return Message("no_function", "No LV cavity was found in any phase: ED and ES cannot be told.")
    if np.ptp(lv_ml[found]) == 0:
        return Message("no_function", "The LV volume does not change over the phases: ED and ES cannot be told.")
    return None


def _why_ed(phase: int, ml: float, *, by_hand: bool) -> Message:
    where = Phases((phase,))
    if by_hand:
        return Message("ed_set_by_hand", "ED is {phase}, set by hand.", phase=where)
    return Message("ed_largest", "ED is {phase}, the largest LV volume ({ml:.1f} mL).", phase=where, ml=ml)


def _why_es(phase: int, ml: float, *, by_hand: bool) -> Message:
    where = Phases((phase,))
    if by_hand:
        return Message("es_set_by_hand", "ES is {phase}, set by hand.", phase=where)
    return Message("es_smallest", "ES is {phase}, the smallest LV volume ({ml:.1f} mL).", phase=where, ml=ml)


def _among(found: int, *, without: int) -> Message:
    if not without:
        return Message("chosen_among", "Chosen among {phases} phases.", phases=found)
    return Message(
        "chosen_among", "Chosen among {phases} phases with an LV ({without} without).", phases=found, without=without
    )
