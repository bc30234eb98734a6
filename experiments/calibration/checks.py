"""Checks before belief: ranks of known truths, width against the prior, and what the posterior says of each target."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from experiments.calibration.abc import Posterior, posterior
from experiments.calibration.table import Table
from experiments.targets.reports import Reports, simulated
from experiments.targets.values import log_value

LEAST_P = 0.01  # below it ranks are called uneven


def truth_ranks(
    table: Table, reports: Mapping[str, Reports], n: int, seed: int, ess: float,
    assumed: Mapping[str, Reports] | None = None,
) -> np.ndarray:  # fmt: skip
    """Return the place of known truths in their own posteriors, shape (n, n_parameters), in [0, 1].

    A run of the first round is taken as truth, reports are drawn from its crowds, and all other runs are weighed by
    them. Even places mean that bands hold what they say (simulation-based calibration, Talts et al. 2018,
    arXiv:1804.06788).

    Parameters
    ----------
    assumed : mapping of str to Reports, optional
        Error models that the fit believes in, where they are not those that draw: to see that a wrong one is caught.
    """
    rng = np.random.default_rng(seed)
    usable = np.flatnonzero((table.rounds == 0) & np.all([np.isfinite(x).all(axis=1) for x in table.logs.values()], 0))
    ranks = []
    for run in rng.permutation(usable)[:n].tolist():
        drawn = {case: simulated(own, table.logs[case][run], rng) for case, own in reports.items()}
        if assumed is not None:
            drawn = {case: _believed(own, assumed[case]) for case, own in drawn.items()}
        found = posterior(table.without(run), drawn, ess)
        ranks.append(found.weights @ (found.v < table.v[run]))
    return np.array(ranks).reshape(-1, table.v.shape[1])


def _believed(drawn: Reports, assumed: Reports) -> Reports:
    """Return drawn reports with the scatter and bias that are believed in."""
    from dataclasses import replace

    return replace(drawn, sd=assumed.sd, bias=assumed.bias, bias_sd=assumed.bias_sd)


@dataclass(frozen=True)
class Coverage:
    """How often bands held known truths of a parameter, and the p-value of even ranks (Kolmogorov-Smirnov)."""

    parameter: str
    n: int
    in50: float
    in90: float
    p: float

    @property
    def is_even(self) -> bool:
        """Whether nothing speaks against the bands."""
        return self.p >= LEAST_P


def coverages(names: Sequence[str], ranks: np.ndarray) -> list[Coverage]:
    """Return the coverage of each parameter's middle bands."""
    found = []
    for name, own in zip(names, ranks.T, strict=True):
        if len(own):
            in50, in90 = (float((np.abs(own - 0.5) <= band / 2).mean()) for band in (0.5, 0.9))
            found.append(Coverage(name, len(own), in50, in90, float(stats.kstest(own, "uniform").pvalue)))
    return found


@dataclass(frozen=True)
class Identified:
    """How much narrower than its prior a parameter is, and the other one that it trades against most."""

    parameter: str
    q05: float
    q50: float
    q95: float
    width_ratio: float  # posterior over prior standard deviation, in v
    ridge_with: str
    correlation: float


def identified(names: Sequence[str], values: np.ndarray, found: Posterior) -> list[Identified]:
    """Return the identifiability table.

    Parameters
    ----------
    values : ndarray, shape (n, n_parameters)
        Parameters of the posterior's points.
    """
    centred = found.v - found.weights @ found.v
    covariance = centred.T @ (found.weights[:, None] * centred)
    sds = np.sqrt(np.maximum(np.diag(covariance), 1e-18))
    correlation = covariance / np.outer(sds, sds) - 2.0 * np.eye(len(sds))
    rows = []
    for k, name in enumerate(names):
        other = int(np.argmax(np.where(np.arange(len(sds)) == k, -1.0, np.abs(correlation[k]))))
        partner, strength = (names[other], float(correlation[k, other])) if len(names) > 1 else ("", math.nan)
        low, middle, high = quantiles(values[:, k], found.weights)
        rows.append(Identified(name, low, middle, high, float(sds[k]), partner, strength))
    return rows


def quantiles(
    values: np.ndarray, weights: np.ndarray, places: Sequence[float] = (0.05, 0.5, 0.95)
) -> list[float]:
    """Return weighted quantiles; values that are NaN do not count."""
    known = np.isfinite(values) & (weights > 0)
    if not known.any():
        return [math.nan] * len(places)
    order = np.argsort(values[known])
    sums = np.cumsum(weights[known][order])
    at = np.searchsorted(sums, np.array(places) * sums[-1])
    return values[known][order][np.minimum(at, len(order) - 1)].tolist()


@dataclass(frozen=True)
class Predicted:
    """What the posterior says of one target: quantiles of the run's value, and whether the report is among them."""

    case: str
    target: Any
    q05: float
    q50: float
    q95: float

    @property
    def verdict(self) -> str:
        """Within: the 90 % band and the report, its scatter included, overlap."""
        if math.isnan(self.q50):
            return "not in the run"
        low, high, spread = self.target.low, self.target.high, 1.645 * self.target.spread
        outcome = self.target.outcome
        if log_value(outcome, self.q95) < log_value(outcome, low) - spread:
            return "missed: too low"
        is_above = log_value(outcome, self.q05) > log_value(outcome, high) + spread
        return "missed: too high" if is_above and self.target.error_model != "more_than" else "within"


def predicted(
    case: str, targets: Sequence[Any], values: Mapping[str, np.ndarray], weights: np.ndarray
) -> list[Predicted]:
    """Return what the weighted runs say of every target, those included that cannot be missed.

    Parameters
    ----------
    values : mapping of str to ndarray, shape (n,)
        Value of each run by the name of the crowd.
    """
    return [Predicted(case, target, *quantiles(values[f"target.{target.crowd}"], weights)) for target in targets]
