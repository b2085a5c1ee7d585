"""What one further data set gave, slice by slice, and the figures over it.

Further data sets are labelled in part: LV alone, single slices, pixel sizes unknown. So a slice counts where it was
labelled, a structure where it is known, and volumes only where the data set tells the true ones.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from cinecor.agreement.bland_altman import AGREEMENT
from cinecor.agreement.estimate import Estimate, estimate, mean
from cinecor.agreement.level import THIRDS, Level
from cinecor_training.evaluation.figures import Figures

LV = "lv"
OWN_CONVENTION = "its own"
MODEL_CONVENTION = "the model's"


@dataclass(frozen=True, slots=True)
class SliceResult:
    """One labelled slice: pixels by structure ("rv", "myo", "lv"), of those that are known in it."""

    level: Level
    from_base: int | None  # slices from the reader's most basal one with LV, towards the apex; −1 lies right above it
    reader_px: dict[str, int]
    model_px: dict[str, int]
    both_px: dict[str, int]

    def dice(self, structure: str) -> float | None:
        """Return 2D Dice; None where the reader drew nothing of the structure, or it is not known."""
        if not self.reader_px.get(structure):
            return None
        return 2 * self.both_px[structure] / (self.reader_px[structure] + self.model_px[structure])


@dataclass(frozen=True, slots=True)
class LabelledStack:
    """One patient at one moment; volumes are of the LV cavity."""

    patient: str
    moment: str
    slices: tuple[SliceResult, ...]
    model_ml: float | None = None  # None where the data set does not tell where its slices lie
    reader_ml: float | None = None
    true_ml: float | None = None

    def dice(self, structure: str) -> float | None:
        """Return 3D Dice; None where neither drew anything, or the structure is known nowhere."""
        return _dice_of(self.slices, structure)


@dataclass(frozen=True, slots=True)
class SourceResult:
    """Every stack of one further data set, and its figures (see `source_figures`)."""

    source: str
    convention: str  # `MODEL_CONVENTION`, or `OWN_CONVENTION` where the run learnt the data set's
    split: str  # which patients were judged, in words
    figures: Figures
    stacks: tuple[LabelledStack, ...]
    skipped: tuple[tuple[str, str], ...] = ()  # patient, reason


def source_figures(stacks: Sequence[LabelledStack]) -> Figures:
    """Return the figures of one data set, each a mean over patients; what is undefined is absent.

    `dice_<structure>`: 2D, slices in which the reader drew it; `_<level>` those of one third, `_worst` the lowest of
    all; `dice3d_<structure>` over whole stacks, `dice_pooled_<structure>` over all of them as one.
    `missed_slices_<moment>`, `added_slices_<moment>`: slices with LV by the reader and none by the model, and the other
    way round, a patient. `<edv|esv>_ml_bias` and `_mae`: against the true volume; `ef_points_mae`: against the true EF,
    where both moments hold LV, `reader_ef_points_mae` that of the masks.
    """
    patients = sorted({stack.patient for stack in stacks})
    by_patient = [[stack for stack in stacks if stack.patient == patient] for patient in patients]
    found: dict[str, Estimate | None] = {}
    for structure in sorted({name for stack in stacks for one in stack.slices for name in one.reader_px}):
        for end, levels in (("", tuple(Level)), *((f"_{level}", (level,)) for level in THIRDS)):
            found[f"dice_{structure}{end}"] = _mean_over(by_patient, _dice(structure, levels))
        every = [dice for stack in stacks for one in stack.slices if (dice := one.dice(structure)) is not None]
        if every:
            found[f"dice_{structure}_worst"] = Estimate(min(every), None, None, len(patients))
        whole = [_mean([stack.dice(structure) for stack in own]) for own in by_patient]
        found[f"dice3d_{structure}"] = estimate(mean, np.array(whole))
        pooled = _dice_of([one for stack in stacks for one in stack.slices], structure)
        found[f"dice_pooled_{structure}"] = None if pooled is None else Estimate(pooled, None, None, len(patients))
    for moment in sorted({stack.moment for stack in stacks}):
        own = [stack for stack in stacks if stack.moment == moment]
        for name, (drawn, other) in {"missed": ("reader_px", "model_px"), "added": ("model_px", "reader_px")}.items():
            counts = [
                sum(bool(getattr(one, drawn).get(LV)) and not getattr(one, other).get(LV) for one in stack.slices)
                for stack in own
            ]
            found[f"{name}_slices_{moment.lower()}"] = estimate(mean, np.array(counts, dtype=np.float64))
    found |= _volumes(stacks)
    return {name: value for name, value in found.items() if value is not None}


def _dice_of(slices: Sequence[SliceResult], structure: str) -> float | None:
    known = [one for one in slices if structure in one.reader_px]
    total = sum(one.reader_px[structure] + one.model_px[structure] for one in known)
    return 2 * sum(one.both_px[structure] for one in known) / total if total else None


def _volumes(stacks: Sequence[LabelledStack]) -> dict[str, Estimate | None]:
    """Return the comparison with true volumes, where there are some."""
    found: dict[str, Estimate | None] = {}
    known = {(stack.patient, stack.moment): stack for stack in stacks if stack.true_ml and stack.model_ml is not None}
    for moment, name in (("ED", "edv_ml"), ("ES", "esv_ml")):
        own = [stack for (_, at), stack in known.items() if at == moment]
        model, true = (np.array([getattr(stack, side) for stack in own], float) for side in ("model_ml", "true_ml"))
        for statistic in ("bias", "mae"):
            found[f"{name}_{statistic}"] = estimate(AGREEMENT[statistic], model, true) if own else None
    both = [(known[p, "ED"], known[p, "ES"]) for p, at in known if at == "ED" and (p, "ES") in known]
    for side in ("model_ml", "reader_ml"):
        model, true = (
            np.array([_ef_percent(getattr(ed, kind), getattr(es, kind)) for ed, es in both])
            for kind in (side, "true_ml")
        )
        found[f"{'' if side == 'model_ml' else 'reader_'}ef_points_mae"] = (
            estimate(AGREEMENT["mae"], model, true) if both else None
        )
    return found


def _ef_percent(edv_ml: float | None, esv_ml: float | None) -> float:
    """Return the EF; NaN where a moment holds nothing, which is a lost ventricle and no EF of 100 %."""
    return 100 * (1 - esv_ml / edv_ml) if edv_ml and esv_ml else float("nan")


def _dice(structure: str, levels: tuple[Level, ...]) -> Callable[[SliceResult], float | None]:
    return lambda one: one.dice(structure) if one.level in levels else None


def _mean_over(
    patients: Iterable[Sequence[LabelledStack]], value: Callable[[SliceResult], float | None]
) -> Estimate | None:
    columns = [_mean([value(one) for stack in own for one in stack.slices]) for own in patients]
    return estimate(mean, np.array(columns))


def _mean(values: Iterable[float | None]) -> float:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else float("nan")
