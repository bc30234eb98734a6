"""Simple forecasts that a model has to beat: last value, mean of three, log trend, AR(1) gap.

Each knows the counts of the same city and outcome up to the origin, of the same kind of day where there are any, and
nothing else. What it forecasts is Student's distribution in logs about its mean, whose scale follows from its own
errors one occasion ahead on the counts so far and a prior that is worth `PRIOR_WEIGHT` errors of `PRIOR_SD`; the
variance grows with the number of weeks as a random walk's, that of the gap as far as it is forgotten.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from experiments.forecasting.series import Count

PRIOR_SD, PRIOR_WEIGHT = 0.7, 2.0  # of an error one week ahead, in logs; assumptions
MEMORY = 0.7  # of the gap, kept a week; assumption
LONGEST_TREND = 4  # occasions


@dataclass(frozen=True)
class Student:
    """A forecast of a log count: Student's distribution."""

    mean: float
    scale: float
    df: float


def last_value(days: np.ndarray, logs: np.ndarray, day: float) -> float:
    """Return the last log count."""
    return float(logs[-1])


def mean_of_three(days: np.ndarray, logs: np.ndarray, day: float) -> float:
    """Return the mean of the last three log counts."""
    return float(logs[-3:].mean())


def log_trend(days: np.ndarray, logs: np.ndarray, day: float) -> float:
    """Return the line through the last four log counts at a day; the last value where there are fewer than three."""
    days, logs = days[-LONGEST_TREND:], logs[-LONGEST_TREND:]
    if len(logs) < 3:
        return float(logs[-1])
    slope, level = np.polyfit(days - days[-1], logs, 1)
    return float(level + slope * (day - days[-1]))


def ar1_gap(days: np.ndarray, logs: np.ndarray, day: float) -> float:
    """Return the mean of all log counts and what is left of the last one's gap to it."""
    kept = MEMORY ** ((day - days[-1]) / 7.0)
    return float(logs.mean() + kept * (logs[-1] - logs.mean()))


RIVALS: Mapping[str, Callable[[np.ndarray, np.ndarray, float], float]] = {
    "last_value": last_value, "mean_of_three": mean_of_three, "log_trend": log_trend, "ar1_gap": ar1_gap,
}  # fmt: skip


def rival_forecast(name: str, known: Sequence[Count], day: date) -> Student | None:
    """Return a rival's forecast of a day's log count, None without a count to go by.

    Parameters
    ----------
    name : str
        One of `RIVALS`.
    known : sequence of Count
        Counts up to the origin, by date.
    """
    if not known:
        return None
    days, logs = np.array([count.day.toordinal() for count in known], float), np.array([count.log for count in known])
    mean = RIVALS[name](days, logs, day.toordinal())
    squares = [_square(name, days, logs, k) for k in range(1, len(logs))]
    df = PRIOR_WEIGHT + len(squares)
    variance = (PRIOR_WEIGHT * PRIOR_SD**2 + sum(squares)) / df
    return Student(mean, float(np.sqrt(variance * _growth(name, day.toordinal() - days[-1]))), df)


def _square(name: str, days: np.ndarray, logs: np.ndarray, k: int) -> float:
    """Return the squared error on count k from those before it, for a distance of one week."""
    error = logs[k] - RIVALS[name](days[:k], logs[:k], days[k])
    return float(error**2 / _growth(name, days[k] - days[k - 1]))


def _growth(name: str, n_days: float) -> float:
    """Return the variance after some days over that after a week."""
    weeks = max(n_days, 1.0) / 7.0
    return (1.0 - MEMORY ** (2.0 * weeks)) / (1.0 - MEMORY**2) if name == "ar1_gap" else weeks
