"""One forecast, from its words to a folder: runs at draws of a posterior, weighed by the counts so far, and scored.

All runs are made once, from the start of the scenario, with forcings as they are; an origin is a weighing of the same
runs by the reports of windows that ended by it. A forecast is of the count, so the scatter of a report is in it.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from experiments.calibration.abc import run_weights, tolerance_for
from experiments.calibration.one_calibration import folder_of_calibration
from experiments.calibration.table import Table
from experiments.design.plan import Plan, make_plan
from experiments.forecasting.figures import redraw_forecast
from experiments.forecasting.rivals import RIVALS, rival_forecast
from experiments.forecasting.scores import Difference, Score, differences, score_sample, score_student
from experiments.forecasting.series import Count, before, counts_of
from experiments.forecasting.tables import Row, write_forecasts
from experiments.one_sweep import compute
from experiments.settings.sweep import check_whole
from experiments.store.chunks import read_chunks
from experiments.store.claim import check_folder
from experiments.store.sweep_folder import results_of
from experiments.targets.biases import fit_biases
from experiments.targets.reports import Reports, reports_of
from experiments.targets.values import PREFIX, log_values
from experiments.words import also_known, quoted
from sim.errors import InputError, not_allowed
from sim.inputs.targets import Target, load_targets
from sim.world.world import data_folder

OWN, RIVAL = "ploshcha", "additive_2020"
N_SAMPLE = 500
ROLLING = "rolling"
# what the folder of a forecast may hold
HELD = re.compile(r"runs|figures|(forecast|scores|compared)\.parquet|\..+\.parquet\..+\.tmp.*")
NIGHT = 6  # hour at which a day ends


@dataclass(frozen=True)
class Asked:
    """A forecast that is asked for: the words of its runs, posteriors, origin and folder."""

    words: tuple[str, ...]
    posterior: str
    rival: str | None  # posterior of the rival turnout=additive_2020
    origin: str  # a date, or rolling
    out: Path
    config_dir: str | None


@dataclass(frozen=True)
class Members:
    """Runs of one model: the value of each crowd, by name, float64 (n,)."""

    name: str
    information: str
    until: date | None  # last day of the reports that the posterior has seen, None: all
    values: Mapping[str, np.ndarray]


def forecast(asked: Asked) -> list[str]:
    """Make the runs that are left, weigh and score them; return the lines to print.

    Raises
    ------
    InputError
        There is no posterior, nothing to forecast, or the folder holds something else.
    """
    models: list[tuple[str, str, tuple[str, ...]]] = [(OWN, asked.posterior, ())]
    models += [(RIVAL, asked.rival, (f"turnout={RIVAL}",))] if asked.rival else []
    plans = [_plan(asked, *model) for model in models]
    scenario, targets = _targets(plans[0])
    _check_out(asked.out)
    counts = counts_of(scenario.name, targets, scenario.start, scenario.main_day)
    origins = _origins(asked.origin, counts)
    members = [_members(plan, targets, asked, *model[:2]) for plan, model in zip(plans, models, strict=True)]
    reports = reports_of(targets, fit_biases([reports_of(targets)]))
    rows = [row for origin in origins for row in _rows(members, counts, targets, reports, origin, scenario.start,
                                                       asked.origin == ROLLING)]  # fmt: skip
    lines = write_forecasts(asked.out, rows, _compared(rows))
    redraw_forecast(asked.out)
    return lines


def _plan(asked: Asked, name: str, posterior: str, more: Sequence[str]) -> Plan:
    folder = asked.out / "runs" / name
    words = ["common_luck=false", *asked.words, *more, f"posterior={posterior}", f"out={quoted(folder)}"]
    with also_known(("origin", "rival", "posterior", "out")):
        plan = make_plan(words, asked.config_dir)
    check_whole(plan.settings)
    return plan


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
        found = days[:-1]
    else:
        try:
            found = [date.fromisoformat(asked)]
        except ValueError:
            raise not_allowed("", "origin", asked, "a day written like 2020-08-16, or rolling") from None
    if not days or not found or found[0] >= days[-1]:
        last = days[-1] if days else "(none)"
        raise InputError(f"origin={asked} is not allowed: a day before the last count, {last}")
    return found


def _members(plan: Plan, targets: Sequence[Target], asked: Asked, name: str, posterior: str) -> Members:
    """Compute what is left of a model's runs and return them."""
    until = folder_of_calibration(posterior).get("until") or None
    folder = asked.out / "runs" / name
    compute(plan, folder)
    done, _ = results_of(read_chunks(folder))
    names = list(dict.fromkeys(PREFIX + target.crowd for target in targets))
    values = {crowd: np.array([done[run][1].get(crowd, math.nan) for run in sorted(done)]) for crowd in names}
    is_rule = getattr(plan.parameters.regime, "strength", 0.0) > 0
    force = "force by the rule" if is_rule else "forcings as recorded"
    return Members(name, f"{force}; posterior of reports to {until or 'the end: in sample'}",
                   date.fromisoformat(until) if until else None, values)  # fmt: skip


def _rows(
    members: Sequence[Members], counts: Sequence[Count], targets: Sequence[Target], reports: Reports, origin: date,
    start: date, is_rolling: bool,
) -> list[Row]:  # fmt: skip
    """Return the forecasts of one origin by all models."""
    wanted = [count for count in counts if count.day > origin]
    if is_rolling:  # one occasion ahead, of each kind
        first = {(c.city, c.outcome, c.kind): c for c in reversed(wanted)}
        wanted = [count for count in wanted if first[count.city, count.outcome, count.kind] is count]
    last = ((origin - start).days + 1) * 24 + NIGHT
    ended = {PREFIX + target.crowd for target in targets if target.hour_to <= last}
    known = reports.kept(np.array([reports.crowds[k] in ended for k in reports.crowd], bool))
    rows = []
    for number, own in enumerate(members):
        weights = _weights(own, known, targets)
        for count in wanted:
            rows.append(_own_row(own, count, origin, weights, number))
    return rows + [row for count in wanted for row in _rival_rows(counts, count, origin)]


def _weights(own: Members, known: Reports, targets: Sequence[Target]) -> np.ndarray:
    """Return the weights of runs given the reports so far, sum 1."""
    outcome = {PREFIX + target.crowd: target.outcome for target in targets}
    logs = np.stack([log_values(outcome[name], own.values[name]) for name in known.crowds], axis=1)
    n = len(logs)
    table = Table(np.zeros((n, 1)), {"": logs}, np.zeros(n), np.zeros(n, np.int64))
    return run_weights(table, {"": known}, tolerance_for(table, {"": known}, max(5.0, n / 10)))


def _own_row(own: Members, count: Count, origin: date, weights: np.ndarray, number: int) -> Row:
    rng = np.random.default_rng([count.day.toordinal(), origin.toordinal(), number])
    logs = log_values(count.outcome, own.values[count.crowd])
    alive = np.where(np.isfinite(logs), weights, 0.0)
    places = (np.arange(N_SAMPLE) + 0.5) / N_SAMPLE * alive.sum()
    sample = logs[np.searchsorted(np.cumsum(alive), places).clip(0, len(logs) - 1)]
    scatter = count.sd if math.isfinite(count.sd) else 0.0
    sample = sample + scatter * rng.standard_normal(N_SAMPLE)
    score = score_sample(sample, count.log) if math.isfinite(count.log) else None
    seen_by = f"counts to {origin}; {own.information}"
    if own.until is not None and own.until > origin:
        seen_by += " (later than the origin: in sample)"
    return Row(count, origin, own.name, seen_by, score, np.percentile(sample, np.arange(1, 100)))


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
    """Compare the model with all others on what both have forecast."""
    crps: dict[str, dict[object, float]] = {}
    for row in rows:
        if isinstance(row.score, Score):
            crps.setdefault(row.model, {})[row.origin, row.count.crowd] = row.score.crps
    return differences(crps, OWN, [RIVAL, *RIVALS]) if OWN in crps else []
