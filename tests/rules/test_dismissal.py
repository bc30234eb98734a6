"""Dismissal of strikers and of those who missed an ordered rally."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.rules.dismissal import is_dismissed

quick = settings(deadline=None, max_examples=60)
share, draw, yes = st.floats(0, 1), st.floats(0, 1, exclude_max=True), st.booleans()


@pytest.mark.parametrize("luck, striking, absent, strength, expected", [
    (0.0009, True, False, 1.0, True), (0.0011, True, False, 1.0, False),  # .001
    (0.0049, False, True, 1.0, True), (0.0051, False, True, 1.0, False),  # .005
    (0.0059, True, True, 1.0, True), (0.0061, True, True, 1.0, False),  # .006
    (0.0019, True, False, 2.0, True), (0.0021, True, False, 2.0, False),
])
def test_rates(luck, striking, absent, strength, expected):
    assert is_dismissed(luck, striking, absent, 0.001, 0.005, strength) is expected


@quick
@given(draw, share, share, st.floats(0, 10))
def test_who_works_and_attends_is_safe(luck, striker_rate, absentee_rate, strength):
    assert not is_dismissed(luck, False, False, striker_rate, absentee_rate, strength)


@quick
@given(draw, yes, yes, share, share, st.floats(0, 10))
def test_a_second_reason_and_a_higher_strength_never_protect(luck, striking, absent, striker, absentee, strength):
    if is_dismissed(luck, striking, absent, striker, absentee, strength):
        assert is_dismissed(luck, True, True, striker, absentee, strength)
        assert is_dismissed(luck, striking, absent, striker, absentee, 2.0 * strength)


@quick
@given(draw, yes, yes, share, share)
def test_strength_0_dismisses_nobody(luck, striking, absent, striker_rate, absentee_rate):
    assert not is_dismissed(luck, striking, absent, striker_rate, absentee_rate, 0.0)
