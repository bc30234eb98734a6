"""Encouragement: who is drawn, when, and who follows."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.rules.encouragement import block_number, encouraged_now, follows, is_encouraged

quick = settings(deadline=None, max_examples=60)
unit = st.floats(0, 1, exclude_max=True)


@pytest.mark.parametrize("draw, share, expected", [
    (0.0, 0.0, False), (0.0, 0.25, True), (0.249, 0.25, True), (0.25, 0.25, False), (0.999, 1.0, True),
])
def test_encouraged(draw, share, expected):
    assert is_encouraged(draw, share) is expected


@quick
@given(unit, st.tuples(st.floats(0, 1), st.floats(0, 1)))
def test_nested_in_the_share(draw, share):
    assert is_encouraged(draw, max(share)) >= is_encouraged(draw, min(share))


@quick
@given(unit, st.tuples(st.floats(0, 1), st.floats(0, 1)))
def test_strength_0_brings_nobody_and_1_all(draw, strength):
    assert not follows(draw, 0.0) and follows(draw, 1.0)
    assert follows(draw, max(strength)) >= follows(draw, min(strength))


@pytest.mark.parametrize("hour, expected", [(137, False), (138, True), (143, True), (144, False)])
def test_window(hour, expected):
    assert encouraged_now(hour, 138, 6) is expected
    assert not encouraged_now(hour, 138, 0)


@pytest.mark.parametrize("cell, side, cells, expected", [
    (0, 6, 3, 0), (2, 6, 3, 0), (3, 6, 3, 1), (12, 6, 3, 0), (18, 6, 3, 6), (35, 6, 3, 7), (35, 6, 1, 35),
    (35, 6, 9, 0),
])
def test_block(cell, side, cells, expected):
    assert block_number(cell, side, cells) == expected


@quick
@given(st.integers(1, 60), st.integers(1, 70))
def test_blocks_are_squares(side, cells):
    """Two cells share a block exactly if they share the square's row and column."""
    squares = {(c // side // cells, c % side // cells): block_number(c, side, cells) for c in range(side * side)}
    assert len(set(squares.values())) == len(squares) == (-(-side // cells)) ** 2
    assert all(block_number(c, side, cells) == squares[c // side // cells, c % side // cells]
               for c in range(side * side))  # fmt: skip
