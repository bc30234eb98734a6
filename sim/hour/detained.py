"""Detained as recorded: in such a window the level of repression is not given but follows from the number.

Each hour takes its part of the persons still to be detained, an equal one for each hour left in which people may be on
the street; the level is the one at which the crowds and the officers who are there make as many arrests on average. So
recorded arrests hang neither on the arrest constant nor on the size of the crowd. The level is bounded: where there
are too few people, officers or places of detention, fewer are detained. People see the level of the hour before.

In kernels `city` is what is remembered of a city, `now` the timeline of the hour there.
"""

from __future__ import annotations

import numpy as np

from agents.compiled.rule import kernel
from agents.rules.repression import arrest_probability
from sim.hour.sums import exact_sum
from sim.inputs.timeline import KINDS

HIGHEST = KINDS["repression"].high
HALVINGS = 50  # of the range of levels: far finer than any count


@kernel
def is_recorded(now, by_rule):
    """Say whether the number of the detained of this hour is recorded, and force not by rule."""
    return now.detained_length > 0 and not by_rule


@kernel
def is_wanted(city, now):
    """Say whether anybody is still to be detained in the window."""
    return now.detained > city.expected_in_window


@kernel
def level_seen(hour, city, now, level):
    """Return the level that people see: that of the hour before, at the start of a window the timeline's `level`."""
    if hour == max(0, now.detained_start):
        city.expected_in_window, city.solved_level = 0.0, level
    return city.solved_level if is_wanted(city, now) else 0.0


@kernel
def solve(city, now, crowd, force, arrest_constant):
    """Return the level of the hour at which as many are detained as are wanted, on average.

    crowd, force : float64 (n_sites of the city,), protesters and officers who make arrests; arrest_constant : kappa,
    per hour.
    """
    wanted = 0.0
    if is_wanted(city, now):
        wanted = (now.detained - city.expected_in_window) / now.detained_hours_left
    level = level_of(wanted, crowd, force, arrest_constant)
    if crowd.any():  # else nobody has seen any
        city.solved_level = level
    return level


@kernel
def level_of(wanted, crowd, force, arrest_constant):
    """Return the lowest level at which the expected arrests of an hour reach `wanted` persons, at most the highest."""
    if wanted <= 0.0 or arrests_at(HIGHEST, crowd, force, arrest_constant) <= wanted:
        return 0.0 if wanted <= 0.0 or not crowd.any() else HIGHEST
    low, high = 0.0, HIGHEST
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        if arrests_at(middle, crowd, force, arrest_constant) < wanted:
            low = middle
        else:
            high = middle
    return high


@kernel
def arrests_at(level, crowd, force, arrest_constant):
    """Return the arrests of an hour that a level leads to on average, persons."""
    arrests = np.empty(len(crowd))
    for k in range(len(crowd)):
        arrests[k] = crowd[k] * arrest_probability(crowd[k], force[k], level, arrest_constant)
    return exact_sum(arrests)
