"""One namespace: the columns of a sweep's tables, and which settings its levers and fixed words may name together."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from agents.vocabulary import CURVES
from experiments.design.experiment_file import Experiment
from experiments.design.levers import Lever
from experiments.outcomes import OUTCOMES
from experiments.settings.sweep import SweepSettings
from experiments.windows import check_window, window_named
from sim.classics.registry import curves_of
from sim.errors import InputError, not_allowed
from sim.parameters import Parameters

AXES = ("run", "run_id", "hour", "time", "step", "city", "replicate", "seed", "point", "generation", "key")
OF_EFFECTS = ("outcome", "unit", "n", "baseline", "value", "difference", "low", "high", "p", "p_adjusted", "sign")
OF_CLASSICS = ("peak_", "final_")  # an outcome is one of these and the name of a curve
OF_TARGETS = "target."  # what the model has of each reported crowd
PREFIX = "outcome_"  # of an outcome that has the name of a curve, in `load`

NO_LEVERS = {"seed": "replicates=N varies it", "out": "a sweep has one folder", "threads": "no result depends on it",
             "start": "ploshcha run goes on from a state", "save_state": "ploshcha run writes states",
             "space": "ploshcha run writes the map of one run", "figures": "no result depends on it",
             "replicates": "it is a setting of the sweep"}  # fmt: skip


def outcomes_of(parameters: Any) -> list[str]:
    """Return the outcomes that runs of a model have."""
    if isinstance(parameters, Parameters):
        return list(OUTCOMES)
    return [f"{part}{name}" for name in curves_of(parameters.scenario.model) for part in OF_CLASSICS]


def columns_of(parameters: Any) -> list[str]:
    """Return the curves that runs of a model have."""
    return list(CURVES if isinstance(parameters, Parameters) else curves_of(parameters.scenario.model))


def is_taken(name: str) -> bool:
    """Whether a table of a sweep, or the Dataset of `load`, has a column of this name besides its levers."""
    known = {*AXES, *OF_EFFECTS, *OUTCOMES, *CURVES}
    return any(own in known or own.startswith((*OF_CLASSICS, OF_TARGETS)) for own in (name, name.removeprefix(PREFIX)))


def check_names(levers: Sequence[Lever]) -> None:
    """Refuse levers that are no property of a model, that have the name of a column, or that change the same setting.

    Raises
    ------
    InputError
        One of them would be overwritten without a word.
    """
    for lever in levers:
        for name in settings_named(lever):
            if name in NO_LEVERS:
                raise not_allowed("", lever.name, _shown(lever), f"one value of {name}: {NO_LEVERS[name]}")
        if is_taken(lever.name):
            raise not_allowed("", "lever", lever.name, "another name, since tables have a column of this name"
                              + ("" if lever.alternatives is not None else ", for alternatives that set it in an "
                                 f"experiment file: {lever.name} file: {{one: {{{lever.name}: ..}}, ..}}"))  # fmt: skip
    for k, lever in enumerate(levers):
        for other in levers[:k]:
            if both := next(_shared(settings_named(other), settings_named(lever)), None):
                raise InputError(f"levers {other.name} and {lever.name} are not allowed together: both change {both}")


def settings_named(lever: Lever) -> list[str]:
    """Return the settings that a lever changes."""
    if lever.alternatives is None:
        return [lever.name]
    return list(dict.fromkeys(name for part in lever.alternatives.values() for name in part))


def _shared(some: Collection[str], others: Collection[str]) -> Iterator[str]:
    """Yield the settings that are in both, alone or as part of a whole such as forcings.call of forcings.call.value."""
    for one in some:
        for other in others:
            longer, shorter = (one, other) if len(one) > len(other) else (other, one)
            if one == other or (longer.startswith(f"{shorter}.") and "." in shorter):
                yield longer


def _shown(lever: Lever) -> str:
    return ",".join(str(value) for value in (lever.alternatives or lever.levels(None)))


def check_words(levers: Sequence[Lever], words: Mapping[str, str], file: str | None) -> None:
    """Refuse words that would have no effect, since a lever sets the same at every point.

    Parameters
    ----------
    levers : sequence of Lever
        What is varied.
    words : mapping of str to str
        Settings on the command line: the word by name.
    file : str, optional
        The CSV file that says what is varied.
    """
    for lever in levers:
        parts = None if lever.alternatives is None else list(lever.alternatives.values())
        for name, word in words.items():
            if file is not None and name == lever.name:
                raise InputError(f"{word} is not allowed: {name} is a column of {file}")
            if parts is not None and all(name in part for part in parts):
                raise InputError(f"{word} is not allowed: every alternative of {lever.name} sets {name}")


def check_looks(experiment: Experiment, models: Sequence[Any], settings: SweepSettings) -> None:
    """Refuse outcomes and curves that runs of these models do not have.

    Raises
    ------
    InputError
        One would be left out of tables or figures without a word.
    """
    outcomes = list(dict.fromkeys(name for model in models for name in outcomes_of(model)))
    columns = list(dict.fromkeys(name for model in models for name in columns_of(model)))
    if experiment.has_outcomes:
        where = f"{experiment.name}.yaml"
        _check_all(where, "outcomes", _without_windows(where, experiment.outcomes, models), outcomes)
    _check_all(f"{experiment.name}.yaml", "outcome", [claim.outcome for claim in experiment.published], outcomes)
    _check_all(f"{experiment.name}.yaml", "figure.curves", experiment.figure.get("curves", ()), columns)
    if settings.outcomes is not None and settings.sensitivity is None:
        raise not_allowed("", "outcomes", ",".join(settings.outcomes), "a setting of ploshcha sensitivity only")
    numbers = [name for name in outcomes if OUTCOMES.get(name, ("",))[0] != "class"]
    _check_all("", "outcomes", _without_windows("", settings.outcomes or (), models), numbers)


def _without_windows(where: str, names: Sequence[str], models: Sequence[Any]) -> list[str]:
    """Return the outcomes that are not of chosen days; those that are must be of days that the runs have."""
    hours = min((model.hours for model in models if isinstance(model, Parameters)), default=0)
    windows = {name: window for name in names if hours and (window := window_named(name)) is not None}
    for window in windows.values():
        check_window(where, "outcomes", window, CURVES, hours)
    return [name for name in names if name not in windows]


def _check_all(where: str, field: str, names: Collection[str], known: Sequence[str]) -> None:
    for name in names:
        if name not in known:
            raise not_allowed(where, field, name, "one of " + ", ".join(known), known)
