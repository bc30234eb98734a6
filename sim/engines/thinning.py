"""The largest probability with which an officer or official of a city gives way in an hour.

Whose draw is not below it stays loyal whatever their own hazard is, so that few of them need it: the result is the
same to the bit. It holds for the shipped rules alone (`sim.engines.compiled` asks every one where a rule is replaced).
A hazard is monotone in each argument, whatever the sign of its weight: the largest is found at a corner.
"""

from __future__ import annotations

import numpy as np

from agents.compiled.rule import kernel
from agents.officer_choices import officer_weights
from agents.official_choices import official_weights
from agents.rules.appeals import appeal_heard
from agents.rules.officers import OfficerState, officer_hazard, unit_withholds
from agents.rules.officials import OfficialState, official_hazard
from agents.rules.rates import probability_within

# What rounding may make of a hazard that is computed at the corner instead of inside.
RELATIVE_MARGIN, ABSOLUTE_MARGIN = 1e-9, 1e-12


@kernel
def largest_officer_probability(s, p, ends, most_lost):
    """Return the bound for officers whose anger is between the ends and whose unit has lost most_lost at most."""
    heard = appeal_heard(s.appeal, 1.0, p.appeals.strength)
    largest = 0.0
    for anger in ends:
        for appeal in (0.0, heard):
            for cost in (0.0, 1.0):
                for lost in (0.0, most_lost):
                    state = OfficerState(anger=anger, city_share_out=s.city_share_out, appeal=appeal, exit_cost=cost,
                                         russian_support=s.support, arrests_made=s.arrests_per_officer,
                                         comrades_lost=lost)  # fmt: skip
                    largest = max(largest, officer_hazard(state, officer_weights(p), p.officers.strength))
    return with_margin(probability_within(largest, s.n_hours))


@kernel
def largest_official_probability(s, p, ends):
    """Return the bound for officials whose anger is between the ends."""
    heard = appeal_heard(s.appeal, 1.0, p.appeals.strength)
    largest = 0.0
    for anger in ends:
        for appeal in (0.0, heard):
            state = OfficialState(anger=anger, city_share_out=s.city_share_out, appeal=appeal,
                                  russian_support=s.support)  # fmt: skip
            largest = max(largest, official_hazard(state, official_weights(p), p.officials.strength))
    return with_margin(probability_within(largest, s.n_hours))


@kernel
def with_margin(probability):
    """Return the probability rounded up."""
    return probability * (1.0 + RELATIVE_MARGIN) + ABSOLUTE_MARGIN


@kernel
def smallest_and_largest(values, start, stop):
    """Return the ends of the values of rows start..stop, (0, 0) of none."""
    low = high = np.float64(values[start]) if stop > start else 0.0
    for i in range(start, stop):
        low, high = min(low, values[i]), max(high, values[i])
    return low, high


@kernel
def units_lost(around, tipping_share):
    """Return which units withhold as a whole, bool (n_units,), and the largest share that another one has lost."""
    withholds, most = np.empty(len(around.unit_lost), np.bool_), 0.0
    for unit in range(len(withholds)):
        share = around.unit_lost[unit] / around.unit_size[unit]
        withholds[unit] = unit_withholds(share, tipping_share)
        if not withholds[unit]:
            most = max(most, share)
    return withholds, most
