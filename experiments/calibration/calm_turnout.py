r"""A prior on the turnout of a calm main day, in place of one on the intercept, which is solved for.

Reports tell a level, and many sets of b_0, b_x and b_G have the same: a ridge. The level itself is the log-odds of

.. math:: \frac{1}{n} \sum_{x_i < 1/2} \mathrm{expit}(b_0 + b_x (1 - 2 x_i) + b_G G_i)

over the n adults of the first city, at an occasion's fullest hour, without anger, fear, company, pressure or call
(`agents.rules.participation`: own_motive, joins). It rises with b_0, so there is one b_0 for each level below that of
all who prefer change.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from scipy import optimize, special

from experiments.design.fitted import CALM_TURNOUT
from sim.errors import not_allowed
from sim.parameters import Parameters
from sim.world.world import build_world

INTERCEPT, PREFERENCE, GRIEVANCE = (
    f"participation.{name}" for name in ("intercept", "preference_weight", "grievance_weight")
)
ENDS = -60.0, 60.0  # between which the intercept is looked for
MADE_BY = "population."  # parameters of this group make the people themselves


class People(NamedTuple):
    """Those of a city who prefer change: 1 - 2 x and grievance, float64 (n,), and their share of all adults."""

    likes_change: np.ndarray
    grievance: np.ndarray
    share: float


def people_of(parameters: Parameters) -> People:
    """Return the people of a case's first city, as the settings make them."""
    world = build_world(parameters)
    world.threads.close()
    rows, citizens = slice(int(world.starts[0]), int(world.starts[1])), world.citizens
    x = np.asarray(citizens.private_preference[rows], float)
    grievance = np.asarray(citizens.hardship[rows], float) * (1.0 - np.asarray(citizens.legitimacy[rows], float))
    prefer = x < 0.5
    return People(1.0 - 2.0 * x[prefer], grievance[prefer], float(prefer.mean()))


def log_odds(people: People, intercept: float, preference_weight: float, grievance_weight: float) -> float:
    """Return the log-odds of the turnout of a calm main day."""
    index = intercept + preference_weight * people.likes_change + grievance_weight * people.grievance
    return float(special.logit(people.share * special.expit(index).mean()))


def check_reach(people: People, highest: float, case: str) -> None:
    """Refuse a prior that reaches beyond all who prefer change.

    Raises
    ------
    InputError
        It does.
    """
    if not highest < (top := float(special.logit(people.share))):
        allowed = f"log-odds below {top:.3g}, that of all who prefer change in {case}"
        raise not_allowed("", CALM_TURNOUT, f"{highest:.3g}", allowed)


def with_intercept(found: Mapping[str, np.ndarray], people: People, parameters: Parameters) -> dict[str, np.ndarray]:
    """Return parameters of runs with the intercept in place of the turnout that it is solved from.

    Parameters
    ----------
    found : mapping of str to ndarray, shape (n,)
        By name; weights that are not among them are those of the settings.
    """
    turnout = found[CALM_TURNOUT]
    weights = [
        found.get(name, np.full(len(turnout), getattr(parameters.participation, name.partition(".")[2])))
        for name in (PREFERENCE, GRIEVANCE)
    ]
    solved = [
        optimize.brentq(lambda b, own=own: log_odds(people, b, *own[1:]) - own[0], *ENDS)  # type: ignore[misc]
        for own in zip(turnout.tolist(), *(each.tolist() for each in weights), strict=True)
    ]
    return {INTERCEPT if name == CALM_TURNOUT else name: values for name, values in found.items()} | {
        INTERCEPT: np.array(solved, float)
    }
