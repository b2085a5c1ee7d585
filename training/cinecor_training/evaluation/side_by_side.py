"""Two models on the same patients in one table, and the spread of one recipe over seeds or folds."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from cinecor.agreement.bland_altman import bias
from cinecor.agreement.estimate import Estimate, estimate
from cinecor.errors import InputError
from cinecor.message import Message
from cinecor_training.evaluation.contoured_study import ContouredStudy
from cinecor_training.evaluation.figure_tables import NOTHING, shown
from cinecor_training.evaluation.patient_result import QUANTITIES, STRUCTURES, PatientResult
from cinecor_training.evaluation.record import EvaluationRecord
from cinecor_training.evaluation.table import Table

_Value = Callable[[PatientResult], float]


def side_by_side(ours: EvaluationRecord, other: EvaluationRecord, *, note: str) -> Table:
    """Return the figures of two models on the same patients, with the paired difference and its interval.

    Raises `InputError` when the patients differ.
    """
    names = [[patient.patient for patient in record.patients] for record in (ours, other)]
    if names[0] != names[1]:
        raise InputError(
            Message("evaluations_differ", "The two evaluations hold different patients and cannot be compared.")
        )
    rows = [*_dice_rows(ours, other), *_distance_rows(ours, other), *_error_rows(ours, other)]
    if ours.contoured and other.contoured:
        rows += _contoured_rows(ours.contoured, other.contoured)
    seconds = [_seconds(record) for record in (ours, other)]
    rows.append(("seconds a patient", *(f"{taken:.1f}" if taken else NOTHING for taken in seconds), NOTHING))
    return Table(
        "Side by side",
        ("", *(f"{record.model.id} {record.model.version}" for record in (ours, other)), "difference"),
        tuple(rows),
        f"{len(ours.patients)} patients ({ours.split}), measured by the same code. Differences are paired; in brackets "
        f"the 95 % confidence interval (bootstrap over patients). {note}",
    )


def spread_table(records: Sequence[EvaluationRecord]) -> Table:
    """Return mean, standard deviation and extremes of the headline figures over repeated runs (seeds or folds).

    A difference between recipes smaller than this spread is no progress. Raises `InputError` for fewer than two runs.
    """
    if len(records) < 2:
        raise InputError(Message("spread_of_one", "A spread needs the evaluations of at least two runs."))
    rows = []
    for name in records[0].summary:
        values = [record.summary[name] for record in records if name in record.summary]
        if len(values) == len(records):
            cells = (np.mean(values), np.std(values, ddof=1), min(values), max(values))
            rows.append((name, *(f"{value:.4f}" for value in cells)))
    return Table(
        "Spread over runs",
        ("figure", "mean", "SD", "lowest", "highest"),
        tuple(rows),
        f"{len(records)} runs. Standard deviation over runs, n − 1.",
    )


def _dice_rows(ours: EvaluationRecord, other: EvaluationRecord) -> list[tuple[str, ...]]:
    rows = []
    for name, title in (*STRUCTURES.items(), ("mean", "mean of the three")):
        for moment in (None, "ED", "ES"):
            key = f"dice_{name}" + (f"_{moment.lower()}" if moment else "")
            difference = _paired(ours, other, _mean_dice(name, moment))
            rows.append(_row(f"Dice, {title}, {moment or 'ED and ES'}", key, ours, other, difference, digits=3))
        if name != "mean":
            rows.append(_row(f"Dice, {title}, worst stack", f"dice_{name}_worst", ours, other, None, digits=3))
    return rows


def _distance_rows(ours: EvaluationRecord, other: EvaluationRecord) -> list[tuple[str, ...]]:
    return [
        _row(f"HD95, {title}, mm", f"hd95_mm_{name}", ours, other, None, digits=1) for name, title in STRUCTURES.items()
    ]


def _error_rows(ours: EvaluationRecord, other: EvaluationRecord) -> list[tuple[str, ...]]:
    rows = []
    for quantity, title in QUANTITIES.items():
        difference = _paired(ours, other, _absolute_error(quantity))
        rows.append(_row(f"{title}: mean absolute error", f"{quantity}_mae", ours, other, difference, digits=1))
        rows.append(_row(f"{title}: bias", f"{quantity}_bias", ours, other, None, digits=1, signed=True))
    return rows


def _contoured_rows(ours: ContouredStudy, other: ContouredStudy) -> list[tuple[str, ...]]:
    pairs = {
        "mean LV Dice of the contoured frames": (ours.lv_dice, other.lv_dice),
        "LV Dice of the worst contoured frame": (ours.worst.lv_dice, other.worst.lv_dice),
    }
    return [(f"{ours.study}: {title}", f"{a:.3f}", f"{b:.3f}", f"{a - b:+.3f}") for title, (a, b) in pairs.items()]


def _row(
    title: str,
    key: str,
    ours: EvaluationRecord,
    other: EvaluationRecord,
    difference: Estimate | None,
    *,
    digits: int,
    signed: bool = False,
) -> tuple[str, ...]:
    cells = (shown(record.figures.get(key), digits=digits, signed=signed) for record in (ours, other))
    return (title, *cells, shown(difference, digits=digits, signed=True))


def _paired(ours: EvaluationRecord, other: EvaluationRecord, value: _Value) -> Estimate | None:
    columns: list[NDArray[np.float64]] = [
        np.array([value(patient) for patient in record.patients]) for record in (ours, other)
    ]
    return estimate(bias, *columns)


def _mean_dice(name: str, moment: str | None) -> _Value:
    def value(patient: PatientResult) -> float:
        structures = tuple(STRUCTURES) if name == "mean" else (name,)
        stacks = [stack for stack in patient.stacks if moment in (None, stack.moment)]
        found = [stack.structures[structure].dice for stack in stacks for structure in structures]
        return float(np.mean(found)) if found else float("nan")

    return value


def _absolute_error(quantity: str) -> _Value:
    def value(patient: PatientResult) -> float:
        pair = patient.function.get(quantity)
        if pair is None or pair.model is None or pair.reader is None:
            return float("nan")
        return abs(pair.model - pair.reader)

    return value


def _seconds(record: EvaluationRecord) -> float:
    return float(np.mean([patient.seconds for patient in record.patients]))
