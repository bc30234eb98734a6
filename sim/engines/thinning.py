"""The largest probability with which an officer or official of a city gives way in an hour.

Whose draw is not below it stays loyal whatever their own hazard is, so that few of them need it: the result is the
same to the bit. It holds for the shipped rules alone (`sim.engines.compiled` asks every one where a rule is replaced).
"""

from __future__ import annotations

from itertools import product

import numpy as np

from agents.rules import appeals, officers, officials
from agents.rules.rates import probability_within
from sim.world.world import World

# What rounding may make of a hazard that is computed at the corner instead of inside.
RELATIVE_MARGIN, ABSOLUTE_MARGIN = 1e-9, 1e-12


def largest_officer_probability(world: World, c: int, anger: np.ndarray) -> float:
    """Return the bound for officers of city c with these angers."""
    s, p = world.signals, world.parameters
    w = officers.OfficerWeights(*(getattr(p.officers, name) for name in officers.OfficerWeights._fields))
    share_out, support = float(s["city_share_out"][c]), float(s["support"][c])
    made = float(s["arrests_per_officer"][c])
    hazards = [
        officers.officer_hazard(officers.OfficerState(a, share_out, heard, cost, support, made, lost), w,
                                p.officers.strength)
        for a, heard, cost, lost in product(_ends(anger), _appeals(world, c), (0.0, 1.0), (0.0, _most_lost(world)))
    ]  # fmt: skip
    return _with_margin(max(hazards), world, c)


def largest_official_probability(world: World, c: int, anger: np.ndarray) -> float:
    """Return the bound for officials of city c with these angers."""
    s, p = world.signals, world.parameters
    w = officials.OfficialWeights(*(getattr(p.officials, name) for name in officials.OfficialWeights._fields))
    share_out, support = float(s["city_share_out"][c]), float(s["support"][c])
    hazards = [
        officials.official_hazard(officials.OfficialState(a, share_out, heard, support), w,
                                  p.officials.strength)
        for a, heard in product(_ends(anger), _appeals(world, c))
    ]  # fmt: skip
    return _with_margin(max(hazards), world, c)


def _most_lost(world: World) -> float:
    """Return the largest share that a unit has lost which does not withhold as a whole."""
    share = world.unit_lost / world.unit_size
    return float(share[share <= world.parameters.officers.unit_tipping_share].max(initial=0.0))


def _ends(values: np.ndarray) -> tuple[float, float]:
    """Return the smallest and the largest: a hazard is monotone in each argument, whatever the sign of its weight."""
    return float(values.min()), float(values.max())


def _appeals(world: World, c: int) -> tuple[float, float]:
    """Return the appeal as one hears it who hears nothing, and everything."""
    return 0.0, appeals.appeal_heard(float(world.signals["appeal"][c]), 1.0, world.parameters.appeals.strength)


def _with_margin(hazard: float, world: World, c: int) -> float:
    """Return the probability within the hours since the last turn, rounded up."""
    n_hours = float(world.signals["n_hours"][c])
    return probability_within(hazard, n_hours) * (1.0 + RELATIVE_MARGIN) + ABSOLUTE_MARGIN
