"""The population: groups that match the data to the person, traits from a Gaussian copula, columns.

Rows are ordered by city and home cell and never move. The number of a person in the city is the row's.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from agents import decisions
from agents.compiled.draws import normal, uniform
from agents.compiled.rule import kernel
from agents.rules import traits
from agents.vocabulary import (
    CITIZEN_COLUMNS,
    CITY_STRIDE,
    NO_HOUR,
    NO_SITE,
    CitizenColumns,
)
from sim.inputs.city import City
from sim.parameters import TRAITS, PopulationParameters
from sim.world.space import homes_per_cell

GOLDEN = 0.6180339887498949
TRAIT_DECISIONS = np.array([getattr(decisions, f"TRAIT_{name}") for name in (
    "PREFERENCE", "LEGITIMACY", "HARDSHIP", "RISK_AVERSION", "JOB_DEPENDENCE", "MEDIA_DIET", "RUSSIA_AFFINITY",
    "SEX", "AGE",
)])  # fmt: skip


@dataclass(frozen=True)
class Groups:
    """People by employer: each plant, the other state sector and everybody else, city by city.

    city, plant : int64 (n_groups,), city index; index among the city's plants, -1 otherwise.
    is_state : bool (n_groups,).
    persons : float64 (n_groups,), exact head-counts of the data.
    n_agents : int64 (n_groups,).
    weight : float64 (n_groups,), persons that one agent stands for.
    first : int64 (n_cities + 1,).
    """

    city: np.ndarray
    plant: np.ndarray
    is_state: np.ndarray
    persons: np.ndarray
    n_agents: np.ndarray
    weight: np.ndarray
    first: np.ndarray

    def of(self, c: int) -> slice:
        """Return the groups of city c."""
        return slice(int(self.first[c]), int(self.first[c + 1]))


def group_people(cities: tuple[City, ...], persons_per_agent: float, min_agents: int) -> Groups:
    """Split each city's adults into groups and give each its number of agents.

    Totals are those of the data to the person, since an agent of a group stands for persons / n_agents.
    """
    rows = []
    for c, city in enumerate(cities):
        plants = [plant.employees for plant in city.plants]
        rows += [(c, k, True, persons, min_agents) for k, persons in enumerate(plants)]
        rows.append((c, -1, True, city.state_employed - sum(plants), 1))
        rows.append((c, -1, False, city.adults - city.state_employed, 1))
    of_city, plant, is_state, persons, least = (np.array(column) for column in zip(*rows, strict=True))
    n_agents = np.maximum(np.rint(persons / persons_per_agent), least).astype(np.int64)
    n_agents = np.minimum(n_agents, persons)
    weight = np.divide(persons, n_agents, out=np.zeros(len(rows)), where=n_agents > 0)
    first = np.searchsorted(of_city, np.arange(len(cities) + 1))
    return Groups(of_city, plant, is_state, persons.astype(float), n_agents, weight, first)


@functools.lru_cache(maxsize=16)
def cholesky(correlation: tuple[tuple[float, ...], ...]) -> np.ndarray:
    """Return the lower Cholesky factor in plain arithmetic, the same on every machine, shape (9, 9), not writeable."""
    n = len(correlation)
    factor = np.zeros((n, n))
    for i in range(n):
        for j in range(i + 1):
            rest = correlation[i][j] - sum(float(factor[i, k] * factor[j, k]) for k in range(j))
            factor[i, j] = math.sqrt(rest) if i == j else rest / factor[j, j]
    factor.flags.writeable = False
    return factor


class Copula(NamedTuple):
    """What the traits of a city's people are drawn from."""

    seed: int
    person0: int  # key of the city's person 0 minus the row of that person
    trait_decisions: np.ndarray  # int64 (9,), numbers of the draws
    factor: np.ndarray  # float64 (9, 9), Cholesky factor in the order of TRAITS


class Marginals(NamedTuple):
    """Parameters of the traits' distributions, by their names."""

    preference_exponent: float
    polarisation: float
    legitimacy_base: float
    legitimacy_slope: float
    legitimacy_sd: float
    women_share: float
    share_18_29: float
    share_30_44: float
    share_45_59: float


@kernel
def fill_traits(people, is_state, copula, m, start, stop):
    """Draw the traits of rows start..stop from the copula; m are the marginals."""
    own = np.empty(9)
    mixed = np.empty(9)
    for i in range(start, stop):
        for k in range(9):
            own[k] = normal(copula.seed, copula.trait_decisions[k], copula.person0 + i, 0)
        for k in range(9):
            total = 0.0
            for j in range(k + 1):
                total += copula.factor[k, j] * own[j]
            mixed[k] = total
        preference = traits.private_preference(mixed[0], m.preference_exponent, m.polarisation)
        people.private_preference[i] = preference
        people.legitimacy[i] = traits.initial_legitimacy(preference, mixed[1], m.legitimacy_base, m.legitimacy_slope,
                                                         m.legitimacy_sd)  # fmt: skip
        people.hardship[i] = traits.uniform_trait(mixed[2])
        people.risk_aversion[i] = traits.uniform_trait(mixed[3])
        if is_state[people.employer[i]]:
            people.job_dependence[i] = traits.uniform_trait(mixed[4])
        people.media_diet[i] = traits.uniform_trait(mixed[5])
        people.russia_affinity[i] = traits.uniform_trait(mixed[6])
        if traits.uniform_trait(mixed[7]) > 1.0 - m.women_share:
            people.is_woman[i] = 1
        people.age_band[i] = traits.age_band(mixed[8], m.share_18_29, m.share_30_44, m.share_45_59)
        people.disposition[i] = normal(copula.seed, decisions.DISPOSITION, copula.person0 + i, 0)


def city_starts(cities: tuple[City, ...], groups: Groups) -> np.ndarray:
    """Return the first row of each city and the end of the last, int64 (n_cities + 1,)."""
    n = [int(groups.n_agents[groups.city == c].sum()) for c in range(len(cities))]
    return np.concatenate(([0], np.cumsum(n))).astype(np.int64)


def person0(city: City, start: int) -> int:
    """Return what has to be added to a row of the city to get the key of its draws."""
    return city.code * CITY_STRIDE - int(start)


def spread(n: int, first: float) -> np.ndarray:
    """Return a permutation of 0..n-1 that spreads neighbours evenly, starting at a share `first` of the way."""
    stride = max(1, int(n * GOLDEN))
    while math.gcd(stride, n) != 1:
        stride += 1
    return (np.arange(n, dtype=np.int64) * stride + int(first * n)) % n


def empty_columns(columns: dict[str, tuple[str, str]], n: int) -> dict[str, np.ndarray]:
    """Allocate zeroed columns of n rows."""
    return {name: np.zeros(n, dtype) for name, (dtype, _) in columns.items()}


def build_citizens(
    cities: tuple[City, ...], groups: Groups, parameters: PopulationParameters, seed: int
) -> CitizenColumns:
    """Build the columns of all citizens; ties are left empty (see `sim.world.ties`).

    Returns
    -------
    CitizenColumns of arrays, shape (n_citizens,); ties int32 (n_citizens, n_online_ties)
    """
    starts = city_starts(cities, groups)
    n = int(starts[-1])
    people = CitizenColumns(
        **empty_columns(CITIZEN_COLUMNS, n), ties=np.zeros((n, parameters.n_online_ties), np.int32)
    )
    for column in (people.site, people.next_site):
        column[:] = NO_SITE
    for column in (people.release_hour, people.first_hour):
        column[:] = NO_HOUR
    factor = cholesky(parameters.correlation)
    given = {name: getattr(parameters, name) for name in Marginals._fields if name != "preference_exponent"}
    for c, city in enumerate(cities):
        start, stop = int(starts[c]), int(starts[c + 1])
        share = parameters.share_against if city.share_against is None else city.share_against
        exponent = traits.preference_exponent(share, parameters.polarisation)
        marginals = Marginals(preference_exponent=exponent, **given)
        cells = homes_per_cell(city, stop - start)
        people.home_cell[start:stop] = np.repeat(np.arange(len(cells)), cells)
        own = np.flatnonzero(groups.city == c)
        labels = np.repeat(own, groups.n_agents[own]).astype(np.int16)
        first = uniform(seed, decisions.EMPLOYER, city.code * CITY_STRIDE, 0)
        people.employer[start:stop] = labels[spread(stop - start, first)]
        copula = Copula(seed=seed, person0=person0(city, start), trait_decisions=TRAIT_DECISIONS, factor=factor)
        fill_traits(people, groups.is_state, copula, marginals, start, stop)
    return people


assert len(TRAITS) == len(TRAIT_DECISIONS)
