"""Granovetter (1978), doi:10.1086/226707: the classic as shipped, by its published numbers."""

import math

import numpy as np
import pytest
from scipy.special import ndtr

from experiments import load_scenario
from sim import run
from sim.classics.granovetter.model import cascade, equilibrium, equilibrium_share


def test_thresholds_0_to_99_bring_everybody_out_one_after_the_other():
    assert cascade(np.arange(100), 100).tolist() == list(range(1, 101))


def test_replacing_1_by_2_leaves_one():
    changed = np.arange(100)
    changed[1] = 2
    assert equilibrium(changed) == 1


@pytest.mark.parametrize("scenario, n_out", [("granovetter_1978", 100), ("granovetter_1978_changed", 1)])
def test_scenario(scenario, n_out):
    curves = run(load_scenario(scenario)).curves_columns
    assert curves["protesting"][-1] == n_out and curves["quiet"][-1] == 100 - n_out


def test_the_equilibrium_of_normal_thresholds_jumps_at_a_deviation_of_12_2():
    """Normal(25, s), a large crowd: about 6 % below s = 12.2, nearly all above; it jumps between 12.20 and 12.24.

    At the jump the distribution touches the diagonal: at the point x with F'(x) = 1, F(x) - x changes its sign.
    """
    shares = [equilibrium_share(0.25, sd / 100) for sd in (11.0, 12.20, 12.24, 13.0)]
    assert shares[0] < shares[1] < 0.07 and shares[3] > 0.95 and shares[2] > 0.95

    def closest(sd):
        z = -math.sqrt(-2 * math.log(sd * math.sqrt(2 * math.pi)))  # density phi(z) / sd = 1
        return ndtr(z) - (0.25 + sd * z)

    assert closest(0.1220) < 0 < closest(0.1224)


def share_of_riots(n_people, sd, n_seeds):
    """Share of seeds in which more than half the crowd is out in the end."""
    drawn = (np.random.default_rng(seed).standard_normal(n_people) for seed in range(n_seeds))
    return np.mean([equilibrium(n_people * (0.25 + sd / 100 * z)) > n_people / 2 for z in drawn])


def test_a_hundred_random_persons_know_no_jump():
    """At 12.20 and 12.24 about every fifth crowd riots, the draw decides; of a million persons the two part.

    Bound: a change of .05 is 4 standard errors of the share of 1,000 seeds; draws are the same at both deviations.
    """
    below, above = (share_of_riots(100, sd, 1000) for sd in (12.20, 12.24))
    assert 0.13 < below < 0.25 and 0 <= above - below < 0.05
    below, above = (share_of_riots(1_000_000, sd, 20) for sd in (12.20, 12.24))
    assert below < 0.5 < above


@pytest.mark.parametrize("sd", [8.0, 12.2, 20.0])
def test_the_end_is_where_the_cascade_stops(sd):
    for seed in range(50):
        levels = 25.0 + sd * np.random.default_rng(seed).standard_normal(100)
        assert equilibrium(levels) == cascade(levels, 101)[-1]


def test_drawn_thresholds_differ_by_seed_and_follow_the_distribution():
    parameters = load_scenario("granovetter_1978", "granovetter.distribution=normal", "granovetter.sd=30",
                               "granovetter.n_people=2000", "granovetter.mean=500")  # fmt: skip
    assert {run(parameters, seed=seed).curves_columns["protesting"][-1] for seed in (1, 2)} == {0.0}
