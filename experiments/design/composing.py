"""What the settings of a sweep are composed of: the experiment's own, what is typed, the files that points choose.

Hydra is asked once for the base and once for each combination of files; all else is replaced in what it gave.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from experiments import words
from experiments.design.experiment_file import EXPERIMENTS, Experiment
from experiments.design.levers import Lever, as_range, whole_range
from experiments.design.names import settings_named
from experiments.design.points import Point
from experiments.settings.read import all_groups, compose_dict, settings_of
from sim.errors import InputError, not_allowed


def composed_for(
    experiment: Experiment, parsed: Sequence[Any], levers: Sequence[Lever], points: Sequence[Point],
    config_dir: str | None,
) -> tuple[dict[str, Any], str | None, dict[Any, Mapping[str, Any]]]:  # fmt: skip
    """Compose the base, and once more for each combination of files that the points choose."""
    base = compose(experiment, parsed, levers, {}, config_dir)
    settings = settings_of(base, config_dir)
    if settings.space:
        raise not_allowed("", "space", "true", "false in a sweep; ploshcha run writes the map of one run")
    for name in ("start", "save_state"):
        if value := getattr(settings, name):
            shown = words.as_written(value)
            raise not_allowed("", name, shown, "none in a sweep; ploshcha run goes on from a state")
    return base, settings.out, more_choices(experiment, parsed, levers, points, config_dir, {(): base})


def more_choices(
    experiment: Experiment, parsed: Sequence[Any], levers: Sequence[Lever], points: Sequence[Point],
    config_dir: str | None, known: dict[Any, Mapping[str, Any]],
) -> dict[Any, Mapping[str, Any]]:  # fmt: skip
    """Compose what is not known yet."""
    groups, found = set(all_groups(config_dir)) - {EXPERIMENTS}, dict(known)
    if not any(name in groups for lever in levers for name in settings_named(lever)):
        return found
    for point in points:
        changes = settings_at(levers, point)
        chosen = tuple((name, value) for name, value in changes.items() if name in groups)
        if chosen not in found:
            found[chosen] = compose(experiment, parsed, levers, dict(chosen), config_dir)
    return found


def compose(
    experiment: Experiment, parsed: Sequence[Any], levers: Sequence[Lever], chosen: Mapping[str, Any],
    config_dir: str | None,
) -> dict[str, Any]:  # fmt: skip
    """Compose the experiment's settings, then the command line's, then the files chosen by a point."""
    swept, chosen = {lever.name for lever in levers}, {**_first_scenario(levers), **chosen}
    lines = [item for item in parsed if item.key_or_group not in swept and item.key_or_group not in chosen]
    named = {item.key_or_group for item in lines}
    groups = set(all_groups(config_dir))
    first = {k: v for k, v in experiment.settings.items() if k not in named and k not in chosen}
    files = words.parse([_override(name, value) for name, value in {**first, **chosen}.items() if name in groups])
    composed = compose_dict([*files, *lines], config_dir)
    for name, value in first.items():
        if name not in groups:
            composed = replaced(composed, name, value)
    return composed


def _first_scenario(levers: Sequence[Lever]) -> dict[str, Any]:
    """Return the scenario of the first point, where no point has that of the base: what is fixed must fit it."""
    for lever in levers:
        first = settings_at([lever], {lever.name: lever.levels(None)[0]})
        options = [first] if lever.alternatives is None else list(lever.alternatives.values())
        if all("scenario" in option for option in options):
            return {"scenario": first["scenario"]}
    return {}


def _override(name: str, value: Any) -> str:
    return f"{name}={words.quoted(value) if isinstance(value, str) else value}"


def replaced(config: Mapping[str, Any], name: str, value: Any) -> dict[str, Any]:
    """Return settings with one of them replaced; what is not touched is shared.

    Raises
    ------
    InputError
        There is no such setting.
    """
    first, dot, rest = name.partition(".")
    if first not in config or (dot and not isinstance(config[first], Mapping)):
        raise words.unknown_setting(name, value, words.dotted_names(config))
    if not dot:
        return {**config, first: value}
    try:
        return {**config, first: replaced(config[first], rest, value)}
    except InputError:
        raise words.unknown_setting(name, value, words.dotted_names(config)) from None


def settings_at(levers: Sequence[Lever], point: Point) -> dict[str, Any]:
    """Return the settings at a point, of all levers together."""
    found: dict[str, Any] = {}
    for lever in levers:
        found |= lever.settings(point[lever.name])
    return found


def ranges(
    experiment: Experiment, parsed: Sequence[Any], levers: Sequence[Lever], config_dir: str | None
) -> list[Lever]:
    """Return the levers of a sensitivity analysis: ranges, and alternatives as they are."""
    base = settings_of(compose(experiment, parsed, levers, {}, config_dir), config_dir).parameters
    return [as_range(lever, _value_of(base, lever.name)) for lever in levers]


def whole_ranges(
    experiment: Experiment, parsed: Sequence[Any], levers: Sequence[Lever], config_dir: str | None
) -> list[Lever]:
    """Return the levers, ranges of settings that take nothing but whole numbers as such."""
    base = settings_of(compose(experiment, parsed, levers, {}, config_dir), config_dir).parameters
    return [whole_range(lever, _value_of(base, lever.name)) if lever.is_range else lever for lever in levers]


def _value_of(parameters: Any, name: str) -> Any:
    """Return the value of a setting, None without one."""
    for part in name.split("."):
        parameters = getattr(parameters, part, None)
    return parameters
