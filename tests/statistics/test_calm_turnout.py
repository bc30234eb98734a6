"""A prior on turnout: the level by the rules themselves, solved for and back, and with other weights the same."""

import numpy as np
import pytest
from scipy import special

from agents.rules.participation import MotiveWeights, OwnState, joins, own_motive
from experiments import load_scenario
from experiments.calibration.calm_turnout import INTERCEPT, check_reach, log_odds, people_of, with_intercept
from experiments.design.fitted import CALM_TURNOUT
from sim.errors import InputError
from sim.world.world import build_world


@pytest.fixture(scope="module")
def case():
    parameters = load_scenario("vyraj", "persons_per_agent=2000")
    return parameters, people_of(parameters)


def test_the_level_is_that_of_the_rules(case):
    """One by one: the share of (person, luck) in which `joins` holds, over an even grid of luck."""
    parameters, people = case
    world = build_world(parameters)
    rows = slice(int(world.starts[0]), int(world.starts[1]))
    luck = special.logit((np.arange(400) + 0.5) / 400)
    weights, hits = MotiveWeights(2.0, 1.5, 0.0, 0.0), 0
    columns = (world.citizens.private_preference[rows], world.citizens.hardship[rows], world.citizens.legitimacy[rows])
    for x, hardship, legitimacy in zip(*(np.asarray(each, float).tolist() for each in columns), strict=True):
        own = OwnState(x, hardship * (1.0 - legitimacy), 0.0, 0.0, 0.0, 0.0)
        hits += sum(joins(x, float(u), -3.0 + own_motive(own, weights)) for u in luck)
    share = hits / (400 * (rows.stop - rows.start))
    assert special.expit(log_odds(people, -3.0, 2.0, 1.5)) == pytest.approx(share, rel=0.01)


def test_the_intercept_is_solved_for(case):
    parameters, people = case
    asked = {CALM_TURNOUT: np.array([-5.0, -2.0]), "participation.preference_weight": np.array([1.0, 4.0])}
    found = with_intercept(asked, people, parameters)
    assert list(found) == [INTERCEPT, "participation.preference_weight"]
    grievance_weight = parameters.participation.grievance_weight  # not fitted: that of the settings
    again = [log_odds(people, b_0, b_x, grievance_weight) for b_0, b_x in zip(*found.values(), strict=True)]
    assert again == pytest.approx([-5.0, -2.0])


def test_no_level_is_above_all_who_prefer_change(case):
    _, people = case
    check_reach(people, float(special.logit(people.share)) - 0.01, "vyraj")
    with pytest.raises(InputError, match="that of all who prefer change in vyraj"):
        check_reach(people, float(special.logit(people.share)) + 0.01, "vyraj")
