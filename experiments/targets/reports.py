r"""Error models: how likely reports are, given the log of the crowd that a run has.

With y = log x + b + sd e, e standard normal, b the bias of the kind of source: a count is y itself; the others say
that y lies in an interval, below or above a figure. All in logs.

.. math:: L = \phi((c - y) / sd) / sd \quad\text{or}\quad L = \Phi((high - y) / sd) - \Phi((low - y) / sd)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import stats

from experiments.targets.values import PREFIX, log_value
from sim.inputs.targets import Target, load_targets
from sim.parameters import Parameters
from sim.world.world import data_folder

LEAST_LOG = -1e6  # a likelihood of nothing, so that sums stay finite


def targets_of(parameters: Parameters) -> list[Target]:
    """Return the targets of a case that lie within the hours of its run."""
    scenario = parameters.scenario
    found = load_targets(data_folder(parameters), scenario.cities, scenario.start)
    return [target for target in found if 0 <= target.hour_from and target.hour_to <= parameters.hours]


@dataclass(frozen=True)
class Reports:
    """Reports of the crowds of a case; arrays have a place per report, in logs.

    crowds : names of what is reported, as outcomes of a run. crowd : int64, which of them a report speaks of.
    low, high : float64; equal for a count, infinite where a report is open.
    sd, bias, bias_sd : float64; scatter, the bias of its kind of source, and how unsure that is.
    names, kinds : what each report is called, and who counted.
    """

    crowds: tuple[str, ...]
    crowd: np.ndarray
    low: np.ndarray
    high: np.ndarray
    sd: np.ndarray
    bias: np.ndarray
    bias_sd: np.ndarray
    names: tuple[str, ...]
    kinds: tuple[str, ...]

    @property
    def is_count(self) -> np.ndarray:
        """Whether each report is one figure, bool."""
        return self.low == self.high

    def scatter(self, tolerance: float = 0.0) -> np.ndarray:
        """Return the standard deviation of each report about the crowd, widened by a tolerance."""
        return np.sqrt(self.sd**2 + self.bias_sd**2 + tolerance**2)

    def kept(self, is_kept: np.ndarray) -> Reports:
        """Return some of the reports; crowds keep their places."""
        places = np.flatnonzero(is_kept)
        arrays = {name: getattr(self, name)[places] for name in ("crowd", "low", "high", "sd", "bias", "bias_sd")}
        return replace(self, **arrays, names=tuple(self.names[k] for k in places),
                       kinds=tuple(self.kinds[k] for k in places))  # fmt: skip


def reports_of(targets: Sequence[Any], biases: Mapping[str, tuple[float, float]] | None = None) -> Reports:
    """Return the reports of targets that can be missed.

    Parameters
    ----------
    targets : sequence of Target
        Rows of targets.csv.
    biases : mapping of str to (float, float), optional
        Bias of each kind of source in logs, and its standard deviation; default none.
    """
    used = [target for target in targets if target.is_informative]
    crowds = tuple(dict.fromkeys(PREFIX + target.crowd for target in used))
    ends = np.array([_ends(target) for target in used]).reshape(-1, 2)
    shift = np.array([(biases or {}).get(target.counted_by, (0.0, 0.0)) for target in used]).reshape(-1, 2)
    return Reports(
        crowds, np.array([crowds.index(PREFIX + target.crowd) for target in used], np.int64), ends[:, 0], ends[:, 1],
        np.array([target.spread for target in used], float), shift[:, 0], shift[:, 1],
        tuple(f"{target.crowd} (targets.csv line {target.line})" for target in used),
        tuple(target.counted_by for target in used),
    )  # fmt: skip


def _ends(target: Any) -> tuple[float, float]:
    """Return the ends of a report in logs, infinite where it is open or says none at all."""
    low, high = log_value(target.outcome, target.low), log_value(target.outcome, target.high)
    is_open_below = target.error_model == "fewer_than" or target.low == 0 < target.high
    return (-np.inf if is_open_below else low), (np.inf if target.error_model == "more_than" else high)


def log_likelihoods(reports: Reports, logs: np.ndarray, tolerance: float = 0.0) -> np.ndarray:
    """Return the log-likelihood of each report, shape (n_runs, n_reports).

    Parameters
    ----------
    logs : ndarray, shape (n_runs, n_crowds)
        Logs of the crowds of runs; NaN where a run has none, which is as unlikely as can be.
    tolerance : float
        Added to each report's scatter (in squares): of approximate methods.
    """
    sd, seen = reports.scatter(tolerance), logs[:, reports.crowd] + reports.bias
    with np.errstate(invalid="ignore"):
        low, high = (reports.low - seen) / sd, (reports.high - seen) / sd
        within = _log_between(low, high)
        found = np.where(reports.is_count, stats.norm.logpdf(low) - np.log(sd), within)
    return np.where(np.isfinite(found), np.maximum(found, LEAST_LOG), LEAST_LOG)


def _log_between(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Return log(Phi(high) - Phi(low)), exact in both tails."""
    flip = low > 0
    above, below = np.where(flip, -low, high), np.where(flip, -high, low)
    big, small = stats.norm.logcdf(above), stats.norm.logcdf(below)
    with np.errstate(divide="ignore", invalid="ignore"):
        return big + np.log1p(-np.exp(np.minimum(small - big, 0.0)))


def excess(reports: Reports, logs: np.ndarray) -> np.ndarray:
    """Return how far crowds are from each report, 0 within a range, shape (n_runs, n_reports)."""
    seen = logs[:, reports.crowd] + reports.bias
    return np.maximum(seen - reports.high, 0.0) + np.minimum(seen - reports.low, 0.0)


def simulated(reports: Reports, logs: np.ndarray, rng: np.random.Generator) -> Reports:
    """Return the reports that would have been made of other crowds, by the same error models.

    A range keeps its width and lies anywhere about the figure; an open report keeps its figure and says on which side
    the crowd is. So `log_likelihoods` is the very likelihood of what this draws.

    Parameters
    ----------
    logs : ndarray, shape (n_crowds,)
        Logs of the crowds.
    """
    n = len(reports.crowd)
    seen = logs[reports.crowd] + reports.bias + reports.scatter() * rng.standard_normal(n)
    width, place = reports.high - reports.low, rng.random(n)
    is_open = np.isinf(width)
    figure = np.where(np.isinf(reports.low), reports.high, reports.low)
    with np.errstate(invalid="ignore"):
        low = np.where(is_open, np.where(seen > figure, figure, -np.inf), seen - place * width)
        high = np.where(is_open, np.where(seen > figure, np.inf, figure), low + width)
    return replace(reports, low=np.where(reports.is_count, seen, low), high=np.where(reports.is_count, seen, high))
