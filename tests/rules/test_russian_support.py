"""Russian support and troops: affinity, legitimacy, resentment, risk."""

import math

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from agents.rules.russian_support import (
    affinity_next,
    legitimacy_lost_to_support,
    level_with_lever,
    resentment,
    troop_risk,
)

quick = settings(deadline=None, max_examples=60)
share, hours, loss = st.floats(0, 1), st.floats(0, 2000), st.floats(0, 1)


@pytest.mark.parametrize("affinity, support, troops, n_hours, expected", [
    (0.516, 1.0, 0.0, 60 * 24.0, 0.4003569),  # 51.6 to 40.0 % in 60 days, the polls of 2020
    (0.5, 0.0, 1.0, 24.0, 0.4951251545), (0.6, 1.0, 1.0, 240.0, 0.5330679376), (0.6, 0.0, 0.0, 240.0, 0.6),
    (0.0, 1.0, 1.0, 24.0, 0.0), (1.0, 1.0, 1.0, 24.0, 1.0),
])
def test_affinity(affinity, support, troops, n_hours, expected):
    assert affinity_next(affinity, support, troops, n_hours, 0.0078, 0.0195) == pytest.approx(expected, rel=1e-7)


@quick
@given(share, share, share, hours, loss, loss)
@example(1.0, 1.0, 1.0, 2000.0, 100.0, 100.0)
@example(0.5, 1.0, 1.0, 2000.0, 1e9, 1e9)
def test_affinity_only_falls_and_stays_a_share(affinity, support, troops, n_hours, support_loss, troops_loss):
    after = affinity_next(affinity, support, troops, n_hours, support_loss, troops_loss)
    assert 0.0 <= after <= affinity * (1 + 1e-12)


@quick
@given(st.floats(0.01, 0.99), share, share, st.floats(0, 500), st.floats(0, 500))
def test_affinity_does_not_depend_on_the_step(affinity, support, troops, one, other):
    def after(start, n_hours):
        return affinity_next(start, support, troops, n_hours, 0.0078, 0.0195)

    assert after(after(affinity, one), other) == pytest.approx(after(affinity, one + other), rel=1e-9)


@pytest.mark.parametrize("legitimacy, affinity, support, troops, n_hours, expected", [
    (0.6, 0.5, 1.0, 0.0, 24.0, 0.0029925125),  # .6 (1 - exp(-.005))
    (0.5, 0.25, 0.5, 1.0, 48.0, 0.0255728395),  # .5 (1 - exp(-.035 x .75 x 2))
    (0.6, 1.0, 1.0, 1.0, 24.0, 0.0), (0.6, 0.5, 0.0, 0.0, 24.0, 0.0),
])
def test_legitimacy_lost(legitimacy, affinity, support, troops, n_hours, expected):
    found = legitimacy_lost_to_support(legitimacy, affinity, support, troops, n_hours, 0.01, 0.03)
    assert found == pytest.approx(expected, rel=1e-7, abs=1e-15)


@quick
@given(share, st.tuples(share, share), st.tuples(share, share), hours)
def test_loss_rises_with_troops_falls_with_affinity_and_never_exceeds_legitimacy(legitimacy, affinity, troops, n_hours):
    def lost(a, t):
        return legitimacy_lost_to_support(legitimacy, a, 0.5, t, n_hours, 0.01, 0.03)

    assert 0.0 <= lost(affinity[0], min(troops)) <= lost(affinity[0], max(troops)) + 1e-15
    assert lost(max(affinity), troops[0]) <= lost(min(affinity), troops[0]) + 1e-15
    assert lost(affinity[0], troops[0]) <= legitimacy


@pytest.mark.parametrize("affinity, support, weight, expected", [
    (0.25, 0.5, 2.0, 0.75), (0.25, 0.5, -2.0, -0.75), (1.0, 1.0, 2.0, 0.0), (0.2, 0.0, 2.0, 0.0),
])
def test_resentment(affinity, support, weight, expected):
    assert resentment(affinity, support, weight) == expected


@quick
@given(st.tuples(share, share), share, st.floats(0, 5))
def test_resentment_falls_with_affinity(affinity, support, weight):
    assert 0.0 <= resentment(max(affinity), support, weight) <= resentment(min(affinity), support, weight)


@pytest.mark.parametrize("troops, expected", [(0.0, 0.0), (0.5, 0.025), (1.0, 0.05)])
def test_troop_risk(troops, expected):
    assert troop_risk(troops, 0.05) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("level, lever, strength, expected", [
    (0.3, 0.0, 1.0, 0.3), (0.3, 0.2, 1.0, 0.5), (0.8, 0.5, 1.0, 1.0), (0.3, 0.2, 0.5, 0.25), (0.3, 0.2, 10.0, 1.0),
])
def test_level(level, lever, strength, expected):
    assert level_with_lever(level, lever, strength) == pytest.approx(expected, rel=1e-12)


@quick
@given(share, share, share, hours, share)
def test_strength_0_leaves_everything_as_it_was(level, lever, affinity, n_hours, legitimacy):
    off = level_with_lever(level, lever, 0.0)
    assert off == 0.0
    assert affinity_next(affinity, off, off, n_hours, 0.0078, 0.0195) == affinity
    assert legitimacy_lost_to_support(legitimacy, affinity, off, off, n_hours, 0.01, 0.03) == 0.0
    assert resentment(affinity, off, 1.0) == troop_risk(off, 0.05) == 0.0


def test_affinity_follows_the_rate_of_the_polls():
    """logit falls by k per day: (logit .516 - logit .400) / 60 = .00782."""
    start, end = math.log(0.516 / 0.484), math.log(0.4 / 0.6)
    assert (start - end) / 60 == pytest.approx(0.0078, abs=5e-5)
