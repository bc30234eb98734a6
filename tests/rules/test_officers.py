"""Security officers: the hazard of leaving, and the tipping of a unit."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.rules.officers import OfficerState, OfficerWeights, officer_hazard, resigns, seen_defection, unit_withholds

quick = settings(deadline=None, max_examples=60)
share, draw = st.floats(0, 1), st.floats(0, 1, exclude_max=True)
WEIGHTS = OfficerWeights(5e-4, 1.0, 5.0, 1.0, 1.0, 0.2, 0.5, 1.5, 4.0)


@pytest.mark.parametrize("anger, out, appeal, cost, support, strength, expected", [
    (0.5, 0.02, 0.4, 0.6, 0.3, 1.0, 0.000525635548),  # 5e-4 exp(.05)
    (0.5, 0.02, 0.4, 0.6, 0.3, 2.0, 0.001051271096),
    (0.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.000150597106),  # 5e-4 exp(-1.2)
    (0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.000409365377),  # 5e-4 exp(-.2)
])
def test_hazard(anger, out, appeal, cost, support, strength, expected):
    state = OfficerState(anger, out, appeal, cost, support, 0.0, 0.0)
    assert officer_hazard(state, WEIGHTS, strength) == pytest.approx(expected, rel=1e-8)


def test_orders_and_comrades_weigh():
    """With .2 arrests an officer and a quarter of the unit gone, exp(.3 + 1) times the hazard of 5e-4 exp(-.2)."""
    state = OfficerState(0.0, 0.0, 0.0, 0.0, 0.0, 0.2, 0.25)
    assert officer_hazard(state, WEIGHTS, 1.0) == pytest.approx(0.001502083, rel=1e-6)


PUSHES, HOLDS = (0, 1, 2, 5, 6), (3, 4)  # anger, crowd, appeal, arrests, comrades; exit cost, Russian support


@quick
@given(st.lists(share, min_size=7, max_size=7), st.tuples(share, share), st.sampled_from(PUSHES + HOLDS))
def test_signs_of_the_hazard(state, values, which):
    states = (OfficerState(*state[:which], value, *state[which + 1:]) for value in sorted(values))
    low, high = (officer_hazard(each, WEIGHTS, 1.0) for each in states)
    assert (low <= high * (1 + 1e-14)) if which in PUSHES else (high <= low * (1 + 1e-14))
    assert min(low, high) > 0.0


@quick
@given(st.lists(share, min_size=7, max_size=7))
def test_strength_0_keeps_all_loyal(state):
    assert officer_hazard(OfficerState(*state), WEIGHTS, 0.0) == 0.0


@pytest.mark.parametrize("luck, expected", [(0.0, True), (0.29, True), (0.3, False), (0.99, False)])
def test_way_out(luck, expected):
    assert resigns(luck, 0.3) is expected


@quick
@given(draw)
def test_ways_out_at_the_ends(luck):
    assert resigns(luck, 1.0) and not resigns(luck, 0.0)


@pytest.mark.parametrize("lost, expected", [(0.0, False), (0.3, False), (0.31, True), (1.0, True)])
def test_unit(lost, expected):
    assert unit_withholds(lost, 0.3) is expected


@quick
@given(st.tuples(share, share), share)
def test_a_unit_that_has_lost_more_withholds_sooner(lost, tipping):
    assert unit_withholds(min(lost), tipping) <= unit_withholds(max(lost), tipping)
    assert not unit_withholds(max(lost), 1.0)


@pytest.mark.parametrize("lost, n_officers, expected", [(90.0, 4500.0, 0.02), (0.0, 4500.0, 0.0), (0.0, 0.0, 0.0)])
def test_seen_defection(lost, n_officers, expected):
    assert seen_defection(lost, n_officers) == pytest.approx(expected, rel=1e-12)


@quick
@given(st.integers(0, 5000), st.integers(1, 5000))
def test_seen_defection_is_a_share(lost, n_officers):
    lost = min(lost, n_officers)
    assert 0.0 <= seen_defection(lost, n_officers) <= 1.0
    assert seen_defection(8 * lost, 8 * n_officers) == seen_defection(lost, n_officers)
