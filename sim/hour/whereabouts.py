"""Phase 9, on the map: who is where. Collected only when asked for, and nothing in the model reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from agents.compiled.rows import table_at
from agents.compiled.rule import kernel
from agents.vocabulary import DETAINED, PROTESTING, Activity
from sim.inputs.city import City
from sim.world.world import Sites, World

# What is counted at a site, and of the residents of a cell; the second table's columns are those of the activities.
AT_SITE = ("protesting", "rallying", "detained_new", "officers")
OF_CELL = ("protesting_nearby", "protesting", "striking", "rallying", "detained")


class CityTables(NamedTuple):
    """What counting in a city needs, the same in all hours.

    cells : slice, its cells among those of all cities. weight : float64 (n_groups,), persons behind an agent of each of
    its groups. first_group, neighbourhood : the first of these groups, and the site that stands for the neighbourhoods.
    """

    cells: slice
    weight: np.ndarray
    first_group: int
    neighbourhood: int
    n_sites: int

    def empty(self) -> tuple[np.ndarray, np.ndarray]:
        """Return empty counts by cell and by site of the city's residents."""
        n_groups, n_cells = len(self.weight), self.cells.stop - self.cells.start
        return np.zeros((n_groups, n_cells, len(OF_CELL)), np.int32), np.zeros((n_groups, self.n_sites), np.int32)


@dataclass
class Whereabouts:
    """Who was where, hour by hour; float64, persons.

    sites : (hours, 4, n_sites), those of `AT_SITE` at every site of all cities.
    cells : an entry per hour, (cells of all cities int64 (n,), persons (n, 5)) of the cells with anybody not quiet.
    latest : (n_cells, 5), the cells as they were counted last.
    n_detained : int64 (n_cities,), agents in custody when the cells were counted last.
    cities : what counting in each city needs.
    """

    sites: np.ndarray
    cells: list[tuple[np.ndarray, np.ndarray]]
    latest: np.ndarray
    n_detained: np.ndarray
    cities: list[CityTables]


@dataclass(frozen=True)
class Space:
    """The map of a run, and who was where on it.

    cities, sites : as the world has them. first_cell : int64 (n_cities + 1,).
    adults : float64 (n_cells,), persons living in each cell.
    found : the persons by hour.
    """

    cities: tuple[City, ...]
    sites: Sites
    first_cell: np.ndarray
    adults: np.ndarray
    found: Whereabouts


def make_whereabouts(world: World, hours: int) -> Whereabouts:
    """Allocate the tables, and compile the counts by running them over no rows."""
    n_cells, n_sites = int(world.grid.first[-1]), len(world.crowd)
    cities = [_city_tables(world, c) for c in range(world.n_cities)]
    found = Whereabouts(np.zeros((hours, len(AT_SITE), n_sites)), [], np.zeros((n_cells, len(OF_CELL))),
                        np.zeros(world.n_cities, np.int64), cities)  # fmt: skip
    by_cell, arrests = cities[0].empty()
    count_place_rows(world.at(world.citizens), 0, 0, 0, 0, by_cell, arrests)
    add_persons(by_cell, cities[0].weight, found.latest[cities[0].cells])
    return found


def _city_tables(world: World, c: int) -> CityTables:
    """Return what counting in a city needs."""
    groups = world.groups.of(c)
    weight = world.groups.weight[groups]
    return CityTables(world.grid.of(c), weight, groups.start, world.sites.neighbourhood(c), len(world.crowd))


@kernel(is_counted=False)
def count_place_rows(people, start, stop, neighbourhood, first_group, by_cell, arrests):
    """Count agents by home cell and by the site of their arrest.

    by_cell : int32 (n_groups of the city, n_cells of the city, 5), those of `OF_CELL`.
    arrests : int32 (n_groups of the city, n_sites), those who went to a site in this hour and were arrested there.
    """
    people = table_at(people)
    for i in range(start, stop):
        activity = people.activity[i]
        if activity == Activity.QUIET:
            continue
        cell, group = people.home_cell[i], people.employer[i] - first_group
        by_cell[group, cell, activity] += 1
        if activity == Activity.PROTESTING and people.site[i] == neighbourhood:
            by_cell[group, cell, 0] += 1
        elif activity == Activity.DETAINED and people.next_activity[i] == Activity.PROTESTING:
            arrests[group, people.next_site[i]] += 1


@kernel
def add_persons(counts, weight, total):
    """Add the persons behind counts of agents to a table, group by group in order.

    counts : int32 (n_groups, n, m). weight : float64 (n_groups,), persons behind an agent. total : float64 (n, m).
    """
    for group in range(counts.shape[0]):
        for k in range(counts.shape[1]):
            for j in range(counts.shape[2]):
                if counts[group, k, j] > 0:
                    total[k, j] += counts[group, k, j] * weight[group]


def note_whereabouts(world: World, found: Whereabouts) -> None:
    """Write the hour's places, once the agents of the hour are counted by group.

    Where nobody has anything to decide, people can only be released: their cells are those of the hour before, unless
    fewer are in custody.
    """
    h, sites = world.hour, found.sites
    sites[h, 0], sites[h, 1], sites[h, 3] = world.crowd, world.rally_crowd, world.force
    n_detained = np.bincount(world.groups.city, world.counts[:, DETAINED], world.n_cities).astype(np.int64)
    is_active = world.signals["is_active"] == 1
    has_changed = is_active | (n_detained != found.n_detained)
    found.n_detained = n_detained
    for c in np.flatnonzero(has_changed).tolist():
        arrests = _count_city(world, c, found)
        if is_active[c]:  # else nobody has gone anywhere in this hour
            sites[h, 2] += arrests
    if not has_changed.any() and found.cells:
        found.cells.append(found.cells[-1])
        return
    cells = np.flatnonzero(found.latest @ np.ones(len(OF_CELL)) > 0)  # faster than any(axis=1)
    found.cells.append((cells, found.latest.take(cells, axis=0)))


def _count_city(world: World, c: int, found: Whereabouts) -> np.ndarray:
    """Write the persons of a city by home cell into `latest`; return those arrested by site, float64 (n_sites,)."""
    city = found.cities[c]

    def work(first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
        by_cell, arrests = city.empty()
        count_place_rows(world.at(world.citizens), first, last, city.neighbourhood, city.first_group, by_cell,
                         arrests)  # fmt: skip
        return by_cell, arrests

    by_cell, arrests = (sum(part[1:], part[0]) for part in zip(*world.threads.each(*world.rows(c), work), strict=True))
    own, by_site = found.latest[city.cells], np.zeros((city.n_sites, 1))
    own[:] = 0.0
    groups = world.counts[city.first_group : city.first_group + len(city.weight), PROTESTING : DETAINED + 1]
    for group in np.flatnonzero(groups.any(axis=1)).tolist():
        add_persons(by_cell[group : group + 1], city.weight[group : group + 1], own)
    add_persons(arrests[:, :, None], city.weight, by_site)
    return by_site[:, 0]


def collect_space(world: World, found: Whereabouts) -> Space:
    """Return the map with what was found on it."""
    adults = np.zeros(int(world.grid.first[-1]))
    for c in range(world.n_cities):
        rows, first = slice(*world.rows(c)), int(world.grid.first[c])
        weight = world.groups.weight[world.citizens.employer[rows]]
        living = np.bincount(world.citizens.home_cell[rows], weight, minlength=int(world.grid.first[c + 1]) - first)
        adults[first : first + len(living)] = living
    return Space(world.cities, world.sites, world.grid.first, adults, found)
