"""Pre-registered signs, in Minsk, 9-16 August 2020: what falls and what rises when a mechanism is taken away.

The same seed gives the same people the same luck under every policy, so policies are compared seed by seed. A sign is
claimed if the exact sign-flip test finds chance unlikely: of the 2^n ways to give the n paired differences a sign, at
most 1 % have a mean as large. With n seeds that all agree its level is 2^-n (the binomial bound), 0.2 % for nine.
"""

from __future__ import annotations

import itertools

import numpy as np
import pytest

SEEDS = range(1, 10)
LEVEL = 0.01

POLICIES = {
    "base": {},
    "no job pressure": {"job_pressure.strength": 0.0},
    # the dose of violence: on the street and in custody, together
    "no violence": {"repression.violent_share": 0.0, "repression.custody_share": 0.0},
    "four times the violence": {"repression.violent_share": 1.0, "repression.custody_share": 0.8},
    "no appeals": {"appeals.strength": 0.0},
    "ten times the appeals": {"appeals.strength": 10.0},
    "no calls": {"leader.strength": 0.0},
    "no Russian support": {"russian_support.strength": 0.0},
    "no fear": {"fear.strength": 0.0},
    "no announced share": {"announced_share.strength": 0.0},
    "no threat framing": {"threat_framing.strength": 0.0},
    "no anger": {"anger.strength": 0.0},
}
SUNDAY = slice(7 * 24 + 6, 8 * 24)


def outcomes(result):
    """Outcomes of a run that a claim is about; crowds at their peak, means and counts at the end."""
    curves = {name: values[:, 0] for name, values in result.curves_columns.items()}
    protest = curves["protesting"]
    return {
        "protest of 9 August": protest[18:30].max(),
        "protest of 16 August": protest[SUNDAY].max(),
        "person-hours of protest": protest.sum(),
        "rally": result.rally_present[SUNDAY, 0].max(),
        "coerced": curves["rallying_coerced"].max(),
        "lost officers": curves["officers_withholding"][-1] + curves["officers_resigned"][-1],
        "affinity": curves["mean_russia_affinity"][-1],
        "legitimacy": curves["mean_legitimacy"][-1],
    }


@pytest.fixture(scope="session")
def outcome(settings, simulate):
    """Outcome of a policy by seed: outcome("no calls", "protest of 16 August"), float64 (n_seeds,)."""

    def values(policy, name):
        parameters = settings("minsk_2020", {"persons_per_agent": 100} | POLICIES[policy])
        return np.array([outcomes(simulate(parameters, seed))[name] for seed in SEEDS])

    return values


def sign_flip_level(differences):
    """Share of all ways to flip signs whose sum is at least the one observed: exact, one-sided."""
    signs = np.array(list(itertools.product((-1.0, 1.0), repeat=len(differences))))
    return float((signs @ differences >= differences.sum() - 1e-9 * np.abs(differences).sum()).mean())


def assert_higher(high, low):
    level = sign_flip_level(high - low)
    assert level <= LEVEL, f"level {level:.3f}; differences by seed {np.round(high - low, 4).tolist()}"


def test_the_sign_flip_test_is_one_in_two_to_the_n_at_best():
    """All agree: 2^-n, the binomial bound; symmetric differences: no claim."""
    assert sign_flip_level(np.arange(1.0, 10.0)) == 2.0**-9
    assert sign_flip_level(np.array([1.0, -1.0, 2.0, -2.0])) > 0.4
    assert sign_flip_level(-np.arange(1.0, 10.0)) == 1.0


@pytest.mark.parametrize(
    ("higher_with", "lower_with", "name"),
    [
        ("base", "no job pressure", "rally"),
        ("base", "no job pressure", "coerced"),
        ("no job pressure", "base", "protest of 16 August"),
        ("base", "no violence", "protest of 16 August"),  # backlash
        ("no violence", "base", "protest of 9 August"),  # before anybody has seen any: fear alone
        ("base", "four times the violence", "protest of 16 August"),  # with the row before: an inverted U
        ("ten times the appeals", "no appeals", "lost officers"),
        ("base", "no calls", "protest of 16 August"),
        ("no Russian support", "base", "affinity"),
        ("no Russian support", "base", "legitimacy"),
        ("no fear", "base", "protest of 16 August"),
        ("no fear", "base", "person-hours of protest"),
        ("base", "no announced share", "protest of 16 August"),
        ("base", "no announced share", "person-hours of protest"),
        ("no announced share", "base", "legitimacy"),
        ("base", "no threat framing", "rally"),
        ("base", "no anger", "protest of 16 August"),
    ],
)
def test_sign(outcome, higher_with, lower_with, name):
    """`name` is higher under the first policy than under the second, seed by seed."""
    assert_higher(outcome(higher_with, name), outcome(lower_with, name))


def test_nobody_is_coerced_without_job_pressure(outcome):
    """The coerced are those who came by order; without orders there are none."""
    assert (outcome("base", "coerced") > 0).all()
    assert (outcome("no job pressure", "coerced") == 0).all()


@pytest.mark.parametrize("policy", ["no appeals", "ten times the appeals"])
def test_appeals_leave_turnout_within_one_percent(outcome, policy):
    """Appeals act on turnout only through the force that people expect; within the week that is next to nothing."""
    change = outcome(policy, "protest of 16 August") / outcome("base", "protest of 16 August") - 1.0
    assert np.abs(change).max() < 0.01


@pytest.mark.parametrize("policy", ["no job pressure", "no violence", "no calls", "no announced share"])
def test_common_random_numbers_pay(outcome, policy):
    """The difference by seed varies less than it would between different seeds."""
    base, other = (np.log(outcome(each, "protest of 16 August")) for each in ("base", policy))
    unpaired = np.sqrt(base.var(ddof=1) + other.var(ddof=1))
    assert (other - base).std(ddof=1) < 0.7 * unpaired
