"""Daily rates at hourly steps."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.rules.rates import kept_share, probability_within

quick = settings(deadline=None, max_examples=60)
rate, hours = st.floats(0, 1, exclude_max=True), st.floats(0, 240)


@pytest.mark.parametrize("decay, n_hours, expected", [
    (0.35, 1.0, 0.9822108408), (0.1, 12.0, 0.9486832981), (0.35, 24.0, 0.65), (0.5, 48.0, 0.25), (0.0, 24.0, 1.0),
    (0.35, 0.0, 1.0),
])
def test_kept(decay, n_hours, expected):
    assert kept_share(decay, n_hours) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("hazard, n_hours, expected", [
    (0.01, 1.0, 4.1867632e-4), (0.5, 12.0, 0.2928932188), (5e-4, 1.0, 2.0838326e-5), (5e-4, 24.0, 5e-4),
    (0.0, 24.0, 0.0), (1.0, 1.0, 1.0), (7.0, 24.0, 1.0), (1.0, 0.0, 0.0), (7.0, 0.0, 0.0), (0.3, 0.0, 0.0),
])
def test_probability(hazard, n_hours, expected):
    assert probability_within(hazard, n_hours) == pytest.approx(expected, rel=1e-7)


@quick
@given(rate, hours, hours)
def test_steps_of_any_length_add_up(daily, one, other):
    assert kept_share(daily, one) * kept_share(daily, other) == pytest.approx(kept_share(daily, one + other), rel=1e-9)
    escapes = (1 - probability_within(daily, one)) * (1 - probability_within(daily, other))
    assert escapes == pytest.approx(1 - probability_within(daily, one + other), rel=1e-9, abs=1e-14)


@quick
@given(st.tuples(st.floats(0, 5), st.floats(0, 5)), st.tuples(hours, hours))
def test_a_probability_that_rises_with_hazard_and_time(hazard, n_hours):
    assert 0.0 <= probability_within(min(hazard), n_hours[0]) <= probability_within(max(hazard), n_hours[0]) + 1e-15
    assert probability_within(hazard[0], min(n_hours)) <= probability_within(hazard[0], max(n_hours)) + 1e-15
    assert probability_within(max(hazard), max(n_hours)) <= 1.0
