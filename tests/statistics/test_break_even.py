"""Break-even along a lever: by hand, and that its interval holds the truth as often as it says."""

from __future__ import annotations

import math

import numpy as np
import pytest

from experiments.analysis.break_even import break_even

LEVER = [0.0, 1.0, 2.0]
LITTLE = np.linspace(-0.01, 0.01, 12)[:, None]  # differences between twelve replicates


@pytest.mark.parametrize(
    ("means", "where", "rises"), [([1.0, -1.0, -2.0], 0.5, False), ([-2.0, -1.0, 3.0], 1.25, True)]
)
def test_by_hand(means, where, rises):
    found = break_even(LEVER, np.array([means]) + LITTLE)
    assert found is not None
    assert found.at == pytest.approx(where, abs=0.02)
    assert found.low <= where <= found.high < found.low + 0.1
    assert found.rises is rises


@pytest.mark.parametrize("means", [[1.0, 2.0, 3.0], [1.0, -1.0, 1.0], [0.0, -1.0, -2.0]])
def test_none_where_one_sign_is_not_shown_or_it_changes_twice(means):
    assert break_even(LEVER, np.array([means]) + LITTLE) is None


def test_none_below_ten_replicates():
    assert break_even(LEVER, np.array([[1.0, -1.0, -2.0]]) + LITTLE[:9]) is None


def test_the_interval_holds_the_truth():
    """Truth .5, noise common to a replicate, as under the same luck: 90 % of 100, three standard errors of leeway."""
    random, held = np.random.default_rng(7), 0
    for _ in range(100):
        found = break_even(LEVER, np.array([[3.0, -3.0, -9.0]]) + random.normal(0.0, 1.0, (20, 1)))
        held += found is not None and found.low <= 0.5 <= found.high
    leeway = 3 * math.sqrt(0.9 * 0.1 / 100)
    assert 0.9 - leeway <= held / 100 <= min(0.9 + leeway, 0.99)
