"""Intervals of a mean and of a difference of means, and the p-values that belong to them.

What an interval holds is luck alone: other people, days and cities at the same parameters (`HOLDS`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy import stats

COVERAGE = 0.9
HOLDS = f"{100 * COVERAGE:.0f} % interval, luck only"  # how every table and figure calls its intervals
FEWEST = 10  # values below which an interval covers too little for a sign or a verdict: docs/interval_coverage.py
NOTHING = (math.nan, math.nan)
ROUNDING = 1e-12  # of the largest value: a spread below it is none


def paired_interval(differences: Sequence[float] | np.ndarray, coverage: float = COVERAGE) -> tuple[float, float]:
    """Return the interval of the mean of paired differences.

    Student's interval and its form adjusted for skewness; the outer of the two at each end. Student's alone covers too
    little where differences are skewed, the adjusted one where they are mostly zeros. `docs/interval_coverage.py` shows
    the coverage.

    Parameters
    ----------
    differences : array_like, shape (n,)
        One per replicate, independent of each other.
    coverage : float
        Wanted probability, above 0 and below 1, that the interval holds the true mean.

    Returns
    -------
    low, high : float
        NaN for fewer than two values, or if one is not finite. All alike: their value, twice.

    References
    ----------
    P. Hall (1992), On the removal of skewness by transformation, J. R. Statistical Society B 54, 221-228, with
    Student's quantiles in place of the normal ones.
    """
    values = np.asarray(differences, float)
    if len(values) < 2 or not np.isfinite(values).all():
        return NOTHING
    mean, spread, skewness = _moments(values)
    if spread == 0.0:
        return mean, mean
    n = len(values)
    ends = stats.t.ppf([(1.0 + coverage) / 2, (1.0 - coverage) / 2], n - 1) / math.sqrt(n)
    low, high = (mean - spread * np.array([end, _unskewed(end, skewness, n)]) for end in ends)
    return float(low.min()), float(high.max())


def paired_p(differences: Sequence[float] | np.ndarray) -> float:
    """Return the two-sided p-value of a mean of 0.

    It is below 1 - coverage where `paired_interval` excludes 0, but never below 2^(1 - n), the least that flipping the
    signs of n differences gives; NaN where there is no interval.
    """
    values = np.asarray(differences, float)
    if len(values) < 2 or not np.isfinite(values).all():
        return math.nan
    mean, spread, skewness = _moments(values)
    n = len(values)
    if spread == 0.0:
        return 1.0 if mean == 0.0 else 2.0 ** (1 - n)
    plain = mean / spread
    adjusted = plain + skewness * plain**2 / 3 + skewness**2 * plain**3 / 27 + skewness / (6 * n)
    two = math.sqrt(n) * np.array([plain, adjusted])
    above, below = stats.t.sf(two.min(), n - 1), stats.t.cdf(two.max(), n - 1)
    return float(np.clip(2.0 * min(above, below), 2.0 ** (1 - n), 1.0))


def _moments(values: np.ndarray) -> tuple[float, float, float]:
    """Return mean, standard deviation and skewness; the last two 0 for values that are all alike."""
    mean = float(values.mean())
    if np.ptp(values) <= ROUNDING * np.abs(values).max():
        return (float(values[0]) if np.ptp(values) == 0.0 else mean), 0.0, 0.0
    scaled = (values - mean) / values.std()
    return mean, float(values.std(ddof=1)), float((scaled**3).mean())


def _unskewed(end: float, skewness: float, n: int) -> float:
    """Return where Hall's cubic transformation takes the value `end`."""
    if abs(skewness) < 1e-6:
        return end
    a = skewness / 3
    return float((np.cbrt(1.0 + 3.0 * a * (end - skewness / (6 * n))) - 1.0) / a)


def unpaired_interval(
    one: Sequence[float] | np.ndarray, other: Sequence[float] | np.ndarray, coverage: float = COVERAGE
) -> tuple[float, float]:
    """Return Welch's interval of the difference of two means, of samples that are independent of each other.

    NaN where one of them has fewer than two values, or one that is not finite.
    """
    first, second = np.asarray(one, float), np.asarray(other, float)
    if not _are_two_samples(first, second):
        return NOTHING
    difference, error, freedom = _welch(first, second)
    half = float(stats.t.ppf((1.0 + coverage) / 2, freedom)) * error if error else 0.0
    return difference - half, difference + half


def unpaired_p(one: Sequence[float] | np.ndarray, other: Sequence[float] | np.ndarray) -> float:
    """Return Welch's two-sided p-value of equal means, not below what exchanging the two samples' values gives."""
    first, second = np.asarray(one, float), np.asarray(other, float)
    if not _are_two_samples(first, second):
        return math.nan
    least = 2.0 / math.comb(len(first) + len(second), len(first))
    difference, error, freedom = _welch(first, second)
    if not error:
        return 1.0 if difference == 0.0 else least
    return max(2.0 * float(stats.t.sf(abs(difference) / error, freedom)), least)


def _welch(one: np.ndarray, other: np.ndarray) -> tuple[float, float, float]:
    """Return difference of means, its standard error and Welch's degrees of freedom; 0, 0 for values all alike."""
    parts = np.array([0.0 if np.ptp(x) == 0.0 else x.var(ddof=1) / len(x) for x in (one, other)])
    total, difference = float(parts.sum()), float(one.mean() - other.mean())
    if total == 0.0:
        return (float(one[0] - other[0])), 0.0, 0.0
    return difference, math.sqrt(total), total**2 / float((parts**2 / [len(one) - 1, len(other) - 1]).sum())


def _are_two_samples(one: np.ndarray, other: np.ndarray) -> bool:
    return min(len(one), len(other)) >= 2 and bool(np.isfinite(one).all() and np.isfinite(other).all())


def share_interval(n_found: int, n: int, coverage: float = COVERAGE) -> tuple[float, float]:
    """Return the exact interval of a share of runs (Clopper & Pearson 1934), NaN without any."""
    if n < 1:
        return NOTHING
    found = stats.binomtest(n_found, n).proportion_ci(coverage, "exact")
    return float(found.low), float(found.high)
