"""Phases 5 and 6, the city's part: crowds by site, deployment, force and the risk of arrest."""

from __future__ import annotations

import numpy as np

from agents.compiled.rule import kernel
from agents.rules import repression
from agents.vocabulary import Activity, Loyalty
from sim.hour.detained import is_recorded, solve
from sim.hour.signals import arrest_constant
from sim.inputs.forcings import DAY_STARTS
from sim.world.space import box_sum
from sim.world.world import World


@kernel
def count_site_rows(people, start, stop, counts):
    """Count agents by site and group, added to int64 (2, n_sites, n_groups): protesting, rallying."""
    for i in range(start, stop):
        if people.site[i] >= 0:
            if people.activity[i] == Activity.PROTESTING:
                counts[0, people.site[i], people.employer[i]] += 1
            elif people.activity[i] == Activity.RALLYING:
                counts[1, people.site[i], people.employer[i]] += 1


def count_crowds(world: World) -> None:
    """Set the crowds by site, in persons, and remember those of the hour before."""
    world.crowd_before = world.crowd
    counts = np.zeros((2, len(world.crowd), len(world.groups.city)), np.int64)

    def work(first: int, last: int) -> np.ndarray:
        own = np.zeros_like(counts)
        count_site_rows(world.citizens, first, last, own)
        return own

    for c in range(world.n_cities):
        if world.signals["is_active"][c]:
            counts += np.sum(world.threads.each(*world.rows(c), work), axis=0)
    world.crowd, world.rally_crowd = persons(counts, world)
    for c in range(world.n_cities):
        crowd = float(world.crowd[world.sites.of(c)].sum())
        for name in ("occasion_peak", "day_street_peak"):
            world.city[name][c] = max(world.city[name][c], crowd)


def persons(counts: np.ndarray, world: World) -> np.ndarray:
    """Return the persons behind counts of agents by group (last axis), summed group by group in order."""
    return np.add.accumulate(counts * world.groups.weight, axis=-1)[..., -1]


def plan_deployment(world: World) -> None:
    """Set the cumulated weights of each city's sites for the officers, by the crowds of the hour before.

    Where repression is off only government buildings are guarded; with the mechanism off nobody leaves the barracks.
    """
    p, s = world.parameters.repression, world.signals
    for c in range(world.n_cities):
        own = world.sites.of(c)
        sees = 1.0 if s["arrests_possible"][c] else 0.0
        if p.strength > 0.0:
            fill_deployment(world.crowd_before[own] * sees, world.sites.is_guarded[own], p.garrison,
                            p.deployment_exponent, world.deployment[own])  # fmt: skip
    if world.hour % 24 == DAY_STARTS:
        peaks = world.city["day_street_peak"] if p.strength > 0.0 else np.zeros(world.n_cities)
        world.reserve_weights[:] = np.cumsum(peaks)
        world.city["day_street_peak"] = np.zeros(world.n_cities)


@kernel
def fill_deployment(crowd, is_guarded, garrison, deployment_exponent, out):
    """Fill the cumulated weights of a city's sites, float64 (n_sites,)."""
    total = 0.0
    for k in range(len(out)):
        total += repression.deployment_weight(crowd[k], is_guarded[k], garrison, deployment_exponent)
        out[k] = total


def count_force(world: World) -> None:
    """Count the officers who make arrests by site, and those whom each city has lost."""
    officers, n = world.officers, world.n_cities
    if not world.changes.has_changed("force", officers.loyalty, officers.site, officers.posted_city):
        return
    loyal = officers.loyalty == Loyalty.LOYAL
    present = loyal & (officers.site >= 0)
    posted, weight = officers.posted_city, officers.weight
    world.force = np.bincount(officers.site[present], weight[present], minlength=len(world.force))
    world.city["n_officers"] = np.bincount(posted, weight, minlength=n)
    world.city["officers_lost"] = np.bincount(posted[~loyal], weight[~loyal], minlength=n)
    world.unit_lost[:] = np.bincount(officers.unit[~loyal], minlength=len(world.unit_lost)).astype(float)


def plan_arrests(world: World) -> None:
    """Set the probability of arrest by site, thinned where the detention places run out."""
    s, kappa = world.signals, arrest_constant(world)
    for c in range(world.n_cities):
        own = world.sites.of(c)
        hazard = world.arrest_probability[own]
        if is_recorded(world, c):
            s["repression"][c] = solve(world, c, world.crowd[own], world.force[own], kappa)
        fill_arrests(world.crowd[own], world.force[own], s["repression"][c], kappa, hazard)
        expected = float((hazard * world.crowd[own]).sum())
        free = world.cities[c].detention_places - world.city["n_detained"][c]
        factor = repression.free_places_factor(expected, max(0.0, free))
        hazard *= factor
        if s["arrests_possible"][c]:
            world.city["expected_in_window"][c] += expected * factor


@kernel
def fill_arrests(crowd, force, level, arrest_constant, out):
    """Fill the probability of arrest by site at a level of repression, float64 (n_sites,)."""
    for k in range(len(out)):
        out[k] = repression.arrest_probability(crowd[k], force[k], level, arrest_constant)


@kernel
def count_out_rows(people, start, stop, n_out, group_out):
    """Count the agents who are out, on the street or on strike, by home cell of the city and by group."""
    for i in range(start, stop):
        if people.activity[i] == Activity.PROTESTING or people.activity[i] == Activity.STRIKING:
            n_out[people.home_cell[i]] += 1
            group_out[people.employer[i]] += 1


def count_out(world: World, c: int) -> None:
    """Count who is out in a city, by home cell and by group."""
    own = slice(int(world.grid.first[c]), int(world.grid.first[c + 1]))

    def work(first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
        cells, groups = np.zeros(own.stop - own.start, np.int64), np.zeros(len(world.group_out), np.int64)
        count_out_rows(world.citizens, first, last, cells, groups)
        return cells, groups

    cells, groups = zip(*world.threads.each(*world.rows(c), work), strict=True)
    world.grid.n_out[own] = np.sum(cells, axis=0)
    world.group_out[:] = np.where(world.groups.city == c, np.sum(groups, axis=0), world.group_out)


def count_went(world: World, c: int) -> None:
    """Count who went to the street occasion of a city that has ended, around each cell and by group."""
    grid, rows, people = world.grid, slice(*world.rows(c)), world.citizens
    own, went = slice(int(grid.first[c]), int(grid.first[c + 1])), people.went[rows] == 1
    cells = np.bincount(people.home_cell[rows][went], minlength=own.stop - own.start)
    box_sum(cells, int(grid.side[c]), world.parameters.ties.home_radius_cells, grid.went_block[own])
    groups = np.bincount(people.employer[rows][went], minlength=len(world.group_went))
    world.group_went[:] = np.where(world.groups.city == c, groups, world.group_went)
