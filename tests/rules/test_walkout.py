"""Walkouts: the index, the threat that grows while a walkout is small, and the column to the square."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.rules.walkout import WalkoutWeights, WorkerState, march_index, plant_threat_next, walkout_index

quick = settings(deadline=None, max_examples=60)
share = st.floats(0, 1)
WEIGHTS = WalkoutWeights(-3.0, 2.0, 1.5, 2.0, 3.0)


@pytest.mark.parametrize("grievance, anger, out, threat, dependence, expected", [
    (0.3, 0.2, 0.1, 0.1, 0.5, -2.05),  # -3 + .6 + .3 + .2 - .15
    (0.0, 0.0, 0.0, 0.0, 0.0, -3.0), (1.0, 1.0, 1.0, 0.0, 1.0, 2.5), (0.0, 0.0, 0.0, 0.8, 1.0, -5.4),
])
def test_index(grievance, anger, out, threat, dependence, expected):
    state = WorkerState(grievance, anger, out, threat, dependence)
    assert walkout_index(state, WEIGHTS, 0.0) == pytest.approx(expected, rel=1e-12)


@quick
@given(st.lists(share, min_size=5, max_size=5), st.tuples(share, share), st.integers(0, 4))
def test_signs_of_the_index(state, values, which):
    """Grievance, anger and colleagues out drive; threat and dependence hold."""
    states = (WorkerState(*state[:which], value, *state[which + 1:]) for value in sorted(values))
    low, high = (walkout_index(each, WEIGHTS, 0.0) for each in states)
    assert (low <= high) if which < 3 else (high <= low)
    assert walkout_index(WorkerState(*state), WEIGHTS, -math.inf) == -math.inf  # strength 0


@pytest.mark.parametrize("threat, out, expected", [
    (0.1, 0.05, 0.12), (0.1, 0.0, 0.1), (0.1, 0.15, 0.1), (0.1, 0.9, 0.1), (0.79, 0.05, 0.8), (0.8, 0.05, 0.8),
])
def test_threat(threat, out, expected):
    assert plant_threat_next(threat, out, 0.15, 0.02, 0.8) == pytest.approx(expected, rel=1e-12)


@quick
@given(share, share, share, share, share)
def test_threat_only_grows_and_stays_below_its_ceiling(threat, out, safe, growth, ceiling):
    start = min(threat, ceiling)
    assert start <= plant_threat_next(start, out, safe, growth, ceiling) <= ceiling
    assert plant_threat_next(start, out, 0.0, growth, ceiling) == start  # too many to sack from the first on


@pytest.mark.parametrize("index, offset, expected", [(-2.0, 4.0, 2.0), (-2.0, 0.0, -2.0), (-math.inf, 4.0, -math.inf)])
def test_march(index, offset, expected):
    assert march_index(index, offset) == expected
