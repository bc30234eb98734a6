"""Scale: a citizen may stand for 400, 200 or 100 persons; medians over seeds agree.

The bound: the ratio of two medians over the same seeds varies by sampling. Its spread is found by the bootstrap, seeds
drawn with replacement and kept in pairs; half the width of the 99 % interval is the sampling error, to which 5 % of
drift is added.
"""

from __future__ import annotations

import itertools

import numpy as np
import pytest

SEEDS = range(1, 16)
SCALES = (400, 200, 100)
DRIFT = 0.05


def outcomes(result):
    curves = result.curves_columns
    return {"peak": curves["protesting"].max(), "rally": result.rally_present.max(),
            "detained": curves["detained_new"].sum()}  # fmt: skip


def log_ratio_of_medians(one, two):
    return np.log(np.median(one, axis=-1) / np.median(two, axis=-1))


def sampling_error(one, two, n=4000):
    """Half the width of the 99 % bootstrap interval of the log ratio of medians, seeds kept in pairs."""
    pairs = np.random.default_rng(1).integers(len(one), size=(n, len(one)))
    low, high = np.quantile(log_ratio_of_medians(one[pairs], two[pairs]), (0.005, 0.995))
    return 0.5 * (high - low)


@pytest.fixture(scope="session")
def by_scale(settings, simulate):
    """Outcome by scale and seed, float64 (n_seeds,)."""

    def values(name):
        return {scale: np.array([outcomes(simulate(settings("minsk_2020", {"persons_per_agent": scale}), seed))[name]
                                 for seed in SEEDS]) for scale in SCALES}  # fmt: skip

    return values


@pytest.mark.parametrize("name", ["peak", "rally", "detained"])
def test_medians_agree_between_scales(by_scale, name):
    """Minsk: peak of the protest, peak of the rally, detained in all."""
    values = by_scale(name)
    for one, two in itertools.combinations(SCALES, 2):
        found = log_ratio_of_medians(values[one], values[two])
        bound = sampling_error(values[one], values[two]) + np.log(1.0 + DRIFT)
        assert abs(found) <= bound, f"1:{one} against 1:{two}: {np.expm1(found):+.1%}, bound {np.expm1(bound):.1%}"


def test_the_bound_is_one_that_could_be_broken(by_scale):
    """Peak and rally half as large again at another scale would be noticed."""
    for name in ("peak", "rally"):
        values = by_scale(name)
        for one, two in itertools.combinations(SCALES, 2):
            assert sampling_error(values[one], values[two]) + np.log(1.0 + DRIFT) < np.log(1.5)
