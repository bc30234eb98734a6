"""A state that answers: what it weighs, values by hand and signs."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.rules.regime import (
    ConcessionWeights,
    ForceWeights,
    Stakes,
    backfire_gain,
    capacity,
    concession_probability,
    force_probability,
    kept_of_day,
)

quick = settings(deadline=None, max_examples=60)
FORCE = ForceWeights(4.0, 1.0, 1.0, 1.0, 2.0, 1.2)
CONCESSION = ConcessionWeights(-8.0, 1.0, 1.0, 2.0)
number = st.floats(-5, 5)


@pytest.mark.parametrize("loyal, expected, found", [
    (4500.0, 4500.0, 0.0), (450.0, 4500.0, -math.log(10.0)), (0.0, 1.0, 0.0),
])
def test_capacity(loyal, expected, found):
    assert capacity(loyal, expected) == pytest.approx(found, rel=1e-12, abs=1e-12)


def logistic(x):
    return 1.0 / (1.0 + math.exp(-x))


def test_probability_of_force():
    """4 - 2 + .5 - 1 - 2 x .25 - 1.2 x 2 = -1.4."""
    assert force_probability(Stakes(-2.0, 0.5, 1.0, 0.25, 2.0), FORCE) == pytest.approx(logistic(-1.4), rel=1e-12)


def test_probability_of_a_concession():
    """-8 + 3 - .5 + 2 x .25 = -5 a week; a seventh of the hazard's logarithm a day."""
    found = concession_probability(Stakes(-3.0, 0.5, 9.0, 0.25, 9.0), CONCESSION)
    assert 1.0 - (1.0 - found) ** 7 == pytest.approx(logistic(-5.0), rel=1e-9)


@quick
@given(st.lists(number, min_size=5, max_size=5), st.tuples(number, number), st.integers(0, 4))
def test_signs(stakes, values, which):
    """Officers and backing from abroad make force likelier and a concession less so, the rest the other way round."""
    low, high = (Stakes(*stakes[:which], end(values), *stakes[which + 1:]) for end in (min, max))
    force = force_probability(low, FORCE), force_probability(high, FORCE)
    assert force == tuple(sorted(force, reverse=which > 1))
    concedes = concession_probability(low, CONCESSION), concession_probability(high, CONCESSION)
    assert concedes == tuple(sorted(concedes, reverse=which < 2))


@pytest.mark.parametrize("lesson, crowd, before, kind, expected", [
    (0.5, 20_000.0, 10_000.0, 1.0, 0.5 * math.log(2.0)), (0.5, 20_000.0, 10_000.0, 0.0, 0.0), (0.0, 9.0, 1.0, 1.0, 0.0),
    (0.5, 10_000.0, 20_000.0, 1.0, 0.0), (0.5, 10.0, 0.0, 1.0, 0.0),
])
def test_force_backfires_where_a_larger_crowd_follows(lesson, crowd, before, kind, expected):
    assert backfire_gain(lesson, crowd, before, kind) == pytest.approx(expected, rel=1e-12, abs=1e-15)


def test_half_life():
    assert kept_of_day(21.0) ** 21 == pytest.approx(0.5, rel=1e-9)
