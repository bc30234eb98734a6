"""Daytime chains: mostly women, and seldom arrested."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.rules.chains import arrest_selectivity, chain_index

quick = settings(deadline=None, max_examples=60)
index, offset = st.floats(-50, 50), st.floats(-10, 0)


@pytest.mark.parametrize("is_woman, expected", [(1, -2.5), (0, -5.0)])
def test_index(is_woman, expected):
    assert chain_index(0.5, is_woman, -3.0, -2.5) == expected


def test_without_strength_nobody_stands_in_a_chain():
    assert chain_index(-math.inf, 1, -3.0, -2.5) == -math.inf


@pytest.mark.parametrize("is_woman, is_chain, expected", [
    (1, True, 0.1), (0, True, 1.0), (1, False, 1.0), (0, False, 1.0),
])
def test_selectivity(is_woman, is_chain, expected):
    assert arrest_selectivity(is_woman, is_chain, 0.1) == expected


@quick
@given(st.tuples(index, index), st.integers(0, 1), offset, offset)
def test_index_rises_with_the_join_index(join, is_woman, chain_offset, men_offset):
    low, high = (chain_index(x, is_woman, chain_offset, men_offset) for x in sorted(join))
    assert low <= high
    assert chain_index(join[0], 0, chain_offset, men_offset) <= chain_index(join[0], 1, chain_offset, men_offset)


@quick
@given(st.integers(0, 1), st.booleans(), st.floats(0, 1))
def test_selectivity_is_a_share_and_1_once_women_are_not_spared(is_woman, is_chain, selectivity):
    assert 0.0 <= arrest_selectivity(is_woman, is_chain, selectivity) <= 1.0
    assert arrest_selectivity(is_woman, is_chain, 1.0) == 1.0
