"""What a sweep was asked to do: settings of its own, an experiment file, levers, and the runs that follow.

The configuration is composed once; every point of the design is validated before the first run starts.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from experiments import overrides as words
from experiments.chunks import chunk_sizes, text_hash
from experiments.config import (
    CONFIG_ROOT,
    all_groups,
    check_data,
    compose_dict,
    hydra_session,
    settings_of,
    told_in_one_line,
)
from experiments.designs import SAMPLES, Point, even_order, make_points, sensitivity_design
from experiments.levers import Lever, as_range, cell, levers_of_words, read_levers
from experiments.outcomes import DEFAULT_OUTCOMES, OUTCOMES
from sim.errors import InputError, not_allowed
from sim.parameters import Parameters

EXPERIMENTS = "experiment"  # folder of conf with the experiments
IRRELEVANT = ("threads", "inspect")  # no result depends on them
NO_LEVERS = {"seed": "replicates=N varies it", "out": "a sweep has one folder", "threads": "no result depends on it"}
SENSITIVITY_REPLICATES = 3
FIGURES = ("curves", "response", "map", "break_even", "elasticity", "none")


class Strict(BaseModel):
    """Base of the sweep's own settings."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class DesignSettings(Strict):
    """Which points are run."""

    method: Literal["grid", "lhs", "sobol", "morris", "list"] = "grid"
    n: int | None = Field(None, ge=1, le=1_000_000)
    file: str | None = None
    seed: int = Field(1, ge=0, lt=2**32)


class ExecutorSettings(Strict):
    """Where they are run; nothing of it changes a result. All but `name` and `processes` belong to one executor."""

    name: Literal["local", "dask", "slurm"] = "local"
    processes: int | None = Field(None, ge=1, le=4096)  # none: one per core; slurm: of each job, none: 1
    share: str | None = None  # local: K/N, each N-th chunk from the K-th on
    address: str | None = None  # dask: of a running scheduler; none: a cluster of this machine
    shards: int = Field(8, ge=1, le=10_000)  # slurm: jobs of the array
    minutes: int = Field(60, ge=1, le=1_000_000)  # slurm: time limit of a job
    memory_gb: float | None = Field(None, gt=0, le=100_000)  # slurm: of a job
    partition: str | None = None  # slurm
    account: str | None = None  # slurm
    qos: str | None = None  # slurm
    cluster: Literal["slurm", "local"] = "slurm"  # slurm: local runs the jobs on this machine, to try it out
    print_script: bool = False  # slurm: only print a script for sbatch

    @model_validator(mode="after")
    def _check_owners(self) -> ExecutorSettings:
        for name in self.model_fields_set - {"name", "processes"}:
            owner = {"share": "local", "address": "dask"}.get(name, "slurm")
            if self.name != owner:
                raise not_allowed("", f"executor.{name}", getattr(self, name), f"only with executor={owner}")
        is_share = re.fullmatch(r"\d{1,6}/\d{1,6}", self.share or "0/1") is not None
        if not is_share or self.part[0] >= self.part[1]:
            raise not_allowed("", "executor.share", self.share, "K/N with K from 0 to N - 1")
        return self

    @property
    def part(self) -> tuple[int, int]:
        """Number of this share, from 0, and of all shares."""
        number, _, total = (self.share or "0/1").partition("/")
        return int(number), int(total)


class SweepSettings(Strict):
    """Settings of a sweep that are not settings of a run."""

    experiment: str | None = None
    design: DesignSettings = DesignSettings()
    executor: ExecutorSettings = ExecutorSettings()
    replicates: int | None = Field(None, ge=1, le=1_000_000)
    common_luck: bool = True  # the same seeds at every point
    chunk_runs: int = Field(50, ge=1, le=10_000)
    dry_run: bool = False
    accept_code_change: bool = False
    sensitivity: Literal["sobol", "morris", "pawn"] | None = None  # the method, whose design is run
    outcomes: tuple[str, ...] | None = None  # that sensitivity looks at


@dataclass(frozen=True)
class Experiment:
    """A file of conf/experiment: what is varied, what is looked at, and how it is drawn."""

    name: str
    title: str
    settings: Mapping[str, Any]
    levers: tuple[Lever, ...]
    outcomes: tuple[str, ...]
    figure: Mapping[str, Any]
    baseline: Mapping[str, Any]
    published: Sequence[Mapping[str, Any]]
    replicates: int
    method: str
    n: int | None = None


NO_EXPERIMENT = Experiment("sweep", "Sweep", {}, (), DEFAULT_OUTCOMES, {"kind": "response"}, {}, (), 5, "grid")


def split_words(arguments: Sequence[str]) -> tuple[SweepSettings, list[str]]:
    """Tell the sweep's own settings from the overrides of a run.

    Raises
    ------
    InputError
        One of the sweep's settings is not allowed.
    """
    own: dict[str, Any] = {}
    rest: list[str] = []
    for word in arguments:
        name, equals, value = word.partition("=")
        top, _, last = name.partition(".")
        if not equals or top not in SweepSettings.model_fields:
            rest.append(word)
        elif top in ("design", "executor"):
            own.setdefault(top, {})[last or ("method" if top == "design" else "name")] = _plain(value)
        elif name == "outcomes":
            own[name] = [part.strip() for part in value.strip("[]").split(",")]
        else:
            own[name] = _plain(value)
    try:
        return SweepSettings.model_validate(own), rest
    except ValidationError as error:
        told = str(told_in_one_line(error, own, SweepSettings))
        raise InputError(told.replace("design.method=", "design=").replace("executor.name=", "executor=")) from None


def _plain(text: str) -> Any:
    return None if text.lower() in ("null", "none") else text


def find_experiment(name: str, config_dir: str | None) -> Path:
    """Return the file of an experiment."""
    roots = [CONFIG_ROOT] if config_dir is None else [Path(config_dir).expanduser(), CONFIG_ROOT]
    for root in roots:
        if (path := root / EXPERIMENTS / f"{name}.yaml").is_file():
            return path
    known = sorted({path.stem for root in roots for path in (root / EXPERIMENTS).glob("*.yaml")})
    raise not_allowed("", "experiment", name, "one of " + ", ".join(known), known)


def read_experiment(path: Path) -> Experiment:
    """Read a file of conf/experiment.

    Raises
    ------
    InputError
        It is not YAML, a key is unknown, or a lever, an outcome or the figure is not allowed.
    """
    from omegaconf import OmegaConf

    try:
        found = OmegaConf.to_container(OmegaConf.load(path), resolve=True)
    except Exception as error:
        raise InputError(f"{path.name} cannot be read: {error}") from error
    keys = ("title", "settings", "levers", "outcomes", "figure", "baseline", "published", "replicates", "design")
    if not isinstance(found, dict):
        raise not_allowed(path.name, "content", found, "keys such as levers, outcomes, figure")
    for key in found:
        if key not in keys:
            raise not_allowed(path.name, "key", key, "one of " + ", ".join(keys), keys)
    design = {"method": "grid", "n": None, **(found.get("design") or {})}
    own: Any = found
    return Experiment(
        path.stem, str(own.get("title", path.stem)), _settings(own), tuple(read_levers(path.name, own.get("levers"))),
        _outcomes(path.name, own), _figure(path.name, own), found.get("baseline") or {},
        found.get("published") or (), int(found.get("replicates", 5)), str(design["method"]), design["n"],
    )  # fmt: skip


def _settings(found: Mapping[str, Any]) -> dict[str, Any]:
    return {str(name): value for name, value in (found.get("settings") or {}).items()}


def _outcomes(where: str, found: Mapping[str, Any]) -> tuple[str, ...]:
    names = tuple(found.get("outcomes") or DEFAULT_OUTCOMES)
    for name in names:
        if name not in OUTCOMES and not name.startswith(("peak_", "final_")):
            raise not_allowed(where, "outcomes", name, "one of " + ", ".join(OUTCOMES), OUTCOMES)
    return names


def _figure(where: str, found: Mapping[str, Any]) -> dict[str, Any]:
    figure = found.get("figure") or {"kind": "response"}
    figure = {"kind": figure} if isinstance(figure, str) else dict(figure)
    if figure.get("kind") not in FIGURES:
        raise not_allowed(where, "figure", figure.get("kind"), "one of " + ", ".join(FIGURES), FIGURES)
    return figure


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


def parameters_hash(parameters: Any) -> str:
    """Hash resolved parameters but for the seed and what no result depends on; where the data lie is left out."""
    found = parameters.model_dump_json(exclude={"seed": True, "scenario": {"data"}, **dict.fromkeys(IRRELEVANT, True)})
    return hashlib.sha256(found.encode()).hexdigest()


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
        points = make_points(levers, method, n, design.file, design.seed)
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
            experiment, settings, _lasting(arguments), config_dir, base, parameters, out, tuple(levers), method,
            n or SAMPLES.get(method), tuple(points), baseline, n_added,
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
    passing = ("executor", "dry_run", "accept_code_change", "out", "threads")
    kept = (word for word in arguments if word.partition("=")[0].partition(".")[0] not in passing)
    return tuple(_absolute(word) for word in kept)


def _absolute(word: str) -> str:
    """Return a word that names a file so that it is found from other folders too."""
    name, _, value = word.partition("=")
    return f"{name}={Path(value).expanduser().absolute()}" if name == "design.file" else word


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
    files = words.parse([f"{name}={value}" for name, value in {**first, **chosen}.items() if name in groups])
    composed = compose_dict([*files, *lines], config_dir)
    for name, value in first.items():
        if name not in groups:
            composed = replaced(composed, name, value)
    return composed


def _with_baseline(
    experiment: Experiment, levers: Sequence[Lever], points: list[Point], base: Mapping[str, Any], method: str
) -> tuple[list[Point], int | None, int]:
    """Find the point that effects are differences to; add it in front if it is none of the design's."""
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
