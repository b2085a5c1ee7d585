"""`fit_reliability`: constants of doubt from the frames and ejection fractions of labelled patients."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

from cinecor.inference.outline.segmentation import Label
from cinecor.inference.package.reliability import EfInterval, FrameKind, FrameRisk, MarkLimits, Reliability
from cinecor.measure.ef_interval import ef_features, ef_scale
from cinecor.measure.findings.frame_doubt import KINDS, FrameFeatures, chance
from cinecor.measure.ventricle import Ventricle
from cinecor_training.doubt.frame_outcomes import FrameOutcomes
from cinecor_training.doubt.outlined_patient import OutlinedPatient

MOST_GOOD_MARKED: Final = 0.06
"""Share of the fitted patients' good outlines that may be marked: with many more nobody would look at a mark."""

CAUGHT_EMPTY: Final = 0.85
"""Share of the frames in which the model missed the ventricle that must be marked. Most of them lie above the base,
where little tells them from empty ones: 92 percent would mark two thirds of the empty frames instead of one."""

LEVEL: Final = 0.9  # of the interval
_FEWEST_FRAMES: Final = 20  # of a kind; with fewer it has no constants, and such frames count as right
_RIDGE: Final = 1.0  # on features of unit spread
_RIDGE_EF: Final = 5.0
_RAISING_OUTLINED: Final = (0, 2, 3, 4)  # 1 − confidence, uncertain part of the cavity, odd shape, odd area
_RAISING_EMPTY: Final = (0,)  # what is uncertain
_LEAST, _NEVER = 0.05, 0.99  # a mark that is right less often than once in twenty helps nobody


def fit_reliability(outcomes: Sequence[FrameOutcomes], *, data: str, ef: dict[str, EfInterval]) -> Reliability:
    """Return the constants by the frames of patients that are not reported on; `outcomes` may be of both ventricles."""
    frames = {
        ventricle.value: risks
        for ventricle in Ventricle
        if (risks := _risks([one for one in outcomes if one.ventricle is ventricle]))
    }
    unmarked = dict.fromkeys(frames, MarkLimits(outlined=_NEVER, empty=_NEVER))
    draft = Reliability(data=data, frames=frames, limits=unmarked, ef=ef)
    limits = {
        ventricle.value: _limits([one for one in outcomes if one.ventricle is ventricle], draft)
        for ventricle in Ventricle
        if ventricle.value in frames
    }
    return draft.model_copy(update={"limits": limits})


def least_confidence(outcomes: Sequence[FrameOutcomes]) -> float:
    """Return the confidence that `MOST_GOOD_MARKED` of the good outlines lie below: for models without constants."""
    good = np.concatenate([one.confidence[one.features.outlined & ~one.wrong] for one in outcomes])
    return round(float(np.quantile(good, MOST_GOOD_MARKED)), 2)


def _limits(outcomes: Sequence[FrameOutcomes], draft: Reliability) -> MarkLimits:
    outlined, empty = [], []
    for one in outcomes:
        doubt = one.doubt(draft)
        chances = np.where(one.shape_marks, 1.0, doubt.wrong)
        outlined.append(chances[~one.wrong & ~doubt.empty])
        empty.append(chances[one.wrong & doubt.empty])
    return MarkLimits(
        outlined=_limit(np.concatenate(outlined), MOST_GOOD_MARKED, rounded=np.ceil),
        empty=_limit(np.concatenate(empty), CAUGHT_EMPTY, rounded=np.floor),
    )


def _limit(chances: NDArray[np.float64], above: float, *, rounded: Callable[[float], float]) -> float:
    """Return the limit that a share of the frames lies above; nothing is marked where there are none to learn from."""
    if not chances.size:
        return _NEVER
    return float(np.clip(rounded(1000 * float(np.quantile(chances, 1.0 - above))) / 1000, _LEAST, _NEVER))


def _risks(outcomes: Sequence[FrameOutcomes]) -> dict[FrameKind, FrameRisk]:
    return {kind: risk for kind in KINDS if (risk := _risk(outcomes, kind)) is not None}


def _risk(outcomes: Sequence[FrameOutcomes], kind: FrameKind) -> FrameRisk | None:
    here = [one.features.of(kind) for one in outcomes]
    if sum(int(mask.sum()) for mask in here) < _FEWEST_FRAMES:
        return None
    features = np.concatenate([one.features.chance_features(kind) for one in outcomes])
    wrong = np.concatenate([one.wrong[mask] for one, mask in zip(outcomes, here, strict=True)])
    off_ml = np.concatenate([one.error_ml[mask] for one, mask in zip(outcomes, here, strict=True)])
    weights = _logistic(features, wrong, raising=_RAISING_OUTLINED if features.shape[1] > 3 else _RAISING_EMPTY)
    risk = FrameRisk(wrong=tuple(weights), error=(0.0,))
    parts = np.concatenate([_error_features(one.features, kind, risk) for one in outcomes])
    errors, _ = nnls(parts, off_ml)
    return FrameRisk(wrong=risk.wrong, error=tuple(round(float(weight), 4) for weight in errors))


def _error_features(features: FrameFeatures, kind: FrameKind, risk: FrameRisk) -> NDArray[np.float64]:
    return features.error_features(kind, chance(features.chance_features(kind), risk))


def _logistic(features: NDArray[np.float64], wrong: NDArray[np.bool_], *, raising: Sequence[int]) -> list[float]:
    """Return intercept and weights of a ridge logistic regression.

    Features that can only raise the chance (`raising`) are left out where their weight would be negative: it would be
    the echo of another feature's, and a frame with that sign alone would count as safe.
    """
    used = list(range(features.shape[1]))
    while True:
        fitted = _ridge_logistic(features[:, used], wrong)
        left_out = [place for place, weight in zip(used, fitted[1:], strict=True) if weight < 0 and place in raising]
        if not left_out:
            break
        used = [place for place in used if place not in left_out]
    weights = np.zeros(features.shape[1] + 1)
    weights[[0, *(place + 1 for place in used)]] = fitted
    return [round(float(weight), 4) for weight in weights]


def _ridge_logistic(features: NDArray[np.float64], wrong: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return intercept and weights by Newton's steps on features of unit spread."""
    middle, spread = features.mean(axis=0), features.std(axis=0) + 1e-3
    x = np.concatenate((np.ones((len(features), 1)), (features - middle) / spread), axis=1)
    ridge = _RIDGE * np.eye(x.shape[1])
    ridge[0, 0] = 1e-6
    weights = np.zeros(x.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-np.clip(x @ weights, -50, 50)))
        slope = x.T @ (p - wrong) + ridge @ weights
        step = np.linalg.solve((x * (p * (1 - p))[:, None]).T @ x + ridge, slope)
        weights -= step
        if np.abs(step).max() < 1e-8:
            break
    plain = weights[1:] / spread
    return np.concatenate(([weights[0] - plain @ middle], plain))


@dataclass(frozen=True, slots=True)
class EfPair:
    """A patient's ejection fraction: the model's, a reader's or the true one, and what the width is told from."""

    patient: str
    model: float
    truth: float
    features: tuple[float, ...]


def ef_pair(patient: OutlinedPatient, ventricle: Ventricle, *, whole_cine: bool = False) -> EfPair | None:
    """Return a patient's pair; None where either ejection fraction does not exist.

    The truth is the readers' on the same frames, or by `whole_cine` the LV's true volumes: they hold the choice of ED
    and ES and another reader's hand, too.
    """
    own = Label.LV if ventricle is Ventricle.LV else Label.RV
    model = patient.ml(patient.labels, own).sum(axis=0)
    truth = patient.ml(patient.reader, own).sum(axis=0)
    if whole_cine:
        if patient.true_ml is None or ventricle is not Ventricle.LV:
            return None
        truth = np.array(patient.true_ml)
    if not (model.min() > 0 and truth.min() > 0 and model[0] > model[1] and truth[0] > truth[1]):
        return None
    features = ef_features(
        edv_ml=float(model[0]),
        uncertain_ml=(patient.uncertain_px[..., own] * patient.pixel_ml).sum(axis=0),
        ed_phase=0,
        es_phase=1,
    )
    ef, true_ef = (float(100 * (1 - volumes[1] / volumes[0])) for volumes in (model, truth))
    return EfPair(patient.patient, ef, true_ef, features)


def fit_ef_interval(fitting: Sequence[EfPair], calibrating: Sequence[EfPair], *, data: str) -> EfInterval:
    """Return the constants of a split-conformal interval: scale from one group of patients, quantiles from another.

    The calibrating patients' truth is what the interval promises; the fitting ones' only tells where it is wide.
    Each side leaves out 5 %: with n calibrating patients the quantiles are the ⌊(n + 1) 0.05⌋-th smallest and
    largest of (true − model) / scale.
    """
    x = np.array([(1.0, *pair.features) for pair in fitting])
    off = np.array([abs(pair.truth - pair.model) for pair in fitting])
    middle, spread = x[:, 1:].mean(axis=0), x[:, 1:].std(axis=0) + 1e-9
    x[:, 1:] = (x[:, 1:] - middle) / spread
    ridge = np.diag([1e-6, *[_RIDGE_EF] * len(middle)])
    weights = np.linalg.solve(x.T @ x + ridge, x.T @ np.log1p(off))
    plain = weights[1:] / spread
    scale = tuple(round(float(value), 4) for value in (weights[0] - plain @ middle, *plain))
    ratios = np.sort([(pair.truth - pair.model) / ef_scale(pair.features, scale) for pair in calibrating])
    left_out = max(1, int((len(ratios) + 1) * (1 - LEVEL) / 2 + 1e-9))  # 40 × 0.05 is a little less than 2
    return EfInterval(
        data=data,
        fitted=len(fitting),
        calibrated=len(calibrating),
        scale=scale,
        below=round(float(ratios[left_out - 1]), 4),
        above=round(float(ratios[-left_out]), 4),
    )
