"""A figure and how far it would move with other patients."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cinecor.agreement.bland_altman import Values

Statistic = Callable[..., Values]

RESAMPLES = 2000
_SEED = 20180514


@dataclass(frozen=True, slots=True)
class Estimate:
    """A statistic over patients with its 95 % confidence interval; the interval is None where none can be had."""

    value: float
    low: float | None
    high: float | None
    count: int  # patients that it rests on


def mean(values: Values) -> Values:
    """Return the mean over the last axis."""
    return np.asarray(values.mean(axis=-1))


def estimate(statistic: Statistic, *columns: NDArray[np.float64]) -> Estimate | None:
    """Return `statistic` of equally long `columns`, one value a patient, with a percentile bootstrap interval.

    Patients are drawn with replacement (Efron and Tibshirani 1993), 2000 times, always the same draws for the same
    number of patients, so that figures repeat and differences between models are paired. A patient with NaN in any
    column is left out. None when nobody is left or the statistic is undefined. With twenty patients such an interval
    is somewhat too narrow.
    """
    rows = np.stack(columns).astype(np.float64)
    rows = rows[:, ~np.isnan(rows).any(axis=0)]
    count = rows.shape[1]
    if not count:
        return None
    value = float(statistic(*rows))
    if np.isnan(value):
        return None
    if count < 2:
        return Estimate(value, None, None, count)
    draws = np.random.default_rng([_SEED, count]).integers(count, size=(RESAMPLES, count))
    resampled = statistic(*rows[:, draws])
    low, high = np.nanpercentile(resampled, (2.5, 97.5))
    return Estimate(value, float(low), float(high), count)
