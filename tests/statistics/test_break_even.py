"""Break-even along a lever: by hand, and that its interval holds the truth as often as it says."""

from __future__ import annotations

import math

import numpy as np
import pytest

from experiments.analysis.break_even import break_even, crossing

LEVER = np.array([0.0, 1.0, 2.0])


@pytest.mark.parametrize(
    ("means", "where"),
    [([1.0, -1.0, -2.0], 0.5), ([-2.0, -1.0, 3.0], 1.25), ([1.0, 2.0, 3.0], math.inf), ([0.0, -1.0, -2.0], math.inf)],
)
def test_crossing_by_hand(means, where):
    assert crossing(LEVER, np.array(means)) == where


def test_the_same_in_each_replicate_leaves_no_doubt():
    found = break_even(LEVER, np.repeat([[1.0], [-1.0], [-2.0]], 10, axis=1))
    assert found == (0.5, 0.5, 0.5)


def test_the_interval_holds_the_truth():
    """Truth 0.5, noise common to a replicate, as under the same luck: 90 % of 100, three standard errors of leeway."""
    random, held = np.random.default_rng(7), 0
    for _ in range(100):
        noise = random.normal(0.0, 1.0, 20)
        low, high = break_even(LEVER, np.array([[1.0], [-1.0], [-3.0]]) + noise)[1:]
        held += low <= 0.5 <= high
    leeway = 3 * math.sqrt(0.9 * 0.1 / 100)
    assert 0.9 - leeway <= held / 100 <= min(0.9 + leeway, 0.99)


def test_no_crossing_is_beyond_the_range():
    assert break_even(LEVER, np.ones((3, 10))) == (math.inf, math.inf, math.inf)
