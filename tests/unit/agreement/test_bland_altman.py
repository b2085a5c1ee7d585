"""Rules of agreement and of its confidence intervals."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from cinecor.agreement.bland_altman import (
    AGREEMENT,
    bias,
    correlation,
    lower_limit,
    mean_absolute_error,
    standard_deviation,
    upper_limit,
)
from cinecor.agreement.estimate import estimate, mean

MODEL = np.array([52.0, 60.0, 41.0, 70.0])
READER = np.array([50.0, 63.0, 40.0, 66.0])  # errors 2, −3, 1, 4


def test_that_limits_of_agreement_are_those_of_bland_and_altman() -> None:
    errors = np.array([2.0, -3.0, 1.0, 4.0])
    assert bias(MODEL, READER) == pytest.approx(1.0)
    assert standard_deviation(MODEL, READER) == pytest.approx(np.sqrt(((errors - 1) ** 2).sum() / 3))
    assert lower_limit(MODEL, READER) == pytest.approx(1.0 - 1.96 * errors.std(ddof=1))
    assert upper_limit(MODEL, READER) == pytest.approx(1.0 + 1.96 * errors.std(ddof=1))
    assert mean_absolute_error(MODEL, READER) == pytest.approx(2.5)


def test_that_r_is_pearsons() -> None:
    assert correlation(MODEL, READER) == pytest.approx(np.corrcoef(MODEL, READER)[0, 1])
    assert correlation(READER, 200 - 2 * READER) == pytest.approx(-1.0)


def test_that_r_of_values_that_do_not_vary_is_unknown() -> None:
    assert np.isnan(correlation(np.full(4, 7.0), READER))


@settings(max_examples=25)
@given(seed=st.integers(0, 10_000), count=st.integers(2, 40), noise=st.floats(0.0, 60))
def test_that_figures_of_random_values_are_scipys(seed: int, count: int, noise: float) -> None:
    random = np.random.default_rng(seed)
    reader = random.normal(150.0, 40.0, size=count)
    model = 0.9 * reader + random.normal(4.0, noise, size=count)
    described = stats.describe(model - reader)
    limits = stats.norm.interval(0.95, loc=described.mean, scale=np.sqrt(described.variance))
    assert float(bias(model, reader)) == pytest.approx(described.mean)
    assert float(standard_deviation(model, reader)) == pytest.approx(np.sqrt(described.variance))
    # Bland and Altman round 1.95996 standard deviations to 1.96.
    assert float(lower_limit(model, reader)) == pytest.approx(limits[0], abs=1e-4 * np.sqrt(described.variance) + 1e-9)
    assert float(upper_limit(model, reader)) == pytest.approx(limits[1], abs=1e-4 * np.sqrt(described.variance) + 1e-9)
    assert float(correlation(model, reader)) == pytest.approx(stats.pearsonr(model, reader).statistic)


def test_that_one_value_has_no_standard_deviation() -> None:
    assert np.isnan(standard_deviation(MODEL[:1], READER[:1]))


@pytest.mark.parametrize("statistic", AGREEMENT.values(), ids=AGREEMENT.keys())
def test_that_many_samples_at_once_give_what_each_gives_alone(statistic: object) -> None:
    random = np.random.default_rng(0)
    model, reader = random.normal(size=(2, 5, 9))
    together = statistic(model, reader)  # type: ignore[operator]
    alone = [statistic(*pair) for pair in zip(model, reader, strict=True)]  # type: ignore[operator]
    np.testing.assert_allclose(together, alone)


@settings(max_examples=20)
@given(values=st.lists(st.floats(-100, 100), min_size=2, max_size=25))
def test_that_the_interval_of_a_mean_holds_it_and_stays_within_the_values(values: list[float]) -> None:
    found = estimate(mean, np.array(values))
    assert found is not None
    assert found.low is not None
    assert found.high is not None
    slack = 1e-9 + 1e-9 * max(map(abs, values))
    assert min(values) - slack <= found.low <= found.value + slack
    assert found.value - slack <= found.high <= max(values) + slack


def test_that_intervals_repeat() -> None:
    assert estimate(bias, MODEL, READER) == estimate(bias, MODEL, READER)


def test_that_the_interval_has_the_width_of_theory() -> None:
    values = np.random.default_rng(1).normal(10.0, 2.0, 400)
    found = estimate(mean, values)
    assert found is not None
    assert found.low is not None
    assert found.high is not None
    assert found.high - found.low == pytest.approx(2 * 1.96 * values.std() / 20, rel=0.1)


def test_that_a_patient_without_a_value_is_left_out_of_the_count() -> None:
    found = estimate(mean, np.array([1.0, np.nan, 3.0]))
    assert found is not None
    assert (found.value, found.count) == (2.0, 2)


def test_that_nobody_gives_no_estimate_and_one_patient_no_interval() -> None:
    assert estimate(mean, np.array([np.nan])) is None
    alone = estimate(mean, np.array([4.0]))
    assert alone is not None
    assert (alone.value, alone.low, alone.high, alone.count) == (4.0, None, None, 1)


@pytest.mark.parametrize("constant", [7.0, 0.1, 53.7, 1e6 / 3])
@pytest.mark.parametrize("count", [10, 13, 50])
def test_that_r_of_a_side_that_varies_by_rounding_alone_is_unknown(constant: float, count: int) -> None:
    reader = np.random.default_rng(3).normal(55.0, 9.0, count)
    assert np.isnan(correlation(np.full(count, constant), reader))
    assert np.isnan(correlation(reader, np.full(count, constant)))


def test_that_r_of_a_side_that_varies_by_little_is_known() -> None:
    steps = np.arange(12.0)
    assert correlation(50.0 + 1e-6 * steps, steps) == pytest.approx(1.0, abs=1e-6)
