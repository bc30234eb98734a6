"""Reported counts: a source's bias, the density that all sources share, and a source's error."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.rules.reported_counts import reported_count

quick = settings(deadline=None, max_examples=60)
crowd, z, log_value = st.floats(0, 1e6, allow_subnormal=False), st.floats(-6, 6), st.floats(-3, 3)
SDS = (0.4, 0.3)  # of density and error


def count(persons, bias, density, error, strength=1.0):
    return reported_count(persons, bias, density, SDS[0], error, SDS[1], strength)


@pytest.mark.parametrize("persons, bias, density, error, strength, expected", [
    (1000.0, -0.9651, 0.0, 0.5, 1.0, 442.595066),  # exp(-.9651 + .3 x .5) = exp(-.8151)
    (1000.0, 0.6931, 0.0, -1.0, 2.0, 2195.039408),  # exp(2 (.6931 - .3)) = exp(.7862)
    (500.0, 0.0, 1.5, 0.0, 1.0, 274.4058), (0.0, 0.6931, 0.3, 1.0, 1.0, 0.0),
])
def test_count(persons, bias, density, error, strength, expected):
    assert count(persons, bias, density, error, strength) == pytest.approx(expected, rel=1e-6)


@quick
@given(crowd)
def test_a_bias_of_0_is_neutral(persons):
    """Of a crowd of median density a source of median error reports the truth."""
    assert count(persons, 0.0, 0.0, 0.0) == persons


def test_the_median_report_is_bias_times_the_truth():
    """And two sources agree more on one crowd than on two: the density is drawn once for both."""
    draws = np.random.default_rng(1).standard_normal((3, 20_001))
    for bias in (0.0, -0.9651):
        reports = [count(1000.0, bias, density, error) for density, error in zip(draws[0], draws[1], strict=True)]
        # the sample median of a normal has sd 1.25 x .5 / sqrt(n) = .0044
        assert math.log(np.median(reports) / 1000.0) == pytest.approx(bias, abs=0.018)
    pair = np.log([[count(1.0, 0.0, d, e) for d, e in zip(draws[0], errors, strict=True)] for errors in draws[1:]])
    assert np.corrcoef(pair)[0, 1] == pytest.approx(0.4**2 / (0.4**2 + 0.3**2), abs=0.02)


@quick
@given(st.tuples(z, z), log_value)
def test_a_denser_crowd_is_undercounted(density, bias):
    thin, dense = (count(1000.0, bias, value, 0.0) for value in sorted(density))
    assert dense <= thin


@quick
@given(st.tuples(crowd, crowd), log_value, z, z)
def test_count_rises_in_proportion_to_the_crowd(persons, bias, density, error):
    low, high = (count(n, bias, density, error) for n in sorted(persons))
    assert 0.0 <= low <= high
    low, high = (count(scale * persons[0], bias, density, error) for scale in (1.0, 4.0))
    assert high == pytest.approx(4.0 * low, rel=1e-12, abs=1e-300)


@quick
@given(crowd, st.tuples(log_value, log_value), z, z, st.floats(0, 5))
def test_count_rises_with_bias(persons, bias, density, error, strength):
    low, high = (count(persons, value, density, error, strength) for value in sorted(bias))
    assert low <= high * (1 + 1e-12)


@quick
@given(crowd, log_value, z, z)
def test_strength_0_reports_the_truth(persons, bias, density, error):
    assert count(persons, bias, density, error, 0.0) == persons
