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
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np

from experiments.calibration.one_calibration import folder_of_calibration
from experiments.calibration.reference import Runs
from experiments.design.plan import Plan, make_plan
from experiments.design.posterior import draws_of, fitted_case, posterior_folder
from experiments.forecasting.asked import OF_FORECASTS, Asked
from experiments.forecasting.by_emulator import Emulated, check_runs, crowds_of, emulated, is_emulated, seen_until
from experiments.forecasting.by_weights import Members
from experiments.forecasting.conformal import CORRECTION_FILE, Stretch, read_correction
from experiments.forecasting.figures import redraw_forecast
from experiments.forecasting.from_origins import Model, Occasions, rival_rows, rows_of
from experiments.forecasting.frozen import read_frozen
from experiments.forecasting.left_out import ONE_SHOT, ROLLING
from experiments.forecasting.made_from import begin, finish, now
from experiments.forecasting.rivals import RIVALS
from experiments.forecasting.scores import Difference, Score, differences
from experiments.forecasting.series import Count, counts_of
from experiments.forecasting.tables import Row, write_forecasts
from experiments.one_sweep import compute
from experiments.settings.read import read_settings
from experiments.settings.sweep import DesignSettings, check_whole, split_words
from experiments.store.chunks import read_chunks
from experiments.store.claim import check_folder
from experiments.store.manifest import MANIFEST_FILE, kind_told, read_manifest
from experiments.store.sweep_folder import check_same, is_sweep, results_of, source_of, sweep_folder
from experiments.targets.reports import targets_of
from experiments.words import also_known, parse, path_of, quoted
from sim.errors import InputError, not_allowed
from sim.inputs.targets import Target
from sim.parameters import Parameters

OWN, RIVAL = "ploshcha", "additive_2020"
# what the folder of a forecast may hold
HELD = re.compile(r"runs|figures|(forecast|scores|compared)\.parquet|manifest\.json|\..+\.(parquet|json)\..+\.tmp.*")


def forecast(asked: Asked) -> list[str]:
    """Make the runs that are left, tell them the counts, forecast and score; return the lines to print.

    Raises
    ------
    InputError
        There is no posterior, nothing to forecast, or the folder holds something else.
    """
    began = now()
    rows = _frozen(asked) if asked.told else _forecast(asked)
    lines = write_forecasts(asked.out, rows, _compared(rows))
    finish(asked.out, began)
    redraw_forecast(asked.out)
    return lines


def _forecast(asked: Asked) -> list[Row]:
    """Return the forecasts of all models from all origins."""
    asked_models: list[tuple[str, str, tuple[str, ...]]] = [(OWN, asked.posterior, ())]
    asked_models += [(RIVAL, asked.rival, (f"turnout={RIVAL}",))] if asked.rival else []
    with also_known(OF_FORECASTS):
        _check_words(asked)
        plans = [_plan(asked, *model) for model in asked_models]
    scenario, targets = plans[0].parameters.scenario, targets_of(plans[0].parameters)
    untils = [_until(posterior) for _, posterior, _ in asked_models]
    taught = [_taught(asked, scenario.name, *model[:2]) for model in asked_models]
    _check_out(asked.out)
    counts = counts_of(scenario.name, targets, scenario.start, scenario.main_day)
    origins = _origins(asked.origin, counts)
    _check_runs(plans)
    begin(asked, plans[0])
    models = [replace(_model(plan, targets, asked, *model[:2], until), taught=tuple(others))
              for plan, model, until, others in zip(plans, asked_models, untils, taught, strict=True)]  # fmt: skip
    return rows_of(models, Occasions(counts, targets, scenario.start, asked.origin == ROLLING), origins)


def _taught(asked: Asked, scenario: str, name: str, posterior: str) -> list[Stretch]:
    """Return the stretches of other cases that a model's bands are corrected by, if there are any."""
    fit, case = posterior.partition("@")[0], fitted_case(posterior, scenario)
    way = ROLLING if asked.origin == ROLLING else ONE_SHOT
    if name == OWN and asked.correction:
        return read_correction(asked.correction, (scenario, case or scenario), way)
    has_own = case is not None and (posterior_folder(fit) / CORRECTION_FILE).is_file()
    return read_correction(fit, (scenario, str(case)), way) if has_own else []


def _frozen(asked: Asked) -> list[Row]:
    """Return what was told beforehand, scored by the counts that there are now, with the simple rivals beside."""
    plan = make_plan(list(asked.words), asked.config_dir)
    scenario, targets = plan.parameters.scenario, targets_of(plan.parameters)
    _check_out(asked.out)
    counts = counts_of(scenario.name, targets, scenario.start, scenario.main_day)
    rows = read_frozen(path_of("told", str(asked.told)), counts)
    begin(asked, plan)
    return rows + [each for row in rows for each in rival_rows(counts, row.count, row.origin)]


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


def _check_runs(plans: Sequence[Plan]) -> None:
    """Refuse to go on in a folder whose runs were begun with other settings, or unaccepted code or data."""
    for plan in plans:
        folder = sweep_folder(plan)
        if is_sweep(folder):
            check_same(folder, read_manifest(folder), plan, source_of(plan, ()))


def _check_out(out: Path) -> None:
    """Refuse a folder that holds anything else than a forecast."""
    held = os.listdir(out) if out.is_dir() else []
    is_another = MANIFEST_FILE in held and kind_told(out) != "forecast"
    check_folder(out, [] if is_another else [name for name in held if HELD.fullmatch(name)])


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


def _until(posterior: str) -> date:
    """Return the last day of the reports that a fit has seen; `date.max`: all.

    Raises
    ------
    InputError
        It is no fit, or its manifest was edited.
    """
    told = folder_of_calibration(posterior).get("until")
    return date.fromisoformat(told) if told else date.max


def _model(plan: Plan, targets: Sequence[Target], asked: Asked, name: str, posterior: str, until: date) -> Model:
    """Compute what is left of a model's runs and return them."""
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


def _compared(rows: Sequence[Row]) -> list[Difference]:
    """Compare the model, the first of all, with all others on what both have forecast."""
    crps: dict[str, dict[object, float]] = {}
    for row in rows:
        if isinstance(row.score, Score):
            crps.setdefault(row.model, {})[row.origin, row.count.crowd] = row.score.crps
    own = rows[0].model if rows else OWN
    return differences(crps, own, [RIVAL, *RIVALS]) if own in crps else []
