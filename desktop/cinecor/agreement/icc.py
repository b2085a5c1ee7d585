"""Intraclass correlation of two sides on one quantity (McGraw and Wong, Psychological Methods 1996).

Both statistics work on the last axis, so that a bootstrap gives all its resamples at once.
"""

import numpy as np

from cinecor.agreement.bland_altman import Values, rounding_squares


def absolute_agreement(model: Values, reader: Values) -> Values:
    """Return ICC(A,1): two-way, absolute agreement, single measurement; a constant offset between the sides lowers it.

    (MSR − MSE) / (MSR + MSE + 2 (MSC − MSE) / n) with the mean squares of patients, sides and the rest. Also known as
    ICC(2,1) of Shrout and Fleiss. NaN for fewer than two patients, and where nothing varies.
    """
    between, sides, rest, count = _mean_squares(model, reader)
    return _ratio(between - rest, between + rest + 2.0 * (sides - rest) / count, model, reader)


def consistency(model: Values, reader: Values) -> Values:
    """Return ICC(C,1): two-way, consistency, single measurement; a constant offset between the sides does not count.

    (MSR − MSE) / (MSR + MSE). Also known as ICC(3,1) of Shrout and Fleiss. NaN for fewer than two patients, and where
    nothing varies.
    """
    between, _, rest, _ = _mean_squares(model, reader)
    return _ratio(between - rest, between + rest, model, reader)


def _mean_squares(model: Values, reader: Values) -> tuple[Values, Values, Values, int]:
    """Return the mean squares of patients, of sides and of the rest, and the number of patients."""
    count = model.shape[-1]
    if count < 2:
        nothing = np.full(model.shape[:-1], np.nan)
        return nothing, nothing, nothing, count
    means = (model + reader) / 2.0
    difference = model - reader
    between = 2.0 * means.var(axis=-1, ddof=1)
    sides = count * difference.mean(axis=-1) ** 2 / 2.0
    rest = difference.var(axis=-1, ddof=1) / 2.0
    return np.asarray(between), np.asarray(sides), np.asarray(rest), count


def _ratio(part: Values, whole: Values, model: Values, reader: Values) -> Values:
    """Return the ratio; NaN where the whole is no more than rounding leaves of values that do not vary."""
    return np.asarray(
        part / np.where(whole > np.maximum(rounding_squares(model), rounding_squares(reader)), whole, np.nan)
    )
