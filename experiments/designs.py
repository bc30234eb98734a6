"""Designs: which points of the levers are run, and in which order. SciPy does the mathematics.

A point is a dict of lever values. Replicates repeat every point under other seeds; by default all points share them,
so that the same people have the same luck at every point.
"""

from __future__ import annotations

import csv
import itertools
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from experiments.levers import Lever, value_of_text
from sim.errors import InputError, not_allowed

METHODS = ("grid", "lhs", "sobol", "list")
SAMPLES = {"lhs": 64, "sobol": 64}  # where design.n does not say
MOST_POINTS = 1_000_000
GOLDEN = (math.sqrt(5.0) - 1.0) / 2.0

Point = dict[str, Any]


def make_points(levers: Sequence[Lever], method: str, n: int | None, file: str | None, seed: int) -> list[Point]:
    """Return the points of a design.

    Parameters
    ----------
    levers : sequence of Lever
        What is varied; for `list` the file says it.
    method : str
        grid, lhs, sobol or list.
    n : int, optional
        Grid: levels of a range. lhs, sobol: points.
    file : str, optional
        The CSV file of `list`: the header names settings, a row is a point.
    seed : int
        Of the random part of lhs and sobol.

    Raises
    ------
    InputError
        The design cannot be made of these levers.
    """
    if method == "list":
        return points_of_file(file)
    if not levers:
        raise InputError("levers are missing: give a setting several values (anger.strength=0,1) or experiment=NAME")
    if method == "grid":
        _check_number(math.prod(len(lever.levels(n)) for lever in levers))
        return [dict(zip((lever.name for lever in levers), values, strict=True))
                for values in itertools.product(*(lever.levels(n) for lever in levers))]  # fmt: skip
    sample = unit_sample(len(levers), method, n or SAMPLES[method], seed)
    return [{lever.name: lever.at(float(place)) for lever, place in zip(levers, row, strict=True)} for row in sample]


def _check_number(n: int) -> None:
    if n > MOST_POINTS:
        raise not_allowed("", "design points", n, f"at most {MOST_POINTS}")


def unit_sample(n_levers: int, method: str, n: int, seed: int) -> np.ndarray:
    """Return a sample of the unit cube, shape (points, n_levers)."""
    from scipy.stats import qmc

    _check_number(n * (n_levers + 2))
    if method == "lhs":
        return qmc.LatinHypercube(n_levers, rng=np.random.default_rng(seed)).random(n)
    if n & (n - 1):
        raise not_allowed("", "design.n", n, f"a power of two for Sobol's sequence, such as {2 ** n.bit_length()}")
    return qmc.Sobol(n_levers, rng=np.random.default_rng(seed)).random(n)


def points_of_file(file: str | None) -> list[Point]:
    """Return the points of a CSV file whose header names settings.

    Raises
    ------
    InputError
        There is no such file, a name stands twice, or a row is too short or too long.
    """
    if file is None:
        raise InputError("design.file is missing: design=list needs a CSV file whose header names settings")
    path = Path(file).expanduser()
    if not path.is_file():
        raise not_allowed("", "design.file", file, "a CSV file that exists")
    with path.open(encoding="utf-8-sig", newline="") as handle:
        header, *rows = [row for row in csv.reader(handle) if row] or [[]]
    names = [name.strip() for name in header]
    if not names or not all(names) or len(set(names)) < len(names):
        raise not_allowed(path.name, "header", ",".join(names), "names of settings, each once")
    for line, row in enumerate(rows, start=2):
        if len(row) != len(names):
            raise not_allowed(f"{path.name} line {line}", "cells", len(row), f"{len(names)}, as in the header")
    if not rows:
        raise InputError(f"{path.name} has no rows: one row is one point")
    _check_number(len(rows))
    return [{name: value_of_text(name, text.strip()) for name, text in zip(names, row, strict=True)} for row in rows]


def even_order(n: int, method: str) -> list[int]:
    """Return the order in which points are run: any beginning of it covers the design evenly.

    A grid is walked in strides near the golden ratio of its size, so that all its levers change from one point to the
    next; a grid too small for one is halved again and again. Samples are even in their own order.
    """
    if method not in ("grid", "list") or n < 3:
        return list(range(n))
    near = round(n * GOLDEN)
    strides = [s for s in range(max(2, near - 99), min(near + 100, n - 1)) if math.gcd(s, n) == 1]
    if not strides:
        digits = n.bit_length()
        return sorted(range(n), key=lambda k: int(f"{k:0{digits}b}"[::-1], 2))
    stride = min(strides, key=lambda s: abs(s - n * GOLDEN))
    return [k * stride % n for k in range(n)]
