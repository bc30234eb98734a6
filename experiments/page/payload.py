"""What the page needs of a run: a small description, and all numbers in one block of bytes."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from experiments.store.space import CELL, HOME, PLANT, SITE
from experiments.store.space_folder import SpaceFolder, records, rows_of

AT_SITE = ("protesting", "rallying", "detained_new", "officers")
OF_CELL = ("protesting_nearby", "protesting", "striking", "rallying", "detained")
CURVES = ("protesting", "striking", "detained", "detained_new", "injured_new", "dismissed", "officers_withholding",
          "officers_resigned")  # fmt: skip
REPORTS = ("reported_protest_ministry", "reported_protest_media", "reported_rally_ministry", "reported_rally_media")
ALIGNMENT = 8  # bytes
RUN_DIGITS = 12  # of the hash that names a run in a link
EVERY_CITY = "all"


class Block:
    """Arrays one after another; each is later told by type, first byte and length."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self.size = 0

    def add(self, values: np.ndarray) -> list[Any]:
        """Append an array; return its address."""
        content = np.ascontiguousarray(values).tobytes()
        content += bytes(-len(content) % ALIGNMENT)
        self.parts.append(content)
        address = [values.dtype.str.lstrip("<|"), self.size, values.size]
        self.size += len(content)
        return address

    def persons(self, values: np.ndarray) -> list[Any]:
        """Append numbers of persons, rounded to whole ones."""
        whole = np.rint(values)
        return self.add(whole.astype("<u2" if whole.max(initial=0) < 2**16 else "<u4"))

    def text(self) -> str:
        """Return all of it, compressed, in letters."""
        return base64.b64encode(zlib.compress(b"".join(self.parts), 9)).decode()


def payload(
    runs: Sequence[SpaceFolder], differing: Sequence[str], opened: dict[str, Any], block: Block
) -> dict[str, Any]:
    """Return the description of the runs; their numbers are appended to the block.

    Parameters
    ----------
    runs : one or two runs
        Of the same people.
    differing : list of str
        What makes them different.
    opened : dict
        ``city`` and ``hour`` at which the page opens.
    block : Block
        Of the page's numbers.
    """
    return {"runs": [describe(run, block) for run in runs], "differences": list(differing), "opened": opened}


def run_name(run: SpaceFolder) -> str:
    """Return what names a run in a link: the first digits of the hash of its curves, equal for equal results."""
    return run.manifest["curves_sha256"][:RUN_DIGITS]


def describe(run: SpaceFolder, block: Block) -> dict[str, Any]:
    """Describe a run, and append its numbers to the block."""
    config = run.config
    return {
        "run": run_name(run), "config": run.manifest["config_hash"][:RUN_DIGITS],
        "folder": run.folder.resolve().name, "scenario": config["scenario"]["name"],
        "title": config["scenario"]["title"], "start": config["scenario"]["start"], "hours": run.hours,
        "seed": run.manifest["seed"], "persons_per_agent": config["persons_per_agent"],
        "agents": run.manifest["agents"], "cities": [_city(run, city, block) for city in run.cities],
    }  # fmt: skip


def _city(run: SpaceFolder, city: str, block: Block) -> dict[str, Any]:
    places = rows_of(run.places, city=city)
    cells, sites, plants = (rows_of(places, kind=kind) for kind in (CELL, SITE, PLANT))
    curves = rows_of(run.curves, city=city)
    at_site = site_cube(run, city)
    return {
        "name": city, "adults": float(curves["adults"][0]), "cell_m": float(np.sqrt(cells["area_m2"][0])),
        "cells": {"east": block.add(cells["east_m"].to_numpy().astype("<f4")),
                  "north": block.add(cells["north_m"].to_numpy().astype("<f4")),
                  "adults": block.persons(cells["adults"].to_numpy())},
        "sites": records(sites[["name", "role", "east_m", "north_m", "area_m2"]]),
        "plants": records(plants[["name", "east_m", "north_m", "employees"]]),
        "at_site": {name: block.persons(at_site[k]) for k, name in enumerate(AT_SITE)},
        "of_cell": {name: block.persons(values) for name, values in zip(OF_CELL, cell_cube(run, city), strict=True)},
        "at_plant": block.persons(_plant_cube(run, city)),
        "curves": {name: block.persons(curves[name].to_numpy()) for name in CURVES}
        | {"rally_present": block.persons(at_site[1].sum(axis=1))},
        "reports": {name: block.add(curves[name].to_numpy(float).astype("<f4")) for name in REPORTS},
        "repression": repression(run, city), "events": _events(run, city), "targets": _targets(run, city),
    }  # fmt: skip


def site_cube(run: SpaceFolder, city: str) -> np.ndarray:
    """Return the persons at each site of a city, shape (4, hours, n_sites), those of `AT_SITE`."""
    names = rows_of(run.places, city=city, kind=SITE)["name"].to_list()
    rows = rows_of(run.space, city=city, kind=SITE)
    cube = np.zeros((len(AT_SITE), run.hours, len(names)))
    place = np.array([names.index(name) for name in rows["site"].to_list()], int)
    cube[:, rows["hour"].to_numpy(), place] = rows[list(AT_SITE)].to_numpy().T
    return cube


def cell_cube(run: SpaceFolder, city: str) -> np.ndarray:
    """Return the residents of each cell of a city, shape (5, hours, n_cells), those of `OF_CELL`."""
    numbers = rows_of(run.places, city=city, kind=CELL)["cell"].to_numpy().astype(int)
    rows = rows_of(run.space, city=city, kind=HOME)
    cube = np.zeros((len(OF_CELL), run.hours, len(numbers)))
    place = np.searchsorted(numbers, rows["cell"].to_numpy())
    cube[:, rows["hour"].to_numpy(), place] = rows[list(OF_CELL)].to_numpy().T
    return cube


def _plant_cube(run: SpaceFolder, city: str) -> np.ndarray:
    """Return those absent from work at each plant, shape (hours, n_plants)."""
    return rows_of(run.plants, city=city)["striking"].to_numpy().reshape(run.hours, -1)


def repression(run: SpaceFolder, city: str) -> list[list[float]]:
    """Return [from hour, to hour, level] of the periods with repression, as shares of the highest level."""
    rows = rows_of(run.events, kind="repression").sort_values("hour", kind="stable")
    highest = max(rows["intensity"].to_list(), default=0.0)
    own = rows[rows["city"].isin([city, EVERY_CITY])]
    begins, levels = own["hour"].to_list(), own["intensity"].to_list()
    rows_and_ends = zip(begins, [*begins[1:], run.hours], levels, strict=True)
    periods = [(max(0, begin), min(end, run.hours), level) for begin, end, level in rows_and_ends]
    return [[begin, end, level / highest] for begin, end, level in periods if level > 0 and end > begin]


def _events(run: SpaceFolder, city: str) -> list[list[Any]]:
    """Return [hour, text] of the events with a label."""
    rows = run.events[run.events["city"].isin([city, EVERY_CITY]) & (run.events["label"] != "")]
    rows = rows[(rows["hour"] >= 0) & (rows["hour"] < run.hours)].sort_values("hour", kind="stable")
    return [list(row) for row in dict.fromkeys(zip(rows["hour"].tolist(), rows["label"].tolist(), strict=True))]


def _targets(run: SpaceFolder, city: str) -> list[list[Any]]:
    """Return [outcome, statistic, from hour, to hour, low, high, is_figure] of what the curves are compared with."""
    rows = rows_of(run.targets, city=city)
    is_covered = (rows["hour_from"] >= 0) & (rows["hour_to"] <= run.hours)
    rows = rows[is_covered & rows["outcome"].isin(["rally_present", *CURVES])]
    return rows.drop(columns="city").astype(object).to_numpy().tolist()
