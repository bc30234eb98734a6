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
from experiments.design.baseline import with_baseline
from experiments.design.composing import (
    compose,
    composed_for,
    more_choices,
    ranges,
    replaced,
    settings_at,
    whole_ranges,
)
from experiments.design.experiment_file import NO_EXPERIMENT, Experiment, find_experiment, read_experiment
from experiments.design.hashes import IRRELEVANT, essential, parameters_hash, text_hash
from experiments.design.levers import Lever, cell, levers_of_words, with_value
from experiments.design.names import check_looks, check_names, check_words, settings_named
from experiments.design.points import SAMPLES, Point, even_order, make_points, points_of_file, sensitivity_design
from experiments.design.posterior import draws_of, with_draws
from experiments.settings.read import check_data, hydra_session, search_path, settings_of
from experiments.settings.sweep import DesignSettings, SweepSettings, split_words
from sim.errors import InputError, not_allowed

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
    block: tuple[int, int] | None = None  # over a posterior: points of each draw, which of them is the baseline
    posterior_names: tuple[str, ...] = ()  # parameters that it has

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
        return self.at(self.points[run // self.replicates]).model_copy(update={"seed": self.seed(run)})

    @cached_property
    def point_hashes(self) -> list[str]:
        """Content hash of the resolved parameters of each point, seed left out; every point is validated for it."""
        return [parameters_hash(self.at(point)) for point in self.points]

    def changed_levers(self, point: int) -> list[str]:
        """Return the levers in which a point differs from the baseline; none without a baseline."""
        if self.baseline is None:
            return []
        here, origin = self.points[point], self.points[self.baseline]
        return [name for name in here if cell(here[name]) != cell(origin[name])]

    def key(self, run: int, content: str) -> str:
        """Return the content hash of a run: parameters, seed, and what `content` hashes of code and data."""
        return text_hash(self.point_hashes[run // self.replicates], str(self.seed(run)), content)

    def at(self, point: Point) -> Any:
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
            "config": essential(self.parameters.model_dump(mode="json", exclude=set(IRRELEVANT))),
            "levers": {lever.name: lever.alternatives or ([lever.low, lever.high] if lever.is_range else lever.values)
                       for lever in self.levers},
            "design": {"method": self.method, "n": self.n, "seed": self.settings.design.seed},
            "points": text_hash(*self.point_hashes), "replicates": self.replicates,
            "common_luck": self.settings.common_luck, "chunk_runs": self.settings.chunk_runs,
            **({"sensitivity": self.settings.sensitivity} if self.settings.sensitivity else {}),
            **({"draws": self.settings.draws} if self.settings.posterior else {}),
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
    search_path(config_dir)  # refuses a folder that is none
    settings, rest = split_words(arguments)
    try:
        with words.also_known(SweepSettings.model_fields):
            return _plan(settings, rest, arguments, config_dir, method, n)
    except InputError as error:
        raise _in_its_file(error, settings.experiment, rest, config_dir) from None


def _in_its_file(error: InputError, experiment: str | None, rest: Sequence[str], config_dir: str | None) -> InputError:
    """Name the experiment's file where the fault is its own, whatever else was asked for."""
    if experiment is None:
        return error
    file = find_experiment(experiment, config_dir).name
    try:
        with words.also_known(SweepSettings.model_fields):
            _plan(SweepSettings(experiment=experiment), [], [f"experiment={experiment}"], config_dir)
    except InputError as own:
        if str(own) == str(error) and not str(own).startswith(file):
            return InputError(f"{file}: {error}")
    return error


def _plan(
    settings: SweepSettings, rest: Sequence[str], arguments: Sequence[str], config_dir: str | None,
    method: str | None = None, n: int | None = None,
) -> Plan:  # fmt: skip
    experiment = _experiment(settings, config_dir)
    _check_owners(settings, method or settings.design.method)
    parsed = words.parse(rest)
    words.refuse_hydra(parsed)
    levers = _levers(experiment, parsed)
    design = settings.design
    method = method or (design.method if "method" in design.model_fields_set else experiment.method)
    n = n or design.n or experiment.n
    if settings.sensitivity is None:
        _check_design(design, method, levers)
    with hydra_session():
        if settings.sensitivity is not None:
            method, n = sensitivity_design(settings.sensitivity, n)
            levers = ranges(experiment, parsed, levers, config_dir)
        elif any(lever.is_range for lever in levers):
            levers = whole_ranges(experiment, parsed, levers, config_dir)
        is_bare = not levers and method == "grid" and (settings.experiment or settings.replicates or settings.posterior)
        if not levers and method != "list":
            compose(experiment, parsed, levers, {}, config_dir)  # a misspelt setting is no missing lever
        points = [{}] if is_bare else make_points(levers, method, n, design.file, design.seed)
        if method == "list":
            levers = _columns(points, parsed, design.file)
        check_names(levers)
        base, out, choices = composed_for(experiment, parsed, levers, points, config_dir)
        parameters = settings_of(base, config_dir).parameters
        points, baseline, n_added = (points, None, 0) if settings.sensitivity else with_baseline(
            experiment, levers, points, base, method)  # fmt: skip
        levers = [with_value(lever, points[0][lever.name]) for lever in levers] if n_added else levers
        block: tuple[int, int] | None = None
        names: tuple[str, ...] = ()
        if settings.posterior is not None:
            draws = draws_of(settings.posterior, parameters.scenario.name, settings.draws)
            block, names = _block(settings, points, baseline), tuple(draws[0])
            points, baseline, n_added = with_draws(draws, points), None, 0
            levers = [*(Lever(name, values=tuple({draw[name]: 0 for draw in draws})) for name in names), *levers]
            check_names(levers)
            experiment = replace(experiment, figure={**experiment.figure, "kind": "none"}, published=())
        choices |= more_choices(experiment, parsed, levers, points, config_dir, choices)
        plan = Plan(
            experiment, settings, _lasting(arguments), _found_anywhere(config_dir), base, parameters, out,
            tuple(levers), method, n or SAMPLES.get(method), tuple(points), baseline, n_added,
            settings.replicates or experiment.replicates, choices, block, names,
        )  # fmt: skip
        _check_points(plan)
        check_looks(plan.experiment, plan.models(), settings)
        for found in {text_hash(json.dumps(c, default=str)): c for c in choices.values()}.values():
            check_data(settings_of(found, config_dir).parameters)
    return plan


def _check_owners(settings: SweepSettings, method: str) -> None:
    """Refuse settings that would do nothing."""
    if settings.design.file is not None and method != "list":
        raise not_allowed("", "design.file", settings.design.file, "only with design=list")
    if settings.posterior is None and "draws" in settings.model_fields_set:
        raise not_allowed("", "draws", settings.draws, "only with posterior=DIR")


def _check_design(design: DesignSettings, method: str, levers: Sequence[Lever]) -> None:
    """Refuse settings of a design that it has no use for."""
    given = design.model_fields_set
    if "n" in given and (method == "list" or method == "grid" and not any(lever.is_range for lever in levers)):
        raise not_allowed("", "design.n", design.n, "only with a sample, or a grid over name=interval(low,high)")
    if "seed" in given and method in ("list", "grid"):
        raise not_allowed("", "design.seed", design.seed, "only with a sample: lhs, sobol, morris")


def _block(settings: SweepSettings, points: Sequence[Point], baseline: int | None) -> tuple[int, int] | None:
    """Return the size of a draw's block and the place of its baseline, None where nothing is compared.

    Raises
    ------
    InputError
        A sensitivity analysis, or luck that differs between the points of a pair.
    """
    if settings.sensitivity is not None or (baseline is not None and not settings.common_luck):
        raise not_allowed("", "posterior", str(settings.posterior), "a sweep with common luck, and no sensitivity")
    return None if baseline is None else (len(points), baseline)


def _columns(points: Sequence[Point], parsed: Sequence[Any], file: str | None) -> list[Lever]:
    """Return the columns of a table of points as levers; they stand in place of all others."""
    for item in parsed:
        if item.is_sweep_override():
            raise InputError(f"{item.input_line} is not allowed: with design=list the columns of {file} are varied")
    levers = [Lever(name, values=tuple({cell(p[name]): p[name] for p in points}.values())) for name in points[0]]
    check_words(levers, {item.key_or_group: str(item.input_line) for item in parsed}, file)
    return levers


def _check_points(plan: Plan) -> None:
    """Validate all points; one of a table is named by its line."""
    try:
        _ = plan.point_hashes
        if len(models := plan.models()) > 1:
            names = ",".join(found.scenario.name for found in models)
            raise not_allowed("", "scenario", names, "scenarios of one model, whose runs have the same curves")
    except InputError as error:
        if plan.method != "list":
            raise
        for line, point in points_of_file(plan.settings.design.file).items():
            try:
                plan.at(point)
            except InputError as own:
                file = Path(str(plan.settings.design.file)).name
                raise InputError(f"{file} line {line}: {own}") from None
        raise error


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


def _levers(experiment: Experiment, parsed: Sequence[Any]) -> list[Lever]:
    """Return the experiment's levers as the command line changes them: other values, or one that fixes a lever."""
    for item in parsed:
        for lever in experiment.levers:
            if item.key_or_group == lever.name and lever.name not in settings_named(lever):
                options = ", ".join(lever.alternatives or ())
                raise InputError(f"{item.input_line} is not allowed: {lever.name} names alternatives of "
                                 f"{experiment.name}.yaml ({options}); all are run")  # fmt: skip
    own = {lever.name: lever for lever in levers_of_words(list(parsed))}
    fixed = {item.key_or_group: str(item.input_line) for item in parsed if item.key_or_group not in own}
    kept = [own.pop(lever.name, lever) for lever in experiment.levers if lever.name not in fixed]
    check_words(kept, fixed, None)
    return [*kept, *own.values()]


def _lasting(arguments: Sequence[str]) -> tuple[str, ...]:
    """Return the words that belong to the sweep itself: not where and how this call runs it."""
    return tuple(_absolute(word) for word in arguments if is_lasting(word))


def is_lasting(word: str) -> bool:
    """Whether a word belongs to the sweep itself."""
    passing = ("executor", "dry_run", "accept_code_change", "out", "threads", "figures")
    return word.partition("=")[0].partition(".")[0] not in passing


def _found_anywhere(folder: str | None) -> str | None:
    return None if folder is None else str(words.path_of("folder", folder).absolute())


def _absolute(word: str) -> str:
    """Return a word that names a file so that it is found from other folders too."""
    name, _, value = word.partition("=")
    return f"{name}={_found_anywhere(value)}" if name in ("design.file", "posterior") else word
