"""One calibration by emulators, from its words to a folder: runs case by case, one posterior of all, its checks.

Cases need no runs at the same parameters, since each has an emulator of its own: a case has as many runs, and as coarse
ones, as it needs. The first round fills a box, later ones follow the posterior of the rounds before.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats

from experiments.calibration import checks
from experiments.calibration.abc import Posterior
from experiments.calibration.hierarchy import Hierarchy, make_hierarchy
from experiments.calibration.priors import Prior
from experiments.calibration.reference import Runs, read_runs, write_runs
from experiments.calibration.request import Request
from experiments.calibration.runs import POINTS_FILE, Case, round_plan
from experiments.calibration.several import Fit, make_fit
from experiments.one_sweep import compute
from experiments.store.chunks import read_chunks
from experiments.store.files import write_whole
from experiments.store.sweep_folder import results_of
from experiments.store.tables import numbers, texts, write_columns
from experiments.targets.reports import targets_of
from experiments.targets.values import PREFIX
from sim.errors import InputError

WIDER = 1.5  # of a later round's points about the posterior: an emulator must know the surroundings
FIT_FILE = "fit.json"
SEED_STEP = 100_000  # between the seeds of rounds
N_DRAWS = 200  # of the posterior that are written


def emulate(request: Request, cases: Mapping[str, Case]) -> list[str]:
    """Make the runs that are left, fit, check and write; return the lines to print."""
    hierarchy = make_hierarchy(request.priors, request.own.per_case, request.own.cases)
    runs: dict[str, Runs] = {}
    fit: Fit | None = None
    for number in range(request.own.rounds):
        points = _points(request, hierarchy, fit, number)
        for name, case in cases.items():
            made = _round(request, case, number, points[name])
            runs[name] = _joined(runs.get(name), made)
            write_runs(request.out, name, runs[name])
        fit = make_fit(hierarchy, read_runs(request.out, request.own.cases),
                       {name: _used(request, case) for name, case in cases.items()})  # fmt: skip
        told = ", ".join(f"{name} {e.explained.mean():.2f}" for name, e in fit.emulators.items())
        print(f"round {number + 1}: share of the variance that emulators tell of runs left out: {told}", flush=True)
    assert fit is not None
    return finish(request.out, request, fit, {name: case.targets for name, case in cases.items()})


def _used(request: Request, case: Case) -> list[Any]:
    last = np.inf if request.own.until is None else ((request.own.until - case.start).days + 1) * 24 + 6
    return [target for target in case.targets if target.hour_to <= last]


def _names(request: Request) -> tuple[str, ...]:
    return tuple(prior.name for prior in request.priors)


def box(request: Request, prior: Prior, case: str) -> tuple[float, float]:
    """Return the range of a parameter in a case's runs of the first round."""
    if (prior.name, case) in request.boxes:
        return request.boxes[prior.name, case]
    if prior.distribution == "uniform":
        return prior.first, prior.second
    return prior.first - 2.0 * prior.second, prior.first + 2.0 * prior.second


def _points(request: Request, hierarchy: Hierarchy, fit: Fit | None, number: int) -> dict[str, np.ndarray]:
    """Return the parameters of a round's runs, by case: a Latin hypercube of the box, or draws of the posterior.

    Draws are the same for all cases, as far as they have as many runs: a run of each case at one draw is one truth.
    """
    found = {}
    joint: np.ndarray | None = None
    if fit is not None:
        rng = np.random.default_rng([request.own.seed, number])
        joint = fit.posterior({case: np.inf for case in request.own.cases}, rng)
        middle = joint.mean(axis=0)
        joint = middle + WIDER * (joint[rng.permutation(len(joint))] - middle)
    for k, case in enumerate(request.own.cases):
        boxes = np.array([box(request, prior, case) for prior in request.priors])
        n = request.size(case)
        if fit is None or joint is None:
            sampler = stats.qmc.LatinHypercube(len(boxes), rng=np.random.default_rng([request.own.seed, number, k]))
            found[case] = boxes[:, 0] + sampler.random(n) * (boxes[:, 1] - boxes[:, 0])
        else:
            found[case] = hierarchy.values(joint[:n], case, _names(request)).clip(boxes[:, 0], boxes[:, 1])
    return {case: points.round(6) for case, points in found.items()}


def _round(request: Request, case: Case, number: int, points: np.ndarray) -> Runs:
    """Compute a case's runs of a round, or what is left of them."""
    folder = request.out / "table" / f"{number:02d}" / case.name
    folder.parent.mkdir(parents=True, exist_ok=True)
    path, names = folder.parent / f"{case.name}.{POINTS_FILE}", _names(request)
    write_whole(path, _csv(names, points))
    plan = round_plan(request, path, folder, case.name, request.own.seed + number * SEED_STEP)
    compute(plan, folder)
    done, _ = results_of(read_chunks(folder))
    crowds = tuple(dict.fromkeys(PREFIX + target.crowd for target in case.targets if target.is_informative))
    rows = sorted(run for run in done if run >= plan.n_added)
    counted = np.array([[done[run][1].get(name, np.nan) for name in crowds] for run in rows], float)
    return Runs(names, crowds, points[[run - plan.n_added for run in rows]], counted.reshape(-1, len(crowds)),
                np.full(len(rows), number), float(plan.parameters.persons_per_agent))  # fmt: skip


def _csv(names: Sequence[str], points: np.ndarray) -> bytes:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([[repr(float(value)) for value in row] for row in points])
    return file.getvalue().encode()


def _joined(before: Runs | None, new: Runs) -> Runs:
    if before is None:
        return new
    tables = [np.concatenate(pair) for pair in ((before.values, new.values), (before.counted, new.counted),
                                                (before.rounds, new.rounds))]  # fmt: skip
    return Runs(new.names, new.crowds, tables[0], tables[1], tables[2], new.persons_per_agent)


def finish(out: Path, request: Request, fit: Fit, targets: Mapping[str, Sequence[Any]]) -> list[str]:
    """Draw the posterior, write it with its checks; return the lines to print."""
    from experiments.calibration.tables import CHECKS, write_emulated

    rng = np.random.default_rng([request.own.seed, 1000])
    known = {case: np.inf for case in fit.hierarchy.cases}
    z = fit.posterior(known, rng)
    _write_draws(out / "posterior.parquet", fit, z)
    write_whole(out / FIT_FILE, json.dumps(plain(request), indent=1).encode())
    equal = np.full(len(z), 1.0 / len(z))
    names, columns = names_of(fit.hierarchy), columns_of(fit.hierarchy, z)
    told = checks.identified(names, columns, Posterior(z, equal, 0.0))
    seen = []
    for case in fit.hierarchy.cases:
        drawn = crowds_drawn(fit, z, case, rng)
        values = {name: np.exp(drawn[:, k]) for k, name in enumerate(fit.crowds[case])}
        own = [target for target in targets[case] if PREFIX + target.crowd in values]
        seen += checks.predicted(case, own, values, equal)
    (out / CHECKS).mkdir(exist_ok=True)
    return write_emulated(out, told, seen)


def crowds_drawn(fit: Fit, z: np.ndarray, case: str, rng: np.random.Generator) -> np.ndarray:
    """Return logs of crowds of runs at particles, luck drawn anew, shape (n, n_crowds)."""
    emulator, values = fit.emulators[case], fit.values(z, case)
    whole = emulator.fixed + emulator.gap(values)[:, None, None] ** 2 * emulator.by_gap
    root = np.linalg.cholesky(whole)
    return emulator.mean(values) + np.einsum("nij,nj->ni", root, rng.standard_normal((len(z), root.shape[1])))


def names_of(hierarchy: Hierarchy) -> list[str]:
    """Return what the columns of particles are called."""
    names = [prior.name for prior in hierarchy.shared]
    for level in hierarchy.levels:
        names += [f"{level.name} (mean)", f"{level.name} (spread)"]
    return names + [f"{level.name}@{case}" for level in hierarchy.levels for case in hierarchy.cases]


def columns_of(hierarchy: Hierarchy, z: np.ndarray) -> np.ndarray:
    """Return particles as parameters, in the order of `names_of`."""
    found = [prior.value(z[:, k]) for k, prior in enumerate(hierarchy.shared)]
    for k in range(len(hierarchy.levels)):
        found += list(hierarchy.population(z, k))
    for level in hierarchy.levels:
        found += [hierarchy.values(z, case, [level.name])[:, 0] for case in hierarchy.cases]
    return np.stack(found, axis=1)


def _write_draws(path: Path, fit: Fit, z: np.ndarray) -> None:
    """Write posterior.parquet: a row a draw and case, all of the same weight."""
    kept = z[np.linspace(0, len(z) - 1, min(N_DRAWS, len(z))).astype(int)]
    cases = fit.hierarchy.cases
    names = fit.emulators[cases[0]].names
    values = np.concatenate([fit.values(kept, case) for case in cases])
    columns = {"draw": numbers(np.tile(np.arange(len(kept), dtype=np.int32), len(cases))),
               "weight": numbers(np.full(len(values), 1.0 / len(kept))),
               "case": texts([case for case in cases for _ in kept])}  # fmt: skip
    columns |= {name: numbers(np.ascontiguousarray(values[:, k])) for k, name in enumerate(names)}
    write_columns(path, columns)


def plain(request: Request) -> dict[str, Any]:
    """Return what a fit has to know to be drawn again from its reference runs."""
    return {"cases": list(request.own.cases), "per_case": list(request.own.per_case), "seed": request.own.seed,
            "priors": [[p.name, p.distribution, p.first, p.second, p.low, p.high] for p in request.priors]}  # fmt: skip


def load_fit(folder: Path, targets: Mapping[str, Sequence[Any]] | None = None, n: int = 1000) -> Fit:
    """Return the fit of a folder with its reference runs, made by ``ploshcha calibrate method=emulator`` or shipped.

    Raises
    ------
    InputError
        The folder is none.
    """
    hierarchy = hierarchy_of(folder)
    runs = read_runs(folder, hierarchy.cases)
    return make_fit(hierarchy, runs, targets or {case: targets_of_case(case) for case in hierarchy.cases}, n)


def hierarchy_of(folder: Path) -> Hierarchy:
    """Return the cases, parameters and priors of the fit of a folder.

    Raises
    ------
    InputError
        The folder is none.
    """
    try:
        told = json.loads((folder / FIT_FILE).read_text(encoding="utf-8"))
        return make_hierarchy([Prior(*each) for each in told["priors"]], told["per_case"], told["cases"])
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(f"fit={folder} is not allowed: a folder of ploshcha calibrate method=emulator") from None


def parameters_of_case(case: str) -> Any:
    """Return the parameters of a shipped scenario."""
    from experiments.settings.read import read_settings
    from experiments.words import quoted

    return read_settings([f"scenario={quoted(case)}"], None).parameters


def targets_of_case(case: str) -> list[Any]:
    """Return the targets of a shipped scenario."""
    return list(targets_of(parameters_of_case(case)))
