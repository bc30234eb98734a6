"""Granovetter (1978), doi:10.1086/226707: crowds by participation threshold, by the shipped rules of company.

Everybody sees everybody. One joins if the others who are out are at least as many as one's participation threshold:
company weighs n - 1 per share of the others, the offset is minus the threshold, and there is no luck.
"""

import numpy as np
import pytest
from scipy.special import ndtri

from agents.compiled.rule import kernel
from agents.rules.participation import join_index, joins
from agents.rules.ties import company_effect, others_share


@kernel
def next_crowd(participation_thresholds, was_out, is_out):
    """Let everybody decide at once, given who was out; return the number who are out now."""
    n, n_out = len(was_out), was_out.sum()
    for i in range(n):
        share = others_share(n_out, n, was_out[i])
        company = company_effect(share, n - 1.0, 0.0, 1.0)
        is_out[i] = joins(0.0, 0.0, join_index(0.0, 0.0, company, 0.0, 0.0, -participation_thresholds[i]))
    return is_out.sum()


def crowd(participation_thresholds):
    """Return the crowd in equilibrium and the number of rounds that it took."""
    levels = np.asarray(participation_thresholds, float)
    was_out, n_before = np.zeros(len(levels)), -1
    for n_rounds in range(10_000):
        is_out = np.zeros(len(levels))
        n_out = int(next_crowd(levels, was_out, is_out))
        if n_out == n_before:
            return n_out, n_rounds
        was_out, n_before = is_out, n_out
    raise AssertionError("no equilibrium")


def counted(participation_thresholds):
    """Return thresholds on whole numbers so that `at least k` is `more than k - 1/2`."""
    return np.array(participation_thresholds) - 0.5


def test_thresholds_0_to_99_bring_all_out_one_by_one():
    assert crowd(counted(range(100))) == (100, 100)


def test_without_the_threshold_of_1_the_instigator_stays_alone():
    """Two crowds that differ in one person: a riot, and a man who breaks a window."""
    assert crowd(counted([0, 2, *range(2, 100)]))[0] == 1


def test_without_an_instigator_nobody_moves():
    assert crowd(counted(range(1, 101)))[0] == 0


@pytest.mark.parametrize("missing", [10, 50, 98])
def test_a_gap_stops_the_cascade_where_it_is(missing):
    participation_thresholds = [k + (k == missing) for k in range(100)]
    assert crowd(counted(participation_thresholds))[0] == missing


def normal_crowd(sd, n=100_000):
    """Return the share out in equilibrium among n people whose thresholds are normal: mean 25 %, sd in %."""
    return crowd(n / 100 * (25.0 + sd * ndtri((np.arange(n) + 0.5) / n)))[0] / n


def test_normal_thresholds_jump_at_a_critical_spread():
    """In the limit of a large crowd: about 6 % are out below an sd of 12.22, nearly all above it."""
    below, above = normal_crowd(12.22), normal_crowd(12.25)
    assert 0.055 < below < 0.065
    assert above > 0.99


@pytest.mark.parametrize("sd, low, high", [
    (5.0, 0.0, 0.001), (11.0, 0.01, 0.03), (12.0, 0.035, 0.045), (20.0, 0.95, 1.0),
])
def test_normal_thresholds_away_from_the_jump(sd, low, high):
    assert low <= normal_crowd(sd, 10_000) <= high
