"""``load(DIR)``: a sweep, or a single run, as one xarray Dataset."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.outcomes import OUTCOMES
from experiments.store.chunks import read_chunks, read_curves
from experiments.store.manifest import MANIFEST_FILE, read_manifest
from experiments.store.run_folder import CURVES_FILE
from experiments.store.sweep_folder import DESIGN_FILE, is_sweep, results_of
from experiments.words import path_of
from sim.errors import not_allowed
from sim.results import hour_begins

if TYPE_CHECKING:
    import xarray


def load(folder: str | Path, columns: list[str] | None = None) -> xarray.Dataset:
    """Load the folder of a sweep, or of a single run.

    Parameters
    ----------
    folder : path
        What ``ploshcha sweep`` or ``ploshcha run`` wrote.
    columns : list of str, optional
        Curves to load; default all. A large sweep is better scanned with ``polars.scan_parquet``.

    Returns
    -------
    xarray.Dataset
        Of a sweep: dims (run, hour, city); levers, replicate, seed and generation are coordinates of `run`, outcomes
        are variables over `run`. Of a run: dims (hour, city). `time` says when each `hour` begins. A classic has `step`
        and no city.
    """
    folder = path_of("folder", folder)
    if is_sweep(folder):
        return _sweep(folder, columns)
    if not (folder / CURVES_FILE).is_file():
        raise not_allowed("", "folder", folder, f"a folder of a sweep or a run, with its {MANIFEST_FILE}")
    import pyarrow.parquet as pq
    import xarray

    table = pq.read_table(folder / CURVES_FILE, columns=None)
    time, places, names = _shape(table.column_names, columns)
    variables, coordinates = _cubes(table, None, time, places, names)
    dataset = xarray.Dataset(variables, coordinates)
    return _with_time(dataset, folder, read_manifest(folder)) if (folder / MANIFEST_FILE).is_file() else dataset


def _shape(found: list[str], columns: list[str] | None) -> tuple[str, bool, list[str]]:
    """Return the name of the time axis, whether there are cities, and the curves."""
    time = "hour" if "hour" in found else "step"
    names = [name for name in found if name not in ("run_id", "hour", "step", "city")]
    for name in columns or ():
        if name not in names:
            raise not_allowed("", "columns", name, "one of " + ", ".join(names), names)
    return time, "city" in found, columns or names


def _sweep(folder: Path, columns: list[str] | None) -> xarray.Dataset:
    import pyarrow.parquet as pq
    import xarray

    chunks = [chunk for chunk in read_chunks(folder) if chunk.outcomes]
    if not chunks:
        raise not_allowed("", "folder", folder, "a sweep with at least one finished run")
    time, has_city, names = _shape(list(pq.read_schema(chunks[0].path).names), columns)
    table = read_curves(folder, [time, *(["city"] if has_city else []), *names])
    runs = np.unique(table["run_id"].to_numpy())
    variables, coordinates = _cubes(table, runs, time, has_city, names)
    manifest = read_manifest(folder)
    dataset = xarray.Dataset(variables, coordinates, {"title": manifest["title"]})
    dataset = _with_time(dataset, folder, manifest, manifest["request"]["levers"])
    dataset = dataset.assign_coords(_design(folder, manifest["levers"], runs))
    return _with_outcomes(dataset, results_of(chunks)[0])


def _with_time(
    dataset: xarray.Dataset, folder: Path, manifest: Mapping[str, Any], levers: Mapping[str, Any] = MappingProxyType({})
) -> xarray.Dataset:
    """Add when each hour begins, as the coordinate `time` of `hour`, where all runs begin at once.

    A classic has steps and no dates; a lever may set the scenario, by itself or in one of its alternatives.
    """
    parts = [part for options in levers.values() if isinstance(options, Mapping) for part in options.values()]
    settings = [*levers, *(name for part in parts if isinstance(part, Mapping) for name in part)]
    if "hour" not in dataset.dims or any(name.partition(".")[0] == "scenario" for name in settings):
        return dataset
    start = manifest["config"]["scenario"].get("start")
    try:
        begins = hour_begins(date.fromisoformat(start), dataset.sizes["hour"])
    except (TypeError, ValueError):
        raise not_allowed(str(folder / MANIFEST_FILE), "config.scenario.start", start, "a day") from None
    return dataset.assign_coords(time=("hour", begins))


def _cubes(table: Any, runs: np.ndarray | None, time: str, has_city: bool, names: list[str]) -> tuple[dict, dict]:
    """Return arrays over (run, time, city), NaN where a run has no value, and their coordinates."""
    cities = list(dict.fromkeys(table["city"].to_pylist())) if has_city else []
    when = table[time].to_numpy()
    shape: tuple[int, ...] = (int(when.max()) + 1,)
    index: tuple[np.ndarray, ...] = (when,)
    dims: tuple[str, ...] = (time,)
    if runs is not None:
        shape, index = (len(runs), *shape), (np.searchsorted(runs, table["run_id"].to_numpy()), *index)
        dims = ("run", *dims)
    if has_city:
        place = {city: k for k, city in enumerate(cities)}
        shape, dims = (*shape, len(cities)), (*dims, "city")
        index = (*index, np.array([place[city] for city in table["city"].to_pylist()]))
    variables = {}
    for name in names:
        cube = np.full(shape, np.nan)
        cube[index] = table[name].to_numpy(zero_copy_only=False)
        variables[name] = (dims, cube, _units(name))
    coordinates: dict[str, Any] = {time: np.arange(shape[dims.index(time)])}
    coordinates |= {"city": cities} if has_city else {}
    return variables, coordinates | ({} if runs is None else {"run": runs})


def _units(name: str) -> dict[str, str]:
    from agents.vocabulary import CURVES

    return dict(zip(("units", "long_name"), CURVES[name], strict=True)) if name in CURVES else {}


def _design(folder: Path, levers: list[str], runs: np.ndarray) -> dict[str, Any]:
    """Return levers, replicate, seed and point of the runs; the design has a row for every run, finished or not."""
    import pyarrow.parquet as pq

    names = [*levers, "replicate", "seed", "point"]
    try:
        design = pq.read_table(folder / DESIGN_FILE, columns=["run_id", *names], partitioning=None)
        row = {run: k for k, run in enumerate(design["run_id"].to_pylist())}
        rows = [row[run] for run in runs.tolist()]
    except (OSError, ValueError, KeyError):  # pyarrow leaves out columns that are not there
        told = f"one whose {DESIGN_FILE} has all runs; ploshcha resume writes it again if it is removed"
        raise not_allowed("", "folder", folder, told) from None
    return {name: ("run", np.array(design[name].to_pylist())[rows]) for name in names}


def _with_outcomes(dataset: xarray.Dataset, done: dict[int, tuple[int, dict[str, Any]]]) -> xarray.Dataset:
    """Add outcomes as variables, and the generation; both from the chunks, as summary.parquet may be older."""
    found = [done[run] for run in dataset["run"].to_numpy().tolist()]
    variables = {}
    for name in dict.fromkeys(name for _, values in found for name in values):
        unit, text = OUTCOMES.get(name, ("", name))
        column = np.array([values.get(name, np.nan) for _, values in found])
        variables[name if name not in dataset else f"outcome_{name}"] = (
            "run",
            column if column.dtype.kind in "US" else column.astype(float),
            {"units": unit, "long_name": text},
        )
    return dataset.assign(variables).assign_coords(generation=("run", [number for number, _ in found]))
