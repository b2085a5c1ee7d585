"""Agreement of two methods on one quantity (Bland and Altman, Lancet 1986).

Every statistic works on the last axis, so that a bootstrap gives all its resamples at once. The error is
model − reader.
"""

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

_ROUNDING = 16.0 * float(np.finfo(np.float64).eps)  # of the largest value: what taking off a mean may leave
_WITHIN_95 = 1.96  # standard deviations on both sides that hold 95 % of a normal distribution


def bias(model: Values, reader: Values) -> Values:
    """Return the mean error."""
    return np.asarray((model - reader).mean(axis=-1))


def standard_deviation(model: Values, reader: Values) -> Values:
    """Return the standard deviation of the error, n − 1; NaN for fewer than two values."""
    errors = model - reader
    if errors.shape[-1] < 2:
        return np.full(errors.shape[:-1], np.nan)
    return np.asarray(errors.std(axis=-1, ddof=1))


def lower_limit(model: Values, reader: Values) -> Values:
    """Return the lower 95 % limit of agreement: bias − 1.96 SD."""
    return np.asarray(bias(model, reader) - _WITHIN_95 * standard_deviation(model, reader))


def upper_limit(model: Values, reader: Values) -> Values:
    """Return the upper 95 % limit of agreement: bias + 1.96 SD."""
    return np.asarray(bias(model, reader) + _WITHIN_95 * standard_deviation(model, reader))


def mean_absolute_error(model: Values, reader: Values) -> Values:
    """Return the mean of the error's size."""
    return np.asarray(np.abs(model - reader).mean(axis=-1))


def correlation(model: Values, reader: Values) -> Values:
    """Return Pearson's r; NaN where one side does not vary by more than its values are rounded."""
    a = model - model.mean(axis=-1, keepdims=True)
    b = reader - reader.mean(axis=-1, keepdims=True)
    squares = (a * a).sum(axis=-1), (b * b).sum(axis=-1)
    varies = (squares[0] > rounding_squares(model)) & (squares[1] > rounding_squares(reader))
    scale = np.sqrt(squares[0] * squares[1])
    return np.asarray((a * b).sum(axis=-1) / np.where(varies, scale, np.nan))


def rounding_squares(values: Values) -> Values:
    """Return the sum of squares about a mean that values which do not vary may come to by rounding alone."""
    if not values.shape[-1]:
        return np.zeros(values.shape[:-1])
    return np.asarray(values.shape[-1] * (_ROUNDING * np.abs(values).max(axis=-1)) ** 2)


AGREEMENT = {
    "bias": bias,
    "sd": standard_deviation,
    "loa_low": lower_limit,
    "loa_high": upper_limit,
    "mae": mean_absolute_error,
    "r": correlation,
}
