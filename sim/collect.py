"""Gathers what a run leaves: the result, from the world and what was observed in it."""

from __future__ import annotations

import numpy as np

from agents.vocabulary import NO_HOUR, Loyalty, Office
from sim.hour.observables import Observer
from sim.hour.street import persons
from sim.hour.whereabouts import collect_space
from sim.results import Result
from sim.world.world import World


def collect(world: World, observer: Observer, stats: dict, states: dict | None = None) -> Result:
    """Gather what a run leaves; `states` are those that were kept, by hour."""
    parameters, plants = world.parameters, observer.plants
    at = [(world.cities[world.groups.city[g]], world.groups.plant[g]) for g in plants]
    names = [(city.name, city.plants[k].name) for city, k in at]
    return Result(
        parameters=parameters, cities=[city.name for city in world.cities], hours=parameters.hours,
        start=parameters.scenario.start, adults=world.adults, plants=names,
        curves_columns={name: curve.copy() for name, curve in observer.curves.items()},
        employed=world.groups.persons[plants], striking=observer.striking, rally_present=observer.rally_present,
        site_names=world.sites.names, site_crowd=observer.site_crowd, events=world.timeline.events,
        targets=world.targets, encouraged=observer.encouraged, states=states or {},
        space=None if observer.space is None else collect_space(world, observer.space),
        stats=stats | {"first_hours": first_hours(world)} | gave_way(world),
    )  # fmt: skip


def gave_way(world: World) -> dict[str, int]:
    """Return how many mayors gave way and how many units withhold as a whole, and all street officers."""
    mayors = world.officials.office == Office.MAYOR
    return {
        "mayors_gave_way": int((world.officials.loyalty[mayors] != Loyalty.LOYAL).sum()),
        "units_withholding": round(float(world.unit_weight[world.unit_lost >= world.unit_size].sum())),
        "street_officers": round(float(world.officers.weight.sum())),
    }


def first_hours(world: World) -> np.ndarray:
    """Return the persons whose first protest was in each hour, float64 (hours, n_cities)."""
    hours, n = world.parameters.hours, world.n_cities
    counts = np.zeros((hours, n, len(world.groups.city)), np.int64)
    for c in range(n):
        rows = slice(*world.rows(c))
        first, employer = world.citizens.first_hour[rows], world.citizens.employer[rows]
        took_part = first != NO_HOUR
        np.add.at(counts, (first[took_part], c, employer[took_part]), 1)
    return persons(counts, world.groups.weight)
