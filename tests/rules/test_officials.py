"""Officials: the hazard of giving way, and what each office changes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.rules.officials import (
    OfficialState,
    OfficialWeights,
    legitimacy_lost_to_admission,
    legitimacy_regained,
    official_hazard,
    repression_after_mayor,
    term_after_judges,
)

quick = settings(deadline=None, max_examples=60)
share = st.floats(0, 1)
WEIGHTS = OfficialWeights(5e-4, 1.0, 20.0, 1.0, 0.5)


@pytest.mark.parametrize("anger, out, appeal, support, strength, expected", [
    (0.5, 0.02, 0.4, 0.3, 1.0, 0.001579096455),  # 5e-4 exp(1.15)
    (0.5, 0.02, 0.4, 0.3, 3.0, 0.004737289364),
    (0.0, 0.0, 0.0, 0.0, 1.0, 0.0005),
    (0.0, 0.0, 0.0, 1.0, 1.0, 0.000303265330),  # 5e-4 exp(-.5)
])
def test_hazard(anger, out, appeal, support, strength, expected):
    state = OfficialState(anger, out, appeal, support)
    assert official_hazard(state, WEIGHTS, strength) == pytest.approx(expected, rel=1e-8)


@quick
@given(st.lists(share, min_size=4, max_size=4), st.tuples(share, share), st.integers(0, 3))
def test_signs_of_the_hazard(state, values, which):
    """Anger, crowd and appeal push; Russian support holds."""
    states = (OfficialState(*state[:which], value, *state[which + 1:]) for value in sorted(values))
    low, high = (official_hazard(each, WEIGHTS, 1.0) for each in states)
    assert (low <= high * (1 + 1e-14)) if which < 3 else (high <= low * (1 + 1e-14))
    assert official_hazard(OfficialState(*state), WEIGHTS, 0.0) == 0.0


@pytest.mark.parametrize("share_away, expected", [(0.0, 2.0), (0.5, 1.2), (1.0, 0.4)])
def test_mayor_lowers_repression(share_away, expected):
    assert repression_after_mayor(2.0, share_away, 0.8) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("share_away, hours, expected", [(1.0, 24.0, 0.02), (1.0, 6.0, 0.005), (0.0, 24.0, 0.0)])
def test_mayor_wins_legitimacy_back(share_away, hours, expected):
    assert legitimacy_regained(share_away, 0.02, hours) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("share_away, expected", [(0.0, 60.0), (0.25, 48.0), (1.0, 12.0)])
def test_judges_shorten_terms(share_away, expected):
    assert term_after_judges(60.0, share_away, 0.8) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("admitted, expected", [(0.0, 0.0), (0.1, 0.03), (1.0, 0.3)])
def test_an_admission_costs_legitimacy(admitted, expected):
    assert legitimacy_lost_to_admission(admitted, 0.3) == pytest.approx(expected, rel=1e-12)


@quick
@given(st.tuples(share, share), share, st.floats(0, 5), st.floats(0, 360))
def test_signs_and_bounds(away, effect, repression, term):
    low, high = sorted(away)
    assert 0.0 <= repression_after_mayor(repression, high, effect) <= repression_after_mayor(repression, low, effect)
    assert 0.0 <= term_after_judges(term, high, effect) <= term_after_judges(term, low, effect) <= term
    assert 0.0 <= legitimacy_regained(low, effect, term) <= legitimacy_regained(high, effect, term)
    assert 0.0 <= legitimacy_lost_to_admission(low, effect) <= legitimacy_lost_to_admission(high, effect)


@quick
@given(share, st.floats(0, 5), st.floats(0, 360))
def test_while_all_are_loyal_nothing_changes(effect, repression, term):
    assert repression_after_mayor(repression, 0.0, effect) == repression
    assert term_after_judges(term, 0.0, effect) == term
    assert legitimacy_regained(0.0, effect, term) == legitimacy_lost_to_admission(0.0, effect) == 0.0
