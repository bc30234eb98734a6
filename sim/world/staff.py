"""Officers and officials: one by one, or some for all of them (`staff_per_agent`).

Units stay whole, so that one tips by the same share of as many officers as ever; with fewer units each stands for
several. Where these would be too few, or officials of an office, the least number is kept, each with a smaller weight.
Weights of a city's officers and of an office's holders add up to the data's numbers.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from agents import decisions
from agents.compiled.draws import uniform
from agents.compiled.rule import kernel
from agents.vocabulary import (
    CITY_STRIDE,
    FIRST_OFFICER,
    FIRST_OFFICIAL,
    NO_SITE,
    OFFICER_COLUMNS,
    OFFICIAL_COLUMNS,
    Office,
    OfficerColumns,
    OfficialColumns,
)
from sim.inputs.city import City
from sim.world.population import empty_columns, spread
from sim.world.space import grid_side, homes_per_cell

LEAST_UNITS = 10  # of a city: the reserve, and force by site, in tenths
LEAST_OFFICIALS = 20  # of an office


def n_officers(city: City, staff_per_agent: float) -> int:
    """Return the rows for the street officers of a city: whole units, or everybody."""
    n_units = -(-city.street_officers // city.unit_size)
    kept = max(LEAST_UNITS, round(n_units / staff_per_agent))
    return city.street_officers if kept >= n_units else kept * city.unit_size


def n_officials(persons: int, staff_per_agent: float) -> int:
    """Return the rows for the holders of an office."""
    return min(persons, max(LEAST_OFFICIALS, round(persons / staff_per_agent)))


def n_staff(cities: Sequence[City], staff_per_agent: float) -> int:
    """Return the rows for all officers and officials of cities."""
    return sum(n_officers(city, staff_per_agent) + sum(n_officials(n, staff_per_agent) for n in holders(city))
               for city in cities)  # fmt: skip


def holders(city: City) -> tuple[int, ...]:
    """Return the holders of a city's offices, in the order of `Office`."""
    return 1, city.judges, city.commission_members, city.state_media_staff


def build_officers(cities: tuple[City, ...], seed: int, staff_per_agent: float = 1.0) -> OfficerColumns:
    """Build the columns of the street officers, by city and unit."""
    numbers = [n_officers(city, staff_per_agent) for city in cities]
    officers = OfficerColumns(**empty_columns(OFFICER_COLUMNS, sum(numbers)))
    officers.site[:] = NO_SITE
    start, n_units = 0, 0
    for c, (city, n) in enumerate(zip(cities, numbers, strict=True)):
        number = np.arange(n)
        rows = slice(start, start + n)
        unit = number // city.unit_size
        first_key = city.code * CITY_STRIDE + FIRST_OFFICER
        officers.person[rows] = first_key + number
        officers.home_city[rows] = officers.posted_city[rows] = c
        officers.home_cell[rows] = _homes(city, n)
        officers.unit[rows] = n_units + unit
        officers.unit_key[rows] = first_key + unit * city.unit_size
        officers.unit_rank[rows] = (unit + 0.5) / (unit[-1] + 1)
        # The units stand in this order along the cumulated weights of the sites; the reserve is spread over it.
        officers.position[rows] = (number + 0.5) / n
        officers.weight[rows] = city.street_officers / n
        start, n_units = start + n, n_units + int(unit[-1]) + 1
    fill_uniform(officers.exit_cost, officers.person, seed, decisions.OFFICER_EXIT_COST, 0.0)
    fill_uniform(officers.media_diet, officers.person, seed, decisions.OFFICER_MEDIA_DIET, 0.5)
    return officers


def build_officials(cities: tuple[City, ...], seed: int, staff_per_agent: float = 1.0) -> OfficialColumns:
    """Build the columns of the officials, by city and office."""
    persons = [holders(city) for city in cities]
    numbers = [[n_officials(each, staff_per_agent) for each in of_city] for of_city in persons]
    officials = OfficialColumns(**empty_columns(OFFICIAL_COLUMNS, sum(map(sum, numbers))))
    start = 0
    for c, (city, of_city, counts) in enumerate(zip(cities, persons, numbers, strict=True)):
        n = sum(counts)
        rows = slice(start, start + n)
        officials.person[rows] = city.code * CITY_STRIDE + FIRST_OFFICIAL + np.arange(n)
        officials.home_city[rows] = c
        officials.home_cell[rows] = _homes(city, n)
        officials.office[rows] = np.repeat([office.value for office in Office], counts)
        officials.weight[rows] = np.repeat(np.divide(of_city, np.maximum(counts, 1)), counts)
        start += n
    fill_uniform(officials.media_diet, officials.person, seed, decisions.OFFICER_MEDIA_DIET, 0.0)
    return officials


def office_sizes(officials: OfficialColumns, n_cities: int) -> np.ndarray:
    """Return the holders of each office by city, float64 (n_cities, offices)."""
    of_city_and_office = officials.home_city.astype(np.int64) * len(Office) + officials.office
    return np.bincount(of_city_and_office, officials.weight, n_cities * len(Office)).reshape(n_cities, len(Office))


@kernel
def fill_uniform(column, person, seed, decision, low):
    """Fill a trait of officers or officials, uniform on [low, 1]."""
    for i in range(len(column)):
        column[i] = low + (1.0 - low) * uniform(seed, decision, person[i], 0)


def _homes(city: City, n: int) -> np.ndarray:
    """Return home cells of n people spread like the city's homes, in an order that mixes them."""
    cells = homes_per_cell(city, n)
    return np.repeat(np.arange(grid_side(city) ** 2), cells)[spread(n, 0.5)]
