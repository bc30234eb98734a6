"""Phase 9: what comes out, in persons."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from agents import decisions
from agents.compiled.draws import normal
from agents.compiled.rule import kernel
from agents.rules.reported_counts import reported_count
from agents.vocabulary import CITY_STRIDE, CURVES, NO_HOUR, Activity, Loyalty
from sim.hour.street import persons
from sim.hour.whereabouts import Whereabouts, make_whereabouts, note_whereabouts
from sim.world.world import COERCED, DISMISSED, EVER, N_COUNTERS, PLANT_OUT, World

SOURCES = ("ministry", "media")
SIDES = ("protest", "rally")
MEANS = ("legitimacy", "anger", "fear", "russia_affinity")


@dataclass
class Observer:
    """Curves as they grow: each array (hours, n_cities), or (hours, n) for plants and sites; float64."""

    curves: dict[str, np.ndarray]
    rally_present: np.ndarray
    striking: np.ndarray
    site_crowd: np.ndarray
    plants: np.ndarray  # group of each plant
    means: np.ndarray  # (4, n_cities), of the last active hour
    private_opposition: np.ndarray
    encouraged: np.ndarray  # (hours, 2), share protesting of the encouraged and of the others; (0, 2) if nobody is
    arm_persons: np.ndarray  # (2,), the encouraged and the others
    space: Whereabouts | None = None  # who is where, if asked for


def make_observer(world: World, hours: int, has_space: bool = False) -> Observer:
    """Allocate the curves, and with `has_space` the places, and observe what never changes."""
    n = world.n_cities
    plants = np.flatnonzero(world.groups.plant >= 0)
    world.reports = {f"reported_{side}_{source}": np.full(n, np.nan) for side in SIDES for source in SOURCES}
    opposed = [np.bincount(world.citizens.employer[slice(*world.rows(c))],
                           world.citizens.private_preference[slice(*world.rows(c))] < 0.5,
                           minlength=len(world.groups.city)) for c in range(n)]  # fmt: skip
    n_arm_hours = hours if len(world.encouraged) else 0
    return Observer(
        encouraged=np.zeros((n_arm_hours, 2)), arm_persons=_arm_persons(world, np.array(True)),
        curves={name: np.zeros((hours, n)) for name in CURVES}, rally_present=np.zeros((hours, n)),
        striking=np.zeros((hours, len(plants))), site_crowd=np.zeros((hours, len(world.crowd))), plants=plants,
        means=np.array([_means(world, c) for c in range(n)]).T,
        private_opposition=persons(np.array(opposed), world) / world.adults,
        space=make_whereabouts(world, hours) if has_space else None,
    )  # fmt: skip


@kernel
def count_people(people, start, stop, shift_open, table):
    """Count agents by group: activity, coerced, dismissed, ever on the street, out of their plant in a shift."""
    for i in range(start, stop):
        row = table[people.employer[i]]
        row[people.activity[i]] += 1
        row[COERCED] += people.is_coerced[i]
        row[DISMISSED] += people.is_dismissed[i]
        if people.first_hour[i] != NO_HOUR:
            row[EVER] += 1
        if people.activity[i] == Activity.STRIKING or (shift_open and people.activity[i] == Activity.PROTESTING):
            row[PLANT_OUT] += 1


@kernel
def sum_states(people, weight, start, stop, out):
    """Sum L, A, F and a over rows, each times the persons it stands for; out float64 (4,)."""
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


def ordered_sum(parts: list[np.ndarray]) -> np.ndarray:
    """Add up the parts of the blocks in their order."""
    total = np.zeros_like(parts[0])
    for part in parts:
        total += part
    return total


def _means(world: World, c: int) -> np.ndarray:
    """Return the means of L, A, F and a over the adults of a city, float64 (4,)."""

    def work(first: int, last: int) -> np.ndarray:
        total = np.zeros(4)
        sum_states(world.citizens, world.groups.weight, first, last, total)
        return total

    return ordered_sum(world.threads.each(*world.rows(c), work)) / world.adults[c]


def _arm_persons(world: World, is_counted: np.ndarray) -> np.ndarray:
    """Return the persons among the encouraged and among the others who are counted, float64 (2,)."""
    if not len(world.encouraged):
        return np.zeros(2)
    arms = [np.bincount(world.citizens.employer[is_counted & arm], minlength=len(world.groups.city))
            for arm in (world.encouraged, ~world.encouraged)]  # fmt: skip
    return persons(np.array(arms), world)


def _count(world: World, c: int) -> np.ndarray:
    """Count the citizens of a city by group, int64 (n_groups, N_COUNTERS)."""
    shift_open = bool(world.signals["shift_open"][c])

    def work(first: int, last: int) -> np.ndarray:
        table = np.zeros_like(world.counts)
        count_people(world.citizens, first, last, shift_open, table)
        return table

    return ordered_sum(world.threads.each(*world.rows(c), work))


def observe(world: World, observer: Observer) -> None:
    """Write the hour's row of every curve."""
    h, curves, state = world.hour, observer.curves, world.city
    if observer.space is not None:
        note_whereabouts(world, observer.space)
    for c in range(world.n_cities):
        if world.signals["is_active"][c] or state["n_detained"][c] > 0:
            world.counts = np.where((world.groups.city == c)[:, None], _count(world, c), world.counts)
        if world.signals["is_active"][c]:
            observer.means[:, c] = _means(world, c)
    by_city = np.zeros((world.n_cities, N_COUNTERS))
    np.add.at(by_city, world.groups.city, world.counts * world.groups.weight[:, None])  # group by group, in order
    for activity in Activity:
        curves[activity.name.lower()][h] = by_city[:, activity]
    curves["adults"][h] = world.adults
    curves["rallying_coerced"][h] = by_city[:, COERCED]
    curves["dismissed"][h] = by_city[:, DISMISSED]
    curves["ever_participated"][h] = by_city[:, EVER]
    state["n_detained"] = by_city[:, Activity.DETAINED].copy()
    curves["detained_new"][h] = state["new_detained"]
    curves["injured_new"][h] = state["street_injured"] + state["released_injured"]
    _observe_loyalty(world, observer, h)
    for name, mean in zip(MEANS, observer.means, strict=True):
        curves[f"mean_{name}"][h] = mean
    curves["private_opposition"][h] = observer.private_opposition
    for name in ("repression", "concession"):
        curves[f"{name}_level"][h] = world.signals[name]
    observer.striking[h] = world.counts[observer.plants, PLANT_OUT] * world.groups.weight[observer.plants]
    observer.site_crowd[h] = world.crowd
    observer.rally_present[h] = np.bincount(world.sites.city, world.rally_crowd, minlength=world.n_cities)
    if len(observer.encouraged) and curves["protesting"][h].any():
        protesting = _arm_persons(world, world.citizens.activity == Activity.PROTESTING)
        observer.encouraged[h] = protesting / np.maximum(observer.arm_persons, 1.0)
    _report(world, observer, h)


def _observe_loyalty(world: World, observer: Observer, h: int) -> None:
    """Count officers and officials by where they stand."""
    for columns, who, states in (
        (world.officers, "officers", {"withholding": Loyalty.WITHHOLDING, "resigned": Loyalty.RESIGNED}),
        (world.officials, "officials", {"accommodating": Loyalty.WITHHOLDING, "resigned": Loyalty.RESIGNED}),
    ):
        has_changed = world.changes.has_changed(who, columns.loyalty)
        for name, loyalty in states.items():
            curve = observer.curves[f"{who}_{name}"]
            if h > 0 and not has_changed:
                curve[h] = curve[h - 1]
                continue
            there = columns.loyalty == loyalty
            curve[h] = np.bincount(columns.home_city[there], columns.weight[there], minlength=world.n_cities)


def _report(world: World, observer: Observer, h: int) -> None:
    """Let each source report the day's largest crowd so far, one hour late."""
    state = world.city
    crowd = {"protest": observer.curves["protesting"][h], "rally": observer.rally_present[h]}
    for side in SIDES:
        peak = state[f"day_peak_{side}"]
        if h % 24 == 0:
            peak[:] = 0.0
        for source in SOURCES:
            name = f"reported_{side}_{source}"
            for c in range(world.n_cities):
                world.reports[name][c] = _report_of(world, c, side, source, h // 24, peak[c])
            observer.curves[name][h] = world.reports[name]
        np.maximum(peak, crowd[side], out=peak)


def _report_of(world: World, c: int, side: str, source: str, day: int, crowd: float) -> float:
    """Return a source's report of a crowd of the day, NaN without one."""
    if crowd <= 0.0:
        return np.nan
    p = world.parameters.reported_counts
    key = world.cities[c].code * CITY_STRIDE + SIDES.index(side)
    density = normal(world.seed, decisions.CROWD_DENSITY, key, day)
    error = normal(world.seed, decisions.REPORT_ERROR, key + len(SIDES) * (1 + SOURCES.index(source)), day)
    bias = getattr(p, f"{source}_{side}_bias")
    return reported_count(crowd, bias, density, p.density_sd, error, p.error_sd, p.strength)
