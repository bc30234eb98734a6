"""Phase 9, on the map: who is where. Collected only when asked for, and nothing in the model reads it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from agents.compiled.rule import kernel
from agents.vocabulary import Activity
from sim.inputs.city import City
from sim.world.world import Sites, World

# What is counted at a site, and of the residents of a cell; the second table's columns are those of the activities.
AT_SITE = ("protesting", "rallying", "detained_new", "officers")
OF_CELL = ("protesting_nearby", "protesting", "striking", "rallying", "detained")


@dataclass
class Whereabouts:
    """Who was where, hour by hour; float64, persons.

    sites : (hours, 4, n_sites), those of `AT_SITE` at every site of all cities.
    cells : an entry per hour, (cells of all cities int64 (n,), persons (n, 5)) of the cells with anybody not quiet.
    latest : (n_cells, 5), the cells as they were counted last.
    """

    sites: np.ndarray
    cells: list[tuple[np.ndarray, np.ndarray]]
    latest: np.ndarray


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
    """Allocate the tables, and compile the count by running it over no rows."""
    count_place_rows(world.citizens, 0, 0, 0, 0, *_tables(world, 0))
    n_cells, n_sites = int(world.grid.first[-1]), len(world.crowd)
    return Whereabouts(np.zeros((hours, len(AT_SITE), n_sites)), [], np.zeros((n_cells, len(OF_CELL))))


@kernel
def count_place_rows(people, start, stop, neighbourhood, first_group, by_cell, arrests):
    """Count agents by home cell and by the site of their arrest.

    by_cell : int32 (n_groups of the city, n_cells of the city, 5), those of `OF_CELL`.
    arrests : int32 (n_groups of the city, n_sites), those who went to a site in this hour and were arrested there.
    """
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


def _tables(world: World, c: int) -> tuple[np.ndarray, np.ndarray]:
    """Return empty counts by cell and by site of a city's residents."""
    n_groups = int((world.groups.city == c).sum())
    n_cells = int(world.grid.first[c + 1] - world.grid.first[c])
    return np.zeros((n_groups, n_cells, len(OF_CELL)), np.int32), np.zeros((n_groups, len(world.crowd)), np.int32)


def note_whereabouts(world: World, found: Whereabouts) -> None:
    """Write the hour's places; to be called before the hour's detained are taken over into the state of the cities."""
    h, sites = world.hour, found.sites
    sites[h, 0], sites[h, 1], sites[h, 3] = world.crowd, world.rally_crowd, world.force
    for c in range(world.n_cities):
        if world.signals["is_active"][c] or world.city["n_detained"][c] > 0:
            own = slice(int(world.grid.first[c]), int(world.grid.first[c + 1]))
            found.latest[own], arrests = _count_city(world, c)
            if world.signals["is_active"][c]:  # else nobody has gone anywhere in this hour
                sites[h, 2] += arrests
    cells = np.flatnonzero(found.latest.any(axis=1))
    found.cells.append((cells, found.latest[cells]))


def _count_city(world: World, c: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the persons of a city by home cell, float64 (n_cells, 5), and arrested by site, float64 (n_sites,)."""
    neighbourhood, first_group = world.sites.neighbourhood(c), int(np.searchsorted(world.groups.city, c))

    def work(first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
        by_cell, arrests = _tables(world, c)
        count_place_rows(world.citizens, first, last, neighbourhood, first_group, by_cell, arrests)
        return by_cell, arrests

    by_cell, arrests = (sum(part[1:], part[0]) for part in zip(*world.threads.each(*world.rows(c), work), strict=True))
    weight = world.groups.weight[world.groups.city == c]
    return weighted(by_cell, weight), weighted(arrests, weight)


def weighted(counts: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Return the persons behind counts of agents by group (first axis), added up group by group in order."""
    total = np.zeros(counts.shape[1:])
    for of_group, persons_of_agent in zip(counts, weight, strict=True):
        if of_group.any():  # few plants strike in most hours
            total += of_group * persons_of_agent
    return total


def collect_space(world: World, found: Whereabouts) -> Space:
    """Return the map with what was found on it."""
    adults = np.zeros(int(world.grid.first[-1]))
    for c in range(world.n_cities):
        rows, first = slice(*world.rows(c)), int(world.grid.first[c])
        weight = world.groups.weight[world.citizens.employer[rows]]
        living = np.bincount(world.citizens.home_cell[rows], weight, minlength=int(world.grid.first[c + 1]) - first)
        adults[first : first + len(living)] = living
    return Space(world.cities, world.sites, world.grid.first, adults, found)
