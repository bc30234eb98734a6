"""The runs of a calibration: a sweep for each round and case, which resumes like any other."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats

from experiments.calibration.calm_turnout import People, check_reach, people_of, with_intercept
from experiments.calibration.request import LISTS, Request
from experiments.design.fitted import CALM_TURNOUT
from experiments.design.plan import Plan, make_plan
from experiments.one_sweep import compute
from experiments.settings.read import read_settings
from experiments.store.chunks import read_chunks
from experiments.store.files import write_whole
from experiments.store.sweep_folder import results_of
from experiments.targets.biases import fit_biases
from experiments.targets.reports import Reports, reports_of, targets_of
from experiments.targets.values import PREFIX, log_values
from experiments.words import also_known, quoted
from sim.errors import InputError, not_allowed
from sim.inputs.targets import Target
from sim.parameters import Parameters

POINTS_FILE = "points.csv"
HIGHEST = 6.0  # in v


@dataclass(frozen=True)
class Case:
    """A case that is fitted: its settings and targets and, of those used, the reports.

    people : whose turnout a prior is stated in; None where none is.
    """

    name: str
    start: date
    main_day: str
    targets: tuple[Target, ...]
    reports: Reports
    parameters: Parameters
    people: People | None

    def rule_values(self, request: Request, theta: np.ndarray) -> dict[str, np.ndarray]:
        """Return the parameters of the case's runs by name, of those that are fitted, shape (n, n_columns)."""
        found = {name: theta[:, k] for name, k in request.of_case(self.name).items()}
        return found if self.people is None else with_intercept(found, self.people, self.parameters)


def load_cases(request: Request) -> dict[str, Case]:
    """Return the cases by name; biases of kinds of sources are fitted over all of them.

    Raises
    ------
    InputError
        A case is not known, a classic, or has no report to fit.
    """
    found = {name: _targets(request, name) for name in request.own.cases}
    used = {name: _used(targets, parameters.scenario, request.own.until)
            for name, (parameters, targets) in found.items()}  # fmt: skip
    biases = fit_biases([reports_of(targets) for targets in used.values()])
    for name, targets in used.items():
        if not targets:
            raise InputError(f"case={name} has no target that can be missed" + (
                f" and ends by {request.own.until}" if request.own.until else ""))  # fmt: skip
    return {
        name: Case(name, parameters.scenario.start, parameters.scenario.main_day, targets,
                   reports_of(used[name], biases), parameters, _people(request, name, parameters))
        for name, (parameters, targets) in found.items()
    }  # fmt: skip


def _people(request: Request, name: str, parameters: Parameters) -> People | None:
    prior = next((prior for prior in request.priors if prior.name == CALM_TURNOUT), None)
    if prior is None:
        return None
    people = people_of(parameters)
    check_reach(people, float(prior.value(np.array(HIGHEST))), name)
    return people


def _targets(request: Request, name: str) -> tuple[Parameters, tuple[Target, ...]]:
    with also_known(("case", "out", *LISTS, *type(request.own).model_fields)):
        settings = read_settings([f"scenario={quoted(name)}", *request.words_of(name)], request.config_dir)
    parameters = settings.parameters
    if not isinstance(parameters, Parameters):
        raise not_allowed("", "case", name, "a scenario with targets.csv, and no classic")
    _check_plan(request, name)
    return parameters, tuple(targets_of(parameters))


def _check_plan(request: Request, name: str) -> None:
    """Refuse, before anything is written, what no sweep of the case would do, such as to write a map."""
    words = [f"scenario={quoted(name)}", *request.run_words, *request.sweep_words, "replicates=1"]
    make_plan(words, request.config_dir)


def _used(targets: Sequence[Target], scenario: Any, until: date | None) -> list[Target]:
    """Return the targets that are fitted: those that can be missed and end by the night of the last day."""
    last = math.inf if until is None else ((until - scenario.start).days + 1) * 24 + 6
    return [target for target in targets if target.is_informative and target.hour_to <= last]


def run_round(request: Request, number: int, v: np.ndarray, case: Case) -> dict[str, np.ndarray]:
    """Compute a case's runs at points in v, or what is left of them; return the value of each crowd, NaN if it failed.

    Returns
    -------
    dict of str to ndarray, shape (n,)
        By name of the crowd.
    """
    folder = request.out / "table" / f"{number:02d}" / case.name
    folder.parent.mkdir(parents=True, exist_ok=True)
    points = folder.parent / f"{case.name}.{POINTS_FILE}"
    write_whole(points, _points(request, v, case))
    first = request.own.seed + number * (request.own.n + 1)
    plan = round_plan(request, points, folder, case.name, first)
    compute(plan, folder)
    done, _ = results_of(read_chunks(folder))
    names = list(dict.fromkeys(PREFIX + target.crowd for target in case.targets))
    columns = {name: np.full(len(v), math.nan) for name in names}
    for run, (_, values) in done.items():
        if run >= plan.n_added:  # before them a sweep has the base case
            for name in names:
                columns[name][run - plan.n_added] = values.get(name, math.nan)
    return columns


def round_plan(request: Request, points: Path, folder: Path, case: str, first: int) -> Plan:
    """Return the plan of a round's sweep: each point once, each run under luck of its own, from seed `first` on."""
    own = ("design=list", f"design.file={points}", "replicates=1", "common_luck=false", f"seed={first}")
    words = [f"scenario={quoted(case)}", *request.words_of(case), *request.sweep_words, *own, f"out={quoted(folder)}"]
    return make_plan(words, request.config_dir)


def _points(request: Request, v: np.ndarray, case: Case) -> bytes:
    """Return the file of points: a column per parameter of the case."""
    columns = case.rule_values(request, request.theta(v))
    values = np.stack(list(columns.values()), axis=1)
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([[repr(float(value)) for value in row] for row in values])
    return file.getvalue().encode()


def first_points(request: Request) -> np.ndarray:
    """Return the points of the first round in v: a Latin hypercube of the prior."""
    sample = stats.qmc.LatinHypercube(len(request.names), rng=np.random.default_rng(request.own.seed))
    return stats.norm.ppf(np.clip(sample.random(request.own.n), 1e-9, 1 - 1e-9))


def logs_of(case: Case, values: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return the logs of the crowds that are fitted, shape (n, n_crowds)."""
    outcome = {PREFIX + target.crowd: target.outcome for target in case.targets}
    return np.array([log_values(outcome[name], values[name]) for name in case.reports.crowds]).T
