"""Who is encouraged to take part, person by person or by blocks of homes, as a field experiment would draw them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from agents import decisions
from agents.compiled.draws import uniform
from agents.compiled.rule import kernel
from agents.rules.encouragement import block_number, is_encouraged
from agents.vocabulary import CITY_STRIDE, CitizenColumns
from sim.inputs.city import City
from sim.parameters import Parameters
from sim.world.population import person0


class Assignment(NamedTuple):
    """How the encouraged of a city are drawn."""

    seed: int
    person0: int  # plus the row: key of a person's draw
    city_key: int  # plus the number of the block: key of its draw
    grid_side: int
    block_cells: int  # side of a block, 0: by person
    share: float


@kernel
def mark_encouraged(home_cell, how, start, stop, out):
    """Mark the encouraged of a city; out bool (n_citizens,)."""
    for i in range(start, stop):
        if how.block_cells > 0:
            block = block_number(home_cell[i], how.grid_side, how.block_cells)
            draw = uniform(how.seed, decisions.ENCOURAGED_BLOCK, how.city_key + block, 0)
        else:
            draw = uniform(how.seed, decisions.ENCOURAGED, how.person0 + i, 0)
        out[i] = is_encouraged(draw, how.share)


def draw_encouraged(
    parameters: Parameters, cities: tuple[City, ...], citizens: CitizenColumns, starts: np.ndarray, side: np.ndarray
) -> np.ndarray:
    """Return who is encouraged, bool (n_citizens,); (0,) where the share is 0.

    Parameters
    ----------
    starts : ndarray of int64, shape (n_cities + 1,)
        First row of each city.
    side : ndarray of int64, shape (n_cities,)
        Cells along a side of each city's grid.
    """
    p = parameters.encouragement
    if p.share == 0.0:
        return np.zeros(0, np.bool_)
    found = np.zeros(int(starts[-1]), np.bool_)
    for c, city in enumerate(cities):
        start, stop = int(starts[c]), int(starts[c + 1])
        how = Assignment(seed=parameters.seed, person0=person0(city, start), city_key=city.code * CITY_STRIDE,
                         grid_side=int(side[c]), block_cells=p.block_cells, share=p.share)  # fmt: skip
        mark_encouraged(citizens.home_cell, how, start, stop, found)
    return found
