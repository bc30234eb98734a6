"""One calibration, from its words to a folder: rounds of runs, the posterior, its checks."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from experiments.calibration import checks
from experiments.calibration.abc import Posterior, equal, posterior, proposal
from experiments.calibration.figures import draw_posterior, redraw_predicted
from experiments.calibration.history import not_ruled_out
from experiments.calibration.npe import N_DRAWS, features_of, learn
from experiments.calibration.one_emulation import emulate
from experiments.calibration.request import AT, Request
from experiments.calibration.runs import Case, first_points, load_cases, logs_of, run_round
from experiments.calibration.table import Proposal, Table, make_table
from experiments.calibration.tables import write_checks, write_posterior
from experiments.design.posterior import posterior_folder
from experiments.store.claim import check_folder
from experiments.store.files import told_if_unwritable, write_whole
from experiments.store.lock import LOCKS, locked
from experiments.store.manifest import kind_told, read_manifest
from experiments.store.provenance import code_hash, git_state, package_versions
from experiments.store.sweep_folder import differences
from sim.errors import InputError, not_allowed

MANIFEST_FILE = "manifest.json"
# what may be in a folder before its manifest is: left by one that was killed at once
BEGUN = re.compile(rf"{LOCKS.pattern}|\.manifest\.json\..+\.tmp.*")
NOT_RULED_OUT = 500  # points that are kept of a history matching

Values = list[dict[str, dict[str, np.ndarray]]]  # by round, case, crowd


def calibrate(request: Request) -> list[str]:
    """Run a calibration, or what is left of it; return the lines to print.

    Raises
    ------
    InputError
        A case cannot be fitted, or the folder holds something else.
    """
    cases = load_cases(request)
    with told_if_unwritable(request.out):
        if not (request.out / MANIFEST_FILE).is_file():
            begun = os.listdir(request.out) if request.out.is_dir() else []
            check_folder(request.out, [name for name in begun if BEGUN.fullmatch(name)])
            request.out.mkdir(parents=True, exist_ok=True)
        else:
            _check_begun(request)  # before a lock is written into a folder of somebody else's
    with locked(request.out):
        with told_if_unwritable(request.out):
            _claim(request)
        lines = (_emulate if request.own.method == "emulator" else _calibrate)(request, cases)
        redraw_predicted(request.out)
        return lines


def _claim(request: Request) -> None:
    """Begin the folder, or see that it was begun with the same settings."""
    if (request.out / MANIFEST_FILE).is_file():
        _check_begun(request)
    else:
        _write_manifest(request, {})  # all else follows from it


def _check_begun(request: Request) -> None:
    """Compare what the folder was begun with.

    Raises
    ------
    InputError
        It holds something else, or was begun with other settings.
    """
    try:
        begun = json.loads((request.out / MANIFEST_FILE).read_text(encoding="utf-8"))["calibration"]
    except (ValueError, KeyError, TypeError, RecursionError):
        allowed = "a folder that is new, empty, or of a calibration"
        raise not_allowed("", "out", request.out, allowed) from None
    if changed := differences(begun, json.loads(json.dumps(request.plain()))):
        raise InputError(f"{request.out} was begun with other settings: {changed[0]}; choose another out=DIR")


def _write_manifest(request: Request, found: Mapping[str, Any]) -> None:
    """Write what the folder says of itself."""
    told = {"kind": "calibration", "calibration": request.plain(), "config_dir": request.config_dir,
            "code_hash": code_hash(), "versions": package_versions(), **git_state(), **found}  # fmt: skip
    write_whole(request.out / MANIFEST_FILE, json.dumps(told, indent=1, default=str).encode())


def _emulate(request: Request, cases: Mapping[str, Case]) -> list[str]:
    lines = emulate(request, cases)
    _write_manifest(request, {"rounds": request.own.rounds, "until": str(request.own.until or "")})
    return lines


def _calibrate(request: Request, cases: Mapping[str, Case]) -> list[str]:
    began = time.process_time(), time.perf_counter()
    reports = {name: case.reports for name, case in cases.items()}
    points: list[np.ndarray] = [first_points(request)]
    proposals: list[Proposal | None] = [None]
    values: Values = []
    for number in range(request.own.rounds):
        values.append({name: run_round(request, number, points[number], case) for name, case in cases.items()})
        table = make_table(points, [_logs(cases, each) for each in values], proposals)
        found = posterior(table, reports, request.own.ess)
        told = f", tolerance {found.tolerance:.2f} in logs, effective sample size {found.ess:.0f}"
        print(f"round {number + 1}: {len(table)} runs a case{'' if request.own.method == 'npe' else told}", flush=True)
        if number + 1 < request.own.rounds:
            if request.own.method != "npe":  # which is learned once, at the end
                draw_posterior(request, found)
            rng = np.random.default_rng([request.own.seed, number + 1])
            where = _proposal(request, table, found, reports, rng)
            points.append(where.draw(request.own.n, rng) if where else rng.standard_normal(points[0].shape))
            proposals.append(where)
    lines = _finish(request, cases, table, values, found)
    cost = {"own_cpu_seconds": time.process_time() - began[0], "wall_seconds": time.perf_counter() - began[1]}
    widened = {} if request.own.method == "npe" else {"tolerance": found.tolerance, "ess": found.ess}
    _write_manifest(request, {
        "rounds": request.own.rounds, "n_runs": len(table) * len(cases), **widened,
        "cost_of_last_call": cost, "until": str(request.own.until or ""),
    })  # fmt: skip
    return lines


def _logs(cases: Mapping[str, Case], values: Mapping[str, Mapping[str, np.ndarray]]) -> dict[str, np.ndarray]:
    return {name: logs_of(case, values[name]) for name, case in cases.items()}


def _proposal(
    request: Request, table: Table, found: Posterior, reports: Mapping[str, Any], rng: np.random.Generator
) -> Proposal | None:
    """Return where the next round looks: about the posterior, or about what is not ruled out; None: the prior."""
    if request.own.method == "npe":  # what is learned is of the prior
        return None
    if request.own.method == "abc_smc":
        return proposal(found)
    kept, _ = not_ruled_out(table, reports, rng)
    if len(kept) < len(request.names) + 2:
        return proposal(found)
    kept = kept[:NOT_RULED_OUT]
    return proposal(equal(kept))


def _finish(
    request: Request, cases: Mapping[str, Case], table: Table, values: Values, found: Posterior
) -> list[str]:  # fmt: skip
    """Write the posterior and its checks; return the lines to print."""
    reports = {name: case.reports for name, case in cases.items()}
    shown, weighed, ranks, lines = _by_method(request, table, reports, found)
    draw_posterior(request, shown)
    theta = request.theta(shown.v)
    write_posterior(request, shown, theta, cases)
    joined = {name: _joined([each[name] for each in values]) for name in cases}
    told = checks.identified(request.names, theta, shown)
    seen = [row for name, case in cases.items()
            for row in checks.predicted(name, case.targets, joined[name], weighed.weights)]  # fmt: skip
    folds = leave_one_out(request, table, reports) if len(cases) > 1 else []
    return [*lines, *write_checks(request, told, seen, checks.coverages(request.names, ranks), ranks, folds)]


def _by_method(
    request: Request, table: Table, reports: Mapping[str, Any], found: Posterior
) -> tuple[Posterior, Posterior, np.ndarray, list[str]]:
    """Return what the method says: its points, the weights of the table's runs, places of known truths, and a line."""
    own = request.own
    if own.method == "npe":
        (of_case,) = reports.values()
        learned = learn(table, of_case, own.seed)
        weighed = Posterior(table.v, learned.weights(table, of_case), 0.0)
        line = (f"neural posterior of {len(table)} runs, {len(learned.truths)} of them kept as known truths; predicted "
                f"targets are of runs weighed by it, effective sample size {weighed.ess:.0f}")  # fmt: skip
        shown = equal(learned.draws(features_of(of_case)[None], N_DRAWS, own.seed)[0])
        return shown, weighed, learned.ranks(table, of_case, own.checks, own.seed), [line]
    ranks = checks.truth_ranks(table, reports, own.checks, own.seed, own.ess)
    if own.method == "history_matching":
        kept, share = not_ruled_out(table, reports, np.random.default_rng(own.seed))
        line = f"not ruled out: {100 * share:.2g} % of the prior (this is no posterior)"
        return equal(kept[:NOT_RULED_OUT]) if len(kept) else found, found, ranks, [line]
    return found, found, ranks, []


def _joined(values: Sequence[Mapping[str, np.ndarray]]) -> dict[str, np.ndarray]:
    return {name: np.concatenate([each[name] for each in values]) for name in values[0]}


def leave_one_out(
    request: Request, table: Table, reports: Mapping[str, Any]
) -> list[tuple[str, str, float, float, float]]:
    """Return (case left out, shared parameter, median without it, median of all, move in prior deviations).

    The same runs are weighed without the reports of one case; a parameter that does not move at all tells that the
    case was not left out.
    """
    whole = posterior(table, reports, request.own.ess)
    rows = []
    for left_out in reports:
        fold = posterior(table, {name: own for name, own in reports.items() if name != left_out}, request.own.ess)
        for k, name in enumerate(request.names):
            if AT not in name:
                medians = [checks.quantiles(each.v[:, k], each.weights, [0.5])[0] for each in (fold, whole)]
                here, there = (float(request.columns[k].value(np.array([m]))[0]) for m in medians)
                rows.append((left_out, name, here, there, medians[0] - medians[1]))
    return rows


def folder_of_calibration(folder: str | Path) -> dict[str, Any]:
    """Return the manifest of a calibration's folder.

    Raises
    ------
    InputError
        It is none, or its manifest was edited and lacks something.
    """
    home = posterior_folder(str(folder).partition(AT)[0])
    if kind_told(home) != "calibration":
        raise not_allowed("", "posterior", folder, f"a folder of ploshcha calibrate, with its {MANIFEST_FILE}")
    return read_manifest(home)
