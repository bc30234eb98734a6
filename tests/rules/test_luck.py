"""One luck per person and day: its logistic distribution, its persistence, and its absence."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats

from agents import decisions
from agents.compiled.draws import normal
from agents.rules.luck import city_day_shock, daily_luck, occasion_luck

quick = settings(deadline=None, max_examples=60)
z, share = st.floats(-6, 6), st.floats(0, 1)
N = 4000


@pytest.mark.parametrize("disposition, day, persistence, strength, expected", [
    (0.0, 0.0, 0.8, 1.0, 0.0), (1.0, -1.0, 0.8, 1.0, 0.7201478644), (0.5, 1.0, 0.5, 1.0, 1.7790362119),
    (0.5, 1.0, 0.5, 2.0, 3.5580724238), (1.0, 5.0, 1.0, 1.0, 1.6682678663), (5.0, -2.0, 0.0, 1.0, -3.7601714239),
])
def test_luck_of_the_day(disposition, day, persistence, strength, expected):
    """logit(Phi(z)), z = .447214, 1.060660, 1 and -2: Phi = .672640, .855578, .841345, .022750."""
    assert daily_luck(disposition, day, persistence, strength) == pytest.approx(expected, rel=1e-8, abs=1e-12)


@pytest.mark.parametrize("draw, strength, expected", [
    (0.25, 1.0, -1.0986122887), (0.9, 0.5, 1.0986122887), (0.5, 1.0, 0.0),
])
def test_luck_at_a_rally(draw, strength, expected):
    assert occasion_luck(draw, strength) == pytest.approx(expected, rel=1e-9, abs=1e-15)


@pytest.mark.parametrize("day, sd, strength, expected", [
    (1.5, 0.3, 1.0, 0.45), (-1.5, 0.3, 2.0, -0.9), (0.0, 0.3, 1.0, 0.0),
])
def test_shock(day, sd, strength, expected):
    assert city_day_shock(day, sd, strength) == pytest.approx(expected, rel=1e-12)


@quick
@given(st.tuples(z, z), z, share)
def test_luck_rises_with_disposition_and_day(disposition, day, persistence):
    low, high = (daily_luck(x, day, persistence, 1.0) for x in sorted(disposition))
    assert low <= high + 1e-9
    low, high = (daily_luck(day, x, persistence, 1.0) for x in sorted(disposition))
    assert low <= high + 1e-9


@quick
@given(z, z, share, st.floats(1e-12, 1 - 1e-12))
def test_strength_0_is_no_luck_at_all(disposition, day, persistence, draw):
    assert daily_luck(disposition, day, persistence, 0.0) == 0.0
    assert occasion_luck(draw, 0.0) == 0.0
    assert city_day_shock(day, persistence, 0.0) == 0.0


def luck_of_days(persistence):
    """Return the luck of N persons on two days, as log-odds, shape (2, N)."""
    dispositions = [normal(1, decisions.DISPOSITION, person, 0) for person in range(N)]
    return np.array([[daily_luck(disposition, normal(1, decisions.DAY, person, day), persistence, 1.0)
                      for person, disposition in enumerate(dispositions)] for day in (1, 2)])


@pytest.mark.parametrize("persistence", [0.0, 0.8])
def test_luck_is_logistic_and_persists(persistence):
    """Correlation of the normal scores on two days: rho; standard error (1 - rho^2) / sqrt(N); 4 of them."""
    luck = luck_of_days(persistence)
    assert stats.kstest(luck[0], "logistic").pvalue > 1e-4
    correlation = np.corrcoef(special.ndtri(special.expit(luck)))[0, 1]
    assert abs(correlation - persistence) < 4 * (1 - persistence**2) / math.sqrt(N)


def test_the_distribution_test_can_fail():
    assert stats.kstest(1.2 * luck_of_days(0.8)[0], "logistic").pvalue < 1e-4
