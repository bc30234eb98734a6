"""Intervals: how often they hold the true mean, ends by hand, p-values that belong to them.

Bounds on coverage: 88-92 % for differences that are nearly symmetric, plus and minus 3 standard errors of a share of
SAMPLES samples; for the others what ten values allow, written beside them. The percentile bootstrap that was used
before is far outside (77-84 %).
"""

from __future__ import annotations

import importlib.util
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from experiments.analysis.intervals import (
    COVERAGE,
    paired_interval,
    paired_p,
    share_interval,
    unpaired_interval,
    unpaired_p,
)

SCRIPT = Path(__file__).resolve().parents[2] / "docs" / "interval_coverage.py"
SPEC = importlib.util.spec_from_file_location("interval_coverage", SCRIPT)
coverage = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(coverage)

SAMPLES, SEED = 3000, 20
ERROR = 3 * math.sqrt(0.9 * 0.1 / SAMPLES)  # 3 standard errors, 1.6 points
ZEROS = [name for name in coverage.KINDS if "zeros" in name]
LEAST_AT_TEN = {  # coverage that an interval of ten values should have at least
    "normal": 0.88, "integers": 0.88, "80 % zeros, else -1 or 1": 0.88, "exponential": 0.88,
    "lognormal, sd .5 of logs": 0.88,
    # nothing but zeros among ten values is as likely as .8^10 = 11 % and .7^10 = 3 %, and then there is no interval
    "80 % zeros, else 1": 0.9 - 0.8**10 / 2, "70 % zeros, else -1, 1, 2": 0.85,
    "lognormal, sd 1 of logs": 0.84,  # a fifth of Student's intervals miss it
}  # fmt: skip


@pytest.mark.parametrize("kind", LEAST_AT_TEN)
def test_coverage_of_ten_differences(kind):
    found = coverage.coverage(kind, 10, coverage.ours, SAMPLES, SEED)
    assert found > LEAST_AT_TEN[kind] - ERROR
    if kind not in ZEROS:
        assert found < 0.92 + ERROR, "wider than need be"


@pytest.mark.parametrize("kind", LEAST_AT_TEN)
def test_coverage_of_twenty_differences(kind):
    """The size of the shipped experiments: not below 88 %, 86 % for the very skewed."""
    found = coverage.coverage(kind, 20, coverage.ours, SAMPLES, SEED)
    assert found > (0.86 if kind == "lognormal, sd 1 of logs" else 0.88) - ERROR


def test_the_bounds_can_fail():
    """The percentile bootstrap, of which the table of effects was made before, falls below them."""
    for kind in ("normal", "exponential", "lognormal, sd 1 of logs"):
        found = coverage.coverage(kind, 10, coverage.percentile, 1000, SEED)
        assert found < LEAST_AT_TEN[kind] - ERROR


@pytest.mark.parametrize("kind", ["normal", "integers", "80 % zeros, else -1 or 1"])
@pytest.mark.parametrize("n", [10, 20])
def test_coverage_with_independent_luck(kind, n):
    low, high = coverage.unpaired_coverage(kind, n, SAMPLES, SEED)
    assert 0.88 - ERROR < 1 - low - high < 0.92 + ERROR


def test_student_where_there_is_no_skewness():
    values = np.array([-3.0, -1.0, 0.0, 1.0, 3.0]) + 2.0
    half = stats.t.ppf(0.95, 4) * values.std(ddof=1) / math.sqrt(5)
    assert paired_interval(values) == pytest.approx((2 - half, 2 + half))


def test_hall_where_values_are_skewed():
    """Beyond Student's end on the side of the tail, at which Hall's transformation of the true mean is t."""
    values = np.array([0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 2.0, 9.0])
    n, skewness, t = 8, stats.skew(values), stats.t.ppf(0.95, 7)
    low, high = paired_interval(values)
    student = stats.ttest_1samp(values, 0.0).confidence_interval(COVERAGE)
    assert low == pytest.approx(student.low) and high > student.high
    w = (values.mean() - high) / values.std(ddof=1)
    transformed = w + skewness * w**2 / 3 + skewness**2 * w**3 / 27 + skewness / (6 * n)
    assert math.sqrt(n) * transformed == pytest.approx(-t)


@pytest.mark.parametrize("values", [[], [1.0], [1.0, math.nan], [1.0, math.inf, 2.0]])
def test_no_interval(values):
    assert np.isnan(paired_interval(values)).all() and math.isnan(paired_p(values))
    assert np.isnan(unpaired_interval(values, [1.0, 2.0])).all() and math.isnan(unpaired_p([1.0, 2.0], values))


def test_values_that_are_all_alike():
    assert paired_interval([0.0] * 10) == (0.0, 0.0) and paired_p([0.0] * 10) == 1.0
    assert paired_interval([3.0] * 10) == (3.0, 3.0) and paired_p([3.0] * 10) == 2.0**-9  # all signs the same
    assert paired_interval(np.full(20, 0.3) - 0.1) == pytest.approx((0.2, 0.2))
    nearly = np.full(20, 0.2) + np.arange(20) * 1e-17
    assert paired_interval(nearly) == pytest.approx((0.2, 0.2)) and paired_p(nearly) == 2.0**-19
    assert unpaired_interval([2.0] * 9, [1.0] * 9) == (1.0, 1.0) and unpaired_p([1.0] * 9, [1.0] * 9) == 1.0
    assert unpaired_p([2.0] * 9, [1.0] * 9) == pytest.approx(2 / math.comb(18, 9))


DIFFERENCES = arrays(float, st.integers(10, 25), elements=st.integers(-6, 9).map(float))


@settings(deadline=None, max_examples=200)
@given(DIFFERENCES)
def test_p_is_below_a_tenth_where_the_interval_excludes_zero(values):
    low, high = paired_interval(values)
    assert low <= values.mean() + 1e-12 and values.mean() <= high + 1e-12
    if min(abs(low), abs(high)) > 1e-9:
        assert (paired_p(values) < 1 - COVERAGE) == (low > 0 or high < 0)
    assert 2.0 ** (1 - len(values)) <= paired_p(values) <= 1.0


@settings(deadline=None, max_examples=50)
@given(DIFFERENCES, st.floats(0.1, 10), st.floats(-5, 5))
def test_an_interval_moves_with_its_values(values, scale, shift):
    low, high = paired_interval(values)
    assert paired_interval(scale * values + shift) == pytest.approx((scale * low + shift, scale * high + shift))
    assert paired_interval(-values) == pytest.approx((-high, -low))
    assert paired_p(-values) == pytest.approx(paired_p(values))


def test_welch():
    one, other = [1.0, 2.0, 4.0, 7.0], [0.0, 0.5, 0.25]
    found = stats.ttest_ind(one, other, equal_var=False)
    assert unpaired_interval(one, other) == pytest.approx(tuple(found.confidence_interval(COVERAGE)))
    assert unpaired_p(one, other) == pytest.approx(found.pvalue)


def test_share_of_runs():
    """None of n: the upper end is where (1 - share)^n is 5 %."""
    low, high = share_interval(0, 30)
    assert low == 0.0 and high == pytest.approx(1 - 0.05 ** (1 / 30))
    assert np.isnan(share_interval(0, 0)).all()
