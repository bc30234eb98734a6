"""Reported counts: the density that a source assumes, its bias and its error."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.rules.reported_counts import log_density_ratio, reported_count

quick = settings(deadline=None, max_examples=60)
crowd, z, log_value = st.floats(0, 1e6, allow_subnormal=False), st.floats(-6, 6), st.floats(-3, 3)


@pytest.mark.parametrize("normal, assumed, expected", [
    (0.0, 2.0, 0.2876820725), (0.0, 3.15, 0.7419373447), (1.5, 3.15, 0.1419373447), (0.0, 1.5, 0.0),
])
def test_density_ratio(normal, assumed, expected):
    assert log_density_ratio(normal, assumed, 1.5, 0.4) == pytest.approx(expected, rel=1e-8, abs=1e-15)


@quick
@given(st.tuples(z, z), st.floats(0.5, 5))
def test_a_denser_crowd_is_undercounted(normal, assumed):
    thin, dense = (log_density_ratio(value, assumed, 1.5, 0.4) for value in sorted(normal))
    assert dense <= thin


@pytest.mark.parametrize("persons, bias, ratio, error, strength, expected", [
    (1000.0, -1.2528, 0.2877, 0.5, 1.0, 442.595066),  # exp(-1.2528 + .2877 + .3 x .5) = exp(-.8151)
    (1000.0, 0.6931, 0.0, -1.0, 2.0, 2195.039408),  # exp(2 (.6931 - .3)) = exp(.7862)
    (500.0, 0.0, -0.6, 0.0, 1.0, 274.4058), (0.0, 0.6931, 0.3, 1.0, 1.0, 0.0),
])
def test_count(persons, bias, ratio, error, strength, expected):
    assert reported_count(persons, bias, ratio, error, 0.3, strength) == pytest.approx(expected, rel=1e-6)


@quick
@given(st.tuples(crowd, crowd), log_value, log_value, z)
def test_count_rises_in_proportion_to_the_crowd(persons, bias, ratio, error):
    low, high = (reported_count(n, bias, ratio, error, 0.3, 1.0) for n in sorted(persons))
    assert 0.0 <= low <= high
    low, high = (reported_count(scale * persons[0], bias, ratio, error, 0.3, 1.0) for scale in (1.0, 4.0))
    assert high == pytest.approx(4.0 * low, rel=1e-12, abs=1e-300)


@quick
@given(crowd, st.tuples(log_value, log_value), log_value, z, st.floats(0, 5))
def test_count_rises_with_bias(persons, bias, ratio, error, strength):
    low, high = (reported_count(persons, value, ratio, error, 0.3, strength) for value in sorted(bias))
    assert low <= high * (1 + 1e-12)


@quick
@given(crowd, log_value, log_value, z)
def test_strength_0_reports_the_truth(persons, bias, ratio, error):
    assert reported_count(persons, bias, ratio, error, 0.3, 0.0) == persons
