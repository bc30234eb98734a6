"""Designs: which points of the levers are run, and in which order. SciPy and SALib do the mathematics.

A point is a dict of lever values. Replicates repeat every point under other seeds; by default all points share them,
so that the same people have the same luck at every point.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from experiments import words
from experiments.design.levers import Lever, value_of_text
from sim.errors import InputError, not_allowed
from sim.inputs.tables import read_records

SAMPLES = {"lhs": 64, "sobol": 64, "morris": 20, "saltelli": 128}  # where design.n does not say
SENSITIVITY = {"sobol": "saltelli", "morris": "morris", "pawn": "lhs"}  # design that a method needs
FEWEST = {"sobol": 8, "morris": 4, "pawn": 50}  # of design.n, below which a method says nothing
PAWN_SAMPLES = 256
MORRIS_LEVELS = 4
MORRIS_STEP = MORRIS_LEVELS / (2.0 * (MORRIS_LEVELS - 1))  # Morris' delta, share of a lever's range
MOST_POINTS = 1_000_000
LONGEST_CELL = 1000  # letters
GOLDEN = (math.sqrt(5.0) - 1.0) / 2.0

Point = dict[str, Any]


def make_points(levers: Sequence[Lever], method: str, n: int | None, file: str | None, seed: int) -> list[Point]:
    """Return the points of a design.

    Parameters
    ----------
    levers : sequence of Lever
        What is varied; for `list` the file says it.
    method : str
        grid, lhs, sobol, morris, list, or saltelli (which only sensitivity analysis uses).
    n : int, optional
        Grid: levels of a range. lhs, sobol: points. morris: trajectories. saltelli: blocks.
    file : str, optional
        The CSV file of `list`: the header names settings, a row is a point.
    seed : int
        Of the random part of a sample.

    Raises
    ------
    InputError
        The design cannot be made of these levers.
    """
    if method == "list":
        return list(points_of_file(file).values())
    if not levers:
        raise InputError("levers are missing: give a setting several values (anger.strength=0,1), experiment=NAME, or "
                         "replicates=N alone for the same run under N seeds")  # fmt: skip
    if method == "grid":
        _check_number(math.prod(len(lever.levels(n)) for lever in levers))
        return [dict(zip((lever.name for lever in levers), values, strict=True))
                for values in itertools.product(*(lever.levels(n) for lever in levers))]  # fmt: skip
    if method == "morris":
        _check_axes(levers)
    sample = unit_sample(len(levers), method, n or SAMPLES[method], seed)
    return [{lever.name: lever.at(float(place)) for lever, place in zip(levers, row, strict=True)} for row in sample]


def _check_number(n: int) -> None:
    if n > MOST_POINTS:
        raise not_allowed("", "design points", n, f"at most {MOST_POINTS}")


def _check_axes(levers: Sequence[Lever]) -> None:
    """Refuse levers along which Morris' method cannot step."""
    for lever in levers:
        if not lever.is_numeric and len(lever.levels(None)) > 2:
            options = ", ".join(map(str, lever.levels(None)))
            raise not_allowed("", lever.name, options, "numbers or two alternatives: Morris' steps need an order")


def unit_sample(n_levers: int, method: str, n: int, seed: int) -> np.ndarray:
    """Return a sample of the unit cube, shape (points, n_levers).

    morris: n trajectories of n_levers + 1 points. saltelli: n blocks A, AB_1 .. AB_n_levers, B.
    """
    from scipy.stats import qmc

    if method not in SAMPLES:
        raise not_allowed("", "design", method, "one of " + ", ".join(SAMPLES), SAMPLES)
    _check_number(n * (n_levers + 2))
    if method == "lhs":
        return qmc.LatinHypercube(n_levers, rng=np.random.default_rng(seed)).random(n)
    if method == "morris":
        from SALib.sample import morris

        sample = morris.sample(unit_problem(n_levers), n, num_levels=MORRIS_LEVELS, seed=seed)
        return np.clip(sample, 0.0, 1.0)  # sums of thirds
    if n & (n - 1):
        raise not_allowed("", "design.n", n, f"a power of two for Sobol's sequence, such as {2 ** n.bit_length()}")
    if method == "saltelli":
        from SALib.sample import sobol

        return sobol.sample(unit_problem(n_levers), n, calc_second_order=False, seed=seed)
    return qmc.Sobol(n_levers, rng=np.random.default_rng(seed)).random(n)


def unit_problem(n_levers: int) -> dict[str, Any]:
    """Return SALib's description of the unit cube."""
    return {"num_vars": n_levers, "names": [str(k) for k in range(n_levers)], "bounds": [[0.0, 1.0]] * n_levers}


def block_size(method: str, n_levers: int) -> int:
    """Return the points that a sensitivity method needs together: a block, a trajectory, or a single point."""
    return {"sobol": n_levers + 2, "morris": n_levers + 1, "pawn": 1}[method]


def sensitivity_design(method: str, n: int | None) -> tuple[str, int]:
    """Return design and size of the sample of a sensitivity method.

    Raises
    ------
    InputError
        The sample is too small to say anything.
    """
    n = n or (PAWN_SAMPLES if method == "pawn" else SAMPLES[SENSITIVITY[method]])
    if n < FEWEST[method]:
        raise not_allowed("", "design.n", n, f"at least {FEWEST[method]} for {method}")
    return SENSITIVITY[method], n


def points_of_file(file: str | None) -> dict[int, Point]:
    """Return the points of a CSV file whose header names settings, by the line that each stands in.

    Raises
    ------
    InputError
        There is no such file, a name or a point stands twice, or a row is too short or too long.
    """
    if file is None:
        raise InputError("design.file is missing: design=list needs a CSV file whose header names settings")
    path = words.path_of("design.file", file)
    if not path.is_file():
        raise not_allowed("", "design.file", file, "a CSV file that exists")
    (_, names), *rows = read_records(path, "a header with names of settings, then a row for each point") or [(1, [])]
    if not names or not all(names) or len(set(names)) < len(names):
        raise not_allowed(f"{path.name} line 1", "header", ",".join(names), "names of settings, each once")
    if not rows:
        raise InputError(f"{path.name} has no rows: one row is one point")
    _check_number(len(rows))
    lines: dict[tuple[Any, ...], int] = {}
    points = {}
    for line, row in rows:
        points[line] = point = _point(f"{path.name} line {line}", names, row)
        first = lines.setdefault(tuple(map(words.meaning, point.values())), line)
        if first != line:
            raise not_allowed(f"{path.name} line {line}", "row", ",".join(row), f"each point once; line {first} has it")
    return points


def _point(where: str, names: Sequence[str], row: Sequence[str]) -> Point:
    """Return the point of a row."""
    if len(row) != len(names):
        raise not_allowed(where, "cells", len(row), f"{len(names)}, as in the header (quote cells that hold a comma)")
    for name, text in zip(names, row, strict=True):
        if len(text) > LONGEST_CELL:
            raise not_allowed(where, name, text, f"at most {LONGEST_CELL} letters")
    try:
        return {name: value_of_text(name, text) for name, text in zip(names, row, strict=True)}
    except InputError as error:
        raise InputError(f"{where}: {error}") from None


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
