"""Framing of an external threat: viewers of state television only."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.rules.threat_framing import framing

quick = settings(deadline=None, max_examples=60)
share = st.floats(0, 1)


@pytest.mark.parametrize("level, diet, strength, expected", [
    (1.0, 1.0, 1.0, 0.2), (0.5, 0.5, 1.0, 0.05), (1.0, 0.0, 1.0, 0.0), (0.0, 1.0, 1.0, 0.0), (1.0, 1.0, 2.0, 0.4),
])
def test_framing(level, diet, strength, expected):
    assert framing(level, diet, 0.2, strength) == pytest.approx(expected, rel=1e-12)


def test_full_framing_moves_5_points_at_one_half():
    """exp(.2) / (1 + exp(.2)) = .549834."""
    odds = 2.718281828459045 ** framing(1.0, 1.0, 0.2, 1.0)
    assert odds / (1 + odds) == pytest.approx(0.549834, abs=1e-6)


@quick
@given(st.tuples(share, share), st.tuples(share, share), st.floats(0, 10))
def test_framing_rises_with_level_and_diet(level, diet, strength):
    assert 0.0 <= framing(min(level), diet[0], 0.2, strength) <= framing(max(level), diet[0], 0.2, strength)
    assert framing(level[0], min(diet), 0.2, strength) <= framing(level[0], max(diet), 0.2, strength)


@quick
@given(share, share, st.floats(-5, 5))
def test_strength_0_frames_nothing(level, diet, weight):
    assert framing(level, diet, weight, 0.0) == 0.0
