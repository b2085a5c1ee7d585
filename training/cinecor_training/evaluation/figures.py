"""Figures over all patients: a flat table from a name to an estimate.

Names are `<metric>_<structure>[_<level> or _group_<group>][_<moment>]` for overlap and distance, and
`<quantity>_<statistic>` for clinical numbers; units are in the names. A structure's figure over both moments is, for
each patient, the mean of ED and ES.
"""

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from cinecor.agreement.bland_altman import AGREEMENT
from cinecor.agreement.estimate import Estimate, estimate, mean
from cinecor.agreement.level import THIRDS, Level
from cinecor_training.evaluation.patient_result import (
    QUANTITIES,
    STRUCTURES,
    PatientResult,
    StackResult,
    StructureResult,
)

MOMENTS = ("ED", "ES")
Figures = dict[str, Estimate]
_Get = Callable[[StructureResult], float | None]

_METRICS: dict[str, _Get] = {
    "dice": lambda result: result.dice,
    "hd95_mm": lambda result: result.hausdorff95_mm,
    "asd_mm": lambda result: result.surface_distance_mm,
}


def figures(patients: Sequence[PatientResult]) -> Figures:
    """Return every figure of `patients` with its confidence interval; what is undefined is absent."""
    found: dict[str, Estimate | None] = {}
    for metric, get in _METRICS.items():
        found |= _by_moment(metric, patients, get)
    for level in THIRDS:
        found |= _by_moment("dice", patients, _dice_at(level), suffix=level)
    for level in Level:
        found |= _level_errors(patients, level)
    for group in sorted({patient.group for patient in patients}):
        members = [patient for patient in patients if patient.group == group]
        found |= _by_moment("dice", members, _METRICS["dice"], suffix=f"group_{group.lower()}")
    found |= _counts(patients)
    for quantity in QUANTITIES:
        found |= _agreement(patients, quantity)
    return {name: value for name, value in found.items() if value is not None}


def summary(found: Figures) -> dict[str, float]:
    """Return the headline values alone, rounded: what travels in a model's contract."""
    dice = [f"dice_{name}{end}" for name in ("mean", *STRUCTURES) for end in ("", "_ed", "_es", "_worst")]
    distances = [f"{metric}_{name}" for metric in ("hd95_mm", "asd_mm") for name in STRUCTURES]
    agreement = [f"{quantity}_{statistic}" for quantity in QUANTITIES for statistic in AGREEMENT]
    return {name: round(found[name].value, 4) for name in (*dice, *distances, *agreement) if name in found}


def _by_moment(
    metric: str, patients: Sequence[PatientResult], get: _Get, *, suffix: str | None = None
) -> dict[str, Estimate | None]:
    """Return one metric for each structure and their mean, over both moments and at each."""
    found = {}
    end = f"_{suffix}" if suffix else ""
    for moment in (None, *MOMENTS):
        tail = f"_{moment.lower()}" if moment else ""
        columns = [_column(patients, name, moment, get) for name in STRUCTURES]
        for name, column in zip(STRUCTURES, columns, strict=True):
            found[f"{metric}_{name}{end}{tail}"] = estimate(mean, column)
        found[f"{metric}_mean{end}{tail}"] = estimate(mean, np.mean(columns, axis=0))
    return found


def _dice_at(level: Level) -> _Get:
    return lambda result: result.level_dice[level]


def _column(patients: Sequence[PatientResult], structure: str, moment: str | None, get: _Get) -> NDArray[np.float64]:
    """Return one value a patient, the mean over its stacks (of `moment`); NaN where there is none."""
    return np.array([_mean_of(get(s.structures[structure]) for s in _stacks(p, moment)) for p in patients])


def _stacks(patient: PatientResult, moment: str | None) -> Iterable[StackResult]:
    return (stack for stack in patient.stacks if moment in (None, stack.moment))


def _mean_of(values: Iterable[float | None]) -> float:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else float("nan")


def _level_errors(patients: Sequence[PatientResult], level: Level) -> dict[str, Estimate | None]:
    found = {}
    for name in STRUCTURES:
        for moment in MOMENTS:
            errors = _column(patients, name, moment, lambda result: result.level_error_ml[level])
            zero = np.zeros_like(errors)
            found[f"error_ml_{name}_{level}_{moment.lower()}_bias"] = estimate(AGREEMENT["bias"], errors, zero)
            found[f"error_ml_{name}_{level}_{moment.lower()}_mae"] = estimate(AGREEMENT["mae"], errors, zero)
    return found


def _counts(patients: Sequence[PatientResult]) -> dict[str, Estimate | None]:
    """Return the worst stack and plain counts: values without an interval."""
    count = len(patients)
    stacks = [stack for patient in patients for stack in patient.stacks]
    found: dict[str, Estimate | None] = {}
    for name in STRUCTURES:
        results = [stack.structures[name] for stack in stacks]
        found[f"dice_{name}_worst"] = Estimate(min(result.dice for result in results), None, None, count)
        found[f"missed_stacks_{name}"] = Estimate(sum(result.missed for result in results), None, None, count)
    for name, total in (
        ("missed_lv_slices", sum(stack.missed_lv_slices for stack in stacks)),
        ("added_lv_slices", sum(stack.added_lv_slices for stack in stacks)),
    ):
        found[name] = Estimate(total, None, None, count)
    return found


def _agreement(patients: Sequence[PatientResult], quantity: str) -> dict[str, Estimate | None]:
    pairs = [patient.function[quantity] for patient in patients if quantity in patient.function]
    model = np.array([np.nan if pair.model is None else pair.model for pair in pairs])
    reader = np.array([np.nan if pair.reader is None else pair.reader for pair in pairs])
    return {f"{quantity}_{name}": estimate(statistic, model, reader) for name, statistic in AGREEMENT.items()}
