"""A rule replaced by the user's own: on both engines, only while asked for, never unnoticed."""

import numpy as np
import pytest

from agents.rules.rule import rule
from experiments import load_scenario
from sim import run
from sim.errors import InputError

# Many arrests, so that there is anger whose decay can differ.
MANY_ARRESTS = ("repression.arrest_constant=1", "participation.intercept=-3")
SETTINGS = ("vyraj", "persons_per_agent=60", "hours=44", *MANY_ARRESTS)


@rule
def linear_fear(risk: float, sanction: float, risk_scale: float, strength: float) -> float:
    """Fear without the logarithm."""
    return strength * min(6.0, risk * sanction / risk_scale / 20.0)


@rule
def straight_decay(decay_per_day: float, n_hours: float) -> float:
    """A daily decay that is linear in hours."""
    return max(0.0, 1.0 - decay_per_day * n_hours / 24.0)


def plain(decay_per_day, n_hours):
    return 1.0


def same(one, other):
    pairs = ((values, other.curves_columns[name]) for name, values in one.curves_columns.items())
    return all(np.array_equal(mine, theirs, equal_nan=True) for mine, theirs in pairs)


@pytest.mark.parametrize(
    ("name", "mine"), [("fear.felt_fear", linear_fear), ("rates.kept_share", straight_decay)], ids=["called", "nested"]
)
def test_both_engines_follow_and_the_shipped_rule_comes_back(name, mine):
    """rates.kept_share is called by other rules too: they have to be made anew."""
    shipped = run(load_scenario(*SETTINGS))
    compiled = run(load_scenario(*SETTINGS), rules={name: mine})
    by_agents = run(load_scenario(*SETTINGS, "engine=mesa"), rules={name: mine})
    assert not same(shipped, compiled)
    assert same(compiled, by_agents)
    assert same(shipped, run(load_scenario(*SETTINGS)))
    assert compiled.stats["replaced_rules"][0].startswith(name)
    assert shipped.stats["replaced_rules"] == []


def test_the_hash_of_a_replacement_follows_its_source():
    from sim.rulebook import Rulebook

    (one,) = Rulebook({"fear.felt_fear": linear_fear}).names
    (again,) = Rulebook({"fear.felt_fear": linear_fear}).names

    @rule
    def other(risk: float, sanction: float, risk_scale: float, strength: float) -> float:
        """Fear, twice as steep."""
        return strength * min(6.0, risk * sanction / risk_scale / 10.0)

    (changed,) = Rulebook({"fear.felt_fear": other}).names
    assert one == again != changed


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        ({"fear.felt_fera": linear_fear}, "did you mean fear.felt_fear"),
        ({"draws.uniform": linear_fear}, "draws.uniform"),
        ({"fear.felt_fear": straight_decay}, "(risk, sanction, risk_scale, strength)"),
        ({"rates.kept_share": plain}, "@rule"),
    ],
    ids=["unknown name", "luck is no mechanism", "other arguments", "no rule"],
)
def test_bad_replacements_are_one_line(rules, told):
    with pytest.raises(InputError) as error:
        run(load_scenario(*SETTINGS), rules=rules)
    assert told in str(error.value)
    assert "\n" not in str(error.value)
