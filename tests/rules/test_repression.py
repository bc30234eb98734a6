"""Repression: deployment, arrests, violence, terms."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from agents.compiled.draws import uniform
from agents.rules.repression import (
    arrest_probability,
    deployment_weight,
    detention_hours,
    free_places_factor,
    is_reserve,
    violence_probability,
)

quick = settings(deadline=None, max_examples=60)
share, persons, officers = st.floats(0, 1), st.floats(0, 1e6), st.floats(1, 1e5)
draw = st.floats(0, 1, exclude_max=True)


@pytest.mark.parametrize("crowd, is_guarded, expected", [
    (0.0, False, 0.0), (0.0, True, 100.0), (100.0, False, 25.1188643151), (1000.0, True, 225.8925411794),
    (1.0, False, 1.0),
])
def test_deployment(crowd, is_guarded, expected):
    assert deployment_weight(crowd, is_guarded, 100.0, 0.7) == pytest.approx(expected, rel=1e-9)


@quick
@given(st.tuples(persons, persons), st.booleans(), st.floats(0.1, 1))
def test_deployment_follows_the_crowd(crowd, is_guarded, exponent):
    low, high = (deployment_weight(n, is_guarded, 100.0, exponent) for n in sorted(crowd))
    assert 0.0 <= low <= high * (1 + 1e-12)


@pytest.mark.parametrize("crowd, n_officers, repression, kappa, expected", [
    (3000.0, 1000.0, 1.0, 0.055, 0.0136559005),  # C / (A + C) = 1 / 4
    (1000.0, 1000.0, 2.0, 0.055, 0.0535148520),  # 1 - exp(-.055)
    (1.0, 1.0, 2.0, 2.3, 0.8997411563),  # Epstein's P = .9 for one officer and one active: 1 - exp(-2.3)
    (3000.0, 0.0, 1.0, 0.055, 0.0), (3000.0, 1000.0, 0.0, 0.055, 0.0), (0.0, 10.0, 1.0, 0.055, 0.0535148520),
])
def test_arrest(crowd, n_officers, repression, kappa, expected):
    assert arrest_probability(crowd, n_officers, repression, kappa) == pytest.approx(expected, rel=1e-8)


@quick
@given(persons, officers, st.floats(0, 5), st.floats(0.01, 100))
def test_arrests_do_not_depend_on_the_scale(crowd, n_officers, repression, scale):
    expected = arrest_probability(crowd, n_officers, repression, 0.055)
    found = arrest_probability(scale * crowd, scale * n_officers, repression, 0.055)
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-15)
    assert 0.0 <= found < 1.0


@quick
@given(st.tuples(persons, persons), st.tuples(officers, officers), st.tuples(share, share))
def test_arrest_falls_with_the_crowd_and_rises_with_force_and_repression(crowd, n_officers, repression):
    def probability(a, c, r):
        return arrest_probability(a, c, r, 0.055)

    a, c, r = crowd[0], n_officers[0], repression[0]
    assert probability(max(crowd), c, r) <= probability(min(crowd), c, r) + 1e-15
    assert probability(a, min(n_officers), r) <= probability(a, max(n_officers), r) + 1e-15
    assert probability(a, c, min(repression)) <= probability(a, c, max(repression)) + 1e-15


@quick
@given(persons, officers, st.floats(0, 5))
def test_strength_0_arrests_nobody(crowd, n_officers, repression):
    assert arrest_probability(crowd, n_officers, repression, 0.0) == 0.0


@quick
@given(officers, st.floats(0.1, 5))
def test_more_people_more_arrests_but_never_more_than_the_force_allows(n_officers, repression):
    """A P(A) rises towards kappa r C: a crowd of any size meets the same force."""
    arrested = [crowd * arrest_probability(crowd, n_officers, repression, 0.055) for crowd in (1e2, 1e4, 1e6)]
    assert arrested == sorted(arrested)
    assert arrested[-1] <= 0.055 * repression * n_officers


@pytest.mark.parametrize("expected_arrests, free, factor", [
    (100.0, 400.0, 1.0), (100.0, 100.0, 1.0), (400.0, 100.0, 0.25), (10.0, 0.0, 0.0), (0.0, 0.0, 1.0),
    (10.0, -5.0, 0.0),
])
def test_free_places(expected_arrests, free, factor):
    assert free_places_factor(expected_arrests, free) == factor


@quick
@given(persons, persons)
def test_arrests_fit_into_the_free_places(expected_arrests, free):
    factor = free_places_factor(expected_arrests, free)
    assert 0.0 <= factor <= 1.0
    assert factor * expected_arrests <= free * (1 + 1e-12) + 1e-300


@pytest.mark.parametrize("violence, expected", [(0.0, 0.0), (1.0, 0.25), (2.0, 0.5), (5.0, 1.0)])
def test_violence(violence, expected):
    assert violence_probability(0.25, violence) == expected


@pytest.mark.parametrize("luck, mean, expected", [
    (0.5, 60.0, 41.588830834),  # 60 ln 2
    (0.99, 60.0, 276.310211159), (0.9999, 60.0, 360.0), (0.0, 60.0, 1.0), (0.75, 24.0, 33.271064667), (0.9, 0.0, 1.0),
])
def test_term(luck, mean, expected):
    assert detention_hours(luck, mean, 360.0) == pytest.approx(expected, rel=1e-9)


@quick
@given(st.tuples(draw, draw), st.floats(0, 360))
def test_terms_lie_between_an_hour_and_15_days(luck, mean):
    low, high = (detention_hours(value, mean, 360.0) for value in sorted(luck))
    assert 1.0 <= low <= high * (1 + 1e-12) and high <= 360.0


def test_terms_are_exponential():
    terms = np.array([detention_hours(uniform(1, 50, person, 0), 60.0, 360.0) for person in range(4000)])
    inside = terms[(terms > 1.0) & (terms < 360.0)]
    low, high = np.exp(-1 / 60), np.exp(-360 / 60)
    assert stats.kstest((low - np.exp(-inside / 60)) / (low - high), "uniform").pvalue > 1e-4
    assert stats.kstest((low - np.exp(-inside / 66)) / (low - high), "uniform").pvalue < 1e-4


def test_only_the_first_units_are_the_reserve():
    """A unit of rank .05 of a city is in a reserve of 10 %, one of rank .1 is not; with a share of 0 none is."""
    assert is_reserve(0.05, 0.1)
    assert not is_reserve(0.1, 0.1)
    assert not is_reserve(0.0, 0.0)
