"""Ties of citizens: online ties are stored, home and work ties are the people of the neighbourhood and the group."""

from __future__ import annotations

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
        fill_ties(people.ties, people.private_preference, seed, person0(city, start), start, stop, int(starts[-1]),
                  parameters.cross_city_share, parameters.homophily)  # fmt: skip


@kernel
def not_oneself(drawn, own, n):
    """Return the number drawn, or the next one if it is one's own; alone one has only oneself."""
    return (drawn + 1) % n if drawn == own else drawn


@kernel
def fill_ties(ties, preference, seed, key0, start, stop, n_all, cross_city_share, homophily):
    """Fill the ties of rows start..stop; int32 (n, k)."""
    n_own = stop - start
    for i in range(start, stop):
        for k in range(ties.shape[1]):
            where, one, two, near = uniform4(seed, decisions.TIE + k, key0 + i, 0)
            if where < cross_city_share:
                first, second = not_oneself(int(one * n_all), i, n_all), not_oneself(int(two * n_all), i, n_all)
            else:
                first = start + not_oneself(int(one * n_own), i - start, n_own)
                second = start + not_oneself(int(two * n_own), i - start, n_own)
            closer = abs(preference[second] - preference[i]) < abs(preference[first] - preference[i])
            ties[i, k] = second if near < homophily and closer else first
