"""`CardiacPhases`: which phase is end-diastole, which end-systole, and why."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class CardiacPhases:
    """End-diastole and end-systole of both ventricles; None where the curve cannot tell them."""

    ed_phase: int | None
    es_phase: int | None
    explanation: str  # one sentence: how they were chosen, or why they could not be


def choose_phases(
    lv_ml: NDArray[np.float64], *, ed_phase: int | None = None, es_phase: int | None = None
) -> CardiacPhases:
    """End-diastole = largest, end-systole = smallest LV cavity volume of the whole curve (first phase on a tie).

    `lv_ml` is (phase,). Phases without any LV cavity are left out of the choice: a ventricle never empties, so a
    volume of 0 is a failed segmentation, and would make an ejection fraction of 100 %. The curve is not smoothed;
    an extreme that stands out against its neighbours is told by `quality` instead, so that the published EDV and
    ESV are always volumes of a phase that can be looked at.

    `ed_phase` and `es_phase` are a reader's own choice and are taken as they are.
    """
    found = np.flatnonzero(lv_ml > 0)
    for given in (ed_phase, es_phase):
        if given is not None and not 0 <= given < len(lv_ml):
            raise ValueError(f"phase {given} is not among the {len(lv_ml)} phases")
    if ed_phase is not None and es_phase is not None:
        return CardiacPhases(ed_phase, es_phase, f"ED (phase {ed_phase}) and ES (phase {es_phase}) were set by hand.")

    if len(lv_ml) < 2:
        return CardiacPhases(
            ed_phase, es_phase, "The stack has one phase only: end-diastole and end-systole cannot be told."
        )
    if found.size == 0:
        return CardiacPhases(
            ed_phase, es_phase, "No LV cavity was found in any phase: end-diastole and end-systole cannot be told."
        )
    if np.ptp(lv_ml[found]) == 0:
        return CardiacPhases(
            ed_phase,
            es_phase,
            "The LV volume does not change over the phases: end-diastole and end-systole cannot be told.",
        )

    largest = int(found[np.argmax(lv_ml[found])])
    smallest = int(found[np.argmin(lv_ml[found])])
    ed = largest if ed_phase is None else ed_phase
    es = smallest if es_phase is None else es_phase
    told = [
        f"ED is phase {ed}, "
        + ("set by hand" if ed_phase is not None else f"the largest LV volume ({lv_ml[ed]:.1f} ml)"),
        f"ES is phase {es}, "
        + ("set by hand" if es_phase is not None else f"the smallest LV volume ({lv_ml[es]:.1f} ml)"),
    ]
    left_out = len(lv_ml) - found.size
    among = f"{found.size} phases" if not left_out else f"{found.size} phases with an LV ({left_out} without)"
    return CardiacPhases(ed, es, f"{'; '.join(told)}; chosen among {among}.")
