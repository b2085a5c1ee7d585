"""The intraclass correlations are those of a statistics library, on random and on degenerate values."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cinecor.agreement.estimate import estimate
from cinecor.agreement.icc import absolute_agreement, consistency

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import pandas as pd
    import pingouin

Values = np.ndarray


def _library(model: Values, reader: Values) -> tuple[float, float]:
    """Return ICC(A,1) and ICC(C,1) as pingouin gives them."""
    table = pd.DataFrame(
        {
            "patient": np.tile(np.arange(len(model)), 2),
            "side": np.repeat(["model", "reader"], len(model)),
            "value": np.concatenate((model, reader)),
        }
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = pingouin.intraclass_corr(table, targets="patient", raters="side", ratings="value")
    by_type = dict(zip(found["Type"], found["ICC"], strict=True))
    names = ("ICC2", "ICC3") if "ICC2" in by_type else ("ICC(A,1)", "ICC(C,1)")
    return float(by_type[names[0]]), float(by_type[names[1]])


@settings(max_examples=25)
@given(seed=st.integers(0, 10_000), count=st.integers(5, 40), noise=st.floats(0.01, 50), offset=st.floats(-30, 30))
def test_that_both_are_the_librarys_on_random_values(seed: int, count: int, noise: float, offset: float) -> None:
    generator = np.random.default_rng(seed)
    reader = generator.normal(150.0, 40.0, size=count)
    model = reader + offset + generator.normal(0.0, noise, size=count)
    expected = _library(model, reader)
    assert float(absolute_agreement(model, reader)) == pytest.approx(expected[0], abs=1e-6)
    assert float(consistency(model, reader)) == pytest.approx(expected[1], abs=1e-6)


def test_that_equal_sides_agree_fully_and_a_constant_offset_counts_in_one_of_them() -> None:
    reader = np.array([50.0, 63.0, 40.0, 66.0, 55.0])
    assert float(absolute_agreement(reader, reader)) == pytest.approx(1.0)
    assert float(consistency(reader + 10.0, reader)) == pytest.approx(1.0)
    assert float(absolute_agreement(reader + 10.0, reader)) == pytest.approx(_library(reader + 10.0, reader)[0])
    assert float(absolute_agreement(reader + 10.0, reader)) < 0.8


@pytest.mark.parametrize("reader", [[], [50.0], [50.0, 50.0, 50.0], [0.1] * 10, [53.7] * 13, [1e6 / 3] * 50])
def test_that_nothing_is_said_where_nothing_varies(reader: list[float]) -> None:
    values = np.array(reader)
    assert np.isnan(absolute_agreement(values, values))
    assert np.isnan(consistency(values, values))
    assert estimate(absolute_agreement, values, values) is None


def test_that_opposite_sides_may_give_less_than_nothing() -> None:
    reader = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    assert float(absolute_agreement(reader[::-1], reader)) == pytest.approx(_library(reader[::-1], reader)[0], abs=1e-9)
    assert float(absolute_agreement(reader[::-1], reader)) < 0


def test_that_a_bootstrap_gives_all_resamples_at_once() -> None:
    generator = np.random.default_rng(1)
    rows = generator.normal(size=(2, 7, 12))
    together = absolute_agreement(rows[0], rows[1])
    assert together == pytest.approx([float(absolute_agreement(*pair)) for pair in zip(*rows, strict=True)])


def test_that_consistency_of_an_offset_between_sides_that_do_not_vary_is_unknown() -> None:
    assert np.isnan(consistency(np.full(13, 0.1), np.full(13, 53.7)))
