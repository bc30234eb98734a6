"""Effects: differences to a baseline under the same luck, with bootstrap intervals; a sign only where it is shown.

An effect is the mean over replicates of (outcome at a point - outcome at the baseline, same seed). With independent
replicates the two means are resampled each by itself.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

RESAMPLES = 4000
BLOCK = 400_000  # numbers drawn at a time
COVERAGE = 0.9
FEWEST = 5  # replicates below which no sign is claimed
NEGLIGIBLE = 0.05  # share of the baseline within which an effect counts as none


@dataclass(frozen=True)
class Effect:
    """The effect on an outcome of being at one point instead of another."""

    point: int
    outcome: str
    n: int  # replicates in both
    baseline: float  # mean at the baseline
    value: float  # mean at the point
    difference: float
    low: float  # of the 90 % interval
    high: float

    @property
    def sign(self) -> int:
        """+1 or -1 if the interval excludes 0, else 0: not shown."""
        if self.n < FEWEST or math.isnan(self.low):
            return 0
        return 1 if self.low > 0 else -1 if self.high < 0 else 0

    @property
    def relative(self) -> tuple[float, float, float]:
        """Difference, low and high as shares of the baseline's mean."""
        if not self.baseline:
            return math.nan, math.nan, math.nan
        scale = abs(self.baseline)
        return self.difference / scale, self.low / scale, self.high / scale


def bootstrap(differences: np.ndarray, seed: int = 0) -> tuple[float, float]:
    """Return the 90 % percentile interval of the mean; NaN for fewer than two values.

    Parameters
    ----------
    differences : ndarray, shape (n,)
        One per replicate.
    seed : int
        Of the resampling, so that the same runs give the same interval.
    """
    if len(differences) < 2:
        return math.nan, math.nan
    means = resampled_means(np.asarray(differences, float), np.random.default_rng(seed))
    low, high = np.quantile(means, [(1 - COVERAGE) / 2, (1 + COVERAGE) / 2])
    return float(low), float(high)


def resampled_means(values: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Return the means of RESAMPLES samples with replacement, drawn in blocks of limited memory."""
    n = len(values)
    rows = max(1, BLOCK // n)
    sizes = [min(rows, RESAMPLES - first) for first in range(0, RESAMPLES, rows)]
    return np.concatenate([values[generator.integers(0, n, (size, n))].mean(axis=1) for size in sizes])


def paired_effect(
    point: int, outcome: str, at: Mapping[int, float], against: Mapping[int, float], common_luck: bool = True
) -> Effect:
    """Return the effect of a point against another.

    Parameters
    ----------
    at, against : mapping of int to float
        Outcome by replicate; replicates missing in one of them are left out.
    common_luck : bool
        Whether a replicate has the same seed at both.
    """
    if not common_luck:
        return _unpaired(point, outcome, _known(at.values()), _known(against.values()))
    both = [r for r in sorted(at) if r in against and math.isfinite(at[r]) and math.isfinite(against[r])]
    one, other = np.array([at[r] for r in both], float), np.array([against[r] for r in both], float)
    if not both:
        return Effect(point, outcome, 0, math.nan, math.nan, math.nan, math.nan, math.nan)
    low, high = bootstrap(one - other)
    return Effect(
        point, outcome, len(both), float(other.mean()), float(one.mean()), float((one - other).mean()), low, high
    )


def _known(values: Any) -> np.ndarray:
    found = np.array(list(values), float)
    return found[np.isfinite(found)]


def _unpaired(point: int, outcome: str, one: np.ndarray, other: np.ndarray) -> Effect:
    n = min(len(one), len(other))
    if n < 2:
        return Effect(point, outcome, n, math.nan, math.nan, math.nan, math.nan, math.nan)
    generator = np.random.default_rng(0)
    means = [resampled_means(values, generator) for values in (one, other)]
    low, high = np.quantile(means[0] - means[1], [(1 - COVERAGE) / 2, (1 + COVERAGE) / 2])
    return Effect(point, outcome, n, float(other.mean()), float(one.mean()), float(one.mean() - other.mean()),
                  float(low), float(high))  # fmt: skip


Values = Mapping[tuple[int, str], Mapping[int, float]]  # outcome by replicate, of (point, outcome)


def values_by_point(done: Mapping[int, Mapping[str, Any]], replicates: int, names: Sequence[str]) -> dict[Any, Any]:
    """Return each outcome by replicate, for every point; what is no number is left out.

    Parameters
    ----------
    done : mapping of int to mapping
        Outcomes of finished runs, by number of the run.
    replicates : int
        Per point.
    names : sequence of str
        Outcomes wanted.
    """
    found: dict[tuple[int, str], dict[int, float]] = {}
    for run, values in sorted(done.items()):
        for name in names:
            if not isinstance(values.get(name, ""), str):
                found.setdefault((run // replicates, name), {})[run % replicates] = float(values[name])
    return found


def effects_of(values: Values, n_points: int, baseline: int, names: Sequence[str], common_luck: bool) -> list[Effect]:
    """Return the effect of every point against the baseline on every outcome."""
    return [
        paired_effect(point, name, values.get((point, name), {}), values.get((baseline, name), {}), common_luck)
        for point in range(n_points) for name in names
        if point != baseline and (point, name) in values and (baseline, name) in values
    ]  # fmt: skip


def verdict(effect: Effect, sign: int, between: Sequence[float] | None = None) -> str:
    """Compare an effect with a published answer: agree, disagree or undecided.

    Parameters
    ----------
    sign : int
        Published: +1, -1, or 0 for none.
    between : (low, high), optional
        Published range of the effect as a share of the baseline; agreement then also needs an interval that meets it.
    """
    _, low, high = effect.relative
    if effect.n < FEWEST or math.isnan(low):
        return "undecided"
    if sign == 0:
        if -NEGLIGIBLE < low and high < NEGLIGIBLE:
            return "agree"
        return "disagree" if effect.sign else "undecided"
    if effect.sign == 0:
        return "undecided"
    if effect.sign != sign:
        return "disagree"
    meets = between is None or (low <= between[1] and high >= between[0])
    return "agree" if meets else "disagree"


def mean_value(point: int, outcome: str, at: Mapping[int, float]) -> Effect:
    """Return the mean of an outcome over replicates with its interval, as a difference to nothing."""
    return paired_effect(point, outcome, at, dict.fromkeys(at, 0.0))


def verdict_within(found: Effect, between: Sequence[float]) -> str:
    """Compare an outcome's mean with a published range: agree, disagree or undecided.

    Agree if the whole interval lies in the range, disagree if all of it lies outside.

    Parameters
    ----------
    found : Effect
        As `mean_value` returns it.
    between : (low, high)
        Published range, in the outcome's own unit.
    """
    low, high = between
    if found.n < FEWEST or math.isnan(found.low):
        return "undecided"
    if low <= found.low and found.high <= high:
        return "agree"
    return "disagree" if found.high < low or found.low > high else "undecided"
