"""Davies, Fry, Wilson & Bishop (2013), doi:10.1038/srep01303: which site one goes to.

Of the sites k, one in place i goes to k with probability S_k^alpha exp(-beta d_ik) / sum of the same over all sites.
(Their third factor, deterrence by the force at a site, is the fear of the shipped model and acts on joining.)
"""

import math

import numpy as np
import pytest

from agents.compiled.draws import pick
from agents.rules.place import site_weight
from sim.world.space import Pull, fill_site_weights

N = 10_000


def chosen(attraction, distance_m, exponent=1.0, decay=0.5, strength=1.0):
    """Return the share of N evenly spread draws that goes to each site, seen from one cell at the origin."""
    n = len(attraction)
    out = np.empty((1, n))
    fill_site_weights(np.zeros(1), np.zeros(1), np.array(distance_m, float), np.zeros(n), np.array(attraction, float),
                      Pull(exponent, decay, strength), out)  # fmt: skip
    picked = [pick(out[0], (i + 0.5) / N) for i in range(N)]
    return np.bincount(picked, minlength=n) / N


@pytest.mark.parametrize("exponent, expected", [
    (1.0, [0.626519, 0.258239, 0.115242]),  # 4 exp(-.5), 1, 2 exp(-1.5): 2.426123, 1, .446260 of 3.872383
    (0.5, [0.479733, 0.395473, 0.124793]),  # 2 exp(-.5), 1, sqrt(2) exp(-1.5): 1.213061, 1, .315554 of 2.528615
])
def test_shares_of_three_sites(exponent, expected):
    """An interval of [0, 1) holds within 1 / N of its length of N evenly spread draws."""
    assert chosen([4.0, 1.0, 2.0], [1000.0, 0.0, 3000.0], exponent) == pytest.approx(expected, abs=1.01 / N)


def test_a_site_that_closes_leaves_the_others_odds_alone():
    odds = 2.4261226389 / 0.4462603203
    before, after = (chosen([4.0, s, 2.0], [1000.0, 0.0, 3000.0]) for s in (1.0, 0.0))
    assert after[1] == 0.0
    for share in (before, after):
        assert share[0] / share[2] == pytest.approx(odds, rel=0.003)


def test_all_sites_closed():
    out = np.zeros(3)
    assert pick(out, 0.5) == -1


@pytest.mark.parametrize("decay", [0.0, 0.25, 1.0])
def test_log_odds_are_linear_in_distance(decay):
    weights = [site_weight(3.0, 500.0 * k, 1.0, decay, 1.0) for k in range(20)]
    steps = np.diff(np.log(weights))
    assert steps == pytest.approx(np.full(19, -0.5 * decay), abs=1e-12)


@pytest.mark.parametrize("exponent", [0.5, 1.0, 1.5])
def test_twice_the_attraction_multiplies_the_odds_by_2_to_the_alpha(exponent):
    odds = site_weight(6.0, 700.0, exponent, 0.25, 1.0) / site_weight(3.0, 700.0, exponent, 0.25, 1.0)
    assert math.log2(odds) == pytest.approx(exponent, rel=1e-12)
