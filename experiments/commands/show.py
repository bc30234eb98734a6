"""``ploshcha show``: all that is declared about a name, or the settings that words stand for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from experiments.commands.options import parse_options
from experiments.design.catalogue import Item, files_of, find
from experiments.printing.catalogue import config_lines, experiment_lines, lever_lines, pairs, scenario_lines
from experiments.settings.read import read_settings
from experiments.settings.yaml_files import read_mapping
from sim.errors import InputError, not_allowed

HELP = """\
usage: ploshcha show NAME
       ploshcha show config [name=value ...]

Tell all that is declared about a name: of a lever unit, range, source and file
of its rules; of an experiment question, levers, figure, runs and time; of a
scenario its cities and targets. ploshcha list tells the names.

`show config` prints all settings as a run with these words would have them, and
at the end those that differ from the default.

options
  --config-dir DIR   also your own scenarios and experiments

examples
  ploshcha show fear.fear_weight
  ploshcha show job_pressure
  ploshcha show config scenario=minsk_2020 job_pressure.threat=0.4
"""
CONFIG = "config"


def main(arguments: Sequence[str]) -> int:
    """Run ``ploshcha show``."""
    options = parse_options(arguments)
    if options.is_help or not options.overrides:
        print(HELP, end="")
        if not options.is_help:
            raise InputError("name is missing: one that ploshcha list tells, or config")
        return 0
    name, *rest = options.overrides
    if name != CONFIG and rest:
        raise not_allowed("", "word", rest[0], "one name; only show config takes settings behind it")
    found = _config(rest, options.config_dir) if name == CONFIG else _named(name, options.config_dir)
    print("\n".join(found))
    return 0


def _named(name: str, config_dir: str | None) -> list[str]:
    lines: list[str] = []
    for sort, item in find(name, config_dir):
        lines += [*([""] if lines else []), *SHOWN[sort](item, config_dir)]
    return lines


def _scenario(item: Item, config_dir: str | None) -> list[str]:
    from sim.inputs.targets import load_targets
    from sim.parameters import Parameters
    from sim.world.world import data_folder

    parameters = read_settings([f"scenario={item.name}"], config_dir).parameters
    if not isinstance(parameters, Parameters):
        return scenario_lines(parameters, ())
    scenario = parameters.scenario
    return scenario_lines(parameters, load_targets(data_folder(parameters), scenario.cities, scenario.start))


def _experiment(item: Item, config_dir: str | None) -> list[str]:
    from experiments.design.estimate import seconds_of_sweep
    from experiments.design.plan import make_plan
    from experiments.executors.dispatch import n_at_once

    plan = make_plan([f"experiment={item.name}"], config_dir)
    processes = n_at_once(plan.settings.executor)
    return experiment_lines(plan, seconds_of_sweep(plan) / processes, processes)


def _lever(item: Item, config_dir: str | None) -> list[str]:
    from sim.parameters import declared

    (each,) = (each for each in declared() if each.name == item.name)
    return lever_lines(each, _used_by(item.name, config_dir))


def _used_by(lever: str, config_dir: str | None) -> list[str]:
    """Return the experiments that vary a lever, by itself or in alternatives."""
    return [name for name, path in files_of("experiment", config_dir).items()
            if lever in _set_by(read_mapping(path).get("levers"))]  # fmt: skip


def _set_by(levers: Any) -> set[str]:
    if not isinstance(levers, Mapping):
        return set()
    parts = (part for lever in levers.values() if isinstance(lever, Mapping) for part in lever.values())
    return {*levers, *(name for part in parts if isinstance(part, Mapping) for name in part)}


def _outcome(item: Item, config_dir: str | None) -> list[str]:
    return [f"outcome {item.name}: {item.meaning}", *pairs({"unit": item.unit, "of": "a run", "in": "summary.parquet"})]


def _column(item: Item, config_dir: str | None) -> list[str]:
    return [f"column {item.name}: {item.meaning}", *pairs({"unit": item.unit, "of": "an hour and a city",
                                                           "in": "curves.parquet"})]  # fmt: skip


def _kind(item: Item, config_dir: str | None) -> list[str]:
    from sim.inputs.timeline import KINDS

    kind = KINDS[item.name]
    return [f"kind {item.name}: {item.meaning}", *pairs({
        "shape": kind.shape, "intensity": f"{kind.low:,.10g} to {kind.high:,.10g}", "place": kind.place,
        "before its first row": f"{kind.default:g}" if kind.shape == "level" else "",
        "settings": "" if kind.shape == "fact" else f"forcings.{item.name}.*",
    })]  # fmt: skip


SHOWN: dict[str, Callable[[Item, str | None], list[str]]] = {
    "scenarios": _scenario, "experiments": _experiment, "levers": _lever, "outcomes": _outcome, "columns": _column,
    "kinds": _kind,
}  # fmt: skip


def _config(words: Sequence[str], config_dir: str | None) -> list[str]:
    """Compare settings with the default, of a classic with what its scenario says."""
    from sim.parameters import Parameters

    parameters = read_settings(words, config_dir).parameters
    own = [] if isinstance(parameters, Parameters) else [f"scenario={parameters.scenario.name}"]
    return config_lines(_flat(parameters), _flat(read_settings(own, config_dir).parameters))


def _flat(parameters: Any, prefix: str = "") -> dict[str, Any]:
    """Return settings by their full names."""
    values = parameters if isinstance(parameters, Mapping) else parameters.model_dump(mode="json")
    found: dict[str, Any] = {}
    for key, value in values.items():
        found |= _flat(value, f"{prefix}{key}.") if isinstance(value, Mapping) else {f"{prefix}{key}": value}
    return found
