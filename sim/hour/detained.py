"""Detained as recorded: in such a window the level of repression is not given but follows from the number.

Each hour takes its part of the persons still to be detained, an equal one for each hour left in which people may be on
the street; the level is the one at which the crowds and the officers who are there make as many arrests on average. So
recorded arrests hang neither on the arrest constant nor on the size of the crowd. The level is bounded: where there
are too few people, officers or places of detention, fewer are detained. People see the level of the hour before.
"""

from __future__ import annotations

import numpy as np

from agents.rules.repression import arrest_probability
from sim.hour import regime
from sim.inputs.timeline import KINDS
from sim.world.world import World

HIGHEST = KINDS["repression"].high
HALVINGS = 50  # of the range of levels: far finer than any count


def is_recorded(world: World, c: int) -> bool:
    """Say whether the number of the detained of this hour is recorded, and force not by rule."""
    return world.forcings.window["detained"].length[world.hour, c] > 0 and not regime.answers(world)


def is_wanted(world: World, c: int) -> bool:
    """Say whether anybody is still to be detained in the window."""
    return world.forcings.value["detained"][world.hour, c] > world.city["expected_in_window"][c]


def level_seen(world: World, c: int, level: float) -> float:
    """Return the level that people see: that of the hour before, at the start of a window the timeline's `level`."""
    state, window = world.city, world.forcings.window["detained"]
    if world.hour == max(0, window.start[world.hour, c]):
        state["expected_in_window"][c], state["solved_level"][c] = 0.0, level
    return float(state["solved_level"][c]) if is_wanted(world, c) else 0.0


def solve(world: World, c: int, crowd: np.ndarray, force: np.ndarray, arrest_constant: float) -> float:
    """Return the level of the hour at which as many are detained as are wanted, on average.

    Parameters
    ----------
    crowd, force : ndarray of float64, shape (n_sites of the city,)
        Protesters and officers who make arrests, persons.
    arrest_constant : float
        kappa, per hour.
    """
    state, wanted = world.city, 0.0
    if is_wanted(world, c):
        left = world.forcings.value["detained"][world.hour, c] - state["expected_in_window"][c]
        wanted = left / _hours_left(world, c)
    level = level_of(wanted, crowd, force, arrest_constant)
    if crowd.any():  # else nobody has seen any
        state["solved_level"][c] = level
    return level


def _hours_left(world: World, c: int) -> int:
    """Return the hours of the window, this one included, in which people may be on the street; at least 1."""
    f, h = world.forcings, world.hour
    window = f.window["detained"]
    rest = slice(h, int(window.start[h, c] + window.length[h, c]))
    open_ = (f.street.length[rest, c] > 0) | (f.value["chain"][rest, c] > 0) | (f.value["march"][rest, c] > 0)
    return max(1, int(open_.sum()))


def level_of(wanted: float, crowd: np.ndarray, force: np.ndarray, arrest_constant: float) -> float:
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


def arrests_at(level: float, crowd: np.ndarray, force: np.ndarray, arrest_constant: float) -> float:
    """Return the arrests of an hour that a level leads to on average, persons."""
    return float(sum(persons * arrest_probability(persons, officers, level, arrest_constant)
                     for persons, officers in zip(crowd.tolist(), force.tolist(), strict=True)))  # fmt: skip
