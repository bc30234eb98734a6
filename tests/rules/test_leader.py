"""The leader: credibility, reach, and what a call adds."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.rules.leader import called, channel_reach, leader_credibility

quick = settings(deadline=None, max_examples=60)
share, flag = st.floats(0, 1), st.sampled_from([0.0, 1.0])


@pytest.mark.parametrize("credibility, exiled, detained, expected", [
    (0.8, 0.0, 0.0, 0.8), (0.8, 1.0, 0.0, 0.56), (0.8, 0.0, 1.0, 0.0), (0.8, 1.0, 1.0, 0.0), (0.0, 0.0, 0.0, 0.0),
])
def test_credibility(credibility, exiled, detained, expected):
    assert leader_credibility(credibility, exiled, detained, 0.7) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("subscribers, expected", [
    (300_000.0, 0.121067004), (2_100_000.0, 0.847469027), (3e6, 1.0), (0.0, 0.0),
])
def test_reach(subscribers, expected):
    assert channel_reach(subscribers, 7_433_900.0, 3.0) == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize("credibility, reach, diet, connectivity, strength, expected", [
    (0.8, 0.5, 0.25, 0.5, 1.0, 0.15), (0.8, 0.5, 1.0, 1.0, 1.0, 0.0), (1.0, 1.0, 0.0, 1.0, 2.0, 2.0),
    (0.8, 0.5, 0.25, 0.0, 1.0, 0.0),
])
def test_call(credibility, reach, diet, connectivity, strength, expected):
    assert called(credibility, reach, diet, connectivity, 1.0, strength) == pytest.approx(expected, rel=1e-12)


@quick
@given(share, flag, flag, share)
def test_exile_and_detention_never_help(credibility, exiled, detained, factor):
    assert 0.0 <= leader_credibility(credibility, exiled, detained, factor) <= credibility


@quick
@given(st.tuples(st.floats(0, 1e7), st.floats(0, 1e7)), st.floats(1e5, 1e8))
def test_reach_is_a_share_rises_and_has_no_scale(subscribers, adults):
    low, high = (channel_reach(n, adults, 3.0) for n in sorted(subscribers))
    assert 0.0 <= low <= high <= 1.0
    assert channel_reach(8.0 * subscribers[0], 8.0 * adults, 3.0) == channel_reach(subscribers[0], adults, 3.0)


@quick
@given(share, share, st.tuples(share, share), st.tuples(share, share))
def test_a_call_rises_with_connectivity_and_falls_with_state_television(credibility, reach, diet, connectivity):
    def effect(m, u):
        return called(credibility, reach, m, u, 1.0, 1.0)

    assert 0.0 <= effect(diet[0], min(connectivity)) <= effect(diet[0], max(connectivity)) <= 1.0
    assert effect(max(diet), connectivity[0]) <= effect(min(diet), connectivity[0])


@quick
@given(share, share, share, share, st.floats(-5, 5))
def test_strength_0_calls_nobody(credibility, reach, diet, connectivity, weight):
    assert called(credibility, reach, diet, connectivity, weight, 0.0) == 0.0
