"""Siegel (2009), doi:10.1111/j.1540-5907.2008.00361.x: closed form of the complete graph, and the four networks.

Of the networks only what the abstract claims is compared (the text of the paper was not at hand): how size, weak ties
and elites work depends on network and motivation; in some contexts additional ties decrease participation.
"""

import numpy as np
import pytest

from experiments import load_scenario
from sim import run
from sim.classics.siegel.model import (
    draw_motivation,
    draw_ties,
    equilibrium_share,
    local_participation,
    participation,
)
from sim.classics.siegel.networks import NETWORKS, both_ways

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


# --- what the abstract says of networks: paired differences over twelve seeds, the same motivations in either arm ---


def ends(mean, sd, *settings):
    words = [f"siegel.{setting}" for setting in (f"motivation_mean={mean}", f"motivation_sd={sd}", *settings)]
    parameters = load_scenario("siegel_2009", "steps=150", *words)
    runs = [run(parameters, seed=seed).curves_columns["protesting"] / 1000 for seed in range(1000, 1012)]
    assert all(np.ptp(curve[-6:]) == 0 for curve in runs)  # at rest, not flipping
    return np.array([curve[-1] for curve in runs])


def interval(differences):
    """95 % interval of the mean."""
    half = 2.2 * np.std(differences, ddof=1) / len(differences) ** 0.5
    return np.mean(differences) - half, np.mean(differences) + half


SIGNS = {
    "more ties, weakly motivated": (0.60, 0.20, "small_world", "n_near=3", "n_near=30", -1),
    "more ties, scattered motivations": (0.60, 0.30, "small_world", "n_near=3", "n_near=30", 1),
    "weak ties, weakly motivated": (0.60, 0.20, "small_world", "far_probability=0", "far_probability=0.5", -1),
    "weak ties, scattered motivations": (0.60, 0.30, "small_world", "far_probability=0", "far_probability=0.5", 1),
    "weak ties between villages": (0.70, 0.20, "village", "far_probability=0", "far_probability=1", 1),
    "size of villages, weakly motivated": (0.55, 0.20, "village", "village_size=5", "village_size=100", -1),
    "size of villages, scattered motivations": (0.60, 0.30, "village", "village_size=5", "village_size=100", 1),
    "width of a hierarchy": (0.70, 0.20, "hierarchy", "n_below=2", "n_below=30", -1),
    "steeper opinion leadership": (0.70, 0.20, "opinion_leader", "degree_exponent=2", "degree_exponent=3", -1),
}


@pytest.mark.parametrize("name", SIGNS)
def test_the_sign_of_a_tie_depends_on_network_and_motivation(name):
    mean, sd, network, few, many, sign = SIGNS[name]
    low, high = interval(ends(mean, sd, f"network={network}", many) - ends(mean, sd, f"network={network}", few))
    assert (low > 0) if sign > 0 else (high < 0)


def elite_effect(network, mean, sd, motivation, n_elite=20):
    """Turnout with the motivation of the twenty with most ties changed, less that of twenty others, per seed."""
    settings = (f"siegel.network={network}", f"siegel.motivation_mean={mean}", f"siegel.motivation_sd={sd}")
    parameters, found = load_scenario("siegel_2009", *settings), []
    for seed in range(1000, 1012):
        seeded = parameters.model_copy(update={"seed": seed})
        drawn, ties = draw_motivation(seeded), draw_ties(seeded)
        by_ties = np.argsort(-np.bincount(ties[0], minlength=len(drawn)), kind="stable")
        others = np.random.default_rng(seed).choice(by_ties[n_elite:], n_elite, replace=False)
        turnout = []
        for chosen in (by_ties[:n_elite], others):
            changed = drawn.copy()
            changed[chosen] = motivation
            turnout.append(participation(changed, ties, 0.0, 150)[-1] / 1000)
        found.append(turnout[0] - turnout[1])
    return np.array(found)


@pytest.mark.parametrize("network, least", [("opinion_leader", 0.4), ("hierarchy", 0.05)])
def test_bold_elites_bring_people_out(network, least):
    assert interval(elite_effect(network, 0.55, 0.20, 2.0))[0] > least


def test_opinion_leaders_who_stay_home_keep_people_home():
    """Where many would go: with a mean motivation of .7."""
    assert interval(elite_effect("opinion_leader", 0.70, 0.20, -1.0))[1] < -0.3


@pytest.mark.parametrize("network", ["small_world", "village"])
def test_where_nobody_stands_out_nobody_leads(network):
    low, high = interval(elite_effect(network, 0.55, 0.20, 2.0))
    assert -0.05 < low and high < 0.05


@pytest.mark.parametrize("network", [*NETWORKS, "complete"])
@pytest.mark.parametrize("memory", [0.0, 0.5])
def test_from_nobody_on_nobody_ever_goes_home(network, memory):
    """Costs start at their highest and can only fall, so that deciding all at once makes no two people flip for ever.

    A port (N. Eubank's) decides one after the other to avoid such flips; from c = 1 on there are none.
    """
    settings = (f"siegel.network={network}", "siegel.motivation_sd=0.3", f"siegel.memory={memory}", "steps=60")
    n_out = run(load_scenario("siegel_2009", *settings), seed=1000).curves_columns["protesting"]
    assert (np.diff(n_out) >= 0).all() and n_out[-1] > n_out[0]
