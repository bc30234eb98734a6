"""Kumaraswamy (1980), doi:10.1016/0022-1694(80)90036-0: F(x) = 1 - (1 - x^a)^b, the marginal of the preference.

The rule is given a (polarisation) and the share below one half, 1 - (1 - 2^-a)^b, in the place of b.
"""

import math

import numpy as np
import pytest
from scipy import special, stats

from agents.compiled.draws import normal
from agents.compiled.rule import kernel
from agents.decisions import TRAIT_PREFERENCE
from agents.rules.traits import preference_exponent, private_preference

N = 50_000


@kernel
def fill(exponent, polarisation, out):
    """Draw the preferences of seed 1."""
    for person in range(len(out)):
        out[person] = private_preference(normal(1, TRAIT_PREFERENCE, person, 0), exponent, polarisation)


def drawn(against, polarisation):
    out = np.empty(N)
    fill(preference_exponent(against, polarisation), polarisation, out)
    return out


@pytest.mark.parametrize("a, b, against", [(1.0, 1.0, 0.5), (1.0, 2.0, 0.75), (2.0, 3.0, 0.578125), (2.0, 1.0, 0.25)])
def test_exponent_is_1_over_b(a, b, against):
    """1 - (1 - 1/4)^3 = 37/64 = .578125, and so on."""
    assert preference_exponent(against, a) == pytest.approx(1.0 / b, rel=1e-12)


@pytest.mark.parametrize("a, b, p, quantile", [
    (2.0, 3.0, 0.5, 0.45420204),  # sqrt(1 - .5^(1/3)) = sqrt(.20629947)
    (2.0, 3.0, 0.578125, 0.5),
    (1.0, 2.0, 0.5, 0.29289322),  # 1 - sqrt(.5)
    (1.0, 2.0, 0.19, 0.1),  # 1 - .9^2
    (0.5, 1.0, 0.9, 0.81), (1.0, 1.0, 0.3, 0.3),
])
def test_quantiles(a, b, p, quantile):
    assert private_preference(special.ndtri(p), 1.0 / b, a) == pytest.approx(quantile, rel=1e-7)


@pytest.mark.parametrize("against, a", [(0.712, 0.8), (0.45, 0.5), (0.8, 1.5), (0.578125, 2.0)])
def test_drawn_share_below_one_half(against, a):
    """Within 4 standard errors."""
    assert abs((drawn(against, a) < 0.5).mean() - against) < 4 * math.sqrt(against * (1 - against) / N)


@pytest.mark.parametrize("a, b, against, mean", [
    (2.0, 3.0, 0.578125, 16 / 35),  # b B(1 + 1/a, b) = 3 B(3/2, 3)
    (1.0, 2.0, 0.75, 1 / 3), (1.0, 1.0, 0.5, 1 / 2), (2.0, 1.0, 0.25, 2 / 3),
])
def test_drawn_mean(a, b, against, mean):
    x = drawn(against, a)
    assert abs(x.mean() - mean) < 4 * x.std() / math.sqrt(N)


@pytest.mark.parametrize("a, b, against", [(2.0, 3.0, 0.578125), (0.8, 1.457373171, 0.712)])
def test_drawn_distribution(a, b, against):
    """b = log .288 / log(1 - 2^-.8) = 1.457373 for the population of 2020."""
    x = drawn(against, a)
    assert stats.kstest(x, lambda q: 1 - (1 - q**a) ** b).pvalue > 1e-4
    assert stats.kstest(x, lambda q: 1 - (1 - q**a) ** (1.05 * b)).pvalue < 1e-4
