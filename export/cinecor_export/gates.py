"""Gates: figures that must stay within their limits, or the export is refused.

Both ventricles are held to the same volumes and EF: a reader takes the numbers of whichever variant the machine runs.
"""

from collections.abc import Iterable, Sequence
from typing import Final, Literal

import numpy as np

from cinecor.inference.package.manifest import Gate, Precision
from cinecor.inference.package.reliability import FEWEST_PATIENTS, Reliability
from cinecor.measure.quantity import quantity
from cinecor.message import Message
from cinecor_export.refusal import ExportRefused
from cinecor_training.doubt.figures import exact_interval
from cinecor_training.doubt.fit import LEVEL
from cinecor_training.evaluation.patient_result import QUANTITIES, STRUCTURES, PatientResult

Arithmetic = Literal["exact", "saturating"]

DICE_DROP: Final = 0.001  # of a structure, mean over patients
_VOLUME: Final = (2.0, quantity("edv_ml").unit)
LIMITS: Final = {
    "lv_edv_ml": _VOLUME,
    "lv_esv_ml": _VOLUME,
    "lv_ef_points": (1.0, "points"),
    "rv_edv_ml": _VOLUME,
    "rv_esv_ml": _VOLUME,
    "rv_ef_points": (1.0, "points"),
}
INT8_BYTES: Final = 3_000_000
_BEYOND: Final = 1e9  # stands for infinity, which JSON does not know


def variant_gates(
    precision: Precision,
    *,
    own: Sequence[PatientResult],
    parent: Sequence[PatientResult],
    arithmetic: Arithmetic = "exact",
) -> tuple[Gate, ...]:
    """Compare a variant's results with those of its fp32 parent on the same patients, in the same order.

    The Dice of each structure is a mean over patients; of volumes and EF the patient with the largest difference
    counts. A number that only one of the two could give differs without limit.
    """
    name = f"{title(precision, arithmetic)} against fp32"
    drops = [
        Gate(
            name=f"{name}: Dice drop, {called}",
            value=mean_dice(parent, structure) - mean_dice(own, structure),
            limit=DICE_DROP,
            unit="Dice",
        )
        for structure, called in STRUCTURES.items()
    ]
    differences = [
        Gate(
            name=f"{name}: largest difference, {QUANTITIES[quantity].split(',')[0]}",
            value=largest_difference(own, parent, quantity),
            limit=limit,
            unit=unit,
        )
        for quantity, (limit, unit) in LIMITS.items()
    ]
    return (*drops, *differences)


def title(precision: Precision, arithmetic: Arithmetic) -> str:
    """Return a variant's name: int8 may be judged where sums saturate at 16 bit, too."""
    return precision if arithmetic == "exact" else f"{precision}, {arithmetic},"


def size_gate(content: bytes) -> Gate:
    """Return the gate of the int8 graph's size."""
    return Gate(name="int8: size", value=len(content) / 1e6, limit=INT8_BYTES / 1e6, unit="MB")


def interval_gates(reliability: Reliability) -> tuple[Gate, ...]:
    """Return how far the exact interval of each coverage is from holding what the EF interval promises.

    It promises the EF of the whole cine: what readers drew on given frames is reported and decides nothing, and an
    interval that was held against whole cines in no group of `FEWEST_PATIENTS` fails.
    """
    gates = []
    for chamber, constants in reliability.ef.items():
        name = f"{chamber.upper()} EF interval"
        of_cines = [one for one in constants.reported if one.whole_cine]
        if not any(one.patients >= FEWEST_PATIENTS for one in of_cines):
            called = f"{name}: not checked on the EF of whole cines of {FEWEST_PATIENTS} patients"
            gates.append(Gate(name=called, value=1.0, limit=0.0, unit=""))
        for checked in of_cines:
            low, high = exact_interval(checked.inside, checked.patients)
            gates.append(
                Gate(
                    name=f"{name}: {100 * LEVEL:.0f} % beside the exact interval of its "
                    f"coverage, {checked.inside} of {checked.patients} ({checked.data})",
                    value=max(low - LEVEL, LEVEL - high, 0.0),
                    limit=0.0,
                    unit="",
                )
            )
    return tuple(gates)


def mean_dice(patients: Sequence[PatientResult], structure: str) -> float:
    """Return the mean over patients of the mean over a patient's stacks."""
    return float(
        np.mean([np.mean([stack.structures[structure].dice for stack in patient.stacks]) for patient in patients])
    )


def failed(gates: Iterable[Gate]) -> tuple[Gate, ...]:
    """Return the gates whose figures are beyond their limits."""
    return tuple(gate for gate in gates if not gate.value <= gate.limit)


def require(gates: Iterable[Gate], *, remedy: str) -> None:
    """Raise `ExportRefused`, with every figure beyond its limit, when there is one; `remedy` says what to do."""
    beyond = failed(gates)
    if beyond:
        figures = "; ".join(
            f"{gate.name} {shown(gate.value)} {gate.unit} (limit {shown(gate.limit)})" for gate in beyond
        )
        raise ExportRefused(
            Message(
                "gates_refused", "Refused, nothing was written: {figures}. {remedy}", figures=figures, remedy=remedy
            )
        )


def shown(value: float) -> str:
    """Return a figure as text: four digits behind the point where it is small, two where it is not."""
    return f"{value:.4f}" if abs(value) < 0.1 else f"{value:.2f}"


def largest_difference(own: Sequence[PatientResult], parent: Sequence[PatientResult], quantity: str) -> float:
    """Return the largest difference of one number over patients; beyond any limit where only one side could give it."""
    return max(_difference(a, b, quantity) for a, b in zip(own, parent, strict=True))


def _difference(own: PatientResult, parent: PatientResult, quantity: str) -> float:
    a, b = (patient.function[quantity].model if quantity in patient.function else None for patient in (own, parent))
    if a is None and b is None:
        return 0.0
    if a is None or b is None:
        return _BEYOND
    return abs(a - b)
