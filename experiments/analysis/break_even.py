"""Where a difference to the baseline changes its sign along a lever, with an interval over replicates."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

RESAMPLES, RESAMPLE_SEED = 2000, 1


class BreakEven(NamedTuple):
    """Value of a lever at which the mean difference is zero, and the 90 % interval; inf: beyond the last value."""

    value: float
    low: float
    high: float


def break_even(lever: np.ndarray, differences: np.ndarray) -> BreakEven:
    """Return the break-even along a lever, by straight lines between its values.

    The interval is the bootstrap's over replicates, which are resampled whole (Efron & Tibshirani 1993): it holds luck
    only, and neither the lines nor what is unknown of other parameters.

    Parameters
    ----------
    lever : float64, shape (n_values,)
        Values of the lever, rising.
    differences : float64, shape (n_values, n_replicates)
        Paired differences to the baseline.
    """
    n = differences.shape[1]
    drawn = np.random.default_rng(RESAMPLE_SEED).integers(0, n, (RESAMPLES, n))
    resampled = [crossing(lever, means) for means in differences[:, drawn].mean(axis=2).T]
    low, high = np.quantile(resampled, [0.05, 0.95], method="nearest")
    return BreakEven(crossing(lever, differences.mean(axis=1)), float(low), float(high))


def crossing(lever: np.ndarray, means: np.ndarray) -> float:
    """Return where the means first change their sign, inf if nowhere."""
    for k in range(len(means) - 1):
        if means[k] * means[k + 1] < 0:
            return float(lever[k] + (lever[k + 1] - lever[k]) * means[k] / (means[k] - means[k + 1]))
    return math.inf
