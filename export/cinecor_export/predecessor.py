"""The model that is in use now: the new one must not be worse than it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from cinecor.errors import ModelRefused
from cinecor.inference.package.manifest import Comparison, Gate
from cinecor.inference.package.model_file import open_model_file
from cinecor_export.graph_session import open_graph
from cinecor_export.side import Side
from cinecor_training.evaluation.evaluation import evaluate
from cinecor_training.evaluation.patient_result import STRUCTURES, PatientResult
from cinecor_training.evaluation.segmenter import PipelineSegmenter

DICE_MARGIN: Final = 0.002  # below the bootstrap interval of twenty patients, above what a run's seed moves
EF_MARGIN_POINTS: Final = 0.3
_DICE: Final = "dice_mean"
_EF: Final = {"LV": "lv_ef_points", "RV": "rv_ef_points"}
_OF_OTHER_VERSIONS: Final = frozenset({"contract_too_new", "contract_too_old", "package_too_new", "package_too_old"})


@dataclass(frozen=True, slots=True)
class Rivalry:
    """What the comparison gave; both are empty when there was no model to compare with, and `absent` says why."""

    gates: tuple[Gate, ...] = ()
    comparison: Comparison | None = None
    absent: str | None = None
    not_judged: tuple[str, ...] = ()  # figures of the comparison that no patient could tell, in words


def compare_with(
    path: Path,
    new: Sequence[PatientResult],
    *,
    sides: Sequence[Side],
    allow_worse: bool,
    listener: Callable[[PatientResult], None],
) -> Rivalry:
    """Judge the model at `path` on the same patients and give the gates that the new model must pass on every side.

    A model of another version, which this Cinecor does not run, is no rival. Raises `ModelRefused` for one that is
    damaged or cannot be read: who has it in use has to know, and a gate that falls away is none.
    """
    try:
        model = open_model_file(path)
        graph = model.checked("fp32")
        segmenter = PipelineSegmenter(open_graph(graph.content))
    except ModelRefused as error:
        if error.message.code not in _OF_OTHER_VERSIONS:
            raise
        return Rivalry(absent=str(error))
    old = {side.name: evaluate(side.cases, segmenter, listener=listener).patients for side in sides}
    name = (graph.contract.id, graph.contract.version, model.sha256)
    return _joined(
        [rivalry(old[side.name], side.of(new), name=name, allow_worse=allow_worse, side=side.name) for side in sides]
    )


def _joined(found: Sequence[Rivalry]) -> Rivalry:
    """Return the comparisons of all sides as one."""
    comparisons = [one.comparison for one in found if one.comparison is not None]
    first = comparisons[0]
    worse = {name: values for one in comparisons for name, values in one.worse.items()}
    allowed = any(one.allowed_worse for one in comparisons)
    gates = tuple(gate for one in found for gate in one.gates)
    comparison = first.model_copy(update={"worse": worse, "allowed_worse": allowed})
    return Rivalry(gates, comparison, not_judged=tuple(line for one in found for line in one.not_judged))


class _Compared(NamedTuple):
    """One figure of both models."""

    figure: str
    what: str  # that the gate limits
    was: float
    now: float
    worse_by: float
    margin: float
    unit: str


def rivalry(
    old: Sequence[PatientResult],
    new: Sequence[PatientResult],
    *,
    name: tuple[str, str, str],
    allow_worse: bool,
    side: str = "",
) -> Rivalry:
    """Compare two models on the same patients: mean Dice, and the EF of both ventricles. `name` is the old one's id,
    version and SHA-256.

    An EF's mean absolute error is of the patients for whom both models have one, so that none gains by leaving out
    what is difficult; a patient whose EF the old model has and the new one lacks counts as worse by itself, and so does
    one whom the new model could not be judged on. Where no reader's EF is known nothing can be said of the EF: that is
    told, and is worse where the old model gave EFs.
    """
    title = f"not worse than {name[0]} {name[1]}{f' on {side}' if side else ''}"
    gates, worse, not_judged = [], {}, []
    compared = [*_dice(old, new)]
    for ventricle, quantity in _EF.items():
        of_ef = [*_ejection_fraction(old, new, quantity=quantity, ventricle=ventricle)]
        if not of_ef:
            not_judged.append(f"{title}: {ventricle} EF not judged, of none of {len(old)} patients is it known")
            of_ef = [*_unjudged(old, quantity=quantity, ventricle=ventricle)]
        compared += of_ef
    for one in compared:
        gates.append(Gate(name=f"{title}: {one.what}", value=one.worse_by, limit=one.margin, unit=one.unit))
        if one.worse_by > one.margin:
            worse[f"{side}: {one.figure}" if side else one.figure] = (one.was, one.now)
    comparison = Comparison(
        id=name[0],
        version=name[1],
        sha256=name[2],
        margin=DICE_MARGIN,
        worse=worse,
        allowed_worse=allow_worse and bool(worse),
    )
    return Rivalry(tuple(gates), comparison, not_judged=tuple(not_judged))


def _dice(old: Sequence[PatientResult], new: Sequence[PatientResult]) -> Iterator[_Compared]:
    there = {one.patient for one in new}
    both = [one for one in old if one.patient in there]
    if both:
        patients = {one.patient for one in both}
        was, now = _mean_dice(both), _mean_dice([one for one in new if one.patient in patients])
        yield _Compared(_DICE, "drop of mean Dice", was, now, was - now, DICE_MARGIN, "Dice")
    lost = float(len(old) - len(both))
    if lost:
        yield _Compared("patients_lost", "patients that it cannot be judged on", 0.0, lost, lost, 0.0, "patients")


def _mean_dice(patients: Sequence[PatientResult]) -> float:
    """Return the mean over patients, structures and moments, as `figures` gives it."""
    return float(
        np.mean(
            [np.mean([stack.structures[name].dice for name in STRUCTURES for stack in one.stacks]) for one in patients]
        )
    )


def _unjudged(old: Sequence[PatientResult], *, quantity: str, ventricle: str) -> Iterator[_Compared]:
    """Yield that the old model gave EFs that nothing can be held against, where it did."""
    pairs = [one.function.get(quantity) for one in old]
    given = float(sum(pair is not None and pair.model is not None for pair in pairs))
    if given:
        what = f"{ventricle} EFs that no reader's stands beside"
        yield _Compared(f"{quantity}_not_judged", what, 0.0, given, given, 0.0, "patients")


def _ejection_fraction(
    old: Sequence[PatientResult], new: Sequence[PatientResult], *, quantity: str, ventricle: str
) -> Iterator[_Compared]:
    of_new = {one.patient: one.function.get(quantity) for one in new}
    had, has = [], []
    for one in old:
        pair, other = one.function.get(quantity), of_new.get(one.patient)
        if pair is not None and pair.model is not None and pair.reader is not None:
            had.append(abs(pair.model - pair.reader))
            has.append(np.nan if other is None or other.model is None else abs(other.model - pair.reader))
    if not had:
        return
    was, now = np.array(had), np.array(has)
    lost = float(np.isnan(now).sum())
    yield _Compared(f"{quantity}_lost", f"{ventricle} EFs that it lacks", 0.0, lost, lost, 0.0, "patients")
    if lost < len(had):
        before, after = (float(errors[~np.isnan(now)].mean()) for errors in (was, now))
        yield _Compared(
            f"{quantity}_mae", f"growth of the {ventricle} EF's mean error", before, after, after - before,
            EF_MARGIN_POINTS, "points",
        )  # fmt: skip
