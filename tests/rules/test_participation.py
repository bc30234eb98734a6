"""Taking part: grievance, the join index part by part, and who joins."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.rules.participation import (
    MotiveWeights,
    OwnState,
    crowd_effect,
    grievance,
    join_index,
    joins,
    occasion_offset,
    occasion_profile,
    own_motive,
)

quick = settings(deadline=None, max_examples=60)
share, index = st.floats(0, 1), st.floats(-50, 50)
WEIGHTS = MotiveWeights(2.1, 2.0, 2.2, 1.1)


@pytest.mark.parametrize("hardship, legitimacy, expected", [
    (0.5, 0.82, 0.09), (1.0, 0.0, 1.0), (1.0, 1.0, 0.0), (0.0, 0.3, 0.0), (0.6, 0.4, 0.36),
])
def test_grievance(hardship, legitimacy, expected):
    assert grievance(hardship, legitimacy) == pytest.approx(expected, rel=1e-12)


@quick
@given(st.tuples(share, share), st.tuples(share, share))
def test_grievance_rises_with_hardship_and_falls_with_legitimacy(hardship, legitimacy):
    assert 0.0 <= grievance(min(hardship), legitimacy[0]) <= grievance(max(hardship), legitimacy[0]) <= 1.0
    assert grievance(hardship[0], max(legitimacy)) <= grievance(hardship[0], min(legitimacy))


@pytest.mark.parametrize("preference, grieved, anger, aversion, fear, expected", [
    (0.2, 0.3, 0.1, 0.5, 2.0, 0.98),  # 1.26 + .6 + .22 - 1.1
    (0.5, 0.0, 0.0, 1.0, 0.0, 0.0), (0.0, 1.0, 1.0, 0.0, 5.0, 6.3), (1.0, 0.0, 0.0, 1.0, 3.0, -5.4),
])
@pytest.mark.parametrize("lesson", [0.0, 0.7])
def test_motive(preference, grieved, anger, aversion, fear, expected, lesson):
    own, expected = OwnState(preference, grieved, anger, aversion, fear, lesson), expected - lesson
    assert own_motive(own, WEIGHTS) == pytest.approx(expected, abs=1e-12)


@quick
@given(st.lists(share, min_size=6, max_size=6), st.tuples(share, share), st.integers(0, 5))
def test_signs_of_the_motive(state, values, which):
    """Preference for the incumbent, risk aversion, fear and lessons keep at home; grievance and anger drive out."""
    states = (OwnState(*state[:which], value, *state[which + 1:]) for value in sorted(values))
    low, high = (own_motive(each, WEIGHTS) for each in states)
    assert (low <= high) if which in (1, 2) else (high <= low)


@pytest.mark.parametrize("parts, expected", [
    ((1.0, 0.2, 0.3, 0.4, 0.1, -4.0), -2.4), ((0.0, 0.0, 0.0, 0.0, 0.0, -1.0), -1.0),
])
def test_index(parts, expected):
    assert join_index(*parts) == pytest.approx(expected, rel=1e-12)


@quick
@given(st.lists(index, min_size=6, max_size=6), st.tuples(index, index), st.integers(0, 5))
def test_only_the_workplace_cost_lowers_the_index(parts, values, which):
    low, high = (join_index(*parts[:which], value, *parts[which + 1:]) for value in sorted(values))
    assert (high <= low) if which == 1 else (low <= high)


@pytest.mark.parametrize("preference, luck, log_odds, expected", [
    (0.2, -1.0, -0.9, True), (0.2, -1.0, -1.0, False), (0.2, 0.0, -0.1, False), (0.49, -5.0, 5.0, True),
    (0.5, -5.0, 5.0, False), (0.9, -5.0, 5.0, False), (0.2, -40.0, -math.inf, False),
    (0.2, -math.inf, -math.inf, False),
])
def test_joins(preference, luck, log_odds, expected):
    assert joins(preference, luck, log_odds) is expected


@quick
@given(share, index, st.tuples(index, index))
def test_joiners_prefer_change_and_join_at_any_higher_index(preference, luck, log_odds):
    assert joins(preference, luck, min(log_odds)) <= joins(preference, luck, max(log_odds))
    assert joins(preference, luck, log_odds[0]) <= (preference < 0.5)


@pytest.mark.parametrize("diet, state, media, connectivity, weight, expected", [
    (0.25, 0.02, 0.1, 1.0, 5.0, 0.4), (0.25, 0.02, 0.1, 1.0, -5.0, -0.4), (1.0, 0.02, 0.1, 1.0, 5.0, 0.1),
    (0.5, 0.02, 0.1, 1.0, 0.0, 0.0), (0.25, 0.02, 0.1, 0.5, 5.0, 0.2125),  # 5 (.005 + .75 x .5 x .1)
    (0.25, 0.02, 0.1, 0.0, 5.0, 0.025),  # the network is down: state television alone
])
def test_believed_crowd(diet, state, media, connectivity, weight, expected):
    assert crowd_effect(diet, state, media, connectivity, weight) == pytest.approx(expected, abs=1e-12)


@quick
@given(share, st.tuples(share, share), share, share, st.floats(0, 20))
def test_believed_crowd_has_the_sign_of_its_weight(diet, media, state, connectivity, weight):
    low, high = sorted(media)
    up, down = ([crowd_effect(diet, state, c, connectivity, w) for c in (low, high)] for w in (weight, -weight))
    assert up[0] <= up[1] and down[1] <= down[0]


@pytest.mark.parametrize("since, length, expected", [
    (0.5, 6.0, -1.3888888889), (2.5, 6.0, -0.0555555556), (3.0, 6.0, 0.0), (0.0, 6.0, -2.0), (6.0, 6.0, -2.0),
    (0.5, 1.0, 0.0),
])
def test_profile(since, length, expected):
    assert occasion_profile(since, length, 2.0) == pytest.approx(expected, rel=1e-8, abs=1e-15)


@quick
@given(share, st.floats(1, 24), st.floats(0, 4))
def test_profile_is_symmetric_highest_in_the_middle_and_bounded(part, length, depth):
    before, after = (occasion_profile(x * length, length, depth) for x in (part, 1.0 - part))
    assert before == pytest.approx(after, abs=1e-9)
    assert -depth - 1e-9 <= before <= 0.0
    assert occasion_profile(0.5 * length, length, depth) == 0.0


@pytest.mark.parametrize("is_capital, is_weekday, profile, shock, log_strength, expected", [
    (1.0, 0.0, 0.0, 0.0, 0.0, -3.1), (0.0, 0.0, 0.0, 0.0, 0.0, -3.8), (1.0, 1.0, 0.0, 0.0, 0.0, -5.2),
    (0.0, 1.0, -0.5, 0.3, 0.1, -6.0), (1.0, 0.0, 0.0, 0.0, -math.inf, -math.inf),
])
def test_offset(is_capital, is_weekday, profile, shock, log_strength, expected):
    found = occasion_offset(-3.1, is_capital, -0.7, is_weekday, -2.1, profile, shock, log_strength)
    assert found == pytest.approx(expected, rel=1e-12)
