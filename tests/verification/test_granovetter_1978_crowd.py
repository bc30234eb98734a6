"""Granovetter (1978), doi:10.1086/226707: the classic as shipped, by its published numbers."""

import numpy as np
import pytest

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
    """Normal(25, s), 100 persons: about 6 below s = 12.2, nearly all above; the jump lies between 12.20 and 12.24."""
    shares = [equilibrium_share(0.25, sd / 100) for sd in (11.0, 12.20, 12.24, 13.0)]
    assert shares[0] < shares[1] < 0.07 and shares[3] > 0.95 and shares[2] > 0.95


def test_drawn_thresholds_differ_by_seed_and_follow_the_distribution():
    parameters = load_scenario("granovetter_1978", "granovetter.distribution=normal", "granovetter.sd=30",
                               "granovetter.n_people=2000", "granovetter.mean=500")  # fmt: skip
    assert {run(parameters, seed=seed).curves_columns["protesting"][-1] for seed in (1, 2)} == {0.0}
