"""Bonds: who is bound, and what it adds."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.rules.bonds import bond_effect, is_bound_after

quick = settings(deadline=None, max_examples=60)
unit = st.floats(0, 1)


@pytest.mark.parametrize("is_bound, went, seen, expected", [
    (False, 1.0, 0.35, True), (False, 1.0, 0.349, False), (False, 0.0, 1.0, False), (True, 0.0, 0.0, True),
])
def test_bound_is_who_went_with_enough_of_the_own_ties(is_bound, went, seen, expected):
    assert is_bound_after(is_bound, went, seen, 0.35) is expected


@quick
@given(unit, unit, unit)
def test_a_bond_lasts_and_never_takes_off(seen, onset, weight):
    assert is_bound_after(True, 0.0, seen, onset)
    assert bond_effect(1.0, weight, 1.0) >= bond_effect(0.0, weight, 1.0) == 0.0


def test_by_hand_and_strength_0():
    assert bond_effect(1.0, 0.5, 0.4) == pytest.approx(0.2)
    assert bond_effect(1.0, 0.5, 0.0) == 0.0
