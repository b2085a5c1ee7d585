"""`fit_reliability`: constants of doubt from the frames and ejection fractions of labelled patients."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

from cinecor.inference.outline.segmentation import Label
from cinecor.inference.package.reliability import EfInterval, FrameKind, FrameRisk, Reliability
from cinecor.measure.ef_interval import ef_features, ef_scale
from cinecor.measure.findings.frame_doubt import KINDS, FrameFeatures, chance
from cinecor.measure.ventricle import Ventricle
from cinecor_training.doubt.frame_outcomes import FrameOutcomes
from cinecor_training.doubt.outlined_patient import OutlinedPatient

CAUGHT: Final = 0.92
"""Share of the fitted patients' wrong frames that the mark must catch."""

LEVEL: Final = 0.9  # of the interval
_FEWEST_FRAMES: Final = 20  # of a kind; with fewer it has no constants, and such frames count as right
_RIDGE: Final = 1.0  # on features of unit spread
_RIDGE_EF: Final = 5.0


def fit_reliability(outcomes: Sequence[FrameOutcomes], *, data: str, ef: dict[str, EfInterval]) -> Reliability:
    """Return the constants by the frames of patients that are not reported on; `outcomes` may be of both ventricles."""
    frames = {
        ventricle.value: risks
        for ventricle in Ventricle
        if (risks := _risks([one for one in outcomes if one.ventricle is ventricle]))
    }
    draft = Reliability(data=data, frames=frames, mark_above=0.5, ef=ef)
    least = []
    for one in outcomes:
        doubt = one.doubt(draft)
        least.append(np.where(one.shape_marks, 1.0, doubt.wrong)[one.wrong])
    threshold = float(np.quantile(np.concatenate(least), 1.0 - CAUGHT))
    return draft.model_copy(update={"mark_above": float(np.clip(round(threshold, 3), 0.01, 0.99))})


def _risks(outcomes: Sequence[FrameOutcomes]) -> dict[FrameKind, FrameRisk]:
    return {kind: risk for kind in KINDS if (risk := _risk(outcomes, kind)) is not None}


def _risk(outcomes: Sequence[FrameOutcomes], kind: FrameKind) -> FrameRisk | None:
    here = [one.features.of(kind) for one in outcomes]
    if sum(int(mask.sum()) for mask in here) < _FEWEST_FRAMES:
        return None
    features = np.concatenate([one.features.chance_features(kind) for one in outcomes])
    wrong = np.concatenate([one.wrong[mask] for one, mask in zip(outcomes, here, strict=True)])
    off_ml = np.concatenate([one.error_ml[mask] for one, mask in zip(outcomes, here, strict=True)])
    risk = FrameRisk(wrong=tuple(_logistic(features, wrong)), error=(0.0,))
    parts = np.concatenate([_error_features(one.features, kind, risk) for one in outcomes])
    weights, _ = nnls(parts, off_ml)
    return FrameRisk(wrong=risk.wrong, error=tuple(round(float(weight), 4) for weight in weights))


def _error_features(features: FrameFeatures, kind: FrameKind, risk: FrameRisk) -> NDArray[np.float64]:
    return features.error_features(kind, chance(features.chance_features(kind), risk))


def _logistic(features: NDArray[np.float64], wrong: NDArray[np.bool_]) -> list[float]:
    """Return intercept and weights of a ridge logistic regression, by Newton's steps on features of unit spread."""
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
    return [round(float(value), 4) for value in (weights[0] - plain @ middle, *plain)]


@dataclass(frozen=True, slots=True)
class EfPair:
    """A patient's ejection fraction: the model's, the true one, and what the interval's width is told from."""

    patient: str
    model: float
    truth: float
    features: tuple[float, ...]


def ef_pair(patient: OutlinedPatient, ventricle: Ventricle) -> EfPair | None:
    """Return a patient's pair; None where either ejection fraction does not exist.

    The truth is that of the whole cine where the data set tells it, else the readers' at the same two frames.
    """
    own = Label.LV if ventricle is Ventricle.LV else Label.RV
    model = patient.ml(patient.labels, own).sum(axis=0)
    truth = patient.ml(patient.reader, own).sum(axis=0)
    if patient.true_ml is not None and ventricle is Ventricle.LV:
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
    left_out = max(1, int((len(ratios) + 1) * (1 - LEVEL) / 2))
    return EfInterval(
        data=data,
        fitted=len(fitting),
        calibrated=len(calibrating),
        scale=scale,
        below=round(float(ratios[left_out - 1]), 4),
        above=round(float(ratios[-left_out]), 4),
    )
