"""What the figure of a run shows: one run, or several with seeds of their own, read from memory or from a folder."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from experiments.design.hashes import config_hash
from experiments.design.plan import Plan
from experiments.store.chunks import read_curves
from experiments.store.manifest import read_manifest
from experiments.store.run_folder import CURVES_FILE, FIGURE_FILE, told_if_unreadable
from experiments.targets.values import outcome_curve

HERE, HOME = "rally_present", "rallying"  # persons at a rally by the city of the rally, by their home city
DRAWN = ("protesting", "striking", HERE, HOME, "detained", "detained_new")
DIGITS = 12  # of a hash, as it is told
TABLE_FILE = str(Path(FIGURE_FILE).with_suffix(".csv"))


@dataclass(frozen=True)
class Shown:
    """Curves of runs of the same settings; `curves` float64 (n_runs, hours, n_cities) by outcome.

    Of curves read from chunks there is no `rally_present`: they know ralliers by their home city alone.
    """

    parameters: Any
    cities: tuple[str, ...]
    hours: int
    start: date
    adults: np.ndarray
    events: tuple[Any, ...]
    targets: tuple[Any, ...]
    n_agents: int
    seeds: tuple[int, ...]
    digits: str  # of the settings' hash
    curves: Mapping[str, np.ndarray]

    @property
    def n_runs(self) -> int:
        """Number of runs."""
        return len(self.seeds)

    @property
    def rally(self) -> str:
        """Name of the curve of the rally that is known."""
        return HERE if HERE in self.curves else HOME

    def middle(self, name: str) -> np.ndarray:
        """Return the median over runs of a curve, (hours, n_cities)."""
        found: np.ndarray = self.curves[name][0] if self.n_runs == 1 else np.median(self.curves[name], axis=0)
        return found

    def target_values(self, target: Any) -> np.ndarray:
        """Return what each run says of a target, (n_runs,)."""
        c = self.cities.index(target.city)
        rows = self.curves[target.outcome][:, target.hour_from : target.hour_to, c]
        found: np.ndarray = rows.sum(axis=1) if target.statistic == "sum" else rows.max(axis=1)
        return found


def shown_result(result: Any) -> Shown:
    """Return a run as it is drawn."""
    if isinstance(result, Shown):
        return result
    curves = {name: outcome_curve(result, name)[None] for name in DRAWN}
    parameters = result.parameters
    dump = getattr(parameters, "model_dump", None)
    digits = config_hash(dump(mode="json"))[:DIGITS] if dump else ""
    return Shown(parameters, tuple(result.cities), result.hours, result.start, np.asarray(result.adults), result.events,
                 result.targets, int(result.stats["agents"]), (parameters.seed,), digits, curves)  # fmt: skip


def shown_sweep(folder: Path, plan: Plan, runs: Sequence[int]) -> Shown | None:
    """Return runs of a sweep as they are drawn; None without any, or of a classic."""
    if not hasattr(plan.parameters, "population"):
        return None
    table = read_curves(folder, ["hour", "city", "adults", *(name for name in DRAWN if name != HERE)], runs)
    if not len(table):
        return None
    return _of_table(table, plan.parameters, tuple(plan.seed(run) for run in runs),
                     config_hash(plan.parameters.model_dump(mode="json")), 0)  # fmt: skip


def shown_folder(folder: Path) -> Shown:
    """Return the run of a folder as it is drawn.

    Raises
    ------
    InputError
        A file cannot be read, or the settings are none of this version.
    """
    import pyarrow.parquet as pq

    from sim.parameters import Parameters

    manifest = read_manifest(folder)
    with told_if_unreadable(folder):
        parameters = Parameters.model_validate_json(json.dumps(manifest["config"]))
        table = pq.read_table(folder / CURVES_FILE)
    shown = _of_table(table, parameters, (int(manifest["seed"]),), manifest["config_hash"], int(manifest["agents"]))
    here = _rally(folder / TABLE_FILE, shown)
    return shown if here is None else Shown(**{**shown.__dict__, "curves": {**shown.curves, HERE: here}})


def _of_table(table: Any, parameters: Any, seeds: tuple[int, ...], digits: str, n_agents: int) -> Shown:
    from sim.inputs.city import load_place_names
    from sim.inputs.targets import load_targets
    from sim.inputs.timeline import load_timeline
    from sim.world.world import data_folder

    scenario, folder = parameters.scenario, data_folder(parameters)
    cities, hours = tuple(scenario.cities), parameters.hours
    cubes = {name: _cube(table, name, cities, len(seeds)) for name in (*DRAWN, "adults") if name in table.column_names}
    timeline = load_timeline(folder / "timeline.csv", cities, load_place_names(folder), scenario.start, hours)
    targets = load_targets(folder, cities, scenario.start)
    return Shown(parameters, cities, hours, scenario.start, cubes.pop("adults")[0, 0], tuple(timeline.events),
                 tuple(targets), n_agents, seeds, digits[:DIGITS], cubes)  # fmt: skip


def _cube(table: Any, name: str, cities: Sequence[str], n_runs: int) -> np.ndarray:
    """Return a column as (n_runs, hours, n_cities)."""
    place = {city: k for k, city in enumerate(cities)}
    run = table["run_id"].to_numpy() if "run_id" in table.column_names else np.zeros(len(table), int)
    city = np.array([place[each] for each in table["city"].to_pylist()])
    order = np.lexsort((city, table["hour"].to_numpy(), run))
    values = np.nan_to_num(table[name].to_numpy(zero_copy_only=False)[order])
    return values.reshape(n_runs, -1, len(cities))


def _rally(path: Path, shown: Shown) -> np.ndarray | None:
    """Return the rally by its city as the table of the figure holds it, None without one."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = [float(row[HERE]) for row in csv.DictReader(file)]
        return np.array(rows).reshape(1, shown.hours, len(shown.cities))
    except (OSError, ValueError, KeyError):
        return None
