"""Phase 9: what comes out, in persons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from agents import decisions
from agents.compiled.draws import normal
from agents.compiled.rows import record, table_at
from agents.compiled.rule import kernel
from agents.rules.reported_counts import reported_count
from agents.vocabulary import (
    CITY_STRIDE,
    CURVES,
    DETAINED,
    N_ACTIVITIES,
    NO_HOUR,
    PROTESTING,
    QUIET,
    RALLYING,
    STRIKING,
    Activity,
    Loyalty,
)
from sim.hour.street import persons
from sim.hour.whereabouts import Whereabouts, make_whereabouts, note_whereabouts
from sim.world.world import COERCED, DISMISSED, EVER, N_COUNTERS, PLANT_OUT, InHour, World, cities_with

SOURCES = ("ministry", "media")
SIDES = ("protest", "rally")
ROWS = np.dtype([(name, "f8") for name in CURVES])  # of the curves: an hour of a city


@dataclass
class Observer:
    """Curves as they grow: each array (hours, n_cities), or (hours, n) for plants and sites; float64."""

    curves: dict[str, np.ndarray]  # views of `table`
    table: np.ndarray  # records (hours, n_cities)
    rally_present: np.ndarray
    striking: np.ndarray
    site_crowd: np.ndarray
    plants: np.ndarray  # group of each plant
    means: np.ndarray  # (4, n_cities), of the last active hour
    private_opposition: np.ndarray
    gave_way: np.ndarray  # (2, 2, n_cities), officers and officials who withhold and who resigned
    encouraged: np.ndarray  # (hours, 2), share protesting of the encouraged and of the others; (0, 2) if nobody is
    arm_persons: np.ndarray  # (2,), the encouraged and the others
    space: Whereabouts | None  # who is where, if asked for
    counted: Counted
    written: Written


def make_observer(world: World, hours: int, has_space: bool = False) -> Observer:
    """Allocate the curves, and with `has_space` the places, and observe what never changes."""
    n = world.n_cities
    plants = np.flatnonzero(world.groups.plant >= 0)
    opposed = [np.bincount(world.citizens.employer[slice(*world.rows(c))],
                           world.citizens.private_preference[slice(*world.rows(c))] < 0.5,
                           minlength=len(world.groups.city)) for c in range(n)]  # fmt: skip
    n_arm_hours = hours if len(world.encouraged) else 0
    groups, table = world.groups, np.zeros((hours, n), ROWS)
    counted = Counted(counts=world.counts, n_agents=groups.n_agents, city=groups.city, weight=groups.weight,
                      plants=plants, site_city=world.sites.city, crowd=world.crowd,
                      rally_crowd=world.rally_crowd)  # fmt: skip
    written = Written(
        striking=np.zeros((hours, len(plants))), site_crowd=np.zeros((hours, len(world.crowd))),
        rally_present=np.zeros((hours, n)), means=np.stack([_means(world, c) for c in range(n)], axis=1),
        private_opposition=persons(np.array(opposed), groups.weight) / world.adults, gave_way=np.zeros((2, 2, n)),
    )  # fmt: skip
    return Observer(
        encouraged=np.zeros((n_arm_hours, 2)), arm_persons=_arm_persons(world, np.array(True)),
        curves={name: table[name] for name in CURVES}, table=table, plants=plants, counted=counted, written=written,
        space=make_whereabouts(world, hours) if has_space else None, **written._asdict(),
    )  # fmt: skip


def get_ready(world: World, observer: Observer, nowhere: InHour) -> None:
    """Compile or load the passes by running them over nobody and no cities."""
    count_people(world.at(world.citizens), 0, 0, False, np.zeros_like(world.counts))
    sum_states(world.at(world.citizens), world.groups.weight, 0, 0, np.zeros(4))
    for k, staff in enumerate((world.officers, world.officials)):
        count_loyalty_rows(world.at(staff), 0, 0, observer.gave_way[k])
    nothing = Counted(*(array[:0] for array in observer.counted))
    observe_rows(0, observer.table, nowhere, world.at(nothing), world.at(observer.written))


@kernel(is_counted=False)
def count_people(people, start, stop, shift_open, table):
    """Count agents by group: activity but the quiet, coerced, dismissed, ever on the street, out of their plant."""
    people = table_at(people)
    for i in range(start, stop):
        row, activity = table[people.employer[i]], people.activity[i]
        if activity != Activity.QUIET:
            row[activity] += 1
            row[COERCED] += people.is_coerced[i]
            if activity == Activity.STRIKING or (shift_open and activity == Activity.PROTESTING):
                row[PLANT_OUT] += 1
        if people.is_dismissed[i]:
            row[DISMISSED] += 1
        row[EVER] += people.first_hour[i] != NO_HOUR


@kernel(is_counted=False)
def sum_states(people, weight, start, stop, out):
    """Sum L, A, F and a over rows, each times the persons it stands for; out float64 (4,)."""
    people = table_at(people)
    total_l, total_a, total_f, total_r = 0.0, 0.0, 0.0, 0.0
    for i in range(start, stop):
        w = weight[people.employer[i]]
        total_l += w * people.legitimacy[i]
        total_a += w * people.anger[i]
        total_f += w * people.fear[i]
        total_r += w * people.russia_affinity[i]
    out[0] += total_l
    out[1] += total_a
    out[2] += total_f
    out[3] += total_r


def _means(world: World, c: int) -> np.ndarray:
    """Return the means of L, A, F and a over the adults of a city, float64 (4,)."""
    people, weight = world.at(world.citizens), world.groups.weight

    def work(first: int, last: int) -> np.ndarray:
        total = np.zeros(4)
        sum_states(people, weight, first, last, total)
        return total

    return world.threads.summed(*world.rows(c), work) / world.adults[c]


def _arm_persons(world: World, is_counted: np.ndarray) -> np.ndarray:
    """Return the persons among the encouraged and among the others who are counted, float64 (2,)."""
    if not len(world.encouraged):
        return np.zeros(2)
    arms = [np.bincount(world.citizens.employer[is_counted & arm], minlength=len(world.groups.city))
            for arm in (world.encouraged, ~world.encouraged)]  # fmt: skip
    return persons(np.array(arms), world.groups.weight)


def _count(world: World, c: int) -> np.ndarray:
    """Count the citizens of a city by group, int64 (n_groups, N_COUNTERS)."""
    shift_open, people, shape = bool(world.signals["shift_open"][c]), world.at(world.citizens), world.counts.shape

    def work(first: int, last: int) -> np.ndarray:
        table = np.zeros(shape, np.int64)
        count_people(people, first, last, shift_open, table)
        return table

    return world.threads.summed(*world.rows(c), work)


def observe(world: World, observer: Observer) -> None:
    """Write the hour's row of every curve."""
    h, state = world.hour, world.city
    for c in sorted({*world.active, *cities_with(state["n_detained"])}):
        own = world.groups.of(c)
        world.counts[own] = _count(world, c)[own]
        if c in world.active:
            observer.means[:, c] = _means(world, c)
    if observer.space is not None:
        note_whereabouts(world, observer.space)
    _count_loyalty(world, observer)
    observe_rows(h, observer.table, world.now(), world.at(observer.counted), world.at(observer.written))
    if len(observer.encouraged) and observer.curves["protesting"][h].any():
        protesting = _arm_persons(world, world.citizens.activity == Activity.PROTESTING)
        observer.encouraged[h] = protesting / np.maximum(observer.arm_persons, 1.0)


class Counted(NamedTuple):
    """What an hour has left: agents by group, int64 (n_groups, N_COUNTERS), persons by site; and where these belong."""

    counts: np.ndarray
    n_agents: np.ndarray
    city: np.ndarray
    weight: np.ndarray
    plants: np.ndarray
    site_city: np.ndarray
    crowd: np.ndarray
    rally_crowd: np.ndarray


class Written(NamedTuple):
    """What is written beside the curves, as in `Observer`; and what enters them of what was counted before."""

    striking: np.ndarray
    site_crowd: np.ndarray
    rally_present: np.ndarray
    means: np.ndarray
    private_opposition: np.ndarray
    gave_way: np.ndarray


@kernel
def observe_rows(h, table, cities, counted, written):
    """Write the hour of each city; persons are summed group by group, in order."""
    signals, states, facts, p = cities.signals, cities.states, cities.facts, record(cities.p)
    counted, written, curves = table_at(counted), table_at(written), table[h]
    striking, site_crowd, rally = written.striking[h], written.site_crowd[h], written.rally_present[h]
    means, gave_way = written.means, written.gave_way
    by_city = np.zeros((len(states), N_COUNTERS))
    for g in range(len(counted.city)):
        counted.counts[g, QUIET] = counted.n_agents[g] - counted.counts[g, QUIET + 1 : N_ACTIVITIES].sum()
        for k in range(N_COUNTERS):
            by_city[counted.city[g], k] += counted.counts[g, k] * counted.weight[g]
    for k in range(len(counted.plants)):
        g = counted.plants[k]
        striking[k] = counted.counts[g, PLANT_OUT] * counted.weight[g]
    for k in range(len(counted.crowd)):
        site_crowd[k] = counted.crowd[k]
        rally[counted.site_city[k]] += counted.rally_crowd[k]
    for c in range(len(states)):
        row, s, city, its = record(curves, c), record(signals, c), record(states, c), record(facts, c)
        row.quiet, row.protesting, row.striking = by_city[c, QUIET], by_city[c, PROTESTING], by_city[c, STRIKING]
        row.rallying, row.detained, row.adults = by_city[c, RALLYING], by_city[c, DETAINED], its.adults
        row.rallying_coerced, row.dismissed = by_city[c, COERCED], by_city[c, DISMISSED]
        row.ever_participated = by_city[c, EVER]
        city.n_detained = by_city[c, DETAINED]
        row.detained_new, row.injured_new = city.new_detained, city.street_injured + city.released_injured
        row.mean_legitimacy, row.mean_anger = means[0, c], means[1, c]
        row.mean_fear, row.mean_russia_affinity = means[2, c], means[3, c]
        row.private_opposition = written.private_opposition[c]
        row.officers_withholding, row.officers_resigned = gave_way[0, 0, c], gave_way[0, 1, c]
        row.officials_accommodating, row.officials_resigned = gave_way[1, 0, c], gave_way[1, 1, c]
        row.repression_level, row.concession_level = s.repression, s.concession
        report(h, row, s, city, its, p, row.protesting, rally[c])


def _count_loyalty(world: World, observer: Observer) -> None:
    """Count the officers and officials who gave way."""
    for k, who in enumerate(("officers", "officials")):
        staff = getattr(world, who)
        if world.changes.has_changed(who, staff.loyalty):
            observer.gave_way[k] = 0.0
            count_loyalty_rows(world.at(staff), 0, len(staff.loyalty), observer.gave_way[k])


@kernel(is_counted=False)
def count_loyalty_rows(staff, start, stop, gave_way):
    """Count officers or officials by home city, added to float64 (2, n_cities): who withhold, who resigned."""
    staff = table_at(staff)
    for i in range(start, stop):
        if staff.loyalty[i] != Loyalty.LOYAL:
            gave_way[staff.loyalty[i] - 1, staff.home_city[i]] += staff.weight[i]


@kernel
def report(h, row, s, city, its, p, protesting, rallying):
    """Let each source report the day's largest crowd so far, one hour late."""
    if h % 24 == 0:
        city.day_peak_protest = city.day_peak_rally = 0.0
    key, day, r = its.code * CITY_STRIDE, h // 24, p.reported_counts
    protest, rally = city.day_peak_protest, city.day_peak_rally
    city.reported_protest_ministry = report_of(protest, s.seed, key, day, 0, 0, r.ministry_protest_bias, r)
    city.reported_protest_media = report_of(protest, s.seed, key, day, 0, 1, r.media_protest_bias, r)
    city.reported_rally_ministry = report_of(rally, s.seed, key, day, 1, 0, r.ministry_rally_bias, r)
    city.reported_rally_media = report_of(rally, s.seed, key, day, 1, 1, r.media_rally_bias, r)
    row.reported_protest_ministry, row.reported_protest_media = (city.reported_protest_ministry,
                                                                 city.reported_protest_media)  # fmt: skip
    row.reported_rally_ministry, row.reported_rally_media = city.reported_rally_ministry, city.reported_rally_media
    city.day_peak_protest = max(city.day_peak_protest, protesting)
    city.day_peak_rally = max(city.day_peak_rally, rallying)


@kernel
def report_of(crowd, seed, key, day, side, source, bias, r):
    """Return a source's report of a crowd of the day, NaN without one; numbers of `SIDES` and `SOURCES`."""
    if crowd <= 0.0:
        return np.nan
    density = normal(seed, decisions.CROWD_DENSITY, key + side, day)
    error = normal(seed, decisions.REPORT_ERROR, key + side + len(SIDES) * (1 + source), day)
    return reported_count(crowd, bias, density, r.density_sd, error, r.error_sd, r.strength)
