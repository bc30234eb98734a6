r"""Approximate Bayesian computation on the table: weights by the reports' likelihood, widened as far as need be.

A run weighs prior over proposal times the likelihood of the reports, each report's scatter widened by a tolerance, the
smallest that leaves the effective sample size asked for. Tolerance 0 is exact importance sampling. What was widened
is taken back by regression: with B of v on the runs' distance z to the reports,

.. math:: v' = v - B z (1 - sd / \sqrt{sd^2 + tolerance^2})

Sources: Beaumont, Zhang & Balding (2002), Genetics 162, 2025-2035 (regression; there sd = 0); Beaumont et al. (2009),
doi:10.1093/biomet/asp052 (rounds); Owen & Zhou (2000), doi:10.1080/01621459.2000.10473909 (mixture weights).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from experiments.calibration.table import Proposal, Table
from experiments.targets.reports import Reports, excess, log_likelihoods

RIDGE = 1e-2  # of the regression, at least, in units of the distances' variance; reports over runs where that is more
WIDEST = 50.0  # logs: as if nothing had been reported
KEPT = 40  # effective sample size, where nothing else is asked for


@dataclass(frozen=True)
class Posterior:
    """Weighted points in v, shape (n, n_parameters), adjusted; `tolerance` in logs, 0 = exact."""

    v: np.ndarray
    weights: np.ndarray
    tolerance: float

    @property
    def ess(self) -> float:
        """Effective sample size."""
        return effective_size(self.weights)


def equal(v: np.ndarray) -> Posterior:
    """Return points in v of the same weight."""
    return Posterior(v, np.full(len(v), 1.0 / len(v)), 0.0)


def effective_size(weights: np.ndarray) -> float:
    """Return how many equal weights scatter as much as these, which sum to 1."""
    return float(1.0 / (weights**2).sum())


def posterior(table: Table, reports: Mapping[str, Reports], ess: float = KEPT) -> Posterior:
    """Return the posterior of the parameters given the reports of all cases.

    Parameters
    ----------
    table : Table
        Runs; those of later rounds too.
    reports : mapping of str to Reports
        By case; a case that is left out says nothing.
    ess : float
        Effective sample size that the tolerance must leave, at most a quarter of the runs.
    """
    wanted = min(ess, len(table) / 4)
    tolerance = tolerance_for(table, reports, wanted)
    weights = run_weights(table, reports, tolerance)
    return Posterior(_adjusted(table, reports, weights, tolerance), weights, tolerance)


def run_weights(table: Table, reports: Mapping[str, Reports], tolerance: float) -> np.ndarray:
    """Return the weights of runs, sum 1."""
    logs = table.log_weights.copy()
    for case, own in reports.items():
        logs += log_likelihoods(own, table.logs[case], tolerance).sum(axis=1)
    weights = np.exp(logs - logs.max())
    return weights / weights.sum()


def tolerance_for(table: Table, reports: Mapping[str, Reports], wanted: float) -> float:
    """Return the smallest tolerance that leaves enough of a table's runs; 0 if none is needed."""
    return smallest_tolerance(lambda tolerance: run_weights(table, reports, tolerance), wanted)


def smallest_tolerance(weights_at: Callable[[float], np.ndarray], wanted: float) -> float:
    """Return the smallest tolerance at which weights have an effective size, to within a fiftieth; 0 if none is needed.

    Parameters
    ----------
    weights_at : callable
        Weights, sum 1, at a tolerance.
    """
    if effective_size(weights_at(0.0)) >= wanted:
        return 0.0
    low, high = 0.01, WIDEST
    while high / low > 1.02:
        middle = float(np.sqrt(low * high))
        low, high = (low, middle) if effective_size(weights_at(middle)) >= wanted else (middle, high)
    return high


def _adjusted(table: Table, reports: Mapping[str, Reports], weights: np.ndarray, tolerance: float) -> np.ndarray:
    """Return the points moved along the regression on the distances, by the part that the tolerance has added."""
    parts = [(np.nan_to_num(excess(own, table.logs[case])), own) for case, own in reports.items() if len(own.crowd)]
    if tolerance == 0.0 or not parts:
        return table.v
    z = np.concatenate([part for part, _ in parts], axis=1)
    added = np.concatenate([1.0 - own.scatter() / own.scatter(tolerance) for _, own in parts])
    centred_z, centred_v = z - weights @ z, table.v - weights @ table.v
    square = centred_z.T @ (weights[:, None] * centred_z)
    share = max(RIDGE, len(square) / effective_size(weights))  # else few runs fit many reports by chance, too narrowly
    ridge = share * max(float(np.trace(square)) / len(square), 1e-12)
    slope = np.linalg.solve(square + ridge * np.eye(len(square)), centred_z.T @ (weights[:, None] * centred_v))
    return np.clip(table.v - (z * added) @ slope, -6.0, 6.0)


def proposal(found: Posterior) -> Proposal:
    """Return kernels about a posterior, twice as wide in variance as a density estimate of it would be."""
    kept = np.argsort(found.weights)[::-1][: int(4 * found.ess) + 1]
    centres, weights = found.v[kept], found.weights[kept] / found.weights[kept].sum()
    n_parameters = centres.shape[1]
    centred = centres - weights @ centres
    covariance = centred.T @ (weights[:, None] * centred) + 1e-6 * np.eye(n_parameters)
    width = 2.0 * found.ess ** (-2.0 / (n_parameters + 4))
    return Proposal(centres, weights, np.linalg.cholesky(covariance * width))
