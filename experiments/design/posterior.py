"""Draws of a posterior: what ``ploshcha calibrate`` wrote, as points of a sweep or a forecast."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

import conf
from experiments.design.fitted import CALM_TURNOUT, fitted_parameter
from experiments.design.points import Point
from experiments.words import path_of
from sim.errors import InputError, not_allowed

POSTERIOR_FILE = "posterior.parquet"
ABOUT = ("draw", "weight", "case")
AT = "@"  # between a posterior and the case whose levels are taken


def draws_of(folder: str, case: str, n: int) -> list[Point]:
    """Return draws of the same weight: each point as often as its weight says, which is told by few distinct ones.

    Parameters
    ----------
    folder : str
        Of a calibration, or the name of a shipped one; FOLDER@CASE takes the levels of that case.
    case : str
        Scenario whose own parameters are wanted, unless `folder` names a case; one that was not fitted may take those
        of the only case that was.
    n : int
        Draws wanted; the places are even over the sum of weights (systematic resampling).

    Raises
    ------
    InputError
        There is no posterior, or it is none.
    """
    name, at, named = folder.partition(AT)
    path = posterior_folder(name) / POSTERIOR_FILE
    if not path.is_file():
        raise not_allowed("", "posterior", folder, f"a folder of ploshcha calibrate, with its {POSTERIOR_FILE}")
    table = _table(path)
    cases = table["case"]
    known, wanted = tuple(dict.fromkeys(cases)), named if at else case
    if wanted not in known:
        if at or len(known) > 1:
            allowed = f"{name}{AT}CASE with a case that was fitted: {', '.join(known)}"
            raise not_allowed("", "posterior", folder, allowed, known)
        wanted = known[0]
    rows = [k for k, found in enumerate(cases) if found == wanted]
    with np.errstate(over="ignore"):  # told below
        sums = np.cumsum([float(table["weight"][k]) for k in rows])
    if not np.isfinite(sums).all() or sums[-1] <= 0 or min(table["weight"]) < 0:
        raise InputError(f"{path.name}: column weight is not allowed: numbers of which one is above 0")
    names = [column for column in table if column not in (*ABOUT, CALM_TURNOUT)]
    at = np.searchsorted(sums, (np.arange(n) + 0.5) / n * sums[-1])
    return [{name: float(table[name][rows[k]]) for name in names} for k in np.minimum(at, len(rows) - 1).tolist()]


def fitted_case(folder: str, case: str) -> str | None:
    """Return the fitted case whose levels are asked for, None where `draws_of` has to take those of another one."""
    name, _, named = folder.partition(AT)
    wanted = named or case
    return wanted if wanted in _table(posterior_folder(name) / POSTERIOR_FILE)["case"] else None


def posterior_folder(name: str) -> Path:
    """Return the folder of a posterior: a folder as it is, else the shipped one of that name in conf/posterior."""
    folder = path_of("posterior", name)
    shipped = Path(conf.__file__).parent / "posterior" / name
    return shipped if not folder.exists() and shipped.is_dir() else folder


def _table(path: Path) -> dict[str, list]:
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path, partitioning=None).to_pydict()
    except (OSError, ValueError):
        raise not_allowed("", "posterior", path, "a table that ploshcha calibrate wrote, unharmed") from None
    if missing := [name for name in ABOUT if name not in table]:
        raise InputError(f"{path.name}: column {missing[0]} is missing: draw, weight, case and parameters")
    if not (fitted := [name for name in table if name not in ABOUT]):
        raise InputError(f"{path.name}: a parameter is missing: draw, weight, case and what was fitted")
    for name, column in table.items():
        kinds = (str,) if name == "case" else (float, int)
        if name != "draw" and not (column and all(type(value) in kinds for value in column)):
            raise not_allowed(path.name, f"column {name}", column[0] if column else "", "names" if str in kinds else
                              "numbers")  # fmt: skip
    for name in fitted:
        fitted_parameter(path.name, "column", name)
        if not all(map(math.isfinite, table[name])):
            raise not_allowed(path.name, f"column {name}", "nan or inf", "finite numbers")
    return table


def with_draws(draws: Sequence[Point], points: Sequence[Point]) -> list[Point]:
    """Return every point at every draw, draw by draw.

    Raises
    ------
    InputError
        A lever is a parameter of the posterior.
    """
    for name in points[0]:
        if name in draws[0]:
            raise not_allowed("", name, "(a lever)", "settings that the posterior does not have")
    return [{**draw, **point} for draw in draws for point in points]
