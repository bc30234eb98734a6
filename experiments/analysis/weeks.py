"""The weeks of a few persons of each city: what they did, felt and weighed, hour by hour, in one run or in two.

Of each city `CANDIDATES` times as many are followed as are told: half of those told are persons who protest at least
once in any of the runs, as far as there are as many, the others do not; both are drawn at random among the followed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from agents.vocabulary import DETAINED, PROTESTING
from experiments.analysis.changed_minds import Mixed
from experiments.analysis.changed_people import group_name
from experiments.analysis.moment import Watch, run_again
from experiments.analysis.weighed import Weighed, weigh
from sim.world.space import cell_centres
from sim.world.world import World, build_world

CANDIDATES = 10
STATE = ("anger", "fear", "company", "legitimacy")
FIXED = ("private_preference", "hardship", "risk_aversion", "media_diet", "job_dependence")


@dataclass
class Week:
    """The persons of a city in a run; hours run along the last axis but of `weighed`.

    activity, site : int64 (n, hours), at the end of the hour. state : float64 (4, n, hours), those of `STATE`.
    weighed : by (person, hour), where something was on.
    """

    activity: np.ndarray
    site: np.ndarray
    state: np.ndarray
    weighed: dict[tuple[int, int], Weighed]


@dataclass
class People:
    """Who the told persons of a city are, and their weeks, one for each run.

    traits : those of `FIXED`. persons : how many each stands for. site_names : by the number of a site, of all cities.
    """

    keys: list[int]
    traits: list[dict[str, float]]
    is_woman: list[bool]
    age_band: list[int]
    group: list[str]
    persons: list[float]
    east_m: list[float]
    north_m: list[float]
    site_names: list[str]
    weeks: list[Week]


class Follow:
    """One run again, with the candidates of every city followed."""

    def __init__(self, parameters: Any, n: int) -> None:
        self.world = build_world(parameters)
        cities = range(self.world.n_cities)
        self.rows = {c: candidates(self.world, c, CANDIDATES * n) for c in cities}
        self.engine = Watch(self.world, self.rows, range(parameters.hours))
        self.seen: dict[str, list[np.ndarray]] = {name: [] for name in ("activity", "site", *STATE)}
        run_again(self.world, self.engine, parameters.hours, self._look)

    def _look(self, world: World) -> None:
        """Note the state of all candidates at the end of an hour."""
        everybody = np.concatenate(list(self.rows.values()))
        for name, values in self.seen.items():
            values.append(getattr(world.citizens, name)[everybody])

    def curve(self, name: str, c: int, of: np.ndarray) -> np.ndarray:
        """Return what was noted of some candidates of a city, (n, hours)."""
        first = sum(len(self.rows[each]) for each in range(c))
        return np.array(self.seen[name])[:, first + of].T


def candidates(world: World, c: int, n: int) -> np.ndarray:
    """Return n rows of a city, or all there are, in random order; the same in all runs of the same people."""
    start, stop = world.rows(c)
    return np.random.default_rng([world.seed, c]).permutation(np.arange(start, stop))[:n]


def weeks(parameters: Sequence[Any], n: int) -> list[People]:
    """Compute the runs again and return n persons of each city, or as many as it has.

    Parameters
    ----------
    parameters : list of Parameters
        Of runs of the same people.
    n : int
        At least 1.
    """
    runs = [Follow(each, n) for each in parameters]
    return [_people(runs, c, _told(runs, c, n)) for c in range(runs[0].world.n_cities)]


def _told(runs: Sequence[Follow], c: int, n: int) -> np.ndarray:
    """Return which candidates of a city are told, by their number among the candidates."""
    everybody = np.arange(len(runs[0].rows[c]))
    is_out = np.any([(run.curve("activity", c, everybody) == PROTESTING).any(axis=1) for run in runs], axis=0)
    out, others = np.flatnonzero(is_out), np.flatnonzero(~is_out)
    n_out = min(len(out), max(n - n // 2, n - len(others)))
    return np.concatenate([out[:n_out], others[: n - n_out]])


def _people(runs: Sequence[Follow], c: int, told: np.ndarray) -> People:
    """Return the told persons of a city with their weeks."""
    world = runs[0].world
    rows, table = runs[0].rows[c][told], world.citizens
    east, north = (axis[table.home_cell[rows]].tolist() for axis in cell_centres(world.cities[c]))
    return People(
        (int(world.person0[c]) + rows).tolist(),
        [{name: float(getattr(table, name)[row]) for name in FIXED} for row in rows],
        table.is_woman[rows].astype(bool).tolist(), table.age_band[rows].tolist(),
        [group_name(world, group) for group in table.employer[rows].tolist()],
        world.groups.weight[table.employer[rows]].tolist(), east, north,
        [name for _, name in world.sites.names], [_week(run, c, told) for run in runs],
    )  # fmt: skip


def _week(run: Follow, c: int, told: np.ndarray) -> Week:
    """Return the week of the told persons in a run; who is in custody weighs nothing."""
    weighed = {}
    for (city, hour), moment in run.engine.moments.items():
        for k, index in enumerate(told.tolist() if city == c else []):
            is_free = moment.columns["activity"][index] != DETAINED
            if is_free and (found := weigh(Mixed((moment, moment), index))) is not None:
                weighed[k, hour] = found
    activity, site, *state = (run.curve(name, c, told) for name in ("activity", "site", *STATE))
    return Week(activity.astype(np.int64), site.astype(np.int64), np.array(state, float), weighed)
