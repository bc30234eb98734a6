"""Job pressure: orders, buses, the cost of protest, and who would have attended anyway."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.rules.job_pressure import is_bussed, is_ordered, order_push, rally_index, workplace_cost

quick = settings(deadline=None, max_examples=60)
share, draw, weight = st.floats(0, 1), st.floats(0, 1, exclude_max=True), st.floats(0, 50)


@pytest.mark.parametrize("threat, dependence, strength, expected", [
    (0.2, 0.5, 1.0, 0.2), (0.5, 1.0, 1.0, 1.0), (0.2, 0.5, 3.0, 0.6), (0.2, 0.0, 1.0, 0.0),
])
def test_workplace_cost(threat, dependence, strength, expected):
    assert workplace_cost(threat, dependence, 2.0, strength) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("luck, intensity, strength, expected", [
    (0.179, 1.0, 1.0, True), (0.181, 1.0, 1.0, False), (0.181, 1.0, 2.0, True), (0.089, 0.5, 1.0, True),
    (0.091, 0.5, 1.0, False), (0.0, 0.0, 1.0, False),
])
def test_ordered(luck, intensity, strength, expected):
    assert is_ordered(luck, 0.18, intensity, strength) is expected


@pytest.mark.parametrize("luck, expected", [(0.0, True), (0.049, True), (0.05, False), (0.9, False)])
def test_bussed(luck, expected):
    assert is_bussed(luck, 0.05) is expected


@pytest.mark.parametrize("preference, framing, anger, expected", [
    (1.0, 0.0, 0.0, -2.8), (0.5, 0.0, 0.0, -6.8), (0.0, 0.0, 0.0, -10.8), (0.75, 0.05, 0.2, -4.95),
])
def test_rally_index(preference, framing, anger, expected):
    assert rally_index(preference, framing, anger, -6.8, 4.0, 0.0) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("threat, dependence, expected", [(0.2, 1.0, 6.5), (0.2, 0.0, 3.5), (0.5, 0.4, 6.5)])
def test_order_push(threat, dependence, expected):
    assert order_push(threat, dependence, 3.5, 15.0) == pytest.approx(expected, rel=1e-12)


@quick
@given(st.tuples(share, share), share, weight, st.floats(0, 10))
def test_a_threat_keeps_workers_off_the_square_and_drives_them_to_the_rally(threat, dependence, size, strength):
    low, high = sorted(threat)
    assert 0.0 <= workplace_cost(low, dependence, size, strength) <= workplace_cost(high, dependence, size, strength)
    assert 0.0 <= order_push(low, dependence, 3.5, size) <= order_push(high, dependence, 3.5, size)


@quick
@given(st.tuples(share, share), st.tuples(share, share), st.tuples(share, share))
def test_rally_index_rises_with_preference_and_framing_and_falls_with_anger(preference, framing, anger):
    def index(x, f, a):
        return rally_index(x, f, a, -6.8, 4.0, 0.0)

    assert index(min(preference), framing[0], anger[0]) <= index(max(preference), framing[0], anger[0])
    assert index(preference[0], min(framing), anger[0]) <= index(preference[0], max(framing), anger[0])
    assert index(preference[0], framing[0], max(anger)) <= index(preference[0], framing[0], min(anger))


@quick
@given(share, share, weight, draw, share, share)
def test_strength_0_means_no_pressure(threat, dependence, size, luck, order_share, intensity):
    assert workplace_cost(threat, dependence, size, 0.0) == 0.0
    assert not is_ordered(luck, order_share, intensity, 0.0)
    assert rally_index(dependence, 0.0, 0.0, -6.8, 4.0, -math.inf) == -math.inf


@quick
@given(draw, st.tuples(share, share))
def test_who_is_ordered_stays_ordered_when_more_are(luck, order_share):
    assert is_ordered(luck, min(order_share), 1.0, 1.0) <= is_ordered(luck, max(order_share), 1.0, 1.0)
    assert is_bussed(luck, min(order_share)) <= is_bussed(luck, max(order_share))
