"""The model that is in use now: the new one must not be worse than it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cinecor.errors import InputError, ModelRefused
from cinecor.inference.package.manifest import Comparison, Gate
from cinecor.inference.package.model_file import open_model_file
from cinecor_export.graph_session import open_graph
from cinecor_training.data.case import Case
from cinecor_training.evaluation.evaluation import evaluate
from cinecor_training.evaluation.figures import Figures, figures
from cinecor_training.evaluation.patient_result import PatientResult
from cinecor_training.evaluation.segmenter import PipelineSegmenter

DICE_MARGIN: Final = 0.002  # below the bootstrap interval of twenty patients, above what a run's seed moves
EF_MARGIN_POINTS: Final = 0.3
_DICE, _EF = "dice_mean", "lv_ef_points_mae"


@dataclass(frozen=True, slots=True)
class Rivalry:
    """What the comparison gave; both are empty when there was no model to compare with, and `absent` says why."""

    gates: tuple[Gate, ...] = ()
    comparison: Comparison | None = None
    absent: str | None = None


@dataclass(frozen=True, slots=True)
class Side:
    """Patients on whom the new model must not be worse, whatever it gains on others; nameless where all are one."""

    name: str
    cases: tuple[Case, ...]


def compare_with(
    path: Path,
    new: Sequence[PatientResult],
    *,
    sides: Sequence[Side],
    allow_worse: bool,
    listener: Callable[[PatientResult], None],
) -> Rivalry:
    """Judge the model at `path` on the same patients and give the gates that the new model must pass on every side.

    A model that this Cinecor cannot run (of an earlier contract, say) is no rival.
    """
    try:
        model = open_model_file(path)
        graph = model.checked("fp32")
        segmenter = PipelineSegmenter(open_graph(graph.content))
        old = {side.name: evaluate(side.cases, segmenter, listener=listener).patients for side in sides}
    except (ModelRefused, InputError) as error:
        return Rivalry(absent=str(error))
    name = (graph.contract.id, graph.contract.version, model.sha256)
    found = []
    for side in sides:
        patients = {case.patient for case in side.cases}
        own = [one for one in new if one.patient in patients]
        found.append(rivalry(figures(old[side.name]), figures(own), name=name, allow_worse=allow_worse, side=side.name))
    return _joined(found)


def _joined(found: Sequence[Rivalry]) -> Rivalry:
    """Return the comparisons of all sides as one."""
    comparisons = [one.comparison for one in found if one.comparison is not None]
    first = comparisons[0]
    worse = {name: values for one in comparisons for name, values in one.worse.items()}
    allowed = any(one.allowed_worse for one in comparisons)
    gates = tuple(gate for one in found for gate in one.gates)
    return Rivalry(gates, first.model_copy(update={"worse": worse, "allowed_worse": allowed}))


def rivalry(old: Figures, new: Figures, *, name: tuple[str, str, str], allow_worse: bool, side: str = "") -> Rivalry:
    """Compare figures: mean Dice, and the mean absolute error of the LV EF. `name` is id, version and SHA-256."""
    title = f"not worse than {name[0]} {name[1]}{f' on {side}' if side else ''}"
    gates, worse = [], {}
    for figure, what, higher_is_better, margin, unit in (
        (_DICE, "drop of mean Dice", True, DICE_MARGIN, "Dice"),
        (_EF, "growth of the LV EF's mean error", False, EF_MARGIN_POINTS, "points"),
    ):
        if figure in old and figure in new:
            was, now = old[figure].value, new[figure].value
            worse_by = was - now if higher_is_better else now - was
            gates.append(Gate(name=f"{title}: {what}", value=worse_by, limit=margin, unit=unit))
            if worse_by > margin:
                worse[f"{side}: {figure}" if side else figure] = (was, now)
    comparison = Comparison(
        id=name[0],
        version=name[1],
        sha256=name[2],
        margin=DICE_MARGIN,
        worse=worse,
        allowed_worse=allow_worse and bool(worse),
    )
    return Rivalry(tuple(gates), comparison)
