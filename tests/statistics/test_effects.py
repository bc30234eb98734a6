"""Effects: pairs, shares of the baseline, which signs are shown."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from experiments.analysis.effects import FALSE_DISCOVERIES, Effect, family, paired_effect, with_signs
from experiments.analysis.intervals import paired_interval, unpaired_interval


def of(differences, baseline=100.0):
    """Effect of differences to a baseline that is the same in every replicate."""
    against = dict.fromkeys(range(len(differences)), baseline)
    return paired_effect(1, "peak_turnout", {k: baseline + d for k, d in enumerate(differences)}, against)


def sign(*effects):
    return [effect.sign for effect in with_signs(effects)]


def spread(mean, n=20):
    """n differences of standard deviation 1 around a mean."""
    values = stats.norm.ppf((np.arange(n) + 0.5) / n)
    return mean + (values - values.mean()) / values.std(ddof=1)


def test_pairs_are_compared_and_the_others_left_out():
    at, against = {0: 2.0, 1: 5.0, 2: math.nan, 3: 7.0}, {0: 1.0, 1: 2.0, 2: 3.0, 4: 1.0}
    effect = paired_effect(3, "anger", at, against)
    assert (effect.point, effect.n, effect.baseline, effect.value, effect.difference) == (3, 2, 1.5, 3.5, 2.0)
    assert (effect.low, effect.high) == paired_interval([1.0, 3.0])
    assert paired_effect(3, "anger", {}, against).n == 0


def test_independent_luck_compares_the_two_samples():
    at, against = {0: 1.0, 1: 2.0, 2: 4.0}, {0: 8.0, 1: 7.0, 2: math.nan, 3: 9.0, 4: 9.5}
    effect = paired_effect(1, "anger", at, against, common_luck=False)
    assert (effect.low, effect.high) == unpaired_interval([1, 2, 4], [8, 7, 9, 9.5]) and effect.n == 3


@pytest.mark.parametrize("n", [5, 9])
def test_no_sign_below_ten_replicates(n):
    assert sign(of([3.0, 4.0, 5.0] * (n // 3) + [4.0] * (n % 3))) == [0]


def test_signs_from_ten_on():
    assert sign(of([3.0, 4.0] * 5), of([-3.0, -4.0] * 5), of([3.0, -3.0] * 5)) == [1, -1, 0]
    assert sign(of([1.0] * 10)) == [1]  # the same in every replicate


def test_exactly_nothing_is_no_effect_at_all_and_no_member_of_the_family():
    nothing, some = of([0.0] * 20), of(spread(0.45))
    assert nothing.is_none and sign(nothing) == [0]
    assert not of([0.0] * 19 + [1e-3]).is_none and not of([0.0] * 9).is_none
    alone, crowded = with_signs([some])[0], with_signs([some, *[nothing] * 50])[0]
    assert alone == crowded and alone.sign == 1
    assert family([some, nothing, of([1.0] * 9), of([math.nan] * 20)]) == [0]


def test_what_an_interval_alone_would_show_is_not_shown_among_many():
    """p = .06 alone is below a tenth; among twenty others without effect it may well be chance."""
    some = of(spread(0.45))
    assert some.low > 0 and sign(some) == [1]
    assert sign(some, *[of(spread(0.05)) for _ in range(20)])[0] == 0


def test_false_discoveries_of_a_sweep_without_any_effect():
    """Of 200 sweeps of 40 effects that do not exist: one sign or more in a tenth at most; intervals alone: in all."""
    generator, n_sweeps = np.random.default_rng(3), 200
    claimed, uncorrected = 0, 0
    for _ in range(n_sweeps):
        effects = [of(row) for row in generator.normal(size=(40, 20))]
        claimed += any(sign(*effects))
        uncorrected += any(effect.low > 0 or effect.high < 0 for effect in effects)
    error = 3 * math.sqrt(0.1 * 0.9 / n_sweeps)
    assert claimed / n_sweeps <= FALSE_DISCOVERIES + error
    assert uncorrected / n_sweeps > 0.9


def test_effects_that_exist_are_found():
    generator = np.random.default_rng(4)
    effects = [of(row) for row in generator.normal(1.5, 1.0, (40, 20))]
    assert sign(*effects) == [1] * 40


def test_a_share_of_the_baseline_has_the_baselines_luck_too():
    """Linear terms of the ratio; with the same baseline everywhere it is the difference over the baseline."""
    effect = of(spread(5.0))
    assert effect.relative == pytest.approx(tuple(x / 100 for x in (effect.difference, effect.low, effect.high)))
    doubled = paired_effect(1, "anger", {k: 2.0 * (k + 1) for k in range(10)}, {k: 1.0 * (k + 1) for k in range(10)})
    assert doubled.relative == pytest.approx((1.0, 1.0, 1.0)) and doubled.high > doubled.difference > doubled.low


def test_coverage_of_a_share():
    """A fifth more on baselines that vary by a third: the true share within 88-92 %, 3 standard errors more."""
    generator, held, samples = np.random.default_rng(5), 0, 1000
    for _ in range(samples):
        base = generator.gamma(9.0, 10.0, 20)
        at = base * generator.gamma(25.0, 1.2 / 25.0, 20)
        low, high = paired_effect(1, "anger", dict(enumerate(at)), dict(enumerate(base))).relative[1:]
        held += low <= 0.2 <= high
    assert 0.88 - 0.03 < held / samples < 0.92 + 0.03


def test_no_share_of_nothing_and_a_negative_baseline():
    assert np.isnan(of([1.0] * 10, baseline=0.0).relative).all()
    assert of([1.0, 2.0] * 5, baseline=-10.0).relative[0] == pytest.approx(0.15)
    assert np.isnan(Effect(0, "anger", 0).relative).all()
