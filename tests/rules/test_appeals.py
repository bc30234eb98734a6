"""Appeals to change sides, and what support leaves of the cost of leaving."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.rules.appeals import appeal_heard, exit_cost_left

quick = settings(deadline=None, max_examples=60)
share, strength = st.floats(0, 1), st.floats(0, 10)


@pytest.mark.parametrize("appeal, exposure, factor, expected", [
    (0.5, 0.4, 1.0, 0.2), (0.5, 0.4, 0.5, 0.1), (0.9, 0.9, 10.0, 1.0), (0.0, 1.0, 10.0, 0.0),
])
def test_appeal(appeal, exposure, factor, expected):
    assert appeal_heard(appeal, exposure, factor) == pytest.approx(expected, abs=1e-15)


@pytest.mark.parametrize("cost, support, extra, factor, expected", [
    (0.8, 0.0, 0.0, 1.0, 0.8), (0.8, 0.25, 0.25, 1.0, 0.4), (0.8, 0.7, 0.7, 1.0, 0.0), (0.8, 0.25, 0.0, 2.0, 0.4),
])
def test_exit_cost(cost, support, extra, factor, expected):
    assert exit_cost_left(cost, support, extra, factor) == pytest.approx(expected, abs=1e-15)


@quick
@given(st.tuples(share, share), share, strength)
def test_appeal_is_a_share_and_rises(appeal, exposure, factor):
    assert 0.0 <= appeal_heard(min(appeal), exposure, factor) <= appeal_heard(max(appeal), exposure, factor) <= 1.0


@quick
@given(share, st.tuples(share, share), share, strength)
def test_support_lowers_the_cost(cost, support, extra, factor):
    assert 0.0 <= exit_cost_left(cost, max(support), extra, factor) <= exit_cost_left(cost, min(support), extra, factor)
    assert exit_cost_left(cost, min(support), extra, factor) <= cost


@quick
@given(share, share, share)
def test_strength_0_is_silence_and_no_funds(one, other, third):
    assert appeal_heard(one, other, 0.0) == 0.0
    assert exit_cost_left(one, other, third, 0.0) == one
