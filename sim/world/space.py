"""The city grid: homes by cell, sums over neighbourhoods, weights of sites seen from a cell."""

from __future__ import annotations

import functools
import math
from typing import NamedTuple

import numpy as np

from agents.compiled.arithmetic import exp
from agents.compiled.rule import kernel
from agents.rules.place import site_weight
from sim.inputs.city import City


def grid_side(city: City) -> int:
    """Return the cells along one side of the city's square grid."""
    return max(1, math.ceil(2.0 * city.radius_m / city.cell_size_m))


def cell_of(city: City, east_m: float, north_m: float) -> int:
    """Return the cell (row-major from the south-west) at a position in metres from the centre."""
    side = grid_side(city)
    column = min(side - 1, max(0, math.floor((east_m + city.radius_m) / city.cell_size_m)))
    row = min(side - 1, max(0, math.floor((north_m + city.radius_m) / city.cell_size_m)))
    return row * side + column


def cell_centres(city: City) -> tuple[np.ndarray, np.ndarray]:
    """Return the east and north coordinates (metres) of all cell centres, shape (side**2,)."""
    axis = (np.arange(grid_side(city)) + 0.5) * city.cell_size_m - city.radius_m
    north, east = np.meshgrid(axis, axis, indexing="ij")
    return east.ravel(), north.ravel()


@functools.lru_cache(maxsize=256)
def homes_per_cell(city: City, n: int) -> np.ndarray:
    """Distribute n homes over the cells by largest remainder.

    Homes thin out from the centre as exp(-r / home_scale_m) and end at radius_m.

    Returns
    -------
    ndarray of int64, shape (side**2,), summing to n, not to be written
    """
    homes = largest_remainder(_home_density(city), n)
    homes.flags.writeable = False
    return homes


@functools.lru_cache(maxsize=256)
def _home_density(city: City) -> np.ndarray:
    """Return the density of homes by cell, float64 (side**2,), not to be written."""
    east, north = cell_centres(city)
    distance = np.sqrt(east * east + north * north)
    inside = distance <= city.radius_m
    density = np.array([exp(-d / city.home_scale_m) for d in distance]) * inside
    if not inside.any():
        density[:] = 1.0
    density.flags.writeable = False
    return density


def largest_remainder(weights: np.ndarray, n: int) -> np.ndarray:
    """Return whole numbers in proportion to the weights that sum to n (largest remainder, ties by index)."""
    quota = weights / weights.sum() * n
    counts = np.floor(quota).astype(np.int64)
    order = np.lexsort((np.arange(len(weights)), counts - quota))
    counts[order[: n - int(counts.sum())]] += 1
    return counts


@kernel
def box_sum(values, side, radius, out):
    """Sum a grid of counts over squares of (2 radius + 1)**2 cells, cut at the edges; cost independent of radius.

    values, out : int64 arrays, shape (side**2,); may be slices of longer arrays.
    """
    table = np.zeros((side + 1, side + 1), np.int64)
    for r in range(side):
        line = 0
        for c in range(side):
            line += values[r * side + c]
            table[r + 1, c + 1] = table[r, c + 1] + line
    for r in range(side):
        low_r, high_r = max(0, r - radius), min(side, r + radius + 1)
        for c in range(side):
            low_c, high_c = max(0, c - radius), min(side, c + radius + 1)
            out[r * side + c] = (
                table[high_r, high_c] - table[low_r, high_c] - table[high_r, low_c] + table[low_r, low_c]
            )


class Pull(NamedTuple):
    """Parameters of the weight of a site, by their names."""

    attraction_exponent: float
    distance_decay: float
    strength: float


@kernel
def fill_site_weights(cell_east, cell_north, site_east, site_north, attraction, pull, out):
    """Fill the cumulated weights of a city's places as seen from each cell, shape (n_cells, n_places).

    attraction : float64, 0 for a place that is closed or full.
    """
    for cell in range(out.shape[0]):
        total = 0.0
        for k in range(out.shape[1]):
            east = cell_east[cell] - site_east[k]
            north = cell_north[cell] - site_north[k]
            distance = math.sqrt(east * east + north * north)
            total += site_weight(attraction[k], distance, pull.attraction_exponent, pull.distance_decay, pull.strength)
            out[cell, k] = total
