"""Ties of citizens: online ties are stored, home and work ties are the people of the neighbourhood and the group."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from agents import decisions
from agents.compiled.draws import uniform4
from agents.compiled.rule import kernel
from agents.vocabulary import CitizenColumns
from sim.inputs.city import City
from sim.parameters import PopulationParameters
from sim.world.population import person0


def build_ties(
    people: CitizenColumns, cities: tuple[City, ...], starts: np.ndarray, parameters: PopulationParameters, seed: int
) -> None:
    """Draw every citizen's online ties: rows of people whom one follows (directed).

    A tie leads anywhere in the scenario with probability cross_city_share, else within the city; of two candidates
    the nearer in private preference is taken with probability homophily, else the first.
    """
    for c, city in enumerate(cities):
        start, stop = int(starts[c]), int(starts[c + 1])
        how = TieDraw(seed=seed, person0=person0(city, start), n_all=int(starts[-1]),
                      cross_city_share=parameters.cross_city_share, homophily=parameters.homophily)  # fmt: skip
        fill_ties(people.ties, people.private_preference, how, start, stop)


class TieDraw(NamedTuple):
    """How the online ties of a city's people are drawn."""

    seed: int
    person0: int  # plus the row: key of a person's draws
    n_all: int  # citizens of all cities
    cross_city_share: float
    homophily: float


@kernel
def not_oneself(drawn, own, n):
    """Return the number drawn, or the next one if it is one's own; alone one has only oneself."""
    return (drawn + 1) % n if drawn == own else drawn


@kernel
def fill_ties(ties, preference, how, start, stop):
    """Fill the ties of rows start..stop; int32 (n, k)."""
    n_own = stop - start
    for i in range(start, stop):
        for k in range(ties.shape[1]):
            where, one, two, near = uniform4(how.seed, decisions.TIE + k, how.person0 + i, 0)
            if where < how.cross_city_share:
                first = not_oneself(int(one * how.n_all), i, how.n_all)
                second = not_oneself(int(two * how.n_all), i, how.n_all)
            else:
                first = start + not_oneself(int(one * n_own), i - start, n_own)
                second = start + not_oneself(int(two * n_own), i - start, n_own)
            closer = abs(preference[second] - preference[i]) < abs(preference[first] - preference[i])
            ties[i, k] = second if near < how.homophily and closer else first
