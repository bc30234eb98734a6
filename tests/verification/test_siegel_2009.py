"""Siegel (2009), doi:10.1111/j.1540-5907.2008.00361.x: closed form of the complete graph, and the four networks."""

import numpy as np
import pytest

from experiments import load_scenario
from sim import run
from sim.classics.siegel import NETWORKS, both_ways, equilibrium_share, local_participation

N = 4000


def final_share(mean, sd, seed=1, *more):
    parameters = load_scenario("siegel_2009", f"siegel.motivation_mean={mean}", f"siegel.motivation_sd={sd}", *more)
    curves = run(parameters, seed=seed).curves_columns
    return curves["protesting"][-1] / (curves["protesting"][-1] + curves["quiet"][-1])


@pytest.mark.parametrize("mean, sd, share", [(0.60, 0.20, 0.03), (0.60, 0.30, 0.97)])
def test_complete_graph(mean, sd, share):
    """The closed form to the published digits; a drawn crowd of 4,000 within 4 sd / (1 - slope), slope below .5."""
    exact = equilibrium_share(mean, sd)
    assert round(exact, 2) == pytest.approx(share, abs=0.0101)
    error = 4 * (exact * (1 - exact) / N) ** 0.5 / 0.5
    assert final_share(mean, sd, 1, f"siegel.n_people={N}") == pytest.approx(exact, abs=error)


def test_at_065_and_020_the_draw_decides_between_two_ends():
    """Near x = .12 the curve passes the diagonal by .005, less than the scatter of 1,000 draws: .010."""
    ends = np.array([final_share(0.65, 0.20, seed) for seed in range(12)])
    assert ((ends < 0.25) | (ends > 0.75)).all()
    assert (ends < 0.25).any() and (ends > 0.75).any()


@pytest.mark.parametrize("network", NETWORKS)
def test_networks(network):
    options = load_scenario("siegel_2009", f"siegel.network={network}").siegel
    one, other = both_ways(NETWORKS[network](options, np.random.default_rng(1)))
    assert (one != other).all() and set(zip(one, other, strict=True)) == set(zip(other, one, strict=True))
    is_out = np.random.default_rng(2).random(options.n_people)
    share = local_participation((is_out < 0.3).astype(float), (one, other))
    assert ((0 <= share) & (share <= 1)).all()
    assert 0 < final_share(0.6, 0.2, 1, f"siegel.network={network}") < 1


def test_memory_changes_the_speed_and_not_the_end():
    ends = [final_share(0.60, 0.30, 1, f"siegel.memory={memory}") for memory in (0.0, 0.5)]
    assert ends[0] == ends[1]
