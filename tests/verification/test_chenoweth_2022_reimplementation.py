"""Chenoweth, Hocking and Marks (2022), doi:10.1371/journal.pone.0269976, against a reimplementation of it.

htdinhiu/abm_nonviolence (2025), commit 716ad9c, of which the rules are, was run for 40 steps with seeds 0 to 59 on
20 x 20 cells with 5 % of activists and 3 % of pillars, no campaign winning: mean and standard deviation over 60 runs of
the means over the steps, and of the legitimacy at the end. It never sees across the middle lines of its torus, which is
`edges=walls` moved by half the size.
"""

import functools
import math

import numpy as np
import pytest

from experiments import load_scenario
from sim import run

SEEDS = 120
ERRORS = 4.0  # standard errors
SMALL = ("chenoweth.size=20", "chenoweth.activist_density=0.05", "chenoweth.pillar_density=0.03",
         "chenoweth.success_share=1", "steps=40")  # fmt: skip
NAMES = ("members", "protesting", "detained", "officers", "pillars_left", "activists", "legitimacy")
SETTINGS = {"random": (), "commitment": ("chenoweth.committed_share=1",), "rapid": ("chenoweth.immediate_share=1",)}
N_MEASURED = 60
MEASURED = {
    "random": ((14.3854, 8.7024), (6.6212, 2.7193), (3.1508, 1.1337), (8.3329, 2.7773), (5.9454, 2.1484),
               (15.8458, 1.7549), (0.5429, 0.0102)),
    "commitment": ((129.1421, 42.9965), (18.2863, 5.1908), (2.6917, 1.0531), (5.9804, 2.1183), (4.3442, 1.7683),
                   (17.1646, 1.5975), (0.5471, 0.0093)),
    "rapid": ((23.2563, 9.1514), (11.7654, 3.7831), (2.0396, 0.9560), (5.2317, 2.3511), (3.7096, 1.9867),
              (17.2671, 1.7099), (0.5477, 0.0095)),
}  # fmt: skip


@functools.cache
def ours(strategy, *more):
    parameters = load_scenario("chenoweth_2022", *SMALL, *SETTINGS[strategy], *more)
    found = [run(parameters, seed=1000 + k).curves_columns for k in range(SEEDS)]
    return {name: np.array([c[name][-1] if name == "legitimacy" else c[name].mean() for c in found]) for name in NAMES}


def distances(strategy, *more):
    """How far our means lie from those measured, in standard errors."""
    found = {}
    for name, (mean, sd) in zip(NAMES, MEASURED[strategy], strict=True):
        values = ours(strategy, *more)[name]
        found[name] = (values.mean() - mean) / math.sqrt(values.var(ddof=1) / SEEDS + sd**2 / N_MEASURED)
    return found


@pytest.mark.parametrize("strategy", SETTINGS)
def test_means_agree(strategy):
    assert {name: z for name, z in distances(strategy, "chenoweth.edges=walls").items() if abs(z) >= ERRORS} == {}


@pytest.mark.parametrize("other", ["chenoweth.defected_officers_deter=false", "chenoweth.joining_threshold=0.05",
                                   "chenoweth.peer_pressure_number=2", "chenoweth.protest_cycle=6",
                                   "chenoweth.kill_probability=0.3", "chenoweth.target_probability=0.4"])  # fmt: skip
def test_another_model_would_be_caught(other):
    found = distances("random", "chenoweth.edges=walls", other)
    assert max(map(abs, found.values())) > ERRORS


def test_a_torus_is_caught():
    assert distances("rapid")["members"] > ERRORS
