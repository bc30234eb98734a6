"""Epstein (2002), doi:10.1073/pnas.092080199, model II: coexistence, cleansing, and officers who delay it."""

import functools

import numpy as np
import pytest

from experiments import load_scenario
from sim import run

SEEDS = 8


@functools.cache
def curves(*overrides, seed):
    return run(load_scenario("epstein_2002_ethnic", *overrides), seed=seed).curves_columns


def extinctions(*overrides):
    """Step at which one group is gone, the length of the run where none is."""
    found = []
    for seed in range(1000, 1000 + SEEDS):
        smaller = np.minimum(*(curves(*overrides, seed=seed)[group] for group in ("blue", "green")))
        found.append(int(np.argmax(smaller == 0)) if (smaller == 0).any() else len(smaller))
    return np.array(found)


def test_at_high_legitimacy_both_groups_live_on_and_nobody_is_killed():
    assert (extinctions("ethnic.legitimacy=0.9", "steps=150") == 150).all()
    killed = [curves("ethnic.legitimacy=0.9", "steps=150", seed=seed)["killed"] for seed in range(1000, 1000 + SEEDS)]
    assert np.sum(killed) == 0


def test_below_it_one_group_dies_out_and_officers_delay_that():
    """Mean and scatter of the time to extinction grow with the officers; runs of 500 steps cut the longest."""
    none, few = extinctions(), extinctions("ethnic.officer_density=0.04")
    assert none.max() < 100 and few.min() > none.max()
    assert few.std() > 3 * none.std()


@pytest.mark.parametrize("density", [0.0, 0.04])
def test_people_are_counted(density):
    found = curves("steps=60", f"ethnic.officer_density={density}", seed=1)
    assert (found["protesting"] + found["detained"] + found["quiet"] == found["blue"] + found["green"]).all()
    assert (found["officers"] == round(density * 1600)).all()
    assert (found["blue"] + found["green"] + found["officers"] <= 1600).all()
