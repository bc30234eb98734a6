"""Phases 5 and 6, the city's part: crowds by site, deployment, force and the risk of arrest."""

from __future__ import annotations

import numpy as np

from agents.compiled.rows import record, table_at
from agents.compiled.rule import kernel
from agents.rules import repression
from agents.vocabulary import Activity, Loyalty
from sim.hour import regime
from sim.hour.detained import is_recorded, solve
from sim.hour.signals import arrest_constant
from sim.hour.sums import total_of
from sim.inputs.forcings import DAY_STARTS
from sim.world.space import box_sum
from sim.world.world import InHour, World


def get_ready(world: World, nowhere: InHour) -> None:
    """Compile or load the passes by running them over nobody and no cities."""
    people, groups, none = world.at(world.citizens), world.groups, np.zeros(0)
    counts = np.zeros((2, len(world.crowd), len(groups.city)), np.int64)
    count_site_rows(people, 0, 0, counts)
    fill_crowds(counts, groups.weight, none, none, nowhere.states, nowhere.facts)
    count_officer_rows(world.at(world.officers), 0, 0, none, none, nowhere.states)
    count_out_rows(people, 0, 0, np.zeros(1, np.int64), np.zeros_like(world.group_out))
    fill_deployment(world.crowd, world.sites.is_guarded, nowhere.signals, nowhere.facts, nowhere.p, none)
    fill_arrests(nowhere, False, none, none, none)


@kernel(is_counted=False)
def count_site_rows(people, start, stop, counts):
    """Count agents by site and group, added to int64 (2, n_sites, n_groups): protesting, rallying."""
    people = table_at(people)
    for i in range(start, stop):
        if people.site[i] >= 0:
            if people.activity[i] == Activity.PROTESTING:
                counts[0, people.site[i], people.employer[i]] += 1
            elif people.activity[i] == Activity.RALLYING:
                counts[1, people.site[i], people.employer[i]] += 1


def count_crowds(world: World) -> None:
    """Set the crowds by site, in persons, and remember those of the hour before."""
    world.crowd_before[:] = world.crowd
    shape, people = (2, len(world.crowd), len(world.groups.city)), world.at(world.citizens)

    def work(first: int, last: int) -> np.ndarray:
        own = np.zeros(shape, np.int64)
        count_site_rows(people, first, last, own)
        return own

    counts = sum((world.threads.summed(*world.rows(c), work) for c in world.active), np.zeros(shape, np.int64))
    fill_crowds(counts, world.groups.weight, world.crowd, world.rally_crowd, world.city, world.facts)


@kernel
def fill_crowds(counts, weight, crowd, rally_crowd, states, facts):
    """Fill the crowds by site, in persons; remember the largest of each city's occasion and day."""
    for site in range(len(crowd)):
        protesting, rallying = 0.0, 0.0
        for g in range(len(weight)):
            protesting += counts[0, site, g] * weight[g]
            rallying += counts[1, site, g] * weight[g]
        crowd[site], rally_crowd[site] = protesting, rallying
    for c in range(len(states)):
        city, its = record(states, c), record(facts, c)
        here = total_of(crowd[its.first_site : its.end_site])
        city.occasion_peak, city.day_street_peak = max(city.occasion_peak, here), max(city.day_street_peak, here)


def persons(counts: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Return the persons behind counts of agents by group (last axis), summed group by group in order."""
    return np.add.accumulate(counts * weight, axis=-1)[..., -1]


def plan_deployment(world: World) -> None:
    """Set the cumulated weights of each city's sites for the officers, by the crowds of the hour before.

    Where repression is off only government buildings are guarded; with the mechanism off nobody leaves the barracks.
    """
    p = world.parameters.repression
    if p.strength > 0.0:
        fill_deployment(world.crowd_before, world.sites.is_guarded, world.signals, world.facts, world.p,
                        world.deployment)  # fmt: skip
    if world.hour % 24 == DAY_STARTS:
        peaks = world.city["day_street_peak"] if p.strength > 0.0 else np.zeros(world.n_cities)
        world.reserve_weights[:] = np.cumsum(peaks)
        world.city["day_street_peak"] = np.zeros(world.n_cities)


@kernel
def fill_deployment(crowd, is_guarded, signals, facts, p, out):
    """Fill the cumulated weights of each city's sites, float64 (n_sites,)."""
    p = record(p)
    for c in range(len(signals)):
        its, total = record(facts, c), 0.0
        sees = 1.0 if record(signals, c).arrests_possible == 1 else 0.0
        for k in range(its.first_site, its.end_site):
            total += repression.deployment_weight(crowd[k] * sees, is_guarded[k], p.repression.garrison,
                                                  p.repression.deployment_exponent)  # fmt: skip
            out[k] = total


def count_force(world: World) -> None:
    """Count the officers who make arrests by site, and those whom each city has lost."""
    officers, state = world.officers, world.city
    world.force[:] = world.unit_lost[:] = state["n_officers"] = state["officers_lost"] = 0.0
    count_officer_rows(world.at(officers), 0, len(officers.loyalty), world.force, world.unit_lost, state)


@kernel(is_counted=False)
def count_officer_rows(officers, start, stop, force, unit_lost, states):
    """Count officers by site, those who gave way by unit, and both by city of deployment, added to what is there."""
    officers = table_at(officers)
    for i in range(start, stop):
        city, weight = record(states, officers.posted_city[i]), officers.weight[i]
        city.n_officers += weight
        if officers.loyalty[i] != Loyalty.LOYAL:
            city.officers_lost += weight
            unit_lost[officers.unit[i]] += 1.0
        elif officers.site[i] >= 0:
            force[officers.site[i]] += weight


def plan_arrests(world: World) -> None:
    """Set the probability of arrest by site, thinned where the detention places run out."""
    fill_arrests(world.now(), regime.answers(world), world.crowd, world.force, world.arrest_probability)


@kernel
def fill_arrests(cities, by_rule, crowd, force, out):
    """Fill the probability of arrest by site, float64 (n_sites,); where the number is recorded, find the level."""
    signals, states, facts, events = cities.signals, cities.states, cities.facts, cities.events
    kappa = arrest_constant(record(cities.p))
    for c in range(len(states)):
        s, city, its, now = record(signals, c), record(states, c), record(facts, c), record(events, c)
        own_crowd, own_force = crowd[its.first_site : its.end_site], force[its.first_site : its.end_site]
        if is_recorded(now, by_rule):
            s.repression = solve(city, now, own_crowd, own_force, kappa)
        expected = np.empty(len(own_crowd))
        for k in range(len(own_crowd)):
            hazard = repression.arrest_probability(own_crowd[k], own_force[k], s.repression, kappa)
            out[its.first_site + k], expected[k] = hazard, hazard * own_crowd[k]
        n_expected = total_of(expected)
        factor = repression.free_places_factor(n_expected, max(0.0, its.detention_places - city.n_detained))
        for k in range(len(own_crowd)):
            out[its.first_site + k] *= factor
        if s.arrests_possible == 1:
            city.expected_in_window += n_expected * factor


@kernel(is_counted=False)
def count_out_rows(people, start, stop, n_out, group_out):
    """Count the agents who are out, on the street or on strike, by home cell of the city and by group."""
    people = table_at(people)
    for i in range(start, stop):
        if people.activity[i] == Activity.PROTESTING or people.activity[i] == Activity.STRIKING:
            n_out[people.home_cell[i]] += 1
            group_out[people.employer[i]] += 1


def count_out(world: World, c: int) -> None:
    """Count who is out in a city, by home cell and by group."""
    own, groups, people = world.grid.of(c), world.groups.of(c), world.at(world.citizens)
    n_cells, n_groups = own.stop - own.start, len(world.group_out)

    def work(first: int, last: int) -> np.ndarray:
        out = np.zeros(n_cells + n_groups, np.int64)
        count_out_rows(people, first, last, out[:n_cells], out[n_cells:])
        return out

    out = world.threads.summed(*world.rows(c), work)
    world.grid.n_out[own], world.group_out[groups] = out[:n_cells], out[n_cells:][groups]


def count_went(world: World, c: int) -> None:
    """Count who went to the street occasion of a city that has ended, around each cell and by group."""
    grid, rows, people = world.grid, slice(*world.rows(c)), world.citizens
    own, went, counted = grid.of(c), people.went[rows] == 1, world.groups.of(c)
    cells = np.bincount(people.home_cell[rows][went], minlength=own.stop - own.start)
    box_sum(cells, int(grid.side[c]), world.parameters.ties.home_radius_cells, grid.went_block[own])
    groups = np.bincount(people.employer[rows][went], minlength=len(world.group_went))
    world.group_went[counted] = groups[counted]
