"""All runs of a sweep, from its settings, an experiment file and levers.

The configuration is composed once; every point of the design is validated before the first run starts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from experiments import words
from experiments.design.experiment_file import EXPERIMENTS, NO_EXPERIMENT, Experiment, find_experiment, read_experiment
from experiments.design.hashes import IRRELEVANT, parameters_hash, text_hash
from experiments.design.levers import Lever, as_range, cell, levers_of_words
from experiments.design.points import SAMPLES, Point, even_order, make_points, sensitivity_design
from experiments.outcomes import OUTCOMES
from experiments.settings.read import (
    all_groups,
    check_data,
    compose_dict,
    hydra_session,
    settings_of,
)
from experiments.settings.sweep import SweepSettings, split_words
from sim.errors import InputError, not_allowed
from sim.parameters import Parameters

NO_LEVERS = {"seed": "replicates=N varies it", "out": "a sweep has one folder", "threads": "no result depends on it"}
SENSITIVITY_REPLICATES = 3


@dataclass(frozen=True)
class Plan:
    """All runs of a sweep. Run `k` is replicate `k % replicates` of point `k // replicates`."""

    experiment: Experiment
    settings: SweepSettings
    words: tuple[str, ...]  # as given, without what concerns only this call
    config_dir: str | None
    base: Mapping[str, Any]  # composed settings
    parameters: Any  # of the base
    out: str | None
    levers: tuple[Lever, ...]
    method: str
    n: int | None
    points: tuple[Point, ...]
    baseline: int | None  # the point that effects are differences to
    n_added: int  # points before those of the design: a baseline that is none of them
    replicates: int
    choices: Mapping[tuple[tuple[str, Any], ...], Mapping[str, Any]] = field(repr=False)  # composed, by files chosen

    @property
    def n_runs(self) -> int:
        """Number of runs."""
        return len(self.points) * self.replicates

    @cached_property
    def order(self) -> list[int]:
        """Numbers of the runs in the order in which they are run: all points once, then all again."""
        added, rest = list(range(self.n_added)), len(self.points) - self.n_added
        points = added + [self.n_added + p for p in even_order(rest, self.method)]
        return [point * self.replicates + replicate for replicate in range(self.replicates) for point in points]

    @cached_property
    def chunks(self) -> list[list[int]]:
        """Numbers of the runs of each chunk."""
        chunks, first = [], 0
        for size in chunk_sizes(self.n_runs, self.settings.chunk_runs):
            chunks.append(self.order[first : first + size])
            first += size
        return chunks

    def chosen(self) -> list[Any]:
        """Return parameters of each choice of files that the sweep runs: of each scenario and model."""
        return [settings_of(composed, self.config_dir).parameters for composed in self.choices.values()]

    def models(self) -> list[Any]:
        """Return parameters of each model that the sweep runs."""
        return list({type(parameters): parameters for parameters in self.chosen()}.values())

    def seed(self, run: int) -> int:
        """Return a run's seed: its replicate's, or its own without common luck."""
        number = run % self.replicates if self.settings.common_luck else run
        return int(self.parameters.seed) + number

    def parameters_of(self, run: int) -> Any:
        """Return the parameters of a run."""
        return self._at(self.points[run // self.replicates]).model_copy(update={"seed": self.seed(run)})

    @cached_property
    def point_hashes(self) -> list[str]:
        """Content hash of the resolved parameters of each point, seed left out; every point is validated for it."""
        return [parameters_hash(self._at(point)) for point in self.points]

    def changed_levers(self, point: int) -> list[str]:
        """Return the levers in which a point differs from the baseline; none without a baseline."""
        if self.baseline is None:
            return []
        here, origin = self.points[point], self.points[self.baseline]
        return [name for name in here if cell(here[name]) != cell(origin[name])]

    def key(self, run: int, content: str) -> str:
        """Return the content hash of a run: parameters, seed, and what `content` hashes of code and data."""
        return text_hash(self.point_hashes[run // self.replicates], str(self.seed(run)), content)

    def _at(self, point: Point) -> Any:
        """Return the parameters at a point."""
        changes = settings_at(self.levers, point)
        chosen = tuple((name, value) for name, value in changes.items() if name in self._groups)
        composed = self.choices[chosen]
        for name, value in changes.items():
            if name not in self._groups:
                composed = replaced(composed, name, value)
        return settings_of(composed, self.config_dir).parameters

    @cached_property
    def _groups(self) -> frozenset[str]:
        return frozenset(name for chosen in self.choices for name, _ in chosen)

    def request(self) -> dict[str, Any]:
        """Return what makes the runs of this sweep, as plain values; how they are looked at is no part of it."""
        return json.loads(json.dumps({
            "experiment": self.experiment.name,
            "config": json.loads(self.parameters.model_dump_json(exclude=set(IRRELEVANT))),
            "levers": {lever.name: lever.alternatives or ([lever.low, lever.high] if lever.is_range else lever.values)
                       for lever in self.levers},
            "design": {"method": self.method, "n": self.n, "seed": self.settings.design.seed},
            "points": text_hash(*self.point_hashes), "replicates": self.replicates,
            "common_luck": self.settings.common_luck, "chunk_runs": self.settings.chunk_runs,
            **({"sensitivity": self.settings.sensitivity} if self.settings.sensitivity else {}),
        }, default=str))  # fmt: skip


def chunk_sizes(n_runs: int, most: int) -> list[int]:
    """Return how many runs each chunk has: small ones first, so that there is soon something to see."""
    most = max(1, min(most, n_runs // 16))
    sizes, left, k = [], n_runs, 0
    while left > 0:
        size = min(left, most, 2 ** min(k // 2, 30))
        sizes.append(size)
        left, k = left - size, k + 1
    return sizes


def settings_at(levers: Sequence[Lever], point: Point) -> dict[str, Any]:
    """Return the settings at a point, of all levers together."""
    found: dict[str, Any] = {}
    for lever in levers:
        found |= lever.settings(point[lever.name])
    return found


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


def make_plan(
    arguments: Sequence[str], config_dir: str | None = None, method: str | None = None, n: int | None = None
) -> Plan:
    """Compose and validate a sweep; nothing is run or written.

    Parameters
    ----------
    arguments : sequence of str
        Words of the command line.
    config_dir : str, optional
        The user's own folder.
    method, n : optional
        A design that replaces the one asked for (sensitivity analyses need their own).

    Raises
    ------
    InputError
        Something is not allowed; the message is one line.
    """
    settings, rest = split_words(arguments)
    experiment = _experiment(settings, config_dir)
    parsed = words.parse(rest)
    levers = _levers(experiment, parsed)
    design = settings.design
    method = method or (design.method if "method" in design.model_fields_set else experiment.method)
    n = n or design.n or experiment.n
    with hydra_session():
        if settings.sensitivity is not None:
            method, n = sensitivity_design(settings.sensitivity, n)
            levers = _ranges(experiment, parsed, levers, config_dir)
        is_bare = not levers and method == "grid" and (settings.experiment or settings.replicates)
        points = [{}] if is_bare else make_points(levers, method, n, design.file, design.seed)
        if method == "list":
            values = {name: tuple({cell(p[name]): p[name] for p in points}.values()) for name in points[0]}
            levers = [Lever(name, values=found) for name, found in values.items()]
        _check_levers(levers)
        base, out, choices = _composed(experiment, parsed, levers, points, config_dir)
        parameters = settings_of(base, config_dir).parameters
        _check_outcomes(settings, parameters)
        points, baseline, n_added = (points, None, 0) if settings.sensitivity else _with_baseline(
            experiment, levers, points, base, method)  # fmt: skip
        choices |= _choices(experiment, parsed, levers, points, config_dir, choices)
        plan = Plan(
            experiment, settings, _lasting(arguments), _found_anywhere(config_dir), base, parameters, out,
            tuple(levers), method, n or SAMPLES.get(method), tuple(points), baseline, n_added,
            settings.replicates or experiment.replicates, choices,
        )  # fmt: skip
        _ = plan.point_hashes  # validates all points
        for found in {text_hash(json.dumps(c, default=str)): c for c in choices.values()}.values():
            check_data(settings_of(found, config_dir).parameters)
    return plan


def _experiment(settings: SweepSettings, config_dir: str | None) -> Experiment:
    name = settings.experiment
    found = NO_EXPERIMENT if name is None else read_experiment(find_experiment(name, config_dir))
    if settings.sensitivity is None:
        return found
    if settings.design.model_fields_set & {"method", "file"}:
        raise not_allowed("", "design", settings.design.file or settings.design.method,
                          f"the design of method={settings.sensitivity}; leave it out")  # fmt: skip
    figure = {**found.figure, "kind": "none"}  # its own takes a baseline
    title = "Sensitivity" if name is None else found.title
    return replace(found, title=title, figure=figure, published=(), n=None, replicates=SENSITIVITY_REPLICATES)


def _ranges(
    experiment: Experiment, parsed: Sequence[Any], levers: Sequence[Lever], config_dir: str | None
) -> list[Lever]:
    """Return the levers of a sensitivity analysis: ranges, and alternatives as they are."""
    base = settings_of(_compose(experiment, parsed, levers, {}, config_dir), config_dir).parameters
    return [as_range(lever, _value_of(base, lever.name)) for lever in levers]


def _value_of(parameters: Any, name: str) -> Any:
    """Return the value of a setting, None without one."""
    for part in name.split("."):
        parameters = getattr(parameters, part, None)
    return parameters


def _check_outcomes(settings: SweepSettings, parameters: Any) -> None:
    """Refuse outcomes that a sensitivity analysis of this model cannot look at."""
    if settings.outcomes is None:
        return
    if settings.sensitivity is None:
        raise not_allowed("", "outcomes", ",".join(settings.outcomes), "a setting of ploshcha sensitivity only")
    known = [name for name, (unit, _) in OUTCOMES.items() if unit != "class"]
    for name in settings.outcomes:
        is_column = not isinstance(parameters, Parameters) and name.startswith(("peak_", "final_"))
        if name not in known and not is_column:
            raise not_allowed("", "outcomes", name, "one of " + ", ".join(known), known)


def _levers(experiment: Experiment, parsed: Sequence[Any]) -> list[Lever]:
    """Return the experiment's levers as the command line changes them: other values, or one that fixes a lever."""
    own = {lever.name: lever for lever in levers_of_words(list(parsed))}
    fixed = {item.key_or_group for item in parsed} - set(own)
    kept = [own.pop(lever.name, lever) for lever in experiment.levers if lever.name not in fixed]
    return [*kept, *own.values()]


def _check_levers(levers: Sequence[Lever]) -> None:
    """Refuse to vary what is no property of a model."""
    for lever in levers:
        if lever.name in NO_LEVERS:
            shown = ",".join(str(value) for value in lever.levels(None))
            raise not_allowed("", lever.name, shown, f"one value: {NO_LEVERS[lever.name]}")


def _lasting(arguments: Sequence[str]) -> tuple[str, ...]:
    """Return the words that belong to the sweep itself: not where and how this call runs it."""
    return tuple(_absolute(word) for word in arguments if is_lasting(word))


def is_lasting(word: str) -> bool:
    """Whether a word belongs to the sweep itself."""
    passing = ("executor", "dry_run", "accept_code_change", "out", "threads")
    return word.partition("=")[0].partition(".")[0] not in passing


def _found_anywhere(folder: str | None) -> str | None:
    return None if folder is None else str(Path(folder).expanduser().absolute())


def _absolute(word: str) -> str:
    """Return a word that names a file so that it is found from other folders too."""
    name, _, value = word.partition("=")
    return f"{name}={_found_anywhere(value)}" if name == "design.file" else word


def _composed(
    experiment: Experiment, parsed: Sequence[Any], levers: Sequence[Lever], points: Sequence[Point],
    config_dir: str | None,
) -> tuple[dict[str, Any], str | None, dict[Any, Mapping[str, Any]]]:  # fmt: skip
    """Compose the base, and once more for each combination of files that the points choose."""
    base = _compose(experiment, parsed, levers, {}, config_dir)
    out = settings_of(base, config_dir).out
    return base, out, _choices(experiment, parsed, levers, points, config_dir, {(): base})


def _choices(
    experiment: Experiment, parsed: Sequence[Any], levers: Sequence[Lever], points: Sequence[Point],
    config_dir: str | None, known: dict[Any, Mapping[str, Any]],
) -> dict[Any, Mapping[str, Any]]:  # fmt: skip
    """Compose what is not known yet."""
    groups, found = set(all_groups(config_dir)) - {EXPERIMENTS}, dict(known)
    if not any(name in groups for lever in levers for name in _names(lever)):
        return found
    for point in points:
        changes = settings_at(levers, point)
        chosen = tuple((name, value) for name, value in changes.items() if name in groups)
        if chosen not in found:
            found[chosen] = _compose(experiment, parsed, levers, dict(chosen), config_dir)
    return found


def _names(lever: Lever) -> set[str]:
    if lever.alternatives is None:
        return {lever.name}
    return {name for part in lever.alternatives.values() for name in part}


def _compose(
    experiment: Experiment, parsed: Sequence[Any], levers: Sequence[Lever], chosen: Mapping[str, Any],
    config_dir: str | None,
) -> dict[str, Any]:  # fmt: skip
    """Compose the experiment's settings, then the command line's, then the files chosen by a point."""
    swept = {lever.name for lever in levers}
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


def _override(name: str, value: Any) -> str:
    return f"{name}={words.quoted(value) if isinstance(value, str) else value}"


def _with_baseline(
    experiment: Experiment, levers: Sequence[Lever], points: list[Point], base: Mapping[str, Any], method: str
) -> tuple[list[Point], int | None, int]:
    """Find the point that effects are differences to; add it in front if it is none of the design's."""
    if not levers:
        return points, None, 0  # nothing is varied, and nothing compared
    wanted = {lever.name: _baseline_value(experiment, lever, base) for lever in levers}
    if None in wanted.values():
        return points, 0, 0  # a lever without a value of its own, such as a file: the first point
    for number, point in enumerate(points):
        if all(cell(point[name]) == cell(value) for name, value in wanted.items()):
            return points, number, 0
    return [wanted, *points], 0, 1


def _baseline_value(experiment: Experiment, lever: Lever, base: Mapping[str, Any]) -> Any:
    """Return the value of a lever at the baseline: the experiment's, else the first alternative, else the setting."""
    if lever.name in experiment.baseline:
        return experiment.baseline[lever.name]
    if lever.alternatives is not None:
        return next(iter(lever.alternatives))
    if lever.name == "scenario":
        return lever.values[0]
    value: Any = base
    for part in lever.name.split("."):
        if not isinstance(value, Mapping) or part not in value:
            return None
        value = value[part]
    return None if isinstance(value, Mapping) else value
