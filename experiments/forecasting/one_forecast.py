"""One forecast, from its words to a folder: runs at draws of a posterior, told the counts so far, and scored.

All runs are made once, from the start of the scenario, with forcings as they are, each under luck of its own; an origin
is another look at the same runs, by the reports of windows that ended by it: through an emulator of the runs where the
posterior is a fit by emulators (`by_emulator`), else by weights (`by_weights`). A forecast is of the count, so bias and
scatter of a report are in it. What was told beforehand is scored without a run (`frozen`).
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from experiments.calibration.one_calibration import folder_of_calibration
from experiments.calibration.reference import Runs
from experiments.design.plan import Plan, make_plan
from experiments.design.posterior import draws_of, fitted_case
from experiments.forecasting.by_emulator import (
    Emulated,
    check_runs,
    crowds_of,
    emulated,
    emulated_rows,
    hour_after,
    is_emulated,
    seen_until,
)
from experiments.forecasting.by_weights import Members, member_weights, weighed_row
from experiments.forecasting.figures import redraw_forecast
from experiments.forecasting.frozen import read_frozen
from experiments.forecasting.left_out import wanted
from experiments.forecasting.rivals import RIVALS, rival_forecast
from experiments.forecasting.scores import Difference, Score, differences, score_student
from experiments.forecasting.series import Count, before, count_bias, counts_of
from experiments.forecasting.tables import Row, write_forecasts
from experiments.one_sweep import compute
from experiments.settings.read import read_settings
from experiments.settings.sweep import DesignSettings, check_whole, split_words
from experiments.store.chunks import read_chunks
from experiments.store.claim import check_folder
from experiments.store.sweep_folder import results_of
from experiments.targets.biases import fit_biases
from experiments.targets.reports import reports_of
from experiments.words import also_known, parse, path_of, quoted
from sim.errors import InputError, not_allowed
from sim.inputs.targets import Target, load_targets
from sim.parameters import Parameters
from sim.world.world import data_folder

OWN, RIVAL = "ploshcha", "additive_2020"
ROLLING = "rolling"
# what the folder of a forecast may hold
HELD = re.compile(r"runs|figures|(forecast|scores|compared)\.parquet|\..+\.parquet\..+\.tmp.*")


@dataclass(frozen=True)
class Asked:
    """A forecast that is asked for: the words of its runs, posteriors, origin and folder.

    told : file of what was forecast beforehand; then there is neither posterior nor origin.
    """

    words: tuple[str, ...]
    posterior: str
    rival: str | None  # posterior of the rival turnout=additive_2020
    origin: str  # a date, or rolling
    out: Path
    config_dir: str | None
    told: str | None = None


@dataclass(frozen=True)
class Model:
    """A model with its runs: what it knew besides the counts, and the last day of reports that its posterior has seen.

    until : None: none of this case's.
    """

    runs: Members | Emulated
    information: str
    until: date | None


def forecast(asked: Asked) -> list[str]:
    """Make the runs that are left, tell them the counts, forecast and score; return the lines to print.

    Raises
    ------
    InputError
        There is no posterior, nothing to forecast, or the folder holds something else.
    """
    rows = _frozen(asked) if asked.told else _forecast(asked)
    lines = write_forecasts(asked.out, rows, _compared(rows))
    redraw_forecast(asked.out)
    return lines


def _forecast(asked: Asked) -> list[Row]:
    """Return the forecasts of all models from all origins."""
    asked_models: list[tuple[str, str, tuple[str, ...]]] = [(OWN, asked.posterior, ())]
    asked_models += [(RIVAL, asked.rival, (f"turnout={RIVAL}",))] if asked.rival else []
    with also_known(("origin", "rival", "posterior", "out", "told")):
        _check_words(asked)
        plans = [_plan(asked, *model) for model in asked_models]
    scenario, targets = _targets(plans[0])
    _check_out(asked.out)
    counts = counts_of(scenario.name, targets, scenario.start, scenario.main_day)
    origins = _origins(asked.origin, counts)
    models = [_model(plan, targets, asked, *model[:2]) for plan, model in zip(plans, asked_models, strict=True)]
    return [row for origin in origins for row in _rows(models, counts, targets, origin, scenario.start,
                                                       asked.origin == ROLLING)]  # fmt: skip


def _frozen(asked: Asked) -> list[Row]:
    """Return what was told beforehand, scored by the counts that there are now, with the simple rivals beside."""
    plan = make_plan(list(asked.words), asked.config_dir)
    scenario, targets = _targets(plan)
    _check_out(asked.out)
    counts = counts_of(scenario.name, targets, scenario.start, scenario.main_day)
    rows = read_frozen(path_of("told", str(asked.told)), counts)
    asked.out.mkdir(parents=True, exist_ok=True)
    return rows + [each for row in rows for each in _rival_rows(counts, row.count, row.origin)]


def _plan(asked: Asked, name: str, posterior: str, more: Sequence[str]) -> Plan:
    folder = asked.out / "runs" / name
    words = ["common_luck=false", *asked.words, *more, f"posterior={posterior}", f"out={quoted(folder)}"]
    try:
        plan = make_plan(words, asked.config_dir)
    except InputError as error:
        if name == RIVAL and str(error).startswith("posterior="):
            raise InputError(f"rival={str(error).removeprefix('posterior=')}") from None
        raise
    if is_emulated(posterior):
        check_runs(plan.n_runs, len(plan.posterior_names))
    return plan


def _check_words(asked: Asked) -> None:
    """Refuse what would give runs that are no draws of the posterior: other scenarios, levers, a part of the runs.

    Raises
    ------
    InputError
        Names the word.
    """
    settings, rest = split_words(asked.words)
    check_whole(settings)
    design = None if settings.design == DesignSettings() else settings.design.method
    for name, value in (("experiment", settings.experiment), ("sensitivity", settings.sensitivity), ("design", design)):
        if value is not None:
            raise not_allowed("", name, value, "none: a forecast varies only the draws of its posterior")
    for item in parse(rest):
        if item.is_sweep_override():
            raise not_allowed("", item.key_or_group, item.get_value_string(),
                              "one value: a forecast varies only the draws of its posterior")  # fmt: skip
    if not isinstance(read_settings(rest, asked.config_dir).parameters, Parameters):
        allowed = "a scenario of cities, which have counts; a classic has none"
        raise not_allowed("", "scenario", _scenario(rest), allowed)


def _scenario(words: Sequence[str]) -> str:
    return next((word.partition("=")[2] for word in reversed(words) if word.startswith("scenario=")), "")


def _check_out(out: Path) -> None:
    """Refuse a folder that holds anything else than a forecast."""
    held = os.listdir(out) if out.is_dir() else []
    check_folder(out, [name for name in held if HELD.fullmatch(name)])


def _targets(plan: Plan) -> tuple[Any, list[Target]]:
    parameters = plan.parameters
    scenario = parameters.scenario
    found = load_targets(data_folder(parameters), scenario.cities, scenario.start)
    return scenario, [target for target in found if 0 <= target.hour_from and target.hour_to <= parameters.hours]


def _origins(asked: str, counts: Sequence[Count]) -> list[date]:
    """Return the dates up to which counts are used: the one asked for, or each counted one but the last."""
    days = sorted({count.day for count in counts})
    if asked == ROLLING:
        found = [day for day in days[:-1] if any(count.day == day and not count.is_asked for count in counts)]
    else:
        try:
            found = [date.fromisoformat(asked)]
        except ValueError:
            raise not_allowed("", "origin", asked, "a day written like 2020-08-16, or rolling") from None
    if not days or not found or found[0] >= days[-1]:
        last = days[-1] if days else "(none)"
        raise InputError(f"origin={asked} is not allowed: a day before the last count, {last}")
    return found


def _model(plan: Plan, targets: Sequence[Target], asked: Asked, name: str, posterior: str) -> Model:
    """Compute what is left of a model's runs and return them."""
    told = folder_of_calibration(posterior).get("until") or None
    until = date.fromisoformat(told) if told else date.max
    folder = asked.out / "runs" / name
    compute(plan, folder)
    done, _ = results_of(read_chunks(folder))
    runs, start = sorted(done), plan.parameters.scenario.start
    case = fitted_case(posterior, plan.parameters.scenario.name)
    is_rule = getattr(plan.parameters.regime, "strength", 0.0) > 0
    force = "force by the rule" if is_rule else "forcings as in the timeline"
    crowds = crowds_of(targets)
    values = {crowd: np.array([done[run][1].get(crowd, math.nan) for run in runs], float) for crowd in crowds}
    if is_emulated(posterior):
        names = plan.posterior_names
        points = np.array([[plan.points[run // plan.replicates][each] for each in names] for run in runs], float)
        table = Runs(names, crowds, points, np.stack(list(values.values()), axis=1), np.zeros(len(runs), np.int64),
                     float(plan.parameters.persons_per_agent))  # fmt: skip
        draws = draws_of(posterior, plan.parameters.scenario.name, plan.settings.draws)
        found: Members | Emulated = emulated(name, posterior, case, until, start, draws, table)
        until = min(until, seen_until(found, start)) if isinstance(found, Emulated) and case else until
    else:
        of_a_draw = plan.n_runs // plan.settings.draws
        found = Members(name, values, np.array([run // of_a_draw for run in runs], np.int64))
    seen = "the end: in sample" if until == date.max else str(until)
    return Model(found, f"{force}; posterior of reports to {seen}", until if case else None)


def _rows(
    models: Sequence[Model], counts: Sequence[Count], targets: Sequence[Target], origin: date, start: date,
    is_rolling: bool,
) -> list[Row]:  # fmt: skip
    """Return the forecasts of one origin by all models."""
    asked = later_counts(counts, origin, is_rolling)
    rows = []
    for number, model in enumerate(models):
        told = f"counts to {origin}; {model.information}"
        if model.until is not None and origin < model.until < date.max:
            told += " (later than the origin: in sample)"
        if isinstance(model.runs, Emulated):
            rows += emulated_rows(model.runs, targets, asked, origin, start, told)
        else:
            rows += _weighed_rows(model, model.runs, targets, asked, origin, start, told, number)
    return rows + [row for count in asked for row in _rival_rows(counts, count, origin)]


def later_counts(counts: Sequence[Count], origin: date, is_rolling: bool) -> list[Count]:
    """Return what is forecast from an origin, what nobody has counted too; rolling: the next of each kind of day."""
    if is_rolling:
        return wanted(counts, origin, True)
    return [count for count in counts if count.day > origin]


def _weighed_rows(
    model: Model, runs: Members, targets: Sequence[Target], asked: Sequence[Count], origin: date, start: date,
    told: str, number: int,
) -> list[Row]:  # fmt: skip
    """Return the forecasts by weights; biases are those of the reports so far."""
    past = [target for target in targets if target.hour_to <= hour_after(origin, start)]
    biases = fit_biases([reports_of(past)])
    last = 0 if model.until is None else hour_after(min(model.until, origin), start)
    seen = reports_of([target for target in past if target.hour_to <= last], biases)
    weights = member_weights(runs, reports_of(past, biases), seen, targets)
    return [weighed_row(runs, count, origin, told, weights, count_bias(targets, count, biases), number)
            for count in asked]  # fmt: skip


def _rival_rows(counts: Sequence[Count], count: Count, origin: date) -> list[Row]:
    """Return the forecasts of the simple rivals that have a count to go by."""
    known = before(counts, count, origin)
    kinds = f"{len(known)} counts to {origin}, of {count.kind} days if any"
    rows = []
    for name in RIVALS:
        told = rival_forecast(name, known, count.day)
        if told is not None and math.isfinite(count.log):
            rows.append(Row(count, origin, name, kinds, score_student(told, count.log), None))
    return rows


def _compared(rows: Sequence[Row]) -> list[Difference]:
    """Compare the model, the first of all, with all others on what both have forecast."""
    crps: dict[str, dict[object, float]] = {}
    for row in rows:
        if isinstance(row.score, Score):
            crps.setdefault(row.model, {})[row.origin, row.count.crowd] = row.score.crps
    own = rows[0].model if rows else OWN
    return differences(crps, own, [RIVAL, *RIVALS]) if own in crps else []
