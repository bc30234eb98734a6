"""The files of a calibration: posterior.parquet, checks/*.parquet, and the lines that are printed of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import astuple
from pathlib import Path
from typing import Any

import numpy as np

from experiments.calibration.abc import Posterior
from experiments.calibration.checks import Coverage, Identified, Predicted
from experiments.calibration.request import Request
from experiments.calibration.runs import Case
from experiments.store.tables import numbers, texts, write_columns

CHECKS = "checks"
MOST_DRAWS, LEAST_WEIGHT = 2000, 1e-6  # of a posterior that are written
Fold = tuple[str, str, float, float, float]


def write_posterior(request: Request, found: Posterior, theta: np.ndarray, cases: Mapping[str, Case]) -> None:
    """Write posterior.parquet: a row a draw and case, heaviest first, weights of each case's rows summing to 1.

    A turnout that a prior was stated in stands beside the intercept that follows from it.
    """
    kept = np.argsort(-found.weights, kind="stable")[:MOST_DRAWS]
    kept = kept[found.weights[kept] > LEAST_WEIGHT]
    weights, n = found.weights[kept] / found.weights[kept].sum(), len(request.own.cases)
    stated = [{name: theta[kept, k] for name, k in request.of_case(case).items()} for case in cases]
    solved = [case.rule_values(request, theta[kept]) for case in cases.values()]
    parts = {name: np.concatenate([own[name] for own in found_]) for found_ in (stated, solved) for name in found_[0]}
    columns = {"draw": numbers(np.tile(np.arange(len(kept), dtype=np.int32), n)),
               "weight": numbers(np.tile(weights, n)),
               "case": texts([case for case in request.own.cases for _ in kept])}  # fmt: skip
    columns |= {name: numbers(np.ascontiguousarray(values)) for name, values in parts.items()}
    write_columns(request.out / "posterior.parquet", columns)


def write_checks(
    request: Request, told: Sequence[Identified], seen: Sequence[Predicted], covered: Sequence[Coverage],
    ranks: np.ndarray, folds: Sequence[Fold],
) -> list[str]:  # fmt: skip
    """Write the tables of the checks; return the lines to print."""
    folder = request.out / CHECKS
    folder.mkdir(exist_ok=True)
    names = ("parameter", "q05", "q50", "q95", "width_ratio", "ridge_with", "correlation")
    _write(folder / "identified.parquet", names, [astuple(row) for row in told])
    _write_predicted(folder / "predicted.parquet", seen)
    _write(folder / "coverage.parquet", ("parameter", "n", "in50", "in90", "p"), [astuple(row) for row in covered])
    _write(folder / "ranks.parquet", request.names, [tuple(row) for row in ranks.tolist()])
    if folds:
        _write(folder / "folds.parquet", ("left_out", "parameter", "without", "all", "moved"), folds)
    return [*_identified_lines(told), *_predicted_lines(seen), *_coverage_lines(covered), *_fold_lines(folds)]


def write_emulated(out: Path, told: Sequence[Identified], seen: Sequence[Predicted]) -> list[str]:
    """Write the tables of a fit by emulators; return the lines to print."""
    names = ("parameter", "q05", "q50", "q95", "width_ratio", "ridge_with", "correlation")
    _write(out / CHECKS / "identified.parquet", names, [astuple(row) for row in told])
    _write_predicted(out / CHECKS / "predicted.parquet", seen)
    return [*_identified_lines(told), *_predicted_lines(seen)]


def _write_predicted(path: Path, seen: Sequence[Predicted]) -> None:
    names = ("case", "crowd", "low", "high", "informative", "q05", "q50", "q95", "verdict")
    rows: list[tuple[Any, ...]] = []
    for r in seen:
        about = (r.case, r.target.crowd, r.target.low, r.target.high, r.target.informative)
        rows.append((*about, r.q05, r.q50, r.q95, r.verdict))
    _write(path, names, rows)


def _write(path: Path, names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    columns = {}
    for k, name in enumerate(names):
        values = [row[k] for row in rows]
        is_text = any(isinstance(value, str) for value in values)
        columns[name] = texts(values) if is_text else numbers(np.array(values, float), has_missing=True)
    write_columns(path, columns)


def _identified_lines(told: Sequence[Identified]) -> list[str]:
    lines = ["", f"{'parameter':<34} {'5 %':>9} {'median':>9} {'95 %':>9}  {'width / prior':>13}  strongest ridge"]
    return lines + [
        f"{row.parameter:<34} {row.q05:>9.3g} {row.q50:>9.3g} {row.q95:>9.3g}  {row.width_ratio:>13.2f}  "
        + (f"{row.ridge_with} ({row.correlation:+.2f})" if row.ridge_with else "")
        for row in told
    ]


def _predicted_lines(seen: Sequence[Predicted]) -> list[str]:
    lines = ["", f"{'case':<18} {'target (hours)':<40} {'reported':>16} {'5 %':>9} {'median':>9} {'95 %':>9}  verdict"]
    for row in seen:
        reported = f"{row.target.low:,.0f}-{row.target.high:,.0f}"
        star = "" if row.target.is_informative else " *"
        lines.append(f"{row.case:<18} {row.target.crowd:<40} {reported:>16} {row.q05:>9,.0f} {row.q50:>9,.0f} "
                     f"{row.q95:>9,.0f}  {row.verdict}{star}")  # fmt: skip
    return [*lines, "* cannot be missed, not fitted"] if any(not row.target.is_informative for row in seen) else lines


def _coverage_lines(covered: Sequence[Coverage]) -> list[str]:
    if not covered:
        return []
    lines = ["", f"{'known truths':<34} {'n':>5} {'in 50 %':>8} {'in 90 %':>8} {'p (even ranks)':>15}"]
    for row in covered:
        told = "" if row.is_even else "  bands do not hold what they say"
        lines.append(f"{row.parameter:<34} {row.n:>5} {row.in50:>8.2f} {row.in90:>8.2f} {row.p:>15.3f}{told}")
    return lines


def _fold_lines(folds: Sequence[Fold]) -> list[str]:
    if not folds:
        return []
    lines = ["", f"{'left out':<18} {'parameter':<34} {'without':>9} {'all':>9} {'moved (prior sd)':>17}"]
    for left_out, name, here, there, moved in folds:
        told = "  does not move: was the case left out?" if moved == 0.0 else ""
        lines.append(f"{left_out:<18} {name:<34} {here:>9.3g} {there:>9.3g} {moved:>17.2f}{told}")
    return lines
