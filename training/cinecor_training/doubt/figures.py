"""`DoubtFigures`: whether a model's doubt finds what is wrong, and whether its interval holds the truth."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict
from scipy.stats import beta

from cinecor.inference.package.reliability import Coverage, EfInterval, Reliability
from cinecor.measure.ef_interval import ef_bounds
from cinecor.measure.findings.confidence import LEAST_CONFIDENCE
from cinecor.measure.findings.frame_doubt import FrameDoubt
from cinecor_training.doubt.fit import EfPair
from cinecor_training.doubt.frame_outcomes import FrameOutcomes

WORST_SHARE = 0.1


class DoubtFigures(BaseModel):
    """Figures over the frames of one ventricle of one group of patients."""

    model_config = ConfigDict(frozen=True)

    data: str
    ventricle: str
    patients: int
    frames: int
    outlined: int  # of these, drawn by model or reader
    wrong: int  # of these, with a Dice below 0.7
    wrong_marked: float  # share
    outlined_wrong_marked: float  # of those that the model drew
    good_marked: float  # of the outlined frames that are not wrong
    empty_marked: float  # of the frames that neither drew
    right_marked: float  # of both
    outlined_wrong_unsure: float  # of those that the model drew: confidence below `LEAST_CONFIDENCE`
    good_unsure: float  # of the outlined frames that are not wrong
    error_ml: float  # sum of |model − reader|
    expected_ml: float  # sum of the expected errors
    error_in_worst: float  # share of the error in the tenth of frames that is ranked worst
    error_in_worst_at_best: float  # the same if the errors were known
    error_in_worst_by_rim: float  # the same, ranked by what is uncertain alone


def doubt_figures(outcomes: Sequence[FrameOutcomes], reliability: Reliability, *, data: str) -> DoubtFigures:
    """Return the figures of patients' frames, all of one ventricle."""
    doubts = [one.doubt(reliability) for one in outcomes]
    marked = np.concatenate(
        [
            (_by_chance(doubt, reliability, one) | one.shape_marks).ravel()
            for one, doubt in zip(outcomes, doubts, strict=True)
        ]
    )
    expected = np.concatenate([doubt.error_ml.ravel() for doubt in doubts])
    rim = np.concatenate([one.features.uncertain_ml.sum(axis=2).ravel() for one in outcomes])
    error = np.concatenate([one.error_ml.ravel() for one in outcomes])
    dice = np.concatenate([one.dice.ravel() for one in outcomes])
    drawn = np.concatenate([~doubt.empty.ravel() for doubt in doubts])  # by the model
    unsure = np.concatenate([one.confidence.ravel() for one in outcomes]) < LEAST_CONFIDENCE
    outlined, wrong = np.isfinite(dice), np.concatenate([one.wrong.ravel() for one in outcomes])

    def in_worst(ranked: NDArray[np.float64]) -> float:
        worst = np.argsort(-ranked, kind="stable")[: max(1, round(WORST_SHARE * len(error)))]
        return float(error[worst].sum() / max(error.sum(), 1e-9))

    return DoubtFigures(
        data=data,
        ventricle=outcomes[0].ventricle.value,
        patients=len(outcomes),
        frames=len(error),
        outlined=int(outlined.sum()),
        wrong=int(wrong.sum()),
        wrong_marked=_share(marked[wrong]),
        outlined_wrong_marked=_share(marked[wrong & drawn]),
        good_marked=_share(marked[outlined & ~wrong]),
        empty_marked=_share(marked[~outlined]),
        right_marked=_share(marked[~wrong]),
        outlined_wrong_unsure=_share(unsure[wrong & drawn]),
        good_unsure=_share(unsure[outlined & ~wrong]),
        error_ml=float(error.sum()),
        expected_ml=float(expected.sum()),
        error_in_worst=in_worst(expected),
        error_in_worst_at_best=in_worst(error),
        error_in_worst_by_rim=in_worst(rim),
    )


def _by_chance(doubt: FrameDoubt, reliability: Reliability, outcomes: FrameOutcomes) -> NDArray[np.bool_]:
    """Return the frames that their chance marks; none of a ventricle that had too few frames for constants."""
    limits = reliability.limits.get(outcomes.ventricle.value)
    return np.zeros_like(doubt.empty) if limits is None else doubt.marked(limits)


def _share(marked: NDArray[np.bool_]) -> float:
    return float(marked.mean()) if marked.size else float("nan")


def coverage(pairs: Sequence[EfPair], constants: EfInterval, *, data: str, whole_cine: bool = True) -> Coverage:
    """Return how often the interval holds the truth, and its mean width."""
    inside, width = 0, 0.0
    for pair in pairs:
        low, high = ef_bounds(pair.model, pair.features, constants)
        inside += low <= pair.truth <= high
        width += high - low
    return Coverage(
        data=data,
        patients=len(pairs),
        inside=inside,
        mean_width=round(width / len(pairs), 2),
        whole_cine=whole_cine,
    )


def exact_interval(inside: int, patients: int, *, level: float = 0.95) -> tuple[float, float]:
    """Return the Clopper-Pearson interval of a share."""
    tail = (1 - level) / 2
    low = 0.0 if inside == 0 else float(beta.ppf(tail, inside, patients - inside + 1))
    high = 1.0 if inside == patients else float(beta.ppf(1 - tail, inside + 1, patients - inside))
    return low, high
