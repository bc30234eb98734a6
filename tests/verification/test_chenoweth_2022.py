"""Chenoweth, Hocking and Marks (2022), doi:10.1371/journal.pone.0269976: rules, what must hold, what the paper reports.

The paper's full text was not at hand. Rules are those of a public reimplementation (docs/classics.md); of the paper's
results, those of its abstract are tested, with seeds from 1000 on, which nobody had looked at when bounds were set.
"""

import functools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.rules import chenoweth as rules
from experiments import load_scenario
from sim import run
from sim.classics.chenoweth.model import cells_in_view, numbers_of

SEEDS = 200
STRATEGIES = ("random", "rapid", "commitment", "pillars", "least_loyal_pillars")
SMALL_PEAK = 6  # protesters at once, half a percent of the people: a small campaign
SHOWN = 1.96  # standard errors


# --- rules in closed form ---


def test_rules_by_hand():
    average = rules.mean_income(0.5, 0.5)
    assert average == pytest.approx(math.exp(0.625)) and rules.hardship_of_income(average, average) == 0.5
    assert rules.income(0.0, 0.5, 0.5) == pytest.approx(math.exp(0.5))
    k = math.tanh(0.075 * 10 / 2)  # 2 sigmoid(x) - 1 = tanh(x / 2)
    assert rules.arrest_cost(1.0, 10.0, 0.075) == pytest.approx(2**0.25 * k)
    assert [rules.peer_pressure(n, 3.0) for n in (0, 1, 3, 6, 9)] == pytest.approx([0, 1 / 6, 0.5, 1, 1])
    assert rules.joining_drive(0.4, 0.5, 0.9, 0.2) == pytest.approx(0.02)
    assert rules.is_member(0.08, 0.0706) and not rules.is_member(0.0706, 0.0706)
    assert rules.starts_protest(1, 1) and not rules.starts_protest(0, 1)
    assert [rules.jail_term(unit, 10) for unit in (0.0, 0.5, 1 - 2**-53)] == [1, 5, 9]
    assert rules.defection_threshold(-9.0, 0.05, 0.01, 0.01) == 0.01
    assert rules.defection_threshold(1.0, 0.05, 0.01, 0.01) == pytest.approx(0.06)
    assert rules.defects(2, 20, 0.05) and not rules.defects(1, 20, 0.05) and not rules.defects(0, 0, 0.0)
    assert rules.legitimacy_after_killing(0.5, 0.99) == pytest.approx(0.495)


@pytest.mark.parametrize("members, protesters, probability", [(0, 3, 0.0), (2, 0, 0.4 * 0.25), (2, 1, 0.25)])
def test_share_of_turns_in_which_an_officer_goes_for_somebody(members, protesters, probability):
    luck = (np.arange(40) + 0.5) / 40
    found = [rules.is_targeted(members, protesters, find, target, 0.4, 0.25) for find in luck for target in luck]
    assert np.mean(found) == pytest.approx(probability, abs=1e-12)


@settings(deadline=None)
@given(st.floats(0.01, 50), st.floats(0.01, 50))
def test_the_rich_suffer_less_and_both_ends_fear_jail_most(one, other):
    low, high = sorted((one, other))
    assert rules.hardship_of_income(low, 2.0) >= rules.hardship_of_income(high, 2.0)
    assert rules.arrest_cost(1.0, 10.0, 0.075) <= rules.arrest_cost(low, 10.0, 0.075) + 1e-12
    assert 0 < rules.arrest_cost(low, 10.0, 0.075) < 2**0.25


# --- what must hold in every run ---


@functools.cache
def parameters(*overrides):
    return load_scenario("chenoweth_2022", *overrides)


def result(*overrides, seed):
    return run(parameters(*overrides), seed=seed)


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("edges", ["torus", "walls"])
def test_people_are_counted(strategy, edges):
    overrides = (f"chenoweth.strategy={strategy}", f"chenoweth.edges={edges}", "chenoweth.activist_density=0.03",
                 "chenoweth.success_share=1", "steps=60")  # fmt: skip
    found = result(*overrides, seed=1)
    c, (n_citizens, n_activists, n_officers, n_pillars) = found.curves_columns, numbers_of(found.parameters.chenoweth)
    killed = np.cumsum(c["killed"])
    assert killed[-1] > 0 and c["pillars_left"][-1] < n_pillars and c["officers"][-1] < n_officers
    np.testing.assert_array_equal(c["protesting"] + c["quiet"] + c["detained"] + killed, n_citizens + n_activists)
    np.testing.assert_allclose(c["legitimacy"], 0.56 * 0.99**killed, rtol=1e-12)
    assert (np.diff(c["officers"]) <= 0).all() and (np.diff(c["pillars_left"]) <= 0).all()
    assert (c["members"] <= n_citizens).all() and (c["activists"] <= n_activists).all()
    assert (c["detained"] <= 9 * n_officers).all()  # an arrest a turn at most, for nine steps at most


@pytest.mark.parametrize("seed", range(6))
def test_a_run_ends_with_its_outcome(seed):
    found = result("chenoweth.strategy=pillars", seed=seed)
    c, outcome = found.curves_columns, found.stats["outcome"]
    won = 24 - c["pillars_left"] > 2.4
    np.testing.assert_array_equal(c["has_succeeded"], won)
    assert not won[:-1].any() and won[-1] == (outcome == "success")
    assert outcome != "undecided" or found.steps == 200


def test_nobody_begins_without_activists_and_nobody_joins_a_legitimate_government():
    found = result("chenoweth.activist_density=0", seed=1)
    assert found.stats["outcome"] == "defeat" and found.steps == 1
    overrides = ("chenoweth.legitimacy=0.95", "chenoweth.activist_density=0.03", "chenoweth.backlash_factor=1")
    loyal = result(*overrides, seed=1)
    assert loyal.curves_columns["members"].max() == 0 and loyal.curves_columns["protesting"].max() > 0


@pytest.mark.parametrize("legitimacy", [0.56, 0.8, 0.9])
def test_share_of_members_under_full_pressure_without_officers(legitimacy):
    """One joins if H (1 - L) > F: y < y* = mean income - logit(F / (1 - L)), a share Phi((ln y* - a) / b)."""
    overrides = (f"chenoweth.legitimacy={legitimacy}", "chenoweth.officer_density=0", "chenoweth.activist_density=0.2",
                 "chenoweth.peer_pressure_number=1e-6", "chenoweth.protest_cycle=1", "chenoweth.least_members=0",
                 "chenoweth.latest_start=1", "chenoweth.success_share=1", "steps=4")  # fmt: skip
    ratio = 0.0706 / (1 - legitimacy)
    richest = math.exp(0.625) - math.log(ratio / (1 - ratio))
    share = 0.5 * (1 + math.erf((math.log(richest) - 0.5) / 0.5 / math.sqrt(2)))
    members = result(*overrides, seed=1).curves_columns["members"][-1] / 1120
    assert members == pytest.approx(share, abs=4 * math.sqrt(share * (1 - share) / 1120))


def test_view_and_walls():
    torus, walls = (cells_in_view(parameters(f"chenoweth.edges={edges}").chenoweth)
                    for edges in ("torus", "walls"))  # fmt: skip
    assert torus.shape == (1600, 48) and len(set(torus[0].tolist())) == 48  # cells of the disc of radius 4
    middle = 20 * 40 + 20
    np.testing.assert_array_equal(torus[middle], walls[middle])
    assert (walls[0] >= 0).sum() == 16 and (walls >= 0).sum() < (torus >= 0).sum()  # a quarter of the disc at a corner


# --- what the paper reports ---


@functools.cache
def campaigns(strategy, *more):
    """Whether each campaign won, and how many protested at its peak."""
    found = [result(f"chenoweth.strategy={strategy}", *more, seed=1000 + k) for k in range(SEEDS)]
    peaks = np.array([each.curves_columns["protesting"].max() for each in found])
    return np.array([each.stats["outcome"] == "success" for each in found]), peaks


def excess(one, other):
    """How far one share lies above another, in standard errors; each has half a success and a failure more."""
    a, b = ((found.sum() + 0.5) / (len(found) + 1) for found in (one, other))
    error = math.sqrt(a * (1 - a) / (len(one) + 1) + b * (1 - b) / (len(other) + 1))
    return (a - b) / error


@pytest.mark.parametrize("other", ["random", "rapid", "commitment", "pillars"])
def test_the_least_loyal_pillars_are_the_best_target(other):
    assert excess(campaigns("least_loyal_pillars")[0], campaigns(other)[0]) > SHOWN


def test_any_pillars_are_a_better_target_than_none():
    assert excess(campaigns("pillars")[0], campaigns("random")[0]) > SHOWN


@pytest.mark.parametrize("strategy", ["pillars", "least_loyal_pillars"])
@pytest.mark.parametrize("other", ["random", "rapid", "commitment"])
def test_small_campaigns_do_better_with_pillars_than_with_numbers(strategy, other):
    """Of campaigns that never had more than `SMALL_PEAK` protesters at once."""
    small = [won[peaks <= SMALL_PEAK] for won, peaks in (campaigns(strategy), campaigns(other))]
    assert min(map(len, small)) >= 20 and excess(*small) > SHOWN


def test_participation_helps():
    won, peaks = campaigns("random")
    assert excess(won[peaks > SMALL_PEAK], won[peaks <= SMALL_PEAK]) > 2 * SHOWN


@pytest.mark.parametrize("other, is_reversed", [("rapid", True), ("commitment", False)])
def test_what_fails_the_nearest_pillars_over_campaigns_of_all_sizes(other, is_reversed):
    """That seeking pillars, whatever their loyalty, beats the other strategies: against these two it is not shown."""
    found = excess(campaigns("pillars")[0], campaigns(other)[0])
    assert found < SHOWN and (found < -SHOWN) == is_reversed
