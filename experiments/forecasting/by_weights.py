r"""Forecasts of runs at draws of a posterior, weighed by the reports up to the origin.

Draw d has run r weigh

.. math:: w_{dr} \propto \frac{L_{origin}(d, r)}{\sum_{r'} L_{seen}(d, r')}

with L the likelihood of the reports up to the origin, or of those among them that the posterior has seen: these have
said what they say of the parameters, so they only choose among the runs of a draw, which differ by luck. A posterior
that has seen none of them is weighed by all.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from scipy.special import logsumexp

from experiments.calibration.abc import smallest_tolerance
from experiments.forecasting.scores import score_sample
from experiments.forecasting.series import Count
from experiments.forecasting.tables import Row
from experiments.targets.reports import Reports, log_likelihoods
from experiments.targets.values import PREFIX, log_values

N_SAMPLE = 500
FEWEST = 5.0  # effective runs, or a tenth of them


@dataclass(frozen=True)
class Members:
    """Runs of one model: the value of each crowd, by name, float64 (n,), and the draw of each run, int64 (n,)."""

    name: str
    values: Mapping[str, np.ndarray]
    draws: np.ndarray


def member_weights(own: Members, known: Reports, seen: Reports, targets: Sequence[Any]) -> np.ndarray:
    """Return the weights of runs, sum 1.

    Parameters
    ----------
    known, seen : Reports
        Those up to the origin, and those among them that the posterior has seen.
    """
    outcome = {PREFIX + target.crowd: target.outcome for target in targets}

    def logs_of(reports: Reports, tolerance: float) -> np.ndarray:
        logs = [log_values(outcome[name], own.values[name]) for name in reports.crowds]
        table = np.array(logs, float).reshape(len(reports.crowds), len(own.draws)).T
        return log_likelihoods(reports, table, tolerance).sum(axis=1)

    def weights_at(tolerance: float) -> np.ndarray:
        logs = logs_of(known, tolerance) - _of_draws(logs_of(seen, tolerance), own.draws)
        weights = np.exp(logs - logs.max())
        return weights / weights.sum()

    return weights_at(smallest_tolerance(weights_at, max(FEWEST, len(own.draws) / 10)))


def _of_draws(logs: np.ndarray, draws: np.ndarray) -> np.ndarray:
    """Return the log of the sum over each run's draw, float64 (n,)."""
    found = np.empty(len(logs))
    for draw in np.unique(draws):
        is_own = draws == draw
        found[is_own] = logsumexp(logs[is_own])
    return found


def weighed_row(
    own: Members, count: Count, origin: date, told: str, weights: np.ndarray, bias: tuple[float, float], number: int
) -> Row:
    """Return the forecast of one count: a run's crowd, with the bias and the scatter of who counts."""
    rng = np.random.default_rng([count.day.toordinal(), origin.toordinal(), number])
    logs = log_values(count.outcome, own.values[count.crowd])
    alive = np.where(np.isfinite(logs), weights, 0.0)
    places = (np.arange(N_SAMPLE) + 0.5) / N_SAMPLE * alive.sum()
    sample = logs[np.searchsorted(np.cumsum(alive), places).clip(0, len(logs) - 1)]
    scatter = math.hypot(count.sd if math.isfinite(count.sd) else 0.0, bias[1])
    sample = sample + bias[0] + scatter * rng.standard_normal(N_SAMPLE)
    score = score_sample(sample, count.log) if math.isfinite(count.log) else None
    return Row(count, origin, own.name, told, score, np.percentile(sample, np.arange(1, 100)))
